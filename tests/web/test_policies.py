"""Every route and socket says who may use it, and it is so."""

from typing import Any

import pytest
from starlette.routing import BaseRoute, Host, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from server import app as application
from server.live.stores import StoreConfig
from server.settings import Settings
from server.web.policies import BY_SESSION, Door, Policy, SocketDoor, Undeclared, Who, policy_of
from tests.web.conftest import OURS, bearer, is_problem, join, uid
from tests.web.walk import Way, declared, ids, sockets, ways

BODY = {"id": uid()}
NOT_FOR_THEM = {401, 403}


def send(client: TestClient, way: Way, **headers: str) -> int:
    body = None if way.method in ("GET", "DELETE") else BODY
    return client.request(way.method, way.path, json=body, headers={**OURS, **headers}).status_code


def test_every_route_and_socket_has_a_policy() -> None:
    undeclared = [route for route in declared() if not isinstance(policy_of(route), Policy)]
    assert undeclared == []


async def _anything(*_: Any) -> None:
    raise AssertionError("nobody gets here")


OPEN = [
    Route("/open", _anything), Route("/api/v1/open", _anything, methods=["POST"]), WebSocketRoute("/ws/open", _anything),
    Mount("/open", StaticFiles(directory=".")), Host("open.example", _anything), Door("/open", _anything),
    SocketDoor("/ws/open", _anything),
]  # fmt: skip


@pytest.mark.parametrize("route", OPEN, ids=lambda route: type(route).__name__)
def test_an_application_with_a_route_for_whoever_comes_is_not_built(
    route: BaseRoute, settings: Settings, config: StoreConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever in the table it stands, and whatever kind it is."""
    for place in (0, len(declared())):
        table = declared()
        table.insert(place, route)
        monkeypatch.setattr(application, "routes", lambda table=table: table)
        with pytest.raises(Undeclared, match="does not say who may use it"):
            application.build_app(settings, [config])


def test_only_doors_change_things() -> None:
    """A page's plain Route may not take a method that changes something: it has no guard."""
    for route in declared():
        if isinstance(route, Route) and set(route.methods or ()) - {"GET", "HEAD"}:
            policy = policy_of(route)
            assert policy is not None
            assert policy.changes, route


@pytest.mark.parametrize("way", [w for w in ways() if w.policy.who is not Who.PUBLIC], ids=ids)
def test_nobody_gets_in_unknown(shared: TestClient, way: Way) -> None:
    assert send(shared, way) in NOT_FOR_THEM


def test_a_phone_gets_into_its_own_routes_only(client: TestClient) -> None:
    token = join(client)["token"]
    for way in ways():
        status = send(client, way, **bearer(token))
        assert (status in NOT_FOR_THEM) == (way.policy.who in (*BY_SESSION, Who.DEVICE, Who.OPERATOR)) or way.path == "/api/v1/session", way


def test_there_are_three_sockets_with_an_audience() -> None:
    found = {route.path: policy_of(route) for route in sockets()}
    assert {path: policy.who for path, policy in found.items() if policy} == {
        "/ws/phone": Who.PHONE,
        "/ws/staff": Who.STAFF,
        "/ws/board": Who.PUBLIC,
    }


def test_an_unknown_device_is_nobody(client: TestClient) -> None:
    is_problem(client.get("/api/v1/ticket", headers={"Authorization": "Device x"}), 401, "token_needed")
    assert client.get("/api/v1/device", headers={"Authorization": "Device x"}).json() is None
