"""The case ``peers``: a ticket is issued and called, here and by a plain ORM application, in turn on the same machine."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from random import Random
from time import perf_counter

from server.bench import people
from server.bench.figures import Figure, quantile
from server.bench.http import Wires
from server.bench.process import Folder, Served, free_port
from server.bench.town import Town
from server.rules import commands as c

DESKS = 10
Visit = Callable[[int], Awaitable[bool]]


async def peers(town: Town, seconds: float) -> list[Figure]:
    """Visits a second, each a ticket issued and called (and, here only, started and finished: a salesperson holds one at a time)."""
    mine_s, mine = await visits(visit_of(town), seconds)
    theirs_s, theirs = await _orm(seconds, town.rng)
    return [
        Figure("peers", "tickets issued, called and served", mine, "/s", theirs, "/s ORM peer, issued and called", None, "more"),
        Figure("peers", "its requests", 4 * mine, "/s", 2 * theirs, "/s ORM peer", None, "more"),
        Figure("peers", "a visit's requests, p99", quantile(mine_s, 0.99) * 1e3, "ms", quantile(theirs_s, 0.99) * 1e3, "ms ORM peer"),
    ]  # fmt: skip


def visit_of(town: Town) -> Visit:
    """A ticket of the town's first store, issued, called, started and finished: four requests."""
    shop = town.shops[0]

    async def visit(desk: int) -> bool:
        if not (await town.send(shop, c.Join("x", "advice"), f"kiosk {desk}")).done:
            return False
        called = await town.send(shop, c.ClaimNext(f"p{desk}"), f"p{desk}")
        if not called.done:
            return False
        ticket = str(called.body["ticket"])
        return all([(await town.send(shop, command(f"p{desk}", ticket), f"p{desk}")).done for command in (c.Start, c.Finish)])

    return visit


async def _orm(seconds: float, rng: Random) -> tuple[list[float], float]:
    with Folder() as folder:
        port = free_port()
        served = Served([sys.executable, "-m", "server.bench.peer_orm", str(folder / "peer.db"), str(port)], port, folder)
        await served.start()
        wires = Wires(port)

        async def theirs(desk: int) -> bool:
            service = {"service": rng.choice(people.SERVICES)}
            return (await wires.post("/tickets", service)).done and (await wires.post("/next", {})).done

        try:
            return await visits(theirs, seconds)
        finally:
            wires.close()
            await served.stop()


async def visits(visit: Visit, seconds: float) -> tuple[list[float], float]:
    """(how long each took, how many a second), ten desks at once."""
    took_s, began = list[float](), perf_counter()

    async def desk(number: int) -> None:
        while perf_counter() - began < seconds:
            asked = perf_counter()
            if await visit(number):
                took_s.append(perf_counter() - asked)

    await asyncio.gather(*(desk(number) for number in range(DESKS)))
    return took_s, len(took_s) / (perf_counter() - began)
