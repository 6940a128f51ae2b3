"""One HTTP connection: uvicorn's, without endless patience, and with a door that refuses at next to no cost."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server.web import limits
from server.web.admission import Admission, Lane, glance, lane_of, refusal, retry_s
from server.web.problems import Problem, answer

UNREAD = "en"  # the language of an answer to what could not be read


class RequestProtocol(HttpToolsProtocol):
    """HTTP without endless patience: headers that do not come to an end, or are endless, and connections beyond the bound.

    uvicorn itself only limits the time between two requests.
    """

    _deadline: asyncio.TimerHandle | None = None
    _reading = False  # in the middle of a request
    _head: int | None = None  # bytes that came after those a request began with, as long as its headers are not all there
    _hosts = 0  # names of the host that it gives
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
                self.send_400_response("endless headers")
        self._watch()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._reading, self._head, self._fields, self._hosts = True, 0, 0, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """The first line, or a part of it."""
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header. Two hosts are refused (RFC 9112, 3.2): whoever stands before this server may have read the other one."""
        self._count(name + value)
        self._hosts += name.lower() == b"host"
        if self._hosts > 1:
            raise ValueError("two hosts")  # the parser stops, as below
        super().on_header(name, value)

    def _count(self, part: bytes) -> None:
        self._fields += len(part)
        if self._fields > limits.HEADERS_BYTES:
            raise ValueError("endless headers")  # the parser stops, and the request is refused as malformed

    def on_message_complete(self) -> None:
        """A request is read."""
        self._reading = False
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        """From here on the application has its own limit."""
        self._head = None
        if not self._hosts and self.parser.get_http_version() == "1.1":
            raise ValueError("no host")
        self._unwatch()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What cannot be read is answered in the one error shape, and the line cut. ``msg`` is uvicorn's, for nobody."""
        self.transport.write(Problem("bad_request").raw(UNREAD, "connection: close"))
        self.transport.close()

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
