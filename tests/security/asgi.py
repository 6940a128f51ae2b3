"""The application called directly, without a network: thousands of requests and sockets a second."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message

HOST = b"testserver"


class Answered(NamedTuple):
    """An HTTP answer."""

    status: int
    body: bytes


async def request(app: ASGIApp, method: str, path: str, headers: dict[bytes, bytes], body: bytes) -> Answered:
    """One request, as uvicorn would hand it on."""
    sent: list[Message] = []
    todo = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return todo.pop() if todo else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(_scope("http", path, headers) | {"method": method, "query_string": b""}, receive, send)
    return Answered(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]))


async def talk(app: ASGIApp, path: str, headers: dict[bytes, bytes], messages: Sequence[Message]) -> int | None:
    """Say these messages on a socket, then hang up; the code the server closed with, None if it did not."""
    inbox = iter([{"type": "websocket.connect"}, *messages, {"type": "websocket.disconnect", "code": 1001}])
    closed: int | None = None

    async def receive() -> Message:
        message = next(inbox, None)
        if message is None or closed is not None:
            await asyncio.Event().wait()
        assert message is not None
        return message

    async def send(message: Message) -> None:
        nonlocal closed
        if message["type"] == "websocket.close":
            closed = message["code"]

    await app(_scope("websocket", path, headers) | {"subprotocols": [], "query_string": b""}, receive, send)
    return closed


def _scope(kind: str, path: str, headers: dict[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": kind, "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws" if kind == "websocket" else "http",
        "path": path, "raw_path": path.encode(), "root_path": "", "client": ("127.0.0.1", 1), "server": ("testserver", 80),
        "headers": [(b"host", HOST), *headers.items()], "extensions": {}, "state": {},
    }  # fmt: skip
