"""The people of a bench over HTTP: each command as its request, sent on a keep-alive connection, answered as a body.

The client is a page long for the same reason as ``server.bench.phones``: a general one costs as much
processor time per request as the server that is to be measured.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from time import perf_counter
from typing import Any, cast
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from server.rules import commands as c

Json = dict[str, Any]
ANSWER_S = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; ``status`` 0 when the connection broke before it came."""

    status: int
    body: Json

    @property
    def done(self) -> bool:
        """Whether the command was done."""
        return 200 <= self.status < 300


class Wire(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._data = b""
        self._waiter: asyncio.Future[Reply] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready."""
        self._transport = cast(asyncio.Transport, transport)  # as any event loop has it

    def data_received(self, data: bytes) -> None:
        """Wake the asker when the whole answer is there."""
        self._data += data
        head, ended, body = self._data.partition(b"\r\n\r\n")
        if not ended:
            return
        place = head.lower().find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(body) >= length:
            self._data = b""
            self._answer(Reply(int(head[9:12]), json.loads(body) if body else {}))

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody knows what came of the last request."""
        self._transport = None
        self._answer(Reply(0, {}))

    @property
    def open(self) -> bool:
        """Whether a request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def post(self, path: str, body: Json, headers: Mapping[str, str]) -> Reply:
        """Send and wait; a connection that says nothing for long is given up."""
        assert self._transport is not None
        text = json.dumps(body, separators=(",", ":")).encode()
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nX-Avous: 1\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n"
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(f"{head}{lines}\r\n".encode() + text)
        try:
            return await asyncio.wait_for(self._waiter, ANSWER_S)
        except TimeoutError:
            self.close()
            return Reply(0, {})

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _answer(self, reply: Reply) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(reply)


@dataclass
class Wires:
    """As many connections to a server as are needed at once, used again and again.

    A connection that was told to come back later rests until then, as the person behind it would: whoever asks
    meanwhile is somebody else. (The server lets one that asks again at once wait, which is no answer's time.)
    """

    port: int
    _free: list[Wire] = field(default_factory=list)
    _resting: list[tuple[float, int, Wire]] = field(default_factory=list)  # a heap of (until when, what tells two apart, whose)

    async def post(self, path: str, body: Json, headers: Mapping[str, str] | None = None) -> Reply:
        """One request on a free connection, or on a new one; status 0 when there is no server."""
        wire = self._rested()
        if wire is None:
            try:
                _, wire = await asyncio.get_running_loop().create_connection(Wire, "127.0.0.1", self.port)
            except OSError:
                return Reply(0, {})
        reply = await wire.post(path, body, headers or {})
        if not wire.open:
            return reply
        if later_s := reply.body.get("retry_after_s", 0.0):
            heappush(self._resting, (perf_counter() + later_s, id(wire), wire))
        else:
            self._free.append(wire)
        return reply

    def close(self) -> None:
        """End them all."""
        for wire in [*self._free, *(wire for *_, wire in self._resting)]:
            wire.close()
        self._free, self._resting = [], []

    def _rested(self) -> Wire | None:
        """One that may be used now."""
        while self._resting and self._resting[0][0] <= perf_counter():
            self._free.append(heappop(self._resting)[2])
        while self._free:
            if (wire := self._free.pop()).open:
                return wire
        return None


async def metric(port: int, name: str) -> float:
    """What the server on this port counts under ``name``. Raises OSError, KeyError."""

    def fetched() -> str:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=ANSWER_S) as answer:  # our own child, on the loopback
            return str(answer.read(), "utf-8")

    families = text_string_to_metric_families(await asyncio.to_thread(fetched))
    return {sample.name: sample.value for family in families for sample in family.samples}[name]


@dataclass
class Doors:
    """How each command is sent: its path, its body, and the token or cookie of whoever sends it."""

    store: str
    tokens: dict[str, str] = field(default_factory=dict)  # ticket -> the phone's token
    cookies: dict[str, str] = field(default_factory=dict)  # salesperson -> the cookie

    def request(self, id: str, command: c.Command) -> tuple[str, Json, dict[str, str]]:
        """(path, body, headers)."""
        desk = f"/api/v1/stores/{self.store}"
        match command:
            case c.Join():
                return f"{desk}/tickets", {"id": id, "service": command.service}, {}
            case c.Balk():
                return f"{desk}/balks", {"id": id, "service": command.service}, {}
            case c.SignOn() | c.ClaimNext():
                return f"{desk}/staff/{'on' if isinstance(command, c.SignOn) else 'next'}", {"id": id}, self._cookie(command.salesperson)
            case c.Start() | c.Finish():
                verb = "start" if isinstance(command, c.Start) else "finish"
                return f"{desk}/staff/{verb}", {"id": id, "ticket": command.ticket}, self._cookie(command.salesperson)
        verb, more = _PHONE[type(command)]
        fields = {name: getattr(command, name) for name in ("ticket", *more)}
        ticket = fields.pop("ticket")
        return f"/api/v1/ticket/{verb}", {"id": id, **fields}, {"Authorization": f"Bearer {self.tokens.get(ticket, '')}"}

    def _cookie(self, person: str) -> dict[str, str]:
        return {"Cookie": f"session={self.cookies[person]}"}


_PHONE: dict[type, tuple[str, tuple[str, ...]]] = {
    c.SeeContent: ("content", ("item",)), c.StepAway: ("away", ("minutes",)), c.ComeBack: ("back", ()), c.Leave: ("leave", ("reason",)),
    c.AcknowledgeCall: ("seen", ()),
}  # fmt: skip
