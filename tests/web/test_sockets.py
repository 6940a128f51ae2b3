"""The sockets: hello, views, limits, and a close code for every way it can end."""

import json
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from server.app import build_app
from server.live.stores import StoreConfig, parse_store
from server.settings import Settings
from server.web import limits
from server.web.problems import WEB_CODES
from server.web.sockets import CLOSE_CODES
from tests.web.conftest import API, OURS, STORE, TABLE, HandClock, another, bearer, is_problem, join, on_duty, sign_in, state_of, tap

BOARD = {"type": "hello", "store": STORE, "screen": "board"}


def ends(socket: WebSocketTestSession, code: str, close: int) -> None:
    """The socket says why in the one shape, then closes."""
    problem = socket.receive_json()
    assert set(problem) <= {"code", "message", "status", "facts", "retry_after_s"}
    assert problem["code"] == code, problem
    assert not problem["message"].startswith("errors.")
    with pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_json()
    assert closed.value.code == close


def test_the_phone_sees_every_change_and_the_same_as_by_asking(client: TestClient) -> None:
    told = join(client)
    on_duty(client)
    with client.websocket_connect("/ws/phone") as socket:
        socket.send_json({"type": "hello", "token": told["token"], "seen": None})
        first = socket.receive_json()
        asked = client.get("/api/v1/ticket", headers={"Authorization": f"Bearer {told['token']}"}).json()
        assert first == asked
        tap(client, "next")
        called = first
        while called["phase"] != "called":
            called = socket.receive_json()
            assert called["seq"] > first["seq"]
        assert called["call"]["name"] == "Léa"


def test_who_has_seen_it_is_not_told_again(client: TestClient) -> None:
    told = join(client)
    with client.websocket_connect("/ws/phone") as socket:
        socket.send_json({"type": "hello", "token": told["token"], "seen": None})
        seen = socket.receive_json()["seq"]
    with client.websocket_connect("/ws/phone") as socket:
        socket.send_json({"type": "hello", "token": told["token"], "seen": seen})
        socket.send_json({"type": "ping"})
        assert socket.receive_json()["type"] == "pong"


@pytest.mark.parametrize("screen", ["board", "kiosk"])
def test_public_screens(shared: TestClient, screen: str) -> None:
    with shared.websocket_connect("/ws/board") as socket:
        socket.send_json({**BOARD, "screen": screen})
        assert socket.receive_json() == shared.get(f"{API}/views/{screen}").json()


@pytest.mark.parametrize("person, screen, path", [("lea", None, "staff"), ("sarah", "staff", "staff"), ("sarah", "floor", "floor")])
def test_staff_screens(shared: TestClient, person: str, screen: str | None, path: str) -> None:
    sign_in(shared, person)
    with shared.websocket_connect("/ws/staff", headers=OURS) as socket:
        socket.send_json({"type": "hello", **({"screen": screen} if screen else {})})
        assert socket.receive_json() == shared.get(f"{API}/views/{path}").json()


def test_the_shortest_hellos(shared: TestClient) -> None:
    """The promise of the interface: ``{token?, seen}`` is a complete hello."""
    told = join(shared)
    sign_in(shared)
    for path, hello, asked in (
        ("/ws/phone", {"token": told["token"], "seen": 0}, "/api/v1/ticket"),
        ("/ws/staff", {"seen": 0}, f"{API}/views/staff"),
        ("/ws/board", {"seen": 0}, f"{API}/views/board"),
        ("/ws/board", {"store": STORE}, f"{API}/views/board"),
    ):
        with shared.websocket_connect(path, headers=OURS) as socket:
            socket.send_json(hello)
            assert socket.receive_json() == shared.get(asked, headers=bearer(told["token"])).json(), path


def test_a_board_of_several_stores_has_to_say_which(settings: Settings, config: StoreConfig, clock: HandClock) -> None:
    both = [config, parse_store({**TABLE, "id": "autre"})]
    with TestClient(build_app(settings, both, clock)) as client:
        with client.websocket_connect("/ws/board") as socket:
            socket.send_json({"seen": 0})
            ends(socket, "bad_hello", 1008)
        with client.websocket_connect("/ws/board") as socket:
            socket.send_json({"store": "autre"})
            assert socket.receive_json()["store"] == "autre"


def test_the_card_has_the_shoppers_name(client: TestClient) -> None:
    join(client, name="Zoé")
    on_duty(client)
    tap(client, "next")
    with client.websocket_connect("/ws/staff", headers=OURS) as socket:
        socket.send_json({"type": "hello"})
        assert socket.receive_json()["card"]["name"] == "Zoé"


BAD_HELLOS: list[tuple[str, Any, str, int]] = [
    ("/ws/board", "{", "bad_hello", 1008),
    ("/ws/board", "[]", "bad_hello", 1008),
    ("/ws/board", {"type": "ping"}, "bad_hello", 1008),
    ("/ws/board", {"screen": "staff"}, "bad_hello", 1008),
    ("/ws/board", {**BOARD, "screen": "floor"}, "bad_hello", 1008),
    ("/ws/board", {**BOARD, "surprise": 1}, "bad_hello", 1008),
    ("/ws/board", {**BOARD, "seen": -1}, "bad_hello", 1008),
    ("/ws/board", {**BOARD, "store": "nowhere"}, "unknown_store", 1008),
    ("/ws/phone", {"type": "hello"}, "token_needed", 4401),
    ("/ws/phone", {"seen": 0}, "token_needed", 4401),
    ("/ws/phone", {"type": "hello", "token": "A" * 22}, "unknown_token", 4401),
    ("/ws/phone", {"type": "hello", "token": "A" * 129}, "bad_hello", 1008),
    ("/ws/staff", {"type": "hello"}, "sign_in_needed", 1008),
]


@pytest.mark.parametrize("path, message, code, close", BAD_HELLOS)
def test_bad_hellos(shared: TestClient, path: str, message: Any, code: str, close: int) -> None:
    with shared.websocket_connect(path, headers=OURS) as socket:
        socket.send_text(message if isinstance(message, str) else json.dumps(message))
        ends(socket, code, close)


@pytest.mark.parametrize(
    "hello, code", [({"screen": "floor"}, "not_allowed"), ({"store": "autre"}, "not_allowed"), ({"screen": "board"}, "bad_hello")]
)
def test_a_salespersons_hello_that_asks_too_much(shared: TestClient, hello: dict[str, str], code: str) -> None:
    sign_in(shared, "lea")
    with shared.websocket_connect("/ws/staff", headers=OURS) as socket:
        socket.send_json({"type": "hello", **hello})
        ends(socket, code, 1008)


def test_a_second_hello_ends_it(shared: TestClient) -> None:
    with shared.websocket_connect("/ws/board") as socket:
        socket.send_json(BOARD)
        socket.receive_json()
        socket.send_json(BOARD)
        ends(socket, "second_hello", 1008)


@pytest.mark.parametrize("said", ["x", "{}", '{"type": "join"}', "null"])
def test_other_messages_end_it(shared: TestClient, said: str) -> None:
    with shared.websocket_connect("/ws/board") as socket:
        socket.send_json(BOARD)
        socket.receive_json()
        socket.send_text(said)
        ends(socket, "bad_message", 1008)


def test_bytes_and_long_messages_end_it(shared: TestClient) -> None:
    with shared.websocket_connect("/ws/board") as socket:
        socket.send_bytes(b"{}")
        ends(socket, "text_only", 1003)
    with shared.websocket_connect("/ws/board") as socket:
        socket.send_text("x" * (limits.MESSAGE_BYTES + 1))
        ends(socket, "too_large", 1009)


def test_who_talks_too_much_is_shown_out(shared: TestClient) -> None:
    with shared.websocket_connect("/ws/board") as socket:
        socket.send_json(BOARD)
        socket.receive_json()
        for _ in range(limits.MESSAGES + 1):
            socket.send_json({"type": "ping"})
        for _ in range(limits.MESSAGES):
            assert socket.receive_json()["type"] == "pong"
        ends(socket, "too_many", 1008)


def test_who_says_nothing_is_shown_out(shared: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HELLO_S", 0.05)
    with shared.websocket_connect("/ws/board") as socket:
        ends(socket, "hello_late", 1008)


def test_the_oldest_of_too_many_windows_makes_room(shared: TestClient) -> None:
    token = join(shared)["token"]
    with ExitStack() as stack:
        opened = [stack.enter_context(another(shared).websocket_connect("/ws/phone")) for _ in range(limits.SOCKETS_PER_TICKET + 1)]
        for socket in opened:
            socket.send_json({"type": "hello", "token": token})
            assert socket.receive_json()["number"]
        ends(opened[0], "taken_over", 4409)
        for socket in opened[1:]:
            socket.send_json({"type": "ping"})
            assert socket.receive_json()["type"] == "pong"


def test_signing_out_closes_the_screen(shared: TestClient) -> None:
    sign_in(shared)
    with shared.websocket_connect("/ws/staff", headers=OURS) as socket:
        socket.send_json({"type": "hello"})
        socket.receive_json()
        shared.delete("/api/v1/session", headers=OURS)
        ends(socket, "session_ended", 1008)


def test_a_full_house_says_so_at_the_door(shared: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SOCKETS", 0)
    with pytest.raises(WebSocketDenialResponse) as denied, shared.websocket_connect("/ws/board"):
        pass
    is_problem(denied.value, 503, "busy")


@pytest.mark.parametrize("path", ["/ws/nothing", "/ws", "/", "/ws/phone/"])
def test_there_are_no_other_sockets(shared: TestClient, path: str) -> None:
    with pytest.raises(WebSocketDenialResponse) as denied, shared.websocket_connect(path):
        pass
    is_problem(denied.value, 404, "not_found")


def test_an_address_has_its_share(shared: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SOCKETS_PER_ADDRESS", 0)
    with pytest.raises(WebSocketDenialResponse) as denied, shared.websocket_connect("/ws/board"):
        pass
    is_problem(denied.value, 429, "too_many")


def test_a_stopping_server_says_when_to_come_back(client: TestClient) -> None:
    assert client.portal is not None
    rooms = state_of(client).house
    with client.websocket_connect("/ws/board") as socket:
        socket.send_json(BOARD)
        socket.receive_json()
        client.portal.start_task_soon(rooms.hall.close)
        problem = socket.receive_json()
        assert problem["code"] == "restarting"
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
        assert closed.value.code == 1012
        assert 500 <= int(closed.value.reason) <= limits.RESTART_RETRY_MS
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect("/ws/board"):
        pass
    is_problem(denied.value, 503, "restarting")


def test_nothing_is_left_behind(client: TestClient) -> None:
    rooms = state_of(client).house
    for _ in range(20):
        with client.websocket_connect("/ws/board") as socket:
            socket.send_json(BOARD)
            socket.receive_json()
    client.get("/health")
    assert (len(rooms.hall), rooms.live.screens(), rooms.hall._addresses) == (0, 0, {})


def test_every_close_code_is_of_a_known_problem() -> None:
    assert set(CLOSE_CODES) - set(WEB_CODES) == {"unknown_ticket"}
