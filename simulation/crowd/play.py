"""The play: salespeople come to work, shoppers come through the door, until the doors close and the last is served.

Arrivals are an open loop: each shopper has an intended instant drawn beforehand, and comes then however
slow the server is; how late the first answer was is measured against that instant.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from simulation.crowd import shape
from simulation.crowd.character import Character, draw
from simulation.crowd.clock import StoreClock
from simulation.crowd.demand import Demand
from simulation.crowd.floor import Floor
from simulation.crowd.history import History
from simulation.crowd.link import Link, http_client
from simulation.crowd.salesperson import Salesperson
from simulation.crowd.screen import Screen
from simulation.crowd.shopper import Shopper
from simulation.crowd.world import World

SETTLE_S = 2.0  # wall seconds for the salespeople to sign in before the first shopper is told a wait
ALREADY_WITHIN_S = 8.0  # wall seconds in which those who are "already there" come
SHOPPERS_MAX = 400  # at once; one more is counted as turned away, so that the generator cannot drown itself
CONNECTIONS_MAX = 100


@dataclass(slots=True)
class Tally:
    """What became of the crowd's shoppers, and what went wrong in the crowd itself."""

    outcomes: Counter[str] = field(default_factory=Counter)
    came: int = 0
    turned_away: int = 0
    late_s: float = 0.0  # the latest start after the intended instant, wall seconds
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A shopper who will come."""

    at: float
    character: Character
    seed: int


def arrivals(rng: Random, demand: Demand, now: float, midnight: float, already_within_s: float) -> Iterator[Arrival]:
    """Everybody who comes from ``now`` on, in order; ``already`` of them within the first moments of an open store."""
    opens, closes = midnight + demand.opens_s, midnight + demand.closes_s
    if opens < now < closes:
        for _ in range(demand.already):
            yield _arrival(rng, demand, now := now + rng.expovariate(demand.already / already_within_s))
    while (at := shape.next_arrival(rng, now, opens, closes, demand.per_hour)) is not None:
        yield _arrival(rng, demand, now := at)


def _arrival(rng: Random, demand: Demand, at: float) -> Arrival:
    return Arrival(at, draw(rng, demand), rng.getrandbits(64))


class Play:
    """One crowd in one store. ``run`` returns when the day is played, or at ``until`` (store time)."""

    def __init__(self, url: str, demand: Demand, seed: int, history: History) -> None:
        self._url, self._demand, self._seed, self._history = url.rstrip("/"), demand, seed, history
        self.tally = Tally()

    async def run(self, minutes: float | None = None) -> Tally:
        """Play the rest of the day, or ``minutes`` of store time."""
        async with http_client(self._url, CONNECTIONS_MAX) as http:
            world = World(self._url, self._demand, http, StoreClock(), Floor(), self._history)
            await self._read_the_clock(world)
            start = world.clock.now()
            closes = self._midnight(start) + self._demand.closes_s
            limit = closes + 3600.0 if minutes is None else start + minutes * 60
            acting = asyncio.create_task(self._act(world, start))
            try:
                async with asyncio.timeout((limit - start) / world.clock.speed):
                    await asyncio.shield(acting)
            except TimeoutError:
                pass
            finally:
                acting.cancel()
                await asyncio.gather(acting, return_exceptions=True)
        return self.tally

    async def _read_the_clock(self, world: World) -> None:
        link = Link(world.http, "clock", self._history, Random(self._seed))
        await link.get("/api/v1/clock")  # the first answer pays for the connection
        asked_at = asyncio.get_running_loop().time()
        world.clock.read((await link.get("/api/v1/clock")).body, asked_at)

    def _midnight(self, now: float) -> float:
        """Local midnight before ``now``, as an instant."""
        local = datetime.fromtimestamp(now, ZoneInfo(self._demand.zone))
        return local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()

    async def _act(self, world: World, start: float) -> None:
        """Everybody at once; the play ends when the last of them has gone home."""
        rng, midnight = Random(self._seed), self._midnight(start)
        world = await self._with_content(world)
        board = world.screen("/ws/board", {"store": self._demand.store, "screen": "board"}, "board", Random(rng.getrandbits(64)))
        watching = asyncio.create_task(board.run())
        try:
            async with asyncio.TaskGroup() as group:
                for id, worker in self._demand.workers.items():
                    if midnight + worker.until_s > start:
                        person = Salesperson(world, id, worker, midnight, Random(rng.getrandbits(64)))
                        group.create_task(self._guard(id, person.work()))
                await self._let_in(world, board, rng, midnight, group)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _with_content(self, world: World) -> World:
        """The ids of what there is to read."""
        link = Link(world.http, "content", self._history, Random(self._seed))
        body = (await link.get(f"{world.store_path}/content?language=fr")).body
        ids = tuple(str(item["id"]) for item in body.get("items", []))
        return World(world.url, world.demand, world.http, world.clock, world.floor, world.history, ids)

    async def _let_in(self, world: World, board: Screen, rng: Random, midnight: float, group: asyncio.TaskGroup) -> None:
        """Start each shopper at the intended instant, never waiting for an earlier one."""
        inside: set[asyncio.Task[None]] = set()
        burst_s = ALREADY_WITHIN_S * world.clock.speed
        begin = world.clock.now() + SETTLE_S * world.clock.speed
        for serial, arrival in enumerate(arrivals(rng, self._demand, begin, midnight, burst_s)):
            await world.clock.sleep_until(arrival.at)
            self.tally.came += 1
            self.tally.late_s = max(self.tally.late_s, (world.clock.now() - arrival.at) / world.clock.speed)
            if len(inside) >= SHOPPERS_MAX:
                self.tally.turned_away += 1
                continue
            shopper = Shopper(world, f"shopper:{serial}", arrival.character, Random(arrival.seed), board)
            task = group.create_task(self._visit(shopper))
            inside.add(task)
            task.add_done_callback(inside.discard)

    async def _visit(self, shopper: Shopper) -> None:
        async def visit() -> None:
            self.tally.outcomes[await shopper.live()] += 1

        await self._guard(shopper.name, visit())

    async def _guard(self, name: str, life: Awaitable[None]) -> None:
        """One life that goes wrong is written down; the others go on."""
        try:
            await life
        except Exception as error:  # the crowd must outlive a mistake of one of its members
            self.tally.outcomes["error"] += 1
            self.tally.errors.append(f"{name}: {type(error).__name__}: {error}")
