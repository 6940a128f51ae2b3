"""Every route and socket of the application, for tests that must hold for all of them."""

from typing import Any, NamedTuple

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from server.app import routes
from server.web.policies import Policy, policy_of
from tests.web.conftest import STORE

FILLED = {"store": STORE, "language": "fr"}


class Way(NamedTuple):
    """A method and an address with its placeholders filled."""

    method: str
    path: str
    policy: Policy
    route: Route

    def __str__(self) -> str:
        return f"{self.method} {self.route.path}"


def declared() -> list[BaseRoute]:
    return routes()


def ways() -> list[Way]:
    """Every HTTP route once per method (HEAD comes with GET)."""
    found = []
    for route in declared():
        if isinstance(route, Route):
            policy = policy_of(route)
            assert policy is not None, route
            path = route.path_format.format(**{name: FILLED.get(name, "x") for name in route.param_convertors})
            found += [Way(method, path, policy, route) for method in sorted(set(route.methods or ()) - {"HEAD"})]
    return found


def sockets() -> list[WebSocketRoute]:
    return [route for route in declared() if isinstance(route, WebSocketRoute)]


def mounts() -> list[Mount]:
    return [route for route in declared() if isinstance(route, Mount)]


def ids(way: Any) -> str:
    return str(way)
