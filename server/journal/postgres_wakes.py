"""NOTIFY between nodes: "this stream is at that version now". Only a wake-up; the journal is the truth.

It is sent outside the writing transaction (inside, it costs 40 % of the throughput), at most every
``EVERY_S`` and then for everything that moved meanwhile. What gets lost is found by the poll of the live room.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import psycopg
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from server.background import end
from server.journal.port import Heard

log = logging.getLogger(__name__)

CHANNEL = "avous"
EVERY_S = 0.05  # at most twenty notifications a second
STREAMS_MAX = 100  # in one notification, which holds 8,000 bytes at most; the rest goes with the next
AGAIN_S = 1.0  # a line that broke is made anew after this long
CONNECT: dict[str, Any] = {
    "connect_timeout": 3,
    "application_name": "avous wakes",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
Moved = list[tuple[str, str, int]]
_wake: TypeAdapter[tuple[str, Moved]] = TypeAdapter(tuple[str, list[tuple[str, str, int]]])


class Wakes:
    """This node's ear and mouth."""

    def __init__(self, address: str) -> None:
        self._address, self._node = address, secrets.token_hex(4)
        self._moved: dict[tuple[str, str], int] = {}
        self._bell = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def tell(self, store: str, day: str, version: int) -> None:
        """Have the other nodes know, soon."""
        if self._tasks:
            self._moved[store, day] = max(version, self._moved.get((store, day), 0))
            self._bell.set()

    async def start(self, heard: Heard) -> None:
        """Begin to listen and to tell."""
        self._tasks = [asyncio.create_task(self._for_ever(part), name="wakes") for part in (lambda: self._listen(heard), self._speak)]

    async def stop(self) -> None:
        """Hear and tell no more."""
        await end(*self._tasks)
        self._tasks = []

    async def _for_ever(self, part: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await part()
            except psycopg.Error as trouble:
                log.info("wake-ups between nodes pause: %s", trouble)
            await asyncio.sleep(AGAIN_S)

    async def _line(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(self._address, autocommit=True, options="-c synchronous_commit=off", **CONNECT)

    async def _listen(self, heard: Heard) -> None:
        async with await self._line() as line:
            await line.execute(f"LISTEN {CHANNEL}")
            async for note in line.notifies():
                with suppress(ValidationError):  # somebody else's words on our channel
                    node, moved = _wake.validate_json(note.payload)
                    for store, day, version in moved if node != self._node else ():
                        heard(store, day, version)

    async def _speak(self) -> None:
        async with await self._line() as line:
            while True:
                await self._bell.wait()
                moved = [(store, day, version) for (store, day), version in list(self._moved.items())[:STREAMS_MAX]]
                for store, day, _ in moved:
                    del self._moved[store, day]
                if not self._moved:
                    self._bell.clear()
                await line.execute("SELECT pg_notify(%s, %s)", [CHANNEL, to_json((self._node, moved)).decode()])
                await asyncio.sleep(EVERY_S)
