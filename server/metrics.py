"""What the server counts about itself, in Prometheus' format. No label holds an id, a name or an address of a person."""

import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REGISTRY: Final = CollectorRegistry()
CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class Views(Collector):
    """Views pushed to sockets, by the event loop alone: a lock for each of thousands a second would cost more than what it counts."""

    def __init__(self) -> None:
        self.sent = 0
        REGISTRY.register(self)

    def collect(self) -> Iterator[CounterMetricFamily]:
        """As Prometheus reads it."""
        yield CounterMetricFamily("avous_views_sent", "Views pushed to sockets.", value=self.sent)


REQUESTS: Final = Counter("avous_http_requests_total", "HTTP requests answered.", ["route", "method", "status"], registry=REGISTRY)
SECONDS: Final = Histogram(
    "avous_http_request_seconds", "Time to answer an HTTP request.", ["route"], registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)  # fmt: skip
COMMANDS: Final = Counter("avous_commands_total", "Commands decided.", ["command", "outcome"], registry=REGISTRY)
REFUSED: Final = Counter("avous_refused_total", "Requests and handshakes refused: too much is under way.", ["lane"], registry=REGISTRY)
VIEWS: Final = Views()
CLOSES: Final = Counter("avous_socket_closes_total", "Sockets closed by the server.", ["kind", "code"], registry=REGISTRY)
SOCKETS: Final = Gauge("avous_sockets", "Sockets open now.", registry=REGISTRY)
OPEN_TICKETS: Final = Gauge("avous_open_tickets", "Tickets waiting, called or served now.", ["store"], registry=REGISTRY)
ESTIMATES: Final = Counter(
    "avous_estimates_total", "Wait estimates made: sampled, quick (without sampling) or failed (sampling failed).", ["store", "how"],
    registry=REGISTRY,
)  # fmt: skip
ESTIMATE_SECONDS: Final = Histogram(
    "avous_estimate_seconds", "Time to sample one store's wait estimates.", registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
)  # fmt: skip
PROMISES: Final = Gauge("avous_promises_today", "Waits promised to shoppers whose visit has begun today.", ["store"], registry=REGISTRY)
PROMISES_KEPT: Final = Gauge("avous_promises_kept_today", "Those of them that were kept.", ["store"], registry=REGISTRY)
COVERAGE: Final = Gauge(
    "avous_forecast_coverage", "Share of today's visits that began within the quantile forecast at joining.", ["store", "level"],
    registry=REGISTRY,
)  # fmt: skip
PINBALL: Final = Gauge(
    "avous_forecast_pinball_seconds", "Mean pinball loss of today's forecasts at joining.", ["store", "level"], registry=REGISTRY
)  # fmt: skip
ALARMS: Final = Gauge("avous_alarms", "Services whose wait will pass its limit within the half hour.", ["store"], registry=REGISTRY)
PAUSE: Final = Gauge("avous_garbage_pause_seconds", "The longest stop for garbage collection while anybody waited.", registry=REGISTRY)
HEALTHY: Final = Gauge("avous_journal_healthy", "1 if the last thing asked of the journal went well.", registry=REGISTRY)

ROUTE: Final = "avous.route"
"""Where a door leaves the template of its path in the scope, so that labels are few."""


def text(refresh: Callable[[], None]) -> bytes:
    """All metrics, after ``refresh`` has set the gauges."""
    refresh()
    return generate_latest(REGISTRY)


class Measured:
    """Counts and times every HTTP request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve and take the time."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            route = scope.get(ROUTE) or ("static" if scope["path"].startswith("/static/") else "none")
            _answered(route, scope["method"] if scope["method"] in METHODS else "other", str(status)).inc()
            _took(route).observe(time.perf_counter() - began)


_answered, _took = cache(REQUESTS.labels), cache(SECONDS.labels)  # routes, methods and statuses are few
METHODS: Final = {"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"}
