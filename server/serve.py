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
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from server import log
from server.app import build_app
from server.connections import RequestProtocol
from server.heartbeat import Heartbeat, ping, word_of
from server.live.limits import SWITCH_S
from server.live.listener import is_everywhere, listen, several
from server.settings import Settings
from server.startup import BadSettings
from server.web import limits
from server.web.admission import Admission
from server.web.pushing import PUSH, whole

KEEP_ALIVE_S = 15


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
        self._admission, self._heartbeat = Admission(), Heartbeat()
        super().__init__(_config(app, settings, self._admission, self._heartbeat))
        self._hall, self._ready = app.state.house.hall, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        listening = [copy for sock in sockets or () for copy in several(sock)]
        await super().startup(listening)
        self._admission.start()
        self._heartbeat.start()
        if self.started:
            self._ready()
        else:
            for copy in listening:
                copy.close()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new connection, send the screens away with a time to come back, then stop."""
        for server in self.servers:
            server.close()
        await self._hall.close()
        await super().shutdown(sockets)
        self._admission.stop()
        self._heartbeat.stop()

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
    _word: int | None = None  # what a ping asked to be said again
    _partial = 0  # bytes that came of a frame that is not all there

    def __init__(self, *args: Any, heartbeat: Heartbeat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heartbeat = heartbeat
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
        self._partial = 0  # what came so far was the handshake, which is handed over by itself
        if not self.close_sent:
            self.extensions = cast(Any, self.scope["extensions"])
            self.extensions[PUSH] = self  # an extension of our own

    def data_received(self, data: bytes) -> None:
        """Whatever came. Pongs are all that most phones ever say, 500 a second of 10,000: a whole one needs no parser."""
        if not self._partial and self._word is not None and word_of(data) == self._word:
            self._word = None
            return
        self._partial += len(data)
        super().data_received(data)

    def handle_events(self) -> None:
        """Frames that are all there."""
        self._partial -= sum([_size(event) for event in self.conn.events if isinstance(event, Frame)])
        super().handle_events()

    def handle_pong(self, event: Frame) -> None:
        """An answer that came with something else, or in parts."""
        if int.from_bytes(event.data) == self._word:
            self._word = None

    def start_keepalive(self) -> None:
        """The socket is open."""
        self.heartbeat.join(self)

    def stop_keepalive(self) -> None:
        """The socket is over."""
        self.heartbeat.leave(self)

    def ask(self, word: int) -> None:
        """See ``Asked``."""
        if not (self.close_sent or self.transport.is_closing()):
            self._word = word
            self.transport.write(ping(word))

    def expect(self) -> None:
        """See ``Asked``."""
        if self._word is not None:
            self.keepalive_timeout()

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


def _size(frame: Frame) -> int:
    """The bytes that a client's frame took on the line, at least (RFC 6455, 5.2)."""
    size = len(frame.data)
    return size + (6 if size < 126 else 8 if size < 65_536 else 14)


def _config(app: Starlette, settings: Settings, admission: Admission, heartbeat: Heartbeat) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        http=cast(Any, partial(RequestProtocol, admission=admission)),
        ws=cast(Any, partial(ViewProtocol, heartbeat=heartbeat)),
        ws_max_size=2 * limits.MESSAGE_BYTES,  # the application refuses with words from MESSAGE_BYTES on; this is the hard stop
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
