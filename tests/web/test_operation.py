"""Logs without anybody in them, metrics, health, files, rates."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette
from starlette.testclient import TestClient

from server import learning, log
from server.forecasts import AT_ONCE
from server.journal import facts
from server.journal.sqlite import SqliteJournal
from server.settings import Settings
from server.web.limits import BUCKETS, Rate
from tests.live.shop import visited
from tests.web.conftest import API, NOON, OURS, STORE, bearer, is_problem, join, sign_in, state_of, tap

CANARIES = ("Zoé-Canari", "0612345678", "4711")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    out = io.StringIO()
    log.configure("debug")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(out))
    yield out
    structlog.reset_defaults()
    logging.basicConfig(handlers=[], force=True)


def test_nobody_is_in_the_log(client: TestClient, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    told = join(client, name=CANARIES[0], phone=CANARIES[1])
    sign_in(client)
    cookie = client.cookies["session"]
    tap(client, "on")
    tap(client, "next")
    client.get("/api/v1/ticket", headers=bearer(told["token"]))
    with client.websocket_connect("/ws/phone") as socket:
        socket.send_json({"type": "hello", "token": told["token"]})
        socket.receive_json()
        socket.send_text(told["token"])
        socket.receive_json()

    def explode(*_: object) -> None:
        raise RuntimeError(f"{told['token']} {CANARIES}")

    monkeypatch.setattr(type(state_of(client).house.live), "store", explode)
    assert client.get(API).status_code == 500
    said = lines.getvalue()
    assert "request_failed" in said
    assert "RuntimeError" in said
    for secret in (*CANARIES, told["token"], cookie, told["id"]):
        assert secret not in said


def test_who_was_turned_away_is_in_the_log(client: TestClient, lines: io.StringIO) -> None:
    client.post(f"{API}/staff/next", json={}, headers={"Origin": "http://evil.example"})
    client.get(f"{API}/views/floor")
    client.get("/api/v1/ticket", headers=bearer("A" * 22))
    client.post("/api/v1/session", json={"store": STORE, "salesperson": "lea", "pin": "0000"}, headers=OURS)
    sign_in(client)
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    turned = [(line["route"], line["code"]) for line in told if line["event"] == "turned_away"]
    assert turned == [
        ("/api/v1/stores/{store}/staff/next", "foreign_origin"),
        ("/api/v1/stores/{store}/views/floor", "sign_in_needed"),
        ("/api/v1/ticket", "unknown_token"),
    ]
    assert [(line["event"], line["person"]) for line in told if "person" in line] == [("sign_in_refused", "lea"), ("signed_in", "lea")]


def test_only_listed_fields_are_printed(lines: io.StringIO) -> None:
    log.get().info("thing", store="essai", name="Zoé", token="abc", phone="06", reason=object(), where=["a"])
    line = json.loads(lines.getvalue())
    assert set(line) == {"event", "level", "timestamp", "store", "reason", "where"}
    assert line["reason"] == "object"


def test_libraries_say_where_not_what(lines: io.StringIO) -> None:
    logging.getLogger("a.library").warning("token %s", "abc")
    logging.getLogger("a.library").info("quiet")
    try:
        raise ValueError("Zoé")
    except ValueError:
        logging.getLogger("x").exception("Zoé")
    said = lines.getvalue()
    assert "abc" not in said
    assert "Zoé" not in said
    assert [json.loads(line)["logger"] for line in said.splitlines()] == ["a.library", "x"]
    assert json.loads(said.splitlines()[1])["error"] == "ValueError"


@pytest.fixture
def operator(client: TestClient) -> TestClient:
    """Somebody on the server's own machine."""
    local = TestClient(client.app, client=("127.0.0.1", 50_000))
    local.portal = client.portal
    return local


def test_metrics_are_for_this_machine_and_for_the_token(client: TestClient, operator: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert operator.get("/metrics").status_code == 200
    for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        is_problem(operator.get("/metrics", headers={header: "127.0.0.1"}), 403, "not_allowed")
    for headers in ({}, bearer(""), bearer("x"), {"X-Forwarded-For": "127.0.0.1"}, {"Host": "127.0.0.1"}):
        is_problem(client.get("/metrics", headers=headers), 403, "not_allowed")
    rooms = state_of(client).house
    token = Settings(metrics_token="a-long-enough-token").metrics_token
    object.__setattr__(rooms.guard, "settings", rooms.settings.model_copy(update={"metrics_token": token}))
    assert client.get("/metrics", headers=bearer("a-long-enough-token")).status_code == 200
    is_problem(client.get("/metrics", headers=bearer("a-long-enough-tokeN")), 403, "not_allowed")


def test_metrics(client: TestClient, operator: TestClient) -> None:
    join(client)
    client.get(f"{API}/nothing")
    text = operator.get("/metrics").text
    assert 'avous_http_requests_total{method="POST",route="/api/v1/stores/{store}/tickets",status="201"}' in text
    assert 'avous_commands_total{command="Join",outcome="done"}' in text
    assert f'avous_open_tickets{{store="{STORE}"}} 1.0' in text
    assert "avous_journal_healthy 1.0" in text
    for odd in ("PROPFIND", "X" * 50):
        client.request(odd, "/")
    assert 'method="other"' in operator.get("/metrics").text
    assert "PROPFIND" not in operator.get("/metrics").text


def test_health_and_readiness(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/ready").json() == {"status": "ok", "stores": [STORE]}
    rooms = state_of(client).house
    next(iter(rooms.live._actors.values())).healthy = False
    is_problem(client.get("/ready"), 503, "storage_trouble")
    assert client.get("/health").status_code == 200


def test_files_are_asked_for_again_and_compressed(shared: TestClient) -> None:
    first = shared.get("/static/web/css/base.css", headers={"Accept-Encoding": "gzip"})
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "no-cache")
    assert first.headers["Content-Encoding"] == "gzip"
    again = shared.get("/static/web/css/base.css", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    packed = {path: "Content-Encoding" in shared.get(path, headers={"Accept-Encoding": "gzip"}).headers for path in (API, f"{API}/content")}
    assert packed == {API: False, f"{API}/content": True}


def test_a_rate_lets_through_what_it_says() -> None:
    rate = Rate(10, 10.0)
    assert [rate.wait_s("a", 0.0) for _ in range(10)] == [0.0] * 10
    assert rate.wait_s("a", 0.0) == pytest.approx(1.0)
    assert rate.wait_s("b", 0.0) == 0.0
    assert rate.wait_s("a", 1.0) == 0.0
    assert rate.wait_s("a", 1.0) > 0
    assert rate.wait_s("a", 0.5) > 0, "a clock that jumps back gives nothing away"
    assert [rate.wait_s("a", 1000.0) for _ in range(11)].count(0.0) == 10


def test_a_rate_forgets_the_oldest() -> None:
    rate = Rate(1, 1e9)
    for n in range(BUCKETS + 10):
        rate.wait_s(str(n), 0.0)
    assert len(rate._left) == BUCKETS
    assert rate.wait_s("0", 0.0) == 0.0
    assert rate.wait_s(str(BUCKETS), 0.0) > 0


def test_a_start_does_not_wait_for_a_long_past(app: Starlette, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tickets are taken while last quarter's visits are still being looked through."""
    goes_on, taught = Event(), learning.taught

    def slowly(*given: Any) -> Any:
        assert goes_on.wait(20)
        return taught(*given)

    monkeypatch.setattr(learning, "taught", slowly)
    asyncio.run(_past(settings, AT_ONCE + 1))
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/ready").status_code == 200
        view = join(client)["view"]
        goes_on.set()
    assert (view["number"], view["range"]) == ("C-001", None)


async def _past(settings: Settings, visits: int) -> None:
    journal = SqliteJournal(settings.database_file)
    await facts.put(journal, STORE, [("2026-11-20", visited(f"y{n}", NOON - 86_400 + n)) for n in range(visits)])
    await journal.close()
