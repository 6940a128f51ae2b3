"""Ten thousand phones in one process: a WebSocket client of a page, because the load must not cost more than the server.

A client library spends 20 to 40 microseconds on a message; at 3,000 messages a second that is the core the
server is to be measured on. This one knows what our server sends (short unmasked frames, never fragmented)
and nothing else.
"""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from time import perf_counter
from typing import cast

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
Seen = Callable[["Phone", bytes, float], None]
"""(phone, the message, when it was there)"""


class Phone(asyncio.Protocol):
    """One socket: says hello, hands every message to ``seen``, answers pings, notes how it was closed."""

    def __init__(self, path: str, hello: bytes, seen: Seen, headers: str = "") -> None:
        self._path, self._hello, self._seen, self._headers = path, hello, seen, headers
        self._data = b""
        self._upgraded = False
        self.transport: asyncio.Transport | None = None
        self.close_code: int | None = None
        self.lost = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the socket."""
        self.transport = cast(asyncio.Transport, transport)  # as any event loop has it
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nX-Avous: 1\r\n{self._headers}\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Whatever has come; whole frames are taken from it."""
        data = self._data + data if self._data else data
        if not self._upgraded:
            head, ended, rest = data.partition(b"\r\n\r\n")
            if not ended:
                self._data = data
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.close_code = int(head[9:12])
                self.cut()
                return
            self._upgraded, data = True, rest
            self.say(TEXT, self._hello)
        self._data = self._frames(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        if not self.lost.done():
            self.lost.set_result(None)

    def _frames(self, data: bytes) -> bytes:
        """Take the whole frames from the front; what is left of the last one."""
        now, place = perf_counter(), 0
        while len(data) - place >= 2:
            length, start = data[place + 1], place + 2
            if length == 126:
                if len(data) - place < 4:
                    break
                (length,) = struct.unpack_from("!H", data, start)
                start += 2
            elif length == 127:
                if len(data) - place < 10:
                    break
                (length,) = struct.unpack_from("!Q", data, start)
                start += 8
            if len(data) < start + length:
                break
            self._frame(data[place] & 15, data[start : start + length], now)
            place = start + length
        return data[place:]

    def _frame(self, opcode: int, body: bytes, now: float) -> None:
        if opcode == TEXT:
            self._seen(self, body, now)
        elif opcode == PING:
            self.say(PONG, body)
        elif opcode == CLOSE:
            self.close_code = struct.unpack_from("!H", body)[0] if len(body) >= 2 else 1005
            self.cut()

    def say(self, opcode: int, body: bytes) -> None:
        """Send a frame, masked with zeros."""
        if self.transport is not None and not self.transport.is_closing():
            head = bytes([0x80 | opcode]) + (bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + struct.pack("!H", len(body)))
            self.transport.write(head + bytes(4) + body)

    def stop_reading(self) -> None:
        """Take nothing more from the network."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()

    def read_on(self) -> None:
        """Take what has come."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def cut(self) -> None:
        """End the connection without a word."""
        if self.transport is not None:
            self.transport.abort()


def seq_of(view: bytes) -> int:
    """The sequence number of a view, which is what it begins with; -1 for anything else."""
    if not view.startswith(b'{"seq":'):
        return -1
    return int(view[7 : view.index(b",", 7)])


async def dial(port: int, phone: Phone, address: str = "127.0.0.1") -> Phone:
    """Connect from ``address``, of which the loopback has millions: the server counts per address. Raises OSError."""
    await asyncio.get_running_loop().create_connection(lambda: phone, "127.0.0.1", port, local_addr=(address, 0))
    return phone


def address_of(number: int, per_address: int = 1000) -> str:
    """An address of the loopback for the client with this number."""
    place = number // per_address
    return f"127.0.{1 + place // 250}.{1 + place % 250}"
