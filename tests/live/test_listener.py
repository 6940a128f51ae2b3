"""The listening socket's two settings are inherited by what it accepts, under plain asyncio."""

import asyncio
import gc
import socket
from contextlib import ExitStack

import pytest
from uvicorn.loops.auto import auto_loop_factory

from server.live import limits
from server.live.collector import Collector
from server.live.listener import is_everywhere, listen, several
from tests.live.test_live import _until


async def test_accepted_sockets_have_no_nagle_and_a_small_send_buffer() -> None:
    accepted: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()

    async def client(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        nodelay = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        accepted.set_result((nodelay, sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)))
        writer.close()

    sock = listen("127.0.0.1", 0)
    server = await asyncio.start_server(client, sock=sock)
    _, writer = await asyncio.open_connection(*sock.getsockname())
    nodelay, send_buffer = await accepted
    assert nodelay == 1
    assert send_buffer <= 2 * limits.SEND_BUFFER_BYTES  # Linux doubles what it is told
    writer.close()
    server.close()
    await server.wait_closed()


def test_a_busy_loop_takes_in_a_crowd_within_a_few_turns() -> None:
    """On the loop that serves; as one listening socket, a hundred took a hundred turns."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        assert runner.run(_turns_until_accepted(100)) < 100 / limits.ACCEPTED_A_TURN + 10


async def _turns_until_accepted(crowd: int) -> int:
    """So many connect at once, to a loop that is never idle."""
    loop, accepted, turns = asyncio.get_running_loop(), list[asyncio.BaseTransport](), 0

    class Door(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted.append(transport)

    listening = several(listen("127.0.0.1", 0))
    servers = [await loop.create_server(Door, sock=sock) for sock in listening]
    with ExitStack() as outside:
        for _ in range(crowd):
            outside.enter_context(socket.create_connection(listening[0].getsockname()))
        while len(accepted) < crowd:
            turns += 1
            await asyncio.sleep(0)
        for transport in accepted:
            transport.close()
        for server in servers:
            server.close()
            await server.wait_closed()
    assert all(sock.fileno() == -1 for sock in listening)
    return turns


def test_a_port_that_is_taken_is_an_error() -> None:
    first = listen("127.0.0.1", 0)
    with pytest.raises(OSError, match=r"in use"):
        listen("127.0.0.1", first.getsockname()[1])
    first.close()


@pytest.mark.parametrize(
    "host, everywhere",
    [("0.0.0.0", True), ("::", True), ("0:0:0:0:0:0:0:0", True), ("127.0.0.1", False), ("::1", False), ("localhost", False), ("", False)],
)
def test_what_means_every_address(host: str, everywhere: bool) -> None:
    assert is_everywhere(host) == everywhere


async def test_the_collector_freezes_and_thaws() -> None:
    collector = Collector()
    collector.start()
    assert gc.get_freeze_count() > 0
    for _ in range(limits.FREEZE_EVERY_SUBSCRIPTIONS):
        collector.connected()
    frozen = gc.get_freeze_count()
    made: list[list[int]] = [[] for _ in range(1000)]  # fewer than the interpreter itself would look at
    await _until(lambda: gc.get_freeze_count() > frozen)
    worst_s = collector.worst_s
    assert worst_s > 0.0
    collector.clean()
    assert collector.worst_s == worst_s, "what is found in a quiet hour stops nobody"
    collector.stop()
    assert len(made) == 1000
    assert gc.get_freeze_count() == 0
