"""A span tells route, method and status, and nobody's name, token or address."""

import sys

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.applications import Starlette
from starlette.testclient import TestClient

from server.settings import Settings
from server.tracing import MissingExtra, Traced, tracer_of
from tests.web.conftest import bearer, join


def test_spans_hold_route_method_and_status(app: Starlette) -> None:
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    with TestClient(app) as client:
        traced = TestClient(Traced(app, provider.get_tracer("test")), raise_server_exceptions=False)
        traced.portal = client.portal
        told = join(traced, name="Zoé-Canari", phone="0612345678")
        traced.get("/api/v1/ticket", headers=bearer(told["token"]))
        traced.get("/nothing?name=Zoé-Canari")
    found = spans.get_finished_spans()
    assert [span.name for span in found] == ["POST /api/v1/stores/{store}/tickets", "GET /api/v1/ticket", "GET none"]
    assert [(span.attributes or {})["http.response.status_code"] for span in found] == [201, 200, 404]
    whole = "".join(span.to_json() for span in found)
    assert not [secret for secret in ("Canari", "0612345678", told["token"], told["id"], "127.0.0.1") if secret in whole]


def test_it_is_off_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tracer_of(Settings()) is None
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(MissingExtra, match="otel"):
        tracer_of(Settings(otel_endpoint="http://127.0.0.1:4318/v1/traces"))
