"""Telling shoppers whose page is closed: each way at most once, the outcome known within 15 s, whatever the world does."""

import asyncio
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from starlette.testclient import TestClient

from server.notify import ladder, ways
from server.notify.herald import rung_of
from server.notify.ladder import How, Note, climb
from server.notify.ways import SERVICES, WebPush, is_push_service, public_key
from server.web.alerts import Alerts
from tests.web.conftest import API, OURS, bearer, join, on_duty, sign_in, uid

KEY = "wjdVm7nLMZlxrX4bkN4rGIiiOGHVcBLPyGVsxcsZUZk"
"""A VAPID key made for these tests; it opens nothing."""
P256DH = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
AUTH = "tBHItJI5svbpez7KI4CCXg"
NOTE = Note("called/0", "title", "body", "/t/#x")
SEQUENCES = 1000


class PushService(ThreadingHTTPServer):
    """A push service that answers what the address asks for, or hangs; it remembers what it got."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Push)
        self.got: Counter[str] = Counter()
        self.headers: dict[str, str] = {}

    def subscription(self, answer: str) -> str:
        endpoint = f"http://127.0.0.1:{self.server_address[1]}/{answer}"
        return json.dumps({"endpoint": endpoint, "keys": {"p256dh": P256DH, "auth": AUTH}})


class _Push(BaseHTTPRequestHandler):
    server: PushService

    def do_POST(self) -> None:
        answer = self.path.strip("/")
        self.server.got[answer] += 1
        self.server.headers = {name.lower(): value for name, value in self.headers.items()}
        if answer == "hang":
            time.sleep(1.5)
            return
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(int(answer))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def service() -> Iterator[PushService]:
    running = PushService()
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.mark.parametrize(
    "answer, how",
    [
        ("201", How.SENT),
        ("404", How.GONE),
        ("410", How.GONE),
        ("413", How.FAILED),
        ("429", How.FAILED),
        ("500", How.FAILED),
        ("hang", How.FAILED),
    ],
)
async def test_what_a_push_service_answers(service: PushService, answer: str, how: How, monkeypatch: pytest.MonkeyPatch) -> None:
    patience_s = 0.5 if answer == "hang" else 20.0  # an answer is waited for on a busy machine too
    monkeypatch.setattr(ways, "WAY_S", patience_s)
    monkeypatch.setattr(ladder, "WAY_S", patience_s + 0.2)
    push = WebPush(KEY, "mailto:test@example.org")
    told: dict[str, How] = {}

    async def settle(message: str, outcome: How) -> None:
        told[message] = outcome

    taken = await climb(NOTE, [(push, service.subscription(answer))], _always, settle)
    assert told == {"called/0/push": how}
    assert taken == (how is How.SENT)
    if answer == "hang":
        return  # whether it had come that far within half a second is the machine's affair
    assert service.got == {answer: 1}
    assert service.headers["content-encoding"] == "aes128gcm"
    assert service.headers["authorization"].startswith("vapid ")


class Chancy:
    """A way that goes as its script says."""

    def __init__(self, name: str, script: str) -> None:
        self.name, self.script, self.sent = name, script, 0

    async def send(self, to: str, note: Note) -> How:
        self.sent += 1
        match self.script:
            case "hang":
                await asyncio.sleep(60)
            case "raise":
                raise OSError("no network")
            case "gone":
                return How.GONE
            case "failed":
                return How.FAILED
        return How.SENT


async def test_a_thousand_ways_to_fail(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(ladder, "WAY_S", 0.05)
    monkeypatch.setattr(ladder, "SEEN_S", 0.04)
    chance = random.Random(seed)
    outcomes = await asyncio.gather(*(_one(random.Random(chance.random())) for _ in range(SEQUENCES)))
    print(f"{SEQUENCES} sequences, seed {seed}: {Counter(outcomes)}")
    assert {"delivered", "told staff"} == set(outcomes)


async def _one(chance: random.Random) -> str:
    """A call with random ways, crashes between claim and outcome, and perhaps a phone that rings; told once per way."""
    kept: dict[str, str] = {}
    every = [Chancy(name, chance.choice(("sent", "sent", "hang", "raise", "gone", "failed"))) for name in ("push", "message")]
    used = every[: chance.randint(0, 2)]
    seen = asyncio.Event()
    if chance.random() < 0.3:
        asyncio.get_running_loop().call_later(chance.random() * 0.1, seen.set)

    async def claim(message: str) -> bool:
        return kept.setdefault(message, mine := f"begun {len(kept)}") == mine

    async def settle(message: str, how: How) -> None:
        kept[message] = how

    begun = time.monotonic()
    times = chance.choice((1, 1, 2, 3))  # a restart, or another node, climbs the same again
    reached, *_ = [await climb(NOTE, [(way, "x") for way in used], claim, settle, seen) for _ in range(times)]
    assert all(way.sent <= 1 for way in every), "each way at most once"
    assert time.monotonic() - begun < 60
    assert reached or all(kept.get(f"called/0/{way.name}") != "sent" for way in used)
    return "delivered" if reached else "told staff"


async def _always(_: str) -> bool:
    return True


def test_the_time_it_may_take() -> None:
    assert 2 * ladder.WAY_S + ladder.SEEN_S < ladder.OVER_S


@pytest.mark.parametrize(
    "scheme, host, is_one",
    [
        ("https", SERVICES[0], True),
        ("https", f"wns2-par02p.{SERVICES[-1]}", True),
        ("https", SERVICES[1], True),
        ("http", SERVICES[0], False),
        ("https", f"{SERVICES[0]}.evil.example", False),
        ("https", "127.0.0.1", False),
        ("https", "[::1", False),
    ],
)
def test_pushes_go_to_push_services_only(scheme: str, host: str, is_one: bool) -> None:
    assert is_push_service(f"{scheme}://{host}/send/abc") is is_one


def test_the_public_key_is_the_point_browsers_want() -> None:
    assert len(public_key(KEY)) == 87


def test_a_shopper_nobody_can_reach_is_told_to_staff(client: TestClient) -> None:
    ticket = join(client)
    body = {"id": uid(), "address": "+33 6 12 34 56 78"}
    assert client.post("/api/v1/ticket/reach", json=body, headers=bearer(ticket["token"])).json() == {"kept": ["address"]}
    on_duty(client)
    assert client.post(f"{API}/staff/next", json={"id": uid()}, headers=OURS).status_code == 200
    assert _until(client, "unreached")["number"] == ticket["number"]


def test_a_subscription_must_be_a_browsers(client: TestClient) -> None:
    token = join(client)["token"]
    push = {"endpoint": "https://intranet.example/x", "keys": {"p256dh": P256DH, "auth": AUTH}}
    answer = client.post("/api/v1/ticket/reach", json={"id": uid(), "push": push}, headers=bearer(token))
    assert answer.status_code == 422
    assert client.get("/api/v1/ticket/reach", headers=bearer(token)).json() == {"push_key": None, "sms": False, "mail": False}


def _until(client: TestClient, kind: str) -> dict[str, str]:
    sign_in(client)
    for _ in range(400):
        for alert in client.get(f"{API}/alerts").json():
            if alert["kind"] == kind:
                return dict(alert)
        time.sleep(0.05)
    raise AssertionError(f"no alert {kind}: {Alerts.__name__}")


def test_who_is_asked_to_come_closer_gets_a_message_of_their_own() -> None:
    view = {"phase": "waiting", "call": None, "moment": "next", "closer": None}
    assert rung_of(view) == "next"
    assert rung_of({**view, "closer": "2026-11-22T10:00:00.000Z"}) == "closer"
    assert rung_of({**view, "phase": "away", "closer": "2026-11-22T10:00:00.000Z"}) == ""
