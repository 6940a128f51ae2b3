"""Sessions end when they should, PINs cannot be tried for ever, and nothing secret is kept or shown."""

import sqlite3
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from server.app import build_app
from server.live.stores import StoreConfig
from server.settings import Settings
from server.web import limits, pins, sweep
from tests.web.conftest import API, OURS, STORE, HandClock, another, in_time, is_problem, sign_in, state_of


class Wall(HandClock):
    """The wall's clock, moved by hand."""


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr("server.app.WallClock", lambda: wall)
    return wall


@pytest.fixture
def client(wall: Wall, settings: Settings, config: StoreConfig, clock: HandClock) -> Any:
    with TestClient(build_app(settings, [config], clock), raise_server_exceptions=False) as client:
        yield client


def _try(client: TestClient, pin: str, person: str = "lea") -> Any:
    return client.post("/api/v1/session", json={"store": STORE, "salesperson": person, "pin": pin}, headers=OURS)


def test_a_session_ends_when_it_is_not_used(client: TestClient, wall: Wall, settings: Settings) -> None:
    sign_in(client)
    for _ in range(5):
        wall.at += settings.session_idle_s - 1
        assert client.get("/api/v1/session").json()["salesperson"] == "lea"
    wall.at += settings.session_idle_s + 1
    assert client.get("/api/v1/session").json() is None


def test_a_session_ends_after_some_hours_even_when_used(client: TestClient, wall: Wall, settings: Settings) -> None:
    sign_in(client)
    for _ in range(int(settings.session_absolute_s / 1000)):
        wall.at += 1000
        client.get("/api/v1/session")
    assert client.get("/api/v1/session").json()["salesperson"] == "lea"
    wall.at += 1000
    assert client.get("/api/v1/session").json() is None


def test_signing_out_everywhere_ends_all_sessions_and_their_sockets(client: TestClient) -> None:
    assert client.portal is not None
    sign_in(client)
    rooms = state_of(client).house
    with client.websocket_connect("/ws/staff", headers=OURS) as socket:
        socket.send_json({"type": "hello"})
        socket.receive_json()
        client.portal.call(rooms.sessions.end_all, STORE, "lea")
        assert socket.receive_json()["code"] == "session_ended"
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
        assert closed.value.code == 1008
    assert client.get("/api/v1/session").json() is None


def test_a_session_ended_elsewhere_closes_the_socket_soon(client: TestClient, wall: Wall) -> None:
    rooms, portal = state_of(client).house, client.portal
    assert portal is not None

    def ended() -> float:
        sign_in(client)
        with client.websocket_connect("/ws/staff", headers=OURS) as socket:
            socket.send_json({"type": "hello"})
            socket.receive_json()
            portal.call(rooms.accounts.end_sessions, STORE, "lea")  # as another process would
            began = time.monotonic()
            assert socket.receive_json()["code"] == "session_ended"
            took = time.monotonic() - began
            with pytest.raises(WebSocketDisconnect) as closed:
                socket.receive_json()
            assert closed.value.code == 1008
            return took

    in_time(ended, 1.0)
    wall.at += limits.REMEMBERED_S
    assert client.get("/api/v1/session").json() is None


@pytest.mark.parametrize("limit", ["session_idle_s", "session_absolute_s"])
def test_a_socket_ends_with_the_time_of_its_session(client: TestClient, wall: Wall, settings: Settings, limit: str) -> None:
    sign_in(client)
    with client.websocket_connect("/ws/staff", headers=OURS) as socket:
        socket.send_json({"type": "hello"})
        socket.receive_json()
        wall.at += getattr(settings, limit) + 1
        assert socket.receive_json()["code"] == "session_ended"


def test_an_open_screen_counts_as_use(client: TestClient, wall: Wall, settings: Settings) -> None:
    assert client.portal is not None
    sign_in(client)
    rooms = state_of(client).house
    with client.websocket_connect("/ws/staff", headers=OURS) as socket:
        socket.send_json({"type": "hello"})
        socket.receive_json()
        for _ in range(4):
            wall.at += settings.session_idle_s * 0.6
            client.portal.call(sweep.once, rooms)
    assert client.get("/api/v1/session").json()["salesperson"] == "lea"


def test_one_sees_and_ends_ones_own_sessions(client: TestClient) -> None:
    other, karim = another(client), another(client)
    for browser, person in ((client, "lea"), (other, "lea"), (karim, "karim")):
        sign_in(browser, person)
    found = client.get("/api/v1/sessions").json()
    assert [session["salesperson"] for session in found] == ["lea", "lea"]
    assert sorted(session["current"] for session in found) == [False, True]
    with other.websocket_connect("/ws/staff", headers=OURS) as socket:
        socket.send_json({"type": "hello"})
        socket.receive_json()
        assert client.delete("/api/v1/sessions", headers=OURS).status_code == 204
        assert socket.receive_json()["code"] == "session_ended"
    assert other.get("/api/v1/session").json() is None
    assert karim.get("/api/v1/session").json()["salesperson"] == "karim"


def test_a_lock_survives_a_restart(settings: Settings, config: StoreConfig, clock: HandClock, wall: Wall) -> None:
    with TestClient(build_app(settings, [config], clock), raise_server_exceptions=False) as before:
        for _ in range(limits.PIN_TRIES):
            _try(before, "0000")
    with TestClient(build_app(settings, [config], clock), raise_server_exceptions=False) as again:
        is_problem(_try(again, "4711"), 429, "account_locked")
        wall.at += limits.PIN_LOCK_S + 1
        is_problem(_try(again, "0000"), 401, "wrong_pin")
        wall.at += limits.PIN_LOCK_S + 1
        is_problem(_try(again, "4711"), 429, "account_locked")


def test_haste_wins_no_further_try(client: TestClient) -> None:
    """Every try is counted before it is looked at: of many at once, as many are looked at as of many in turn."""
    with ThreadPoolExecutor(12) as many:
        codes = [answer.json()["code"] for answer in many.map(lambda _: _try(another(client), "0000"), range(12))]
    assert Counter(codes) == {"wrong_pin": limits.PIN_TRIES, "account_locked": 12 - limits.PIN_TRIES}


def test_locks_grow_and_then_grow_no_more() -> None:
    assert pins.LOCKS[: limits.PIN_TRIES] == (0.0, 0.0, 0.0, 0.0, limits.PIN_LOCK_S)
    assert list(pins.LOCKS) == sorted(pins.LOCKS)
    assert pins.LOCKS[-1] == limits.PIN_LOCK_MAX_S


def test_signing_in_again_makes_a_new_token_and_ends_the_old(client: TestClient) -> None:
    sign_in(client)
    old = client.cookies["session"]
    sign_in(client)
    assert client.cookies["session"] != old
    client.cookies.clear()
    assert client.get("/api/v1/session", headers={"Cookie": f"session={old}"}).json() is None


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "A" * 5000, "é"])
def test_a_made_up_cookie_opens_nothing(client: TestClient, cookie: str) -> None:
    headers = {b"Cookie": f"session={cookie}".encode()}
    assert client.get("/api/v1/session", headers=headers).json() is None
    is_problem(client.get(f"{API}/views/staff", headers=headers), 401, "sign_in_needed")


def test_wrong_people_and_pins_look_the_same(client: TestClient) -> None:
    answers = [_try(client, "0000"), _try(client, "0000", "nobody"), _try(client, "0000", "sarah")]
    assert {answer.text for answer in answers} == {answers[0].text}
    is_problem(answers[0], 401, "wrong_pin")
    elsewhere = client.post("/api/v1/session", json={"store": "nowhere", "salesperson": "lea", "pin": "4711"}, headers=OURS)
    is_problem(elsewhere, 401, "wrong_pin")


def test_an_account_locks_and_for_longer_each_time(client: TestClient, wall: Wall) -> None:
    for _ in range(limits.PIN_TRIES):
        is_problem(_try(client, "0000"), 401, "wrong_pin")
    first = is_problem(_try(client, "4711"), 429, "account_locked")["retry_after_s"]
    assert first == pytest.approx(limits.PIN_LOCK_S, abs=1)
    wall.at += first + 1
    is_problem(_try(client, "0000"), 401, "wrong_pin")
    assert is_problem(_try(client, "4711"), 429, "account_locked")["retry_after_s"] == pytest.approx(2 * first, abs=1)
    wall.at += 2 * first + 1
    assert _try(client, "4711").status_code == 201
    assert _try(client, "4712", "karim").status_code == 201


def test_only_hashes_are_kept(client: TestClient, settings: Settings) -> None:
    sign_in(client)
    token = client.cookies["session"]
    with sqlite3.connect(settings.database_file) as tables:
        kept = str(tables.execute("SELECT * FROM session").fetchall()) + str(tables.execute("SELECT * FROM person").fetchall())
    tables.close()
    assert token not in kept
    assert "4711" not in kept
    assert "$argon2id$" in kept


def test_pins_cost_what_owasp_asks() -> None:
    assert (pins.MEMORY_KIB, pins.PASSES) == (19 * 1024, 2)
    assert pins.NOBODY.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_cookie_over_http_and_over_https(settings: Settings, config: StoreConfig, clock: HandClock) -> None:
    safe = settings.model_copy(update={"public_url": "https://queue.example"})
    with TestClient(build_app(safe, [config], clock), base_url="https://queue.example") as client:
        answer = _try(client, "4711")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-session=")
        assert {"httponly", "secure", "path=/", "samesite=strict"} <= {part.strip().lower() for part in cookie.split(";")}
        assert "domain" not in cookie.lower()
        assert client.get("/api/v1/session").json()["salesperson"] == "lea"
        assert "max-age=31536000" in answer.headers["strict-transport-security"]


def test_the_cookie_of_the_demo(client: TestClient) -> None:
    cookie = _try(client, "4711").headers["set-cookie"].lower()
    assert cookie.startswith("session=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie


def test_somebody_who_left_the_store_cannot_sign_in(settings: Settings, config: StoreConfig, clock: HandClock) -> None:
    with TestClient(build_app(settings, [config], clock)) as client:
        sign_in(client, "karim")
    rest = {id: person for id, person in config.salespeople.items() if id != "karim"}
    smaller = config.model_copy(update={"salespeople": rest})
    with TestClient(build_app(settings, [smaller], clock), raise_server_exceptions=False) as client:
        is_problem(_try(client, "4712", "karim"), 401, "wrong_pin")
        assert "karim" not in client.get(f"{API}/people").text


def test_a_pin_in_a_file_counts_in_the_demo_only(settings: Settings, config: StoreConfig, clock: HandClock) -> None:
    real = settings.model_copy(update={"demo": False})
    with TestClient(build_app(real, [config], clock), raise_server_exceptions=False) as client:
        is_problem(_try(client, "4711"), 403, "device_needed")
