"""One OpenTelemetry span per request and command, when the extra ``[otel]`` is installed and an endpoint is set.

Off unless ``AVOUS_OTEL_ENDPOINT`` names a collector. A span has the route's template, the method and the status: no
address with values in it, no header, no body.
"""

from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.metrics import METHODS, ROUTE
from server.settings import Settings

SERVICE: Final = "avous"


class MissingExtra(ValueError):
    """Tracing was asked for and is not installed."""


def tracer_of(settings: Settings) -> Any:
    """The tracer that sends to the endpoint of the settings; None when there is none. Raises MissingExtra."""
    if settings.otel_endpoint is None:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise MissingExtra("AVOUS_OTEL_ENDPOINT: install the extra [otel] first") from None
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.otel_endpoint)))
    return provider.get_tracer(SERVICE)


class Traced:
    """Opens a span around every HTTP request."""

    def __init__(self, app: ASGIApp, tracer: Any) -> None:
        self.app, self.tracer = app, tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, traced."""
        if scope["type"] != "http" or self.tracer is None:
            return await self.app(scope, receive, send)
        method = scope["method"] if scope["method"] in METHODS else "other"
        with self.tracer.start_as_current_span(method, record_exception=False) as span:

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self.app(scope, receive, sent)
            route = scope.get(ROUTE, "none")
            span.update_name(f"{method} {route}")
            span.set_attribute("http.request.method", method)
            span.set_attribute("http.route", route)
