"""Views straight from the hub to the socket: a frame made once, written on the transport, and no task that waits.

A task and a queue per socket cost more than the sending itself, in time and in memory. The server's own
socket protocol (``server.serve.ViewProtocol``) offers itself in the ASGI scope; under any other server, such
as the tests' client, views are sent the ordinary way.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from server import metrics
from server.live.hub import Encoded, Subscription
from server.web.hall import Place
from server.web.problems import Problem

PUSH: Final = "avous.push"
"""Where in the scope's extensions the socket offers itself."""
REST: Final = "avous.rest"
"""Where in the scope's extensions an application is left that goes on when the first one has returned."""
KEPT: Final = ("type", "app", "query_string")
SPOKEN: Final = (b"accept-language", b"cookie")
"""What a socket still needs of its handshake's scope and headers: where it is, and the language of an error."""


class Pusher(Protocol):
    """A socket that a whole frame can be written to."""

    on_writable: Callable[[], None] | None

    def push(self, frame: bytes) -> bool:
        """Write the frame now; False when the socket is busy: ``on_writable`` is called when it is free again."""


class Feed:
    """Gives a subscription's views to a socket, and asks whoever sits there to leave when they end."""

    __slots__ = ("_place", "_pusher")

    def __init__(self, pusher: Pusher, place: Place) -> None:
        self._pusher, self._place = pusher, place

    def offer(self, view: Encoded) -> bool:
        """See ``Sink``."""
        if view.wire is None:
            view.wire = framed(view.json)
        if not self._pusher.push(view.wire):
            return False
        metrics.VIEWS.sent += 1
        return True

    def over(self, reason: str) -> None:
        """See ``Sink``."""
        self._place.ask_to_leave(Problem("restarting", retry_after_s=1.0))


def framed(text: bytes) -> bytes:
    """A text frame as a server sends it (RFC 6455, 5.2): whole, and not masked. A tenth of what the library's own takes."""
    size = len(text)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + text
    return (struct.pack("!BBH", 0x81, 126, size) if size < 65_536 else struct.pack("!BBQ", 0x81, 127, size)) + text


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a socket's conversation when its first application has returned, or ``give_up`` when that one has failed."""

    go_on: ASGIApp
    give_up: Callable[[], None]


def start(scope: Any, subscription: Subscription, place: Place, rest: Rest) -> bool:
    """Feed the socket of this scope from now on, and leave ``rest`` to be done; False when its server cannot do that."""
    pusher: Pusher | None = scope.get("extensions", {}).get(PUSH)
    if pusher is None:
        return False
    scope["extensions"][REST] = rest
    pusher.on_writable = subscription.flush
    subscription.feed(Feed(pusher, place))
    return True


async def whole(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """A socket's application, then what it has left to be done.

    A router and its layers are sixteen calls deep, and a socket that stays for an hour would hold all of them, and
    its handshake, in memory: a quarter of what it needs.
    """
    try:
        await app(scope, receive, send)
    except BaseException:
        if (undone := scope["extensions"].pop(REST, None)) is not None:
            undone.give_up()
        raise
    rest: Rest | None = scope["extensions"].pop(REST, None)
    if rest is not None:
        headers = [header for header in scope["headers"] if header[0] in SPOKEN]
        spare = {**{key: scope[key] for key in KEPT}, "headers": headers}
        scope.clear()
        await rest.go_on(spare, receive, send)
