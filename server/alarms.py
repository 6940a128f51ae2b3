"""Looks an hour ahead in every store, once a minute, and raises or ends alarms for who runs it.

A look is some hundred futures of the store as it is; it runs beside the loop and may take a twentieth of a core at
most, so that with many stores the looks become rarer, never the answers slower.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final

from server import metrics
from server.background import beside
from server.live.live import Live
from server.live.pacer import NotYet
from server.live.stores import StoreConfig
from server.rules.state import DayPhase
from server.rules.views import iso
from server.waits.alarms import AHEAD_S, LAST_S, LEVEL, Alarm, Watch
from server.waits.outlook import Outlook, outlook, with_one_more
from server.waits.parameters import Parameters
from server.waits.situation import Appointment, Situation, situation_of

log = logging.getLogger(__name__)

LOOK_S: Final = 60.0  # a look at each store this often…
SHARE: Final = 0.05  # …and together no more than this share of a core
ROLLOUTS: Final = 200
HELP_S: Final = 300.0  # so long it takes somebody to open

Beliefs = Callable[[str, float], Parameters]
"""(store, now) -> what is believed there. KeyError for a store nothing is known of."""
Book = Callable[[str], tuple[Appointment, ...]]
"""store -> appointments of today whose shoppers have not come yet."""
Tell = Callable[[str, bool, dict[str, Any]], Awaitable[None]]
"""(store, whether it was raised, the alarm as it is shown)."""


@dataclass(slots=True)
class _Store:
    day: str = ""
    watch: Watch = field(default_factory=Watch)
    ahead: Outlook | None = None


class Alarms:
    """The alarms of every store of this process; in memory, for they are about the next half hour."""

    def __init__(self, live: Live, beliefs: Beliefs, tell: Tell | None = None, book: Book = lambda _: ()) -> None:
        """``tell`` is told of alarms as they are raised, and as they end; ``book`` knows who is still expected today."""
        self._live, self._beliefs, self._tell, self._book = live, beliefs, tell, book
        self._stores: dict[str, _Store] = {}

    def looking(self) -> AbstractAsyncContextManager[None]:
        """Look, as long as this lasts."""
        return beside(self._run(), "alarms")

    def report(self, store: str) -> dict[str, Any]:
        """What is up, worst first, and the outlook of each service; empty before the first look."""
        known = self._stores.get(store, _Store())
        alarms = sorted(known.watch.active.values(), key=lambda alarm: alarm.crosses_at)
        return {
            "at": iso(known.ahead.at) if known.ahead else None, "alarms": [_shown(alarm) for alarm in alarms],
            "ahead_s": list(AHEAD_S), "outlook": _curves(known.ahead) if known.ahead else {},
        }  # fmt: skip

    async def look(self, config: StoreConfig) -> None:
        """One look at one store."""
        day, now = self._live.day(config.id), self._live.clock.now()
        if day.phase is not DayPhase.OPEN:
            self._stores.pop(config.id, None)
            return
        store = self._stores.setdefault(config.id, _Store())
        if store.day != day.plan.day:
            self._stores[config.id] = store = _Store(day.plan.day)
        try:
            beliefs = self._beliefs(config.id, now)
        except NotYet:
            return
        limits = {id: service.alarm_s for id, service in config.services.items() if service.alarm_s}
        raised, over = await asyncio.to_thread(_look, store, situation_of(day, now, self._book(config.id)), beliefs, limits, day.version)
        metrics.ALARMS.labels(config.id).set(len(store.watch.active))
        if self._tell is not None:
            for alarm, begins in [*((alarm, True) for alarm in raised), *((alarm, False) for alarm in over)]:
                await self._tell(config.id, begins, _shown(alarm))

    async def _run(self) -> None:
        while True:
            began = time.monotonic()
            for config in self._live.stores():
                await self._look_softly(config)
            rest = self._live.clock.real_s(LOOK_S) - (time.monotonic() - began)
            await asyncio.sleep(max(rest, 1.0))

    async def _look_softly(self, config: StoreConfig) -> None:
        """A look that may fail without any harm but to itself, and a rest after it."""
        began = time.monotonic()
        try:
            await self.look(config)
        except Exception:
            log.exception("the look ahead of store %s failed", config.id)
        await asyncio.sleep((time.monotonic() - began) * (1.0 / SHARE - 1.0))


def _look(store: _Store, situation: Situation, beliefs: Parameters, limits: dict[str, float], seed: int) -> tuple[list[Alarm], list[Alarm]]:
    """Alarms raised, with what would help, and those that are over."""
    store.ahead = outlook(situation, beliefs, AHEAD_S, ROLLOUTS, seed)
    raised, over = store.watch.look(store.ahead, limits)
    for alarm in raised:
        store.watch.helped(alarm.service, _helped(situation, beliefs, alarm.service, seed))
    return [store.watch.active[alarm.service] for alarm in raised], over


def _helped(situation: Situation, beliefs: Parameters, service: str, seed: int) -> float:
    """The worst of the same futures with one more person; the first who can open does so in HELP_S."""
    times = tuple(at for at in AHEAD_S if HELP_S <= at <= LAST_S)
    more = outlook(with_one_more(situation, service, HELP_S), beliefs, times, ROLLOUTS, seed, (service,))
    return float(more.quantile(service, LEVEL).max())


def _shown(alarm: Alarm) -> dict[str, Any]:
    return {
        "service": alarm.service, "raised_at": iso(alarm.raised_at), "crosses_at": iso(alarm.crosses_at), "limit_s": alarm.limit_s,
        "worst_s": _finite(alarm.worst_s), "helped_s": None if alarm.helped_s is None else _finite(alarm.helped_s),
    }  # fmt: skip


def _curves(ahead: Outlook) -> dict[str, dict[str, list[float | None]]]:
    levels = {"p50_s": 0.5, "p90_s": LEVEL}
    return {
        service: {name: [_finite(wait) for wait in ahead.quantile(service, level).tolist()] for name, level in levels.items()}
        for service in ahead.waits
    }


def _finite(wait: float) -> float | None:
    """None: nobody is expected to serve them."""
    return round(wait, 1) if wait < float("inf") else None
