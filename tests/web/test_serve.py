"""The real server process: sockets on uvicorn, stopping, starting again, clients that misbehave."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from server.web import limits
from tests.web.conftest import API, NOON, OURS, STORE, uid

STORE_FILE = """
id = "essai"
name = "Magasin d'essai"
mode = "claim"
[hours]
sat = ["08:00", "20:00"]
[services.advice]
labels = {fr = "Conseil"}
[salespeople.lea]
name = "Léa"
skills = ["advice"]
pin = "4711"
"""
BOARD = json.dumps({"type": "hello", "store": STORE, "screen": "board"})


class Served:
    """``avous serve`` in a process of its own, started and stopped by the test."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "store.toml").write_text(STORE_FILE, "utf-8")
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> "Served":
        given = {
            "AVOUS_DATABASE": f"sqlite:///{self.directory}/avous.db",
            "AVOUS_STORES": f"{self.directory}/store.toml",
            "AVOUS_DEMO": "1",
            "AVOUS_DEMO_START": str(NOON),
            "AVOUS_PORT": "0",
            "AVOUS_ROLLOUTS": "20",
        }
        command = [sys.executable, "-m", "server.cli", "serve"]
        self.process = subprocess.Popen(command, env={**os.environ, **given}, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if "is open at" in line:
                self.url = line.split()[-1]
                return self
        raise AssertionError(f"avous serve ended with {self.process.wait()}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        assert self.process.stderr is not None
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.process.stderr.close()
        self.process = None
        return code

    @property
    def socket_url(self) -> str:
        return self.url.replace("http", "ws", 1)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server of the test's own, to stop and start again."""
    with _running(tmp_path) as served:
        yield served


@pytest.fixture(scope="module")
def always_open(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for everybody who does it no harm, or tries in vain."""
    with _running(tmp_path_factory.mktemp("open")) as served:
        yield served


@contextmanager
def _running(directory: Path) -> Iterator[Served]:
    served = Served(directory).start()
    try:
        yield served
    finally:
        if served.process is not None:
            served.stop(signal.SIGKILL)


def test_a_ticket_survives_a_restart_with_the_same_answer(served: Served) -> None:
    body = {"id": uid(), "service": "advice", "name": "Zoé"}
    first = httpx2.post(f"{served.url}{API}/tickets", json=body).json()
    assert httpx2.post(f"{served.url}{API}/tickets", json=body).json() == first
    assert served.stop(signal.SIGKILL) == -signal.SIGKILL
    served.start()
    again = httpx2.post(f"{served.url}{API}/tickets", json=body).json()
    assert {**again, "url": ""} == {**first, "url": ""}
    view = httpx2.get(f"{served.url}/api/v1/ticket", headers={"Authorization": f"Bearer {again['token']}"})
    assert view.json()["number"] == first["number"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_stopping_sends_screens_away_with_a_time_to_come_back(served: Served, number: int) -> None:
    """Everybody is sent away within the time to drain, also beside a screen that reads nothing; nobody comes back at the same moment."""
    took = list[tuple[float, float]]()
    while not any(away_s < limits.DRAIN_S and over_s < limits.DRAIN_S + 2.0 for away_s, over_s in took):
        assert len(took) < 3, f"too late each time: {took}"
        if served.process is None:
            served.start()  # once more: what else the machine does is not the server's fault
        took.append(await _stopped(served, number))


async def _stopped(served: Served, number: int) -> tuple[float, float]:
    """The seconds after which all screens that read are sent away, and after which the server has ended."""
    async with AsyncExitStack() as stack:
        boards = [await stack.enter_async_context(connect(f"{served.socket_url}/ws/board")) for _ in range(8)]
        for board in boards[1:]:  # the first says nothing, ever
            await board.send(BOARD)
            assert json.loads(await board.recv())["seq"]
        _reader, writer = await _deaf_phone(served)
        began = time.monotonic()
        code = asyncio.create_task(asyncio.to_thread(served.stop, number))
        hints = [await _sent_away(board) for board in boards[1:]]
        away_s = time.monotonic() - began
        with pytest.raises(ConnectionClosed):
            await boards[0].recv()
        assert await code == 0
        over_s = time.monotonic() - began
        writer.close()
    assert all(500 <= hint <= limits.RESTART_RETRY_MS for hint in hints)
    assert len(set(hints)) > 1
    return away_s, over_s


async def _sent_away(board: ClientConnection) -> int:
    """The milliseconds after which a screen is asked to come back."""
    assert json.loads(await board.recv())["code"] == "restarting"
    with pytest.raises(ConnectionClosed) as closed:
        await board.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    return int(closed.value.rcvd.reason)


async def test_sockets_have_no_compression_and_a_hard_limit(always_open: Served) -> None:
    async with connect(f"{always_open.socket_url}/ws/board") as board:
        assert board.protocol.extensions == []
        await board.send("x" * (4 * limits.MESSAGE_BYTES))
        with pytest.raises(ConnectionClosed) as closed:
            await board.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


async def test_a_long_message_is_refused_with_words(always_open: Served) -> None:
    async with connect(f"{always_open.socket_url}/ws/board") as board:
        await board.send("x" * (limits.MESSAGE_BYTES + 1))
        assert json.loads(await board.recv())["code"] == "too_large"
        with pytest.raises(ConnectionClosed) as closed:
            await board.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


async def test_a_foreign_page_is_refused_at_the_handshake(always_open: Served) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"{always_open.socket_url}/ws/board", origin=Origin("http://evil.example")):
            pass
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body or b"")["code"] == "foreign_origin"


async def test_a_screen_that_stops_reading_is_left_with_one_view_and_cannot_hold_the_server(always_open: Served) -> None:
    async with httpx2.AsyncClient(base_url=always_open.url, headers=OURS) as http:
        _reader, writer = await _deaf_phone(always_open)
        answers = [await http.post(f"{API}/balks", json={"id": uid(), "service": "advice"}) for _ in range(20)]
        assert {answer.status_code for answer in answers} == {201}
        assert min([await _seconds(http) for _ in range(5)]) < 2.0
        writer.close()


async def _seconds(http: httpx2.AsyncClient) -> float:
    """How long the server takes to say that it is well."""
    began = time.monotonic()
    assert (await http.get("/health")).status_code == 200
    return time.monotonic() - began


async def _deaf_phone(served: Served) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A board that shakes hands, says hello, and never reads again."""
    port = int(served.url.rsplit(":", 1)[1])
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader, writer = await asyncio.open_connection(sock=sock)
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    lines = [
        "GET /ws/board HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", "",
    ]  # fmt: skip
    writer.write("\r\n".join(lines).encode())
    await reader.readuntil(b"\r\n\r\n")
    hello = BOARD.encode()
    writer.write(bytes([0x81, 0x80 | len(hello)]) + b"\0\0\0\0" + hello)
    await writer.drain()
    return reader, writer


NOT_HTTP = [b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000, b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00"]


@pytest.mark.parametrize("raw", NOT_HTTP, ids=["garbage", "many headers", "a version to come", "tls"])
def test_what_is_not_http_does_no_harm(always_open: Served, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", int(always_open.url.rsplit(":", 1)[1])), timeout=5) as sock:
        with_error = sock.send(raw)
        assert with_error
        sock.shutdown(socket.SHUT_WR)
        try:
            while sock.recv(65536):
                pass
        except OSError:
            pass
    assert httpx2.get(f"{always_open.url}/health").status_code == 200


def test_only_json_says_what_server_this_is(always_open: Served) -> None:
    answer: Any = httpx2.get(f"{always_open.url}/health")
    assert "server" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
