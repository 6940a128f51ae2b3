"""The parts of a simulated store: a disk that fails, a journal on it, nodes that crash, a printer, clocks that lie.

Everything between the faults is the real thing: rules, actor, hub, outbox, wake-ups, and the SQLite journal with its
transactions, in one thread and in virtual time.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from server.journal import streams
from server.journal.group import GROUP_MAX, GroupWriter, Outcome
from server.journal.port import Append, Heard, StorageTrouble
from server.journal.sqlite import _engine
from server.live.clock import WallClock
from server.live.live import Live
from server.live.stores import StoreConfig
from server.rules.commands import ShowWaits
from server.rules.effects import Effect, PrintSlip, Ring
from server.rules.state import StoreDay
from server.rules.waiting import Range
from tests.collector import NoCollector
from tests.journal.faulty import FaultyJournal

T = TypeVar("T")
DISK_S = (0.0, 0.02)  # seconds an access takes
SECRET = b"the same on every node, always"


class Crashed(Exception):
    """The node that asked is no more."""


@dataclass
class Weather:
    """How bad things are; each number is a probability."""

    statement_fails: float = 0.0  # before it had its effect, or after: nobody knows
    read_fails: float = 0.0
    message_lost: float = 0.0
    message_doubled: float = 0.0
    wake_lost: float = 0.0
    printer_fails: float = 0.0

    @classmethod
    def random(cls, rng: random.Random) -> "Weather":
        """Some kinds of trouble, not all at once."""
        kinds = (0.0, 0.0, 1.0)
        return cls(
            statement_fails=rng.choice(kinds) * 0.01, read_fails=rng.choice(kinds) * 0.02, message_lost=rng.choice(kinds) * 0.1,
            message_doubled=rng.choice(kinds) * 0.1, wake_lost=rng.choice(kinds) * 0.5, printer_fails=rng.choice(kinds) * 0.3,
        )  # fmt: skip

    def clear_up(self) -> None:
        """From now on nothing fails."""
        for name in self.__dataclass_fields__:
            setattr(self, name, 0.0)


class SteppedWriter(GroupWriter):
    """Group commit without a thread: what was put before the disk comes round is written together."""

    def __init__(self, journal: "SimulatedJournal") -> None:
        super().__init__(journal._commit)
        self._journal = journal
        self._waiting: list[tuple[Any, Outcome]] = []
        self._coming = False

    async def put(self, request: Any) -> Any:
        if self._stopped:
            raise StorageTrouble("the journal is closed")
        loop = asyncio.get_running_loop()
        outcome = Outcome(loop.create_future())
        self._waiting.append((request, outcome))
        self._come(loop)
        return await outcome.future

    def _come(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._coming:
            self._coming = True
            loop.call_later(self._journal.rng.uniform(*DISK_S), self._write, loop)

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        self._coming = False
        if self._journal.dead:
            return
        now, self._waiting = self._waiting[:GROUP_MAX], self._waiting[GROUP_MAX:]
        self._serve(now)
        if self._waiting:
            self._come(loop)

    def stop(self) -> None:
        self._stopped = True


class SimulatedJournal(FaultyJournal):
    """The SQLite journal on a disk in virtual time, shared by several nodes (one thread: transactions never overlap)."""

    def __init__(self, path: Path, rng: random.Random, weather: Weather, wakes: "Wakes") -> None:
        super().__init__(path, self._statement)
        self.rng, self.weather, self.dead, self._wakes = rng, weather, False, wakes
        self._readers.shutdown()
        self._engine.dispose()
        self._engine = _shared_engine(self._path)
        self._writer = SteppedWriter(self)

    async def append(self, batch: Append) -> None:
        await super().append(batch)
        if batch.events:
            self._wakes.tell(self, batch.store, batch.day, batch.after + len(batch.events))

    async def read(self, question: Callable[[Session], T]) -> T:
        await asyncio.sleep(self.rng.uniform(*DISK_S))
        if self.dead or self._closed:
            raise StorageTrouble("the journal is closed")
        if self.rng.random() < self.weather.read_fails:
            raise StorageTrouble("a read failed (simulated)")
        return self._session(question, False)

    async def heads(self, stores: Sequence[str]) -> dict[str, tuple[str, int]]:
        return await self.read(lambda session: streams.heads(session, stores))

    async def listen(self, heard: Heard) -> None:
        self._wakes.ears[self] = heard

    def crash(self) -> None:
        """The process is gone; what was committed is on the disk, nothing else."""
        self.dead = True
        self._wakes.ears.pop(self, None)
        self._disconnect()
        self._engine.dispose()

    def _statement(self, sql: str) -> str | None:
        return self.rng.choice(("before", "after")) if self.rng.random() < self.weather.statement_fails else None


@cache
def _shared_engine(path: str) -> Engine:
    """One for all nodes and days: its compiled statements are most of what a restart would cost."""
    return _engine(path)


@dataclass
class Wakes:
    """NOTIFY between the nodes: late, out of order, sometimes lost."""

    rng: random.Random
    weather: Weather
    ears: dict[SimulatedJournal, Heard] = field(default_factory=dict)

    def tell(self, teller: SimulatedJournal, store: str, day: str, version: int) -> None:
        loop = asyncio.get_running_loop()
        for journal, heard in self.ears.items():
            if journal is not teller and self.rng.random() >= self.weather.wake_lost:
                loop.call_later(self.rng.expovariate(1 / 0.02), self._arrive, journal, heard, (store, day, version))

    def _arrive(self, journal: SimulatedJournal, heard: Heard, news: tuple[str, str, int]) -> None:
        if not journal.dead:
            heard(*news)


@dataclass
class Printer:
    """Takes slips and rings; fails as the weather says, sometimes after it had printed."""

    rng: random.Random
    weather: Weather
    takes: Mapping[type, float] = field(default_factory=lambda: {Ring: 0.0, PrintSlip: 0.0})
    printed: Counter[str] = field(default_factory=Counter)

    async def deliver(self, store: str, key: str, effect: Effect) -> None:
        await asyncio.sleep(self.rng.expovariate(1 / 0.5))
        wrong = self.rng.random() < self.weather.printer_fails
        if not wrong or self.rng.random() < 0.5:
            self.printed[key] += 1
        if wrong:
            raise TimeoutError("paper (simulated)")


@dataclass
class Node:
    """One server: a live system on its journal, with its own idea of the time."""

    name: str
    path: Path
    config: StoreConfig
    rng: random.Random
    weather: Weather
    wakes: Wakes
    printer: Printer
    start_at: float
    wrong_s: float = 0.0  # how far its wall clock is off
    live: Live | None = None  # while it takes commands

    async def start(self) -> None:
        """Come up; tried again until the disk lets it."""
        loop = asyncio.get_running_loop()
        while True:
            self.journal = SimulatedJournal(self.path, self.rng, self.weather, self.wakes)
            clock = WallClock(lambda: self.start_at + loop.time() + self.wrong_s, loop.time)
            live = Live(self.journal, [self.config], clock, estimate=estimate, channels=[self.printer], secret=SECRET)
            live._collector = NoCollector()  # also in a process that pytest did not set up
            for actor in live._actors.values():
                actor._pacer._pace = loop.time
            self._parts = live
            try:
                await live.start()
            except StorageTrouble:
                self.crash()
                await asyncio.sleep(0.5)
            else:
                self.live = live
                return

    def crash(self) -> None:
        """Stop existing, wherever it is."""
        self.live = None
        self.journal.crash()
        parts = self._parts
        nodes = parts._nodes
        tasks = [actor._task for actor in parts._actors.values()] + [parts.outbox._task, nodes._task if nodes else None]
        for task in tasks:
            if task is not None:
                task.cancel()
        for actor in parts._actors.values():
            if actor._timer is not None:
                actor._timer.cancel()


def estimate(day: StoreDay, now: float) -> ShowWaits | None:
    """Now and then something to show, that depends on the state alone."""
    if day.version % 7:
        return None
    waiting = len(day.tickets)
    return ShowWaits({}, {service: Range(60.0 * waiting, 120.0 * waiting + 60.0, now) for service in day.plan.services})
