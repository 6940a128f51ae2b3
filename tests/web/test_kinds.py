"""Each kind of device gets where its list lets it, over every route and socket there is, and nowhere else."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse

from server.app import build_app
from server.live.stores import parse_store
from server.settings import Settings
from server.web.devices import ALLOWED, Kind, may
from server.web.policies import policy_of
from tests.web.conftest import OURS, STORE, TABLE, HandClock, another, is_problem, join, state_of
from tests.web.test_devices import PIN, enrolled
from tests.web.walk import Way, declared, ids, sockets, ways

REFUSED = {401, 403}


def test_every_allowed_route_exists() -> None:
    known = {policy.way for route in declared() if (policy := policy_of(route))}
    for kind, allowed in ALLOWED.items():
        assert (allowed or frozenset()) <= known, kind


@pytest.mark.parametrize("kind", [Kind.KIOSK, Kind.BOARD, Kind.PRINTER])
def test_a_kind_has_no_route_of_people(kind: Kind) -> None:
    allowed = ALLOWED[kind]
    assert allowed is not None
    assert not [way for way in allowed if "/staff" in way or "/manager" in way or "session" in way or way.startswith("SOCKET /ws/phone")]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, empty_database: Any) -> Iterator[dict[str, TestClient]]:
    """One device of each kind at one server."""
    path = tmp_path_factory.mktemp("fleet") / "avous.db"
    path.write_bytes(empty_database.read_bytes())
    settings = Settings(database=f"sqlite:///{path}", rollouts=20, sign_ins_per_minute=100_000)
    with TestClient(build_app(settings, [parse_store(TABLE)], HandClock()), raise_server_exceptions=False) as client:
        boss = another(client)
        body: dict[str, Any] = {"code": state_of(client).setup_codes[STORE], "salesperson": "sarah", "pin": PIN}
        assert boss.post("/api/v1/setup", json=body, headers=OURS).status_code == 201
        yield {kind: enrolled(boss, kind) for kind in Kind}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("way", [w for w in ways() if w.path not in ("/api/v1/device", "/api/v1/session")], ids=ids)
def test_a_device_gets_where_its_list_lets_it(fleet: dict[str, TestClient], kind: Kind, way: Way) -> None:
    body: dict[str, str] | None = {} if way.policy.changes and way.method == "POST" else None
    status = fleet[kind].request(way.method, way.path, json=body, headers=OURS).status_code
    allowed = may(kind, way.policy.way)
    if not allowed:
        assert status == 403
    elif way.policy.who.value == "public":
        assert status not in REFUSED


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("path", [route.path for route in sockets()])
def test_a_device_gets_the_sockets_of_its_list(fleet: dict[str, TestClient], kind: Kind, path: str) -> None:
    if may(kind, f"SOCKET {path}"):
        with fleet[kind].websocket_connect(path, headers=OURS):
            return
    with pytest.raises(WebSocketDenialResponse) as denied, fleet[kind].websocket_connect(path, headers=OURS):
        pass
    is_problem(denied.value, 403, "not_allowed")


def test_a_kiosk_takes_tickets_and_shows_no_other_store(fleet: dict[str, TestClient]) -> None:
    assert join(fleet["kiosk"])["number"]
    with fleet["kiosk"].websocket_connect("/ws/board", headers=OURS) as socket:
        socket.send_json({"type": "hello", "screen": "kiosk"})
        assert socket.receive_json()["seq"]
    with fleet["kiosk"].websocket_connect("/ws/board", headers=OURS) as socket:
        socket.send_json({"type": "hello", "screen": "kiosk", "store": "autre"})
        assert socket.receive_json()["code"] == "not_allowed"
