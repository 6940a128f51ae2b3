"""Who may use each route and socket. A route says so where it is made, and nothing serves without it.

``Door`` is what the router calls in place of an endpoint: it checks the request's origin and headers,
finds out who is asking, refuses everybody else, and only then runs the endpoint. A test walks the route
table and fails when a route has no door.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import wraps
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from server.metrics import ROUTE

Endpoint = Callable[[Request], Awaitable[Response]]
R = TypeVar("R", bound="Declared")


class Who(StrEnum):
    """The kinds of caller a route may be for."""

    PUBLIC = "public"  # anybody in the store, no account
    PHONE = "phone"  # holds the link of one ticket
    BOOKER = "booker"  # holds the link of one appointment
    SIGNED_IN = "signed_in"  # has an account: what is about themselves
    STAFF = "staff"  # works on the floor of the store of the address
    VIEWER = "viewer"  # may see what its managers see
    MANAGER = "manager"  # may change what its managers change
    DEVICE = "device"  # an enrolled kiosk, board or printer
    OPERATOR = "operator"  # asks from this very machine, or shows the token of the settings


BY_SESSION = (Who.SIGNED_IN, Who.STAFF, Who.VIEWER, Who.MANAGER)
"""The doors that ask who is signed in; ``server.web.roles`` says which role opens which."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may use a route, and whether it can change anything (then the checks against forged requests apply)."""

    who: Who
    changes: bool = False
    cookie: bool = False  # acts on the session cookie, or sets it
    way: str = ""  # "METHOD /route", or "SOCKET /route": what a kind of device is allowed by

    @property
    def forgeable(self) -> bool:
        """Whether a foreign page could misuse the visitor's cookie here: such a request must carry our header."""
        return self.changes and (self.cookie or self.who in (*BY_SESSION, Who.DEVICE))


@dataclass(frozen=True, slots=True)
class About:
    """What a route takes and gives, for the API's description. ``many``: a list of answers."""

    answer: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: int = 200
    many: bool = False
    summary: str = ""


class Undeclared(TypeError):
    """A route, socket or directory that does not say who may use it."""


class Declared(BaseRoute):
    """What is on a route of any kind when it may be served: who may use it, and for the API's own what it takes and gives."""

    policy: Policy
    about: About | None = None


class Door(Declared, Route):
    """A route with a policy."""


class SocketDoor(Declared, WebSocketRoute):
    """A socket with a policy."""


class FilesDoor(Declared, Mount):
    """A directory of files with a policy."""


def door(path: str, endpoint: Endpoint, who: Who, method: str = "GET", *, cookie: bool = False, about: About | None = None) -> Route:
    """A route that only ``who`` may use; its policy is checked before ``endpoint`` runs."""
    policy = Policy(who, method not in ("GET", "HEAD"), cookie, f"{method} {path}")

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        request.scope[ROUTE] = path
        await request.app.state.house.guard(request, policy)
        return await endpoint(request)

    route = declare(Door(path, guarded, methods=[method], name=endpoint.__name__), policy)
    route.about = about and replace(about, summary=" ".join((endpoint.__doc__ or "").split()))
    return route


def socket_door(path: str, endpoint: Callable[[WebSocket], Awaitable[None]], who: Who) -> WebSocketRoute:
    """A socket that only ``who`` may use; ``endpoint`` itself checks the hello, which comes after the handshake."""
    return declare(SocketDoor(path, endpoint), Policy(who, way=f"SOCKET {path}"))


def shells(routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    """The faces' pages: public, because a shell shows nothing that is not on the store's wall. Other stores have none."""
    return [_shell(route) for route in routes]


def _shell(route: BaseRoute) -> BaseRoute:
    """The page, answering for the stores of this server only (UnknownStore for others), and for devices that may see it."""
    assert isinstance(route, Route), "a face consists of pages"
    endpoint, policy = route.endpoint, Policy(Who.PUBLIC, way=f"GET {route.path}")

    @wraps(endpoint)
    async def page(request: Request) -> Response:
        house = request.app.state.house
        await house.guard(request, policy)
        if "store" in request.path_params:
            house.live.store(request.path_params["store"])
        response: Response = await endpoint(request)
        return response

    return declare(Door(route.path, page, methods=list(route.methods or ()), name=route.name), policy)


def public_files(path: str, app: ASGIApp, name: str) -> Mount:
    """Files anybody may read."""
    return declare(FilesDoor(path, app, name=name), Policy(Who.PUBLIC))


def declare(route: R, policy: Policy) -> R:
    """``route``, with its policy on it."""
    route.policy = policy
    return route


def all_declared(routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    """``routes``, each with a policy on it. Raises Undeclared: an application that would serve anything else is not built."""
    for route in routes:
        if policy_of(route) is None:
            raise Undeclared(
                f"{type(route).__name__} {getattr(route, 'path', route)} does not say who may use it: see server/web/policies.py"
            )
    return list(routes)


def policy_of(route: BaseRoute) -> Policy | None:
    """The policy declared for a route, or None."""
    return getattr(route, "policy", None) if isinstance(route, Declared) else None


def describe_of(route: BaseRoute) -> About | None:
    """What a route takes and gives, or None for one that is not part of the API."""
    return route.about if isinstance(route, Declared) else None
