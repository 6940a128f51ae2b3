"""The cases of ``avous bench live``, each with its bar from the project's table of what it must show."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from uvicorn.loops.auto import auto_loop_factory

from server.bench import crowded, peers, showing
from server.bench.figures import Figure
from server.bench.inside import STAFF, inside
from server.bench.process import BenchFailed
from server.bench.town import Town
from server.live.limits import SWITCH_S


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long and how large."""

    seconds: float = 10.0
    stores: int = 200
    phones: int = 50
    rate: float = 100.0
    rollouts: int = 200
    seed: int = 1

    def table(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def measure(cases: Sequence[str], sizes: Sizes, tell: Callable[[str], None]) -> list[Figure]:
    """Run the cases in turn; ``tell`` is called with the name of each. Raises BenchFailed."""
    figures: list[Figure] = []
    sys.setswitchinterval(SWITCH_S)
    for name in cases:
        tell(name)
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:  # the loop that also serves
            figures += runner.run(_CASES[name](sizes))
    return figures


async def checked(town: Town) -> None:
    """Stop the town's server and raise BenchFailed if a promise was broken while it was measured."""
    if faults := await town.faults():
        raise BenchFailed(f"a promise was broken while it was measured: {faults[0]} ({len(faults)} in all)")


async def _actor(sizes: Sizes) -> list[Figure]:
    return await inside(sizes.seconds, sizes.seed)


async def _http(sizes: Sizes) -> list[Figure]:
    async with showing.small_town(sizes.seed, cookies=STAFF) as town:
        figures = await crowded.over_http(town, sizes.seconds)
        await checked(town)
        return figures


async def _floor(sizes: Sizes) -> list[Figure]:
    async with showing.big_town(sizes.stores, sizes.phones, sizes.rollouts, sizes.seed) as (town, memory):
        figures = await showing.floor(town, sizes.rate, sizes.seconds, memory)
        await checked(town)
        return figures


async def _knee(sizes: Sizes) -> list[Figure]:
    async with showing.big_town(sizes.stores, sizes.phones, sizes.rollouts, sizes.seed) as (town, _):
        figures = await showing.knee(town, sizes.rate, sizes.seconds)
        await checked(town)
        return figures


async def _message(sizes: Sizes) -> list[Figure]:
    async with showing.small_town(sizes.seed) as town:
        return await showing.message(town, sizes.stores * sizes.phones, max(3, int(sizes.seconds)))


async def _storm(sizes: Sizes) -> list[Figure]:
    async with showing.big_town(max(1, sizes.stores // 5), sizes.phones, sizes.rollouts, sizes.seed) as (town, _):
        figures = await crowded.storm(town, min(sizes.rate, 50.0), sizes.seconds)
        await checked(town)
        return figures


async def _slow(sizes: Sizes) -> list[Figure]:
    async with showing.big_town(max(1, sizes.stores // 10), sizes.phones, sizes.rollouts, sizes.seed) as (town, _):
        figures = await crowded.slow(town, min(sizes.rate, 50.0), sizes.seconds)
        await checked(town)
        return figures


async def _overload(sizes: Sizes) -> list[Figure]:
    async with showing.big_town(sizes.stores, sizes.phones, sizes.rollouts, sizes.seed) as (town, _):
        figures = await crowded.overload(town, sizes.rate, sizes.seconds)
        await checked(town)
    async with showing.small_town(sizes.seed) as town:
        figures += await crowded.requests(town, sizes.seconds)
        await checked(town)
        return figures


async def _peers(sizes: Sizes) -> list[Figure]:
    async with showing.small_town(sizes.seed, cookies=peers.DESKS) as town:
        figures = await peers.peers(town, sizes.seconds)
        await checked(town)
        return figures


_CASES = {
    "actor": _actor, "http": _http, "floor": _floor, "knee": _knee, "message": _message, "storm": _storm, "slow": _slow,
    "overload": _overload, "peers": _peers,
}  # fmt: skip
