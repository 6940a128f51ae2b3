"""Connects the stores to their wait estimates: each taught by its own finished visits, and held to what it said.

Sampling is what may fail or take long; then the estimate is made without it, and if that fails too the screens
keep what they show. Which way it went is counted in the metrics.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from server import metrics
from server.journal import bookings, facts, forecasts
from server.journal.forecasts import Kept
from server.journal.port import Journal, StorageTrouble
from server.learning import learned, since, untaught
from server.live.pacer import NotYet
from server.live.stores import StoreConfig, plan_for
from server.rules.commands import ShowWaits
from server.rules.effects import KeepFact
from server.rules.state import StoreDay
from server.waits.forecaster import Believed, Forecaster
from server.waits.parameters import Parameters
from server.waits.situation import Appointment

log = logging.getLogger(__name__)

AT_ONCE: Final = 400  # visits that are learned before a start is over: a tenth of a second
MONTH_DAYS: Final = 30
SLOW_S: Final = 0.1  # an estimate that takes longer than this holds up the store's commands…
SLOW_MAX: Final = 3  # …and after so many of them in a row…
QUICK_FOR: Final = 40  # …so many are made without sampling before it is tried again
BOOK_EVERY_S: Final = 30.0  # the book of appointments is read again this often, whoever wrote into it
KEEP_EVERY_S: Final = 10.0  # forecasts are written this often…
KEEP_AT: Final = 50  # …or when so many wait
PRIOR_VISITS: Final = 20  # with fewer visits of a service its estimate rests on the stated priors


@dataclass(slots=True)
class _Store:
    """One store's estimates, and how its sampling is doing."""

    config: StoreConfig
    day: str
    forecaster: Forecaster
    slow: int = 0
    quick_left: int = 0
    kept_at: float = 0.0
    read_at: float = 0.0
    learning: bool = False  # its past is still to be learned: nothing is said until then


class Forecasts:
    """What ``Live`` asks for ranges and tells about visits, and what a manager may ask about both."""

    def __init__(self, rollouts: int, timer: Callable[[], float] = time.perf_counter) -> None:
        self._rollouts, self._timer = rollouts, timer
        self._stores: dict[str, _Store] = {}
        self._journal: Journal | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._learning: asyncio.Task[None] | None = None
        self._later: list[tuple[StoreConfig, date]] = []  # stores whose past is long, and the day they begin with
        self._lately: list[tuple[str, list[tuple[str, KeepFact]]]] = []  # who listens to what ends in a store

    async def learn(self, journal: Journal, configs: Sequence[StoreConfig], now: float) -> None:
        """Learn from what the journal knows of each store: earlier days as history, today's visits as news."""
        self._journal = journal
        for config in configs:
            await self._learn(journal, config, config.business_day(now))

    async def begin(self, journal: Journal, configs: Sequence[StoreConfig], now: float) -> None:
        """Learn what is quickly learned. The other stores' past waits for ``go_on``; until it is learned they are asked in vain."""
        self._journal = journal
        for config in configs:
            today = config.business_day(now)
            if await self._is_long(journal, config, today):
                self._stores[config.id] = _Store(config, today.isoformat(), untaught(config, today, self._rollouts), learning=True)
                self._later.append((config, today))
            else:
                await self._learn(journal, config, today)

    async def _is_long(self, journal: Journal, config: StoreConfig, today: date) -> bool:
        try:
            return await facts.more_than(journal, config.id, since(today), AT_ONCE)
        except StorageTrouble:
            return True  # whatever there is to learn is learned later

    def go_on(self) -> None:
        """Learn the rest while the stores are served: nobody waits for a start to look through a quarter of a year."""
        self._learning = self._begin(self._rest())

    async def close(self) -> None:
        """Write what has not been written; what is not learned yet is left."""
        if self._learning is not None:
            self._learning.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for store in self._stores.values():
            await self._keep(store)

    def estimate(self, day: StoreDay, now: float) -> ShowWaits | None:
        """The ranges to show anew, or None; the day's version is the seed, so that a replay sees the same. Raises NotYet."""
        store = self._stores.get(day.plan.store)
        if store is None:
            return None
        if store.learning:
            raise NotYet(day.plan.store)
        if day.plan.day != store.day:
            store.day = day.plan.day
            self._begin(self._learn_anew(store.config, date.fromisoformat(day.plan.day)))
        said = self._sampled(store, day, now) if not store.quick_left else self._quick(store, day, now, "quick")
        self._keep_soon(store)
        self._look_up_soon(store)
        return said

    def observe(self, name: str, fact: KeepFact) -> None:
        """One more step is over."""
        if (store := self._stores.get(name)) is not None:
            for _, lately in (pair for pair in self._lately if pair[0] == name):
                lately.append((store.day, fact))
            store.forecaster.ended(store.day, fact)
            self._measure(name, store)

    def report(self, name: str) -> dict[str, Any]:
        """How often what was said held, today and in the last MONTH_DAYS days; and what the estimates rest on. KeyError."""
        store = self._stores[name]
        today, visits = date.fromisoformat(store.day), store.forecaster.models.sureness
        first = (today - timedelta(days=MONTH_DAYS - 1)).isoformat()
        track = store.forecaster.track
        return {
            "day": store.day, "today": track.report(store.day, store.day), "month": track.report(first, store.day), "visits": visits,
            "prior": sorted(service for service, seen in visits.items() if seen < PRIOR_VISITS), "sampled": not store.quick_left,
        }  # fmt: skip

    def beliefs(self, name: str, now: float) -> Parameters:
        """What is believed of a store at ``now``. Raises KeyError, and NotYet (a KeyError) while its past is being learned."""
        store = self._stores[name]
        if store.learning:
            raise NotYet(name)
        return store.forecaster.beliefs.parameters(now)

    def book(self, name: str) -> tuple[Appointment, ...]:
        """Appointments of today whose shoppers have not come yet."""
        store = self._stores.get(name)
        return () if store is None else store.forecaster.book

    # --- estimates

    def _sampled(self, store: _Store, day: StoreDay, now: float) -> ShowWaits | None:
        began = self._timer()
        try:
            said = store.forecaster.show(day, now)
        except Exception:
            log.exception("the roll-outs of store %s failed", day.plan.store)
            store.quick_left = QUICK_FOR
            return self._quick(store, day, now, "failed")
        took = self._timer() - began
        metrics.ESTIMATES.labels(day.plan.store, "sampled").inc()
        metrics.ESTIMATE_SECONDS.observe(took)
        store.slow = store.slow + 1 if took > SLOW_S else 0
        if store.slow >= SLOW_MAX:
            log.warning("estimates of store %s take %.0f ms: the next %d are made without sampling", day.plan.store, took * 1e3, QUICK_FOR)
            store.slow, store.quick_left = 0, QUICK_FOR
        return said

    def _quick(self, store: _Store, day: StoreDay, now: float, how: str) -> ShowWaits | None:
        store.quick_left -= 1
        metrics.ESTIMATES.labels(day.plan.store, how).inc()
        return store.forecaster.show(day, now, quick=True)

    def _measure(self, name: str, store: _Store) -> None:
        found = store.forecaster.track.report(store.day, store.day)
        for key, gauge in (("promises", metrics.PROMISES), ("kept", metrics.PROMISES_KEPT)):
            gauge.labels(name).set(found[key] or 0)
        for level in ("p50", "p80", "p90"):
            if found[f"coverage_{level}"] is not None:
                metrics.COVERAGE.labels(name, level).set(found[f"coverage_{level}"] or 0.0)
                metrics.PINBALL.labels(name, level).set(found[f"pinball_{level}_s"] or 0.0)

    # --- learning and keeping

    async def _learn(self, journal: Journal, config: StoreConfig, today: date) -> None:
        """Put a forecaster that was taught by the store's past in place of the one there is, and lose nothing that happens meanwhile."""
        plan, old = plan_for(config, today), self._stores.get(config.id)
        if old is not None:
            await self._keep(old)
        with self._listening(config.id) as lately:
            forecaster, known = await learned(journal, config, today, self._rollouts)
        if old is not None and old.day == plan.day:
            forecaster.go_on_from(old.forecaster)
        for day, fact in lately:
            if day == plan.day and (day, fact.ticket, fact.step) not in known:
                forecaster.again(day, fact, None)
        self._stores[config.id] = store = _Store(config, plan.day, forecaster)
        if config.booking.services:
            await self._look_up(store)

    @contextmanager
    def _listening(self, name: str) -> Iterator[list[tuple[str, KeepFact]]]:
        """What ends in a store while its past is being learned, for it may have come too late to be read with that."""
        lately: list[tuple[str, KeepFact]] = []
        self._lately.append((name, lately))
        try:
            yield lately
        finally:
            self._lately.remove((name, lately))

    async def _rest(self) -> None:
        """One store after the other, and as long a rest after each: whoever is being served comes first."""
        for config, today in self._later:
            if self._journal is not None and self._stores[config.id].learning:  # new settings may have been learned for meanwhile
                began = time.monotonic()
                await self._learn(self._journal, config, today)
                await asyncio.sleep(time.monotonic() - began)

    async def _learn_anew(self, config: StoreConfig, today: date) -> None:
        """A business day has begun: what was news yesterday is history now."""
        if self._journal is not None:
            await self._learn(self._journal, config, today)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _keep_soon(self, store: _Store) -> None:
        waiting, now = len(store.forecaster.fresh), self._timer()
        if waiting >= KEEP_AT or (waiting and now > store.kept_at + KEEP_EVERY_S):
            store.kept_at = now
            self._begin(self._keep(store))

    def _look_up_soon(self, store: _Store) -> None:
        now = self._timer()
        if store.config.booking.services and now > store.read_at + BOOK_EVERY_S:
            store.read_at = now
            self._begin(self._look_up(store))

    async def _look_up(self, store: _Store) -> None:
        """Who is still expected today by appointment."""
        if self._journal is None:
            return
        try:
            booked = await bookings.of_day(self._journal, store.config.id, store.day)
        except StorageTrouble as trouble:
            log.warning("the appointments of store %s could not be read: %s", store.config.id, trouble)
        else:
            store.forecaster.book = tuple(Appointment(b.service, b.at) for b in booked if b.state == bookings.BOOKED)

    async def _keep(self, store: _Store) -> None:
        rows, store.forecaster.fresh = [_row(b) for b in store.forecaster.fresh], []
        if not rows or self._journal is None:
            return
        try:
            await forecasts.put(self._journal, store.config.id, rows)
        except StorageTrouble as trouble:
            log.warning("%d forecasts of store %s were not kept: %s", len(rows), store.config.id, trouble)


def _row(believed: Believed) -> Kept:
    return Kept(believed.day, believed.ticket, believed.service, believed.at, tuple(believed.raw), tuple(believed.said))
