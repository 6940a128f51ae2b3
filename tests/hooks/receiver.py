"""A receiver of webhooks on this machine, as real ones are: it takes, refuses, hangs, redirects, or closes the line."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from server.hooks.courier import signature


class Receiver:
    """``moods`` are used up from the left: "ok", a status, "hang", "cut" or "away" (a redirect); then everything is taken."""

    def __init__(self) -> None:
        self.moods: list[str | int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    def signed(self, secret: str) -> bool:
        """Whether everything that came was signed with this secret, as a receiver checks it."""
        for headers, body in self.got:
            stamp = int(headers["avous-signature"].partition(",")[0].removeprefix("t="))
            if headers["avous-signature"] != signature(secret, body, stamp):
                return False
        return True

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:-2]
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.got.append((headers, body))
                mood = self.moods.pop(0) if self.moods else "ok"
                if mood == "cut":
                    return
                if mood == "hang":
                    await asyncio.sleep(30)
                status = {"ok": 204, "away": 307}.get(str(mood), mood)
                more = f"Location: http://127.0.0.1:{self.port}/elsewhere\r\n" if mood == "away" else ""
                writer.write(f"HTTP/1.1 {status} X\r\n{more}Content-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Receiver"]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
