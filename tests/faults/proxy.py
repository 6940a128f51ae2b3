"""A loopback TCP proxy that is the network between two processes: it passes bytes on, swallows them, or hangs up."""

import asyncio
from contextlib import suppress
from typing import Self


class Proxy:
    """Forwards to ``target`` (a port of the loopback address); ``port`` is where it listens."""

    def __init__(self, target: int) -> None:
        self.port, self._target = 0, target
        self._passing = asyncio.Event()
        self._passing.set()
        self._lines: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for line in list(self._lines):
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    def swallow(self) -> None:
        """From now on nothing arrives, in both directions, and nobody is told: a partition."""
        self._passing.clear()

    def heal(self) -> None:
        """Pass on again, what was swallowed first."""
        self._passing.set()

    def cut(self) -> None:
        """Hang up on everybody; new connections are taken."""
        for line in list(self._lines):
            line.cancel()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        there: asyncio.StreamWriter | None = None
        try:
            await self._passing.wait()
            back, there = await asyncio.open_connection("127.0.0.1", self._target)
            ways = [asyncio.create_task(self._carry(reader, there)), asyncio.create_task(self._carry(back, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._lines.discard(line)
            for end in (writer, there):
                if end is not None:
                    with suppress(OSError):
                        end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._passing.wait()
            writer.write(data)
            await writer.drain()
