"""Runs the application on uvicorn, with the few things uvicorn does not do by itself.

Screens are told when to come back before their sockets close, a stuck phone cannot hold more than a few
kilobytes nor outlive its ping, and a stop that went well ends with exit code 0.
"""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server import log
from server.app import build_app
from server.live.limits import SWITCH_S
from server.live.listener import is_everywhere, listen
from server.settings import Settings
from server.startup import BadSettings
from server.web import limits
from server.web.admission import Admission, Lane, glance, lane_of, refusal, retry_s
from server.web.problems import Problem, answer
from server.web.pushing import PUSH, whole

KEEP_ALIVE_S = 15
ENDLESS = "The headers are too long."


def serve(settings: Settings, ready: Callable[[str, dict[str, str]], None]) -> None:
    """Serve until SIGINT or SIGTERM. Raises BadSettings, BadStore.

    ``ready(address, codes)`` is called when requests are answered; ``codes`` has, for each store in which nobody can
    sign in as a manager yet, the code that lets the first one in.
    """
    log.configure(settings.log_level)
    sys.setswitchinterval(SWITCH_S)
    app = build_app(settings)
    try:
        sock = listen(settings.host, settings.port)
    except OSError as trouble:
        raise BadSettings(f"cannot listen on {settings.host} port {settings.port}: {trouble.strerror}") from None
    Server(app, settings, lambda: ready(address(settings, sock.getsockname()[1]), app.state.setup_codes)).run([sock])


class Server(uvicorn.Server):
    """uvicorn, with a kinder goodbye."""

    def __init__(self, app: Starlette, settings: Settings, ready: Callable[[], None]) -> None:
        self._admission = Admission()
        super().__init__(_config(app, settings, self._admission))
        self._hall, self._ready = app.state.house.hall, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self._admission.start()
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new connection, send the screens away with a time to come back, then stop."""
        for server in self.servers:
            server.close()
        await self._hall.close()
        await super().shutdown(sockets)
        self._admission.stop()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, and do not die of them afterwards: stopping as asked is a success."""
        before = {number: signal.signal(number, self._asked_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.handle_exit(number, frame)


class RequestProtocol(HttpToolsProtocol):
    """HTTP without endless patience: headers that do not come to an end, or are endless, and connections beyond the bound.

    uvicorn itself only limits the time between two requests.
    """

    _deadline: asyncio.TimerHandle | None = None
    _reading = False  # in the middle of a request
    _head: int | None = None  # bytes that came after those a request began with, as long as its headers are not all there
    _fields = 0  # bytes of its headers, those after a body included
    _may_open: bool | None = None

    def __init__(self, *args: Any, admission: Admission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.admission = admission

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected and should say what for."""
        super().connection_made(cast(asyncio.Transport, transport))  # of a TCP connection, which can be written to
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Part of a request. What the first byte of one has stopped, uvicorn's own timer, is replaced by ours."""
        if self.admission.full(Lane.SHOPPER) and not self._reading and not self._busy() and self._turn_away(data):
            return
        unfinished = self._head is not None
        super().data_received(data)
        if unfinished and self._head is not None and not self.transport.is_closing():
            self._head += len(data)
            if self._head > limits.HEADERS_BYTES:
                self.send_400_response(ENDLESS)
        self._watch()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._reading, self._head, self._fields = True, 0, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """The first line, or a part of it."""
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header."""
        self._count(name + value)
        super().on_header(name, value)

    def _count(self, part: bytes) -> None:
        self._fields += len(part)
        if self._fields > limits.HEADERS_BYTES:
            raise ValueError(ENDLESS)  # the parser stops, and the request is refused as malformed

    def on_message_complete(self) -> None:
        """A request is read."""
        self._reading = False
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        """From here on the application has its own limit."""
        self._head = None
        self._unwatch()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more; the last request goes by itself, so that reference counts can free the connection."""
        self._unwatch()
        super().connection_lost(exc)
        self.cycle = cast(Any, None)

    def _watch(self) -> None:
        """Give the headers a time, unless a request is under way, the pause between two is timed, or a socket took over."""
        paused = self.timeout_keep_alive_task is not None
        if not (self._deadline or self._busy() or paused or self.transport.is_closing()) and self.transport.get_protocol() is self:
            self._deadline = self.loop.call_later(limits.HEADERS_S, self.timeout_keep_alive_handler)

    def _busy(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's annotation leaves out the beginning
        return cycle is not None and not cycle.response_complete

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _should_upgrade(self) -> bool:
        """A handshake that comes when the loop is very late is answered like a request: come back later."""
        if not super()._should_upgrade():
            return False
        if self._may_open is None:  # asked several times for one handshake
            self._may_open = self.admission.socket_may_open()
        return self._may_open

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        scope = cycle.scope
        if len(self.connections) > limits.CONNECTIONS or self._may_open is False:
            super()._start_asgi_task(cycle, cast(Any, full_house))
        elif self.admission.enter(lane := lane_of(scope["method"], scope["path"])):
            super()._start_asgi_task(cycle, _inside(app, lambda: self.admission.leave(lane)))
        else:
            self._refuse(cycle)

    def _refuse(self, cycle: RequestResponseCycle) -> None:
        """Answer here and now, with bytes that lie ready: a task for each of thousands of refusals would delay who was let in."""
        cycle.response_started = cycle.response_complete = True
        self._say_busy(dict(cycle.scope["headers"]).get(b"accept-language", b""))
        if not cycle.keep_alive:
            self.transport.close()

    def _turn_away(self, data: bytes) -> bool:
        """Refuse a whole request unread, if it is one for a lane without a place."""
        seen = glance(data)
        if seen is None or not self.admission.full(seen[0]) or self.admission.enter(seen[0]):
            return False
        self._unwatch()
        self._say_busy(seen[1])
        return True

    def _say_busy(self, languages: bytes) -> None:
        self.transport.write(refusal(languages))
        self.on_response_complete()
        if pause_s := self.admission.pause_s():  # who asks again at once, told to wait or not, waits that long at least
            self.flow.pause_reading()
            self.loop.call_later(pause_s, self.flow.resume_reading)


def _inside(app: ASGIApp, leave: Callable[[], None]) -> Any:
    async def serve_and_leave(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        finally:
            leave()

    return serve_and_leave


async def full_house(scope: Scope, receive: Receive, send: Send) -> None:
    """What requests get when too many connections are open, and handshakes when the loop is too late for them."""
    await answer(Request(scope, receive, send), Problem("busy", retry_after_s=retry_s()), {"Connection": "close"})(scope, receive, send)


class Inbox:
    """What a socket has received, for the one who reads it. The four empty deques of an ``asyncio.Queue`` would be 3 KB of every socket."""

    __slots__ = ("_messages", "_waiter")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._waiter: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        """Whether there is nothing to read."""
        return not self._messages

    def put_nowait(self, message: Any) -> None:
        """One message more; uvicorn stops reading from the line until it is taken."""
        self._messages.append(message)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> Any:
        """The oldest message, as soon as there is one."""
        while not self._messages:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._messages.pop(0)


class ViewProtocol(WebSocketsSansIOProtocol):
    """A socket that holds one unsent view at most, so that newer ones replace older ones, and that really ends.

    Views need no task and no waiting: ``push`` writes a whole frame if everything before it is gone. asyncio's
    ``close`` waits for a peer that reads no more, for ever; here the connection is cut a moment later.
    """

    close_timeout = limits.CLOSE_S
    on_writable: Callable[[], None] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.close_timeout = limits.CLOSE_S
        self.extensions: dict[str, Any] = {}
        self.app = partial(whole, self.app)
        self.queue = cast(Any, Inbox())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Any unsent byte pauses the socket; it is writable again when the last one is gone."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=0)

    def handle_connect(self, event: Any) -> None:
        """Let the application push views (``server.web.pushing``)."""
        super().handle_connect(event)
        if not self.close_sent:
            self.extensions = cast(Any, self.scope["extensions"])
            self.extensions[PUSH] = self  # an extension of our own

    def connection_lost(self, exc: Exception | None) -> None:
        """Take apart the knot that a connection is: once frozen (``server.live.collector``), only reference counts can free it."""
        super().connection_lost(exc)
        self.on_writable = None
        self.conn.parser.close()
        self.extensions.clear()

    def push(self, frame: bytes) -> bool:
        """Write a whole frame now; False when the socket is busy or closing. ``on_writable`` is called when it is free again."""
        if self.close_sent or self.disconnected or not self.writable.is_set() or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    def resume_writing(self) -> None:
        """Everything is sent."""
        super().resume_writing()
        if self.on_writable is not None:
            self.on_writable()

    def keepalive_timeout(self) -> None:
        """No answer to a ping: end it, politely for two seconds, then in any case."""
        super().keepalive_timeout()
        self.loop.call_later(limits.CLOSE_S, self.transport.abort)

    async def send(self, message: Any) -> None:
        """As ever; the handshake is forgotten when it is done, and a close is followed by a cut if the peer does not finish it."""
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.request = self.response = cast(Any, None)
        elif message["type"] == "websocket.close":
            self.loop.call_later(2 * limits.CLOSE_S, self.transport.abort)


def _config(app: Starlette, settings: Settings, admission: Admission) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        http=cast(Any, partial(RequestProtocol, admission=admission)),
        ws=ViewProtocol,
        ws_max_size=2 * limits.MESSAGE_BYTES,  # the application refuses with words from MESSAGE_BYTES on; this is the hard stop
        ws_ping_interval=limits.PING_S,
        ws_ping_timeout=limits.PING_TIMEOUT_S,
        ws_per_message_deflate=False,
        proxy_headers=bool(settings.forwarded_allow_ips),
        forwarded_allow_ips=settings.forwarded_allow_ips,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=limits.DRAIN_S,
    )


def address(settings: Settings, port: int) -> str:
    """Where people find what listens on ``port``."""
    log.get().info("listening", host=settings.host, port=port)
    host = settings.host
    shown = "localhost" if is_everywhere(host) else f"[{host}]" if ":" in host else host
    return settings.public_url or f"http://{shown}:{port}"
