"""A screen comes back by itself, says what it has seen, never shows an older view, and gives up only when told to."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from random import Random

from websockets.asyncio.server import ServerConnection, serve

from simulation.crowd.clock import StoreClock
from simulation.crowd.history import History
from simulation.crowd.screen import Screen

Handler = Callable[[ServerConnection], Awaitable[None]]


def clock() -> StoreClock:
    ticking = StoreClock()
    ticking.read({"now": "2026-11-21T14:40:00.000Z", "speed": 10})
    return ticking


async def run_against(handler: Handler, check: Callable[[Screen], Awaitable[None]]) -> None:
    async with serve(handler, "127.0.0.1", 0, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        screen = Screen(f"ws://127.0.0.1:{port}/ws/phone", {"token": "t"}, clock(), History(), Random(1), "phone")
        task = asyncio.create_task(screen.run())
        try:
            async with asyncio.timeout(10):
                await check(screen)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_a_cut_socket_comes_back_and_says_what_was_seen() -> None:
    hellos: list[dict[str, object]] = []

    async def handler(socket: ServerConnection) -> None:
        hellos.append(json.loads(await socket.recv()))
        await socket.send(json.dumps({"seq": 5 * len(hellos), "phase": "waiting"}))
        if len(hellos) == 1:
            return await socket.close(1012, "40")
        await socket.wait_closed()

    async def check(screen: Screen) -> None:
        assert await screen.until(lambda view: view["seq"] == 10)

    await run_against(handler, check)
    assert hellos == [{"type": "hello", "token": "t", "seen": None}, {"type": "hello", "token": "t", "seen": 5}]


async def test_an_older_view_is_not_shown() -> None:
    async def handler(socket: ServerConnection) -> None:
        await socket.recv()
        for seq in (7, 3, 8):
            await socket.send(json.dumps({"seq": seq}))
        await socket.wait_closed()

    shown: list[int] = []

    async def check(screen: Screen) -> None:
        def look(view: dict[str, int]) -> bool:
            shown.append(view["seq"])
            return view["seq"] == 8

        assert await screen.until(look)

    await run_against(handler, check)
    assert 3 not in shown


async def test_an_unknown_token_ends_the_screen() -> None:
    async def handler(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.close(4401, "unknown token")

    async def check(screen: Screen) -> None:
        assert not await screen.until(lambda view: True)
        assert screen.closed_code == 4401

    await run_against(handler, check)


async def test_waiting_for_a_view_has_a_limit_in_store_time() -> None:
    async def handler(socket: ServerConnection) -> None:
        await socket.wait_closed()

    async def check(screen: Screen) -> None:
        began = asyncio.get_running_loop().time()
        assert not await screen.until(lambda view: True, within_s=6.0)  # ten times as fast: 0.6 s
        assert 0.55 < asyncio.get_running_loop().time() - began < 5.0

    await run_against(handler, check)
