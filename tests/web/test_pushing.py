"""Views pushed straight to a socket: in order, one at most unsent, the newest when it is free again, and a leave that works."""

import asyncio
import json
import socket
from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect

from server.live.hub import Encoded
from server.web import limits, pushing
from server.web.hall import Place
from server.web.problems import Problem
from tests.web.conftest import STORE

HELLO = json.dumps({"type": "hello", "store": STORE, "screen": "board"})


async def test_a_view_comes_without_a_task_of_its_own(port: int, app: Starlette) -> None:
    async with connect(f"ws://127.0.0.1:{port}/ws/board", proxy=None) as board:
        tasks = len(asyncio.all_tasks())
        await board.send(HELLO)
        first = json.loads(await board.recv())
        assert first["store"] == STORE
        assert len(asyncio.all_tasks()) <= tasks
        await board.send('{"type": "ping"}')
        assert json.loads(await board.recv())["type"] == "pong"


async def test_who_is_asked_to_leave_is_told_why(port: int, app: Starlette) -> None:
    async with connect(f"ws://127.0.0.1:{port}/ws/board", proxy=None) as board:
        await board.send(HELLO)
        await board.recv()
        (place,) = app.state.house.hall._places
        place.ask_to_leave(Problem("session_ended"))
        assert json.loads(await board.recv())["code"] == "session_ended"
        await board.wait_closed()
        assert board.close_code == 1008
    assert len(app.state.house.hall) == 0


async def test_a_socket_that_does_not_read_holds_little_and_gets_the_newest_at_last(port: int, app: Starlette) -> None:
    """A thousand views of 8 KB for a phone that sleeps: what waits is bounded, and after waking the last one is the last."""
    async with connect(f"ws://127.0.0.1:{port}/ws/board", proxy=None, max_queue=1, max_size=2**20) as board:
        board.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await board.send(HELLO)
        await board.recv()
        hub = app.state.house.live._actors[STORE].hub
        (subscription,) = hub._watches[("board",)].screens
        board.transport.pause_reading()
        for seq in range(1000):
            subscription.put(Encoded(json.dumps({"seq": seq, "x": "y" * 8000}).encode()))
            await asyncio.sleep(0)
        pusher = subscription._sink._pusher
        assert pusher.transport.get_write_buffer_size() < 64 * 1024
        assert subscription._slot is not None
        board.transport.resume_reading()
        seqs = [json.loads(await asyncio.wait_for(board.recv(), 5))["seq"]]
        while seqs[-1] != 999:
            seqs.append(json.loads(await asyncio.wait_for(board.recv(), 5))["seq"])
        assert seqs == sorted(seqs)
        assert len(seqs) < 200


class Written:
    """In place of a socket: keeps the frames."""

    on_writable: Callable[[], None] | None = None

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def push(self, frame: bytes) -> bool:
        self.sent.append(frame)
        return True


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
async def test_a_frame_is_made_once_and_as_the_library_makes_it(size: int) -> None:
    from websockets.frames import Frame, Opcode

    view = Encoded(b"x" * size)
    pusher = Written()
    feed = pushing.Feed(pusher, Place("board", ""))
    assert feed.offer(view)
    assert feed.offer(view)
    assert pusher.sent[0] is pusher.sent[1] == Frame(Opcode.TEXT, view.json).serialize(mask=False)


async def test_a_layer_that_fails_once_views_are_pushed_leaves_nobody_in_the_hall(port: int, app: Starlette) -> None:
    """Around the application that pushes are layers, which may fail when it has returned: the place and the subscription go with them."""
    inner = app.middleware_stack
    assert inner is not None

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await inner(scope, receive, send)
        raise RuntimeError("a layer failed")

    app.middleware_stack = failing
    hub = app.state.house.live._actors[STORE].hub
    async with connect(f"ws://127.0.0.1:{port}/ws/board", proxy=None) as board:
        await board.send(HELLO)
        async with asyncio.timeout(10):
            await board.wait_closed()
    assert len(app.state.house.hall) == 0
    assert not hub._watches[("board",)].screens


async def test_the_end_of_a_subscription_asks_whoever_looks_to_come_back() -> None:
    place = Place("board", "")
    feed = pushing.Feed(Written(), place)
    feed.over("stopping")
    assert place.asked_to_leave.result().code == "restarting"
    assert limits.PING_S + limits.PING_TIMEOUT_S + limits.CLOSE_S <= 40, "a stuck phone is gone after 40 s"
