"""Connects the stores to their wait estimates: each taught by its own finished visits, and held to what it said.

Sampling is what may fail or take long; then the estimate is made without it, and if that fails too the screens
keep what they show. Which way it went is counted in the metrics.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from server import metrics
from server.journal import bookings, facts, forecasts
from server.journal.forecasts import Kept
from server.journal.port import Journal, StorageTrouble
from server.live.stores import StoreConfig, plan_for
from server.rules.commands import ShowWaits
from server.rules.effects import KeepFact
from server.rules.plan import DayPlan
from server.rules.state import StoreDay
from server.waits.calibration import DAYS_KEPT
from server.waits.estimator import Quantiles
from server.waits.forecaster import Believed, Forecaster
from server.waits.models import Models
from server.waits.parameters import Parameters
from server.waits.situation import Appointment

log = logging.getLogger(__name__)

HISTORY_DAYS: Final = 84  # older visits count for next to nothing…
HISTORY_MAX: Final = 12_000  # …and so many say all there is to learn: a start must not wait for a year's
MONTH_DAYS: Final = 30
SLOW_S: Final = 0.1  # an estimate that takes longer than this holds up the store's commands…
SLOW_MAX: Final = 3  # …and after so many of them in a row…
QUICK_FOR: Final = 40  # …so many are made without sampling before it is tried again
BOOK_EVERY_S: Final = 30.0  # the book of appointments is read again this often, whoever wrote into it
BOOK_DAYS: Final = 28  # of appointments tell how punctual people are
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


class Forecasts:
    """What ``Live`` asks for ranges and tells about visits, and what a manager may ask about both."""

    def __init__(self, rollouts: int, timer: Callable[[], float] = time.perf_counter) -> None:
        self._rollouts, self._timer = rollouts, timer
        self._stores: dict[str, _Store] = {}
        self._journal: Journal | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def learn(self, journal: Journal, configs: Sequence[StoreConfig], now: float) -> None:
        """Learn from what the journal knows of each store: earlier days as history, today's visits as news."""
        self._journal = journal
        for config in configs:
            await self._learn(journal, config, config.business_day(now))

    async def close(self) -> None:
        """Write what has not been written."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for store in self._stores.values():
            await self._keep(store)

    def estimate(self, day: StoreDay, now: float) -> ShowWaits | None:
        """The ranges to show anew, or None; the day's version is the seed, so that a replay sees the same."""
        store = self._stores.get(day.plan.store)
        if store is None:
            return None
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
        """What is believed of a store at ``now``. KeyError."""
        return self._stores[name].forecaster.beliefs.parameters(now)

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
        plan = plan_for(config, today)
        first = (today - timedelta(days=DAYS_KEPT)).isoformat()
        try:
            rows = await facts.read(journal, config.id, (today - timedelta(days=HISTORY_DAYS)).isoformat())
            kept = await forecasts.read(journal, config.id, first)
            forecaster = await asyncio.to_thread(taught, plan, self._rollouts, rows[-HISTORY_MAX:], kept, first)
            await forecasts.forget(journal, config.id, first)
            await _punctual(journal, config, forecaster.models, rows, today)
        except Exception:  # a store opens without its history rather than not at all
            log.exception("store %s cannot learn from its history: its estimates start from the priors", config.id)
            forecaster = Forecaster(Models.prior(plan), self._rollouts, day=plan.day)
        self._stores[config.id] = store = _Store(config, plan.day, forecaster)
        if config.booking.services:
            await self._look_up(store)

    async def _learn_anew(self, config: StoreConfig, today: date) -> None:
        """A business day has begun: what was news yesterday is history now."""
        await self._keep(self._stores[config.id])
        if self._journal is not None:
            await self._learn(self._journal, config, today)

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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


async def _punctual(journal: Journal, config: StoreConfig, models: Models, rows: Sequence[tuple[str, KeepFact]], today: date) -> None:
    """How many of those who booked came, and how late: from the appointments of the last days and when their tickets were taken."""
    if not config.booking.services:
        return
    joined = {(day, fact.ticket): fact.joined_at for day, fact in rows}
    for ago in range(1, BOOK_DAYS + 1):
        day = (today - timedelta(days=ago)).isoformat()
        for booked in await bookings.of_day(journal, config.id, day):
            came_at = joined.get((day, booked.ticket or ""))
            if came_at is not None or booked.state == bookings.NO_SHOW:
                models.slot(booked.service, None if came_at is None else came_at - booked.at)


def taught(plan: DayPlan, rollouts: int, rows: Sequence[tuple[str, KeepFact]], kept: dict[tuple[str, str], Kept], first: str) -> Forecaster:
    """A forecaster that knows these (day, fact) rows, and from day ``first`` on what was said of them."""
    models = Models.prior(plan).learn(fact for day, fact in rows if day < plan.day)
    forecaster = Forecaster(models, rollouts, day=plan.day)
    for day, fact in sorted(rows, key=lambda row: row[1].finished_at or row[1].left_at or row[1].joined_at):
        if day < plan.day:
            forecaster.follow.add(fact)
        if day >= plan.day:
            forecaster.again(day, fact, _believed(kept.get((day, fact.ticket))))
        elif day >= first and fact.step == 1:
            forecaster.judge(day, _believed(kept.get((day, fact.ticket))), fact)
    return forecaster


def _row(believed: Believed) -> Kept:
    return Kept(believed.day, believed.ticket, believed.service, believed.at, tuple(believed.raw), tuple(believed.said))


def _believed(kept: Kept | None) -> Believed | None:
    if kept is None:
        return None
    return Believed(kept.day, kept.ticket, kept.service, kept.at, Quantiles(*kept.raw), Quantiles(*kept.said))
