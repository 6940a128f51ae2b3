"""Follows the journal of every store that has a webhook, and numbers what there is to tell.

The journal is the truth: what is told follows from its events alone, each under a key made of its place in the stream.
So it does not matter how often the same events are read, by whom, or after which crash; and a store without webhooks
pays nothing. Only a promise that breaks while somebody still waits has no event: those are looked for.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

from server.hooks.happenings import Body, Kind, broken, happenings_of, is_broken
from server.journal import hooks
from server.journal.hooks import News
from server.journal.port import StorageTrouble
from server.journal.settled import FORGOTTEN
from server.live.live import Live
from server.rules.events import DayOpened, Event, PlanChanged
from server.rules.evolve import evolve
from server.rules.state import Phase, StoreDay, new_day

log = logging.getLogger(__name__)

LOOK_S: Final = 0.5
STORES_S: Final = 5.0  # which stores have webhooks is asked this often
PROMISES_S: Final = 5.0
KEEP_S: Final = 30 * 86_400.0
TIDY_S: Final = 3600.0
DAYS: Final = 60  # looked through for the next day, after a long rest


@dataclass(slots=True)
class _Follower:
    """How far one store was read, with the state there, and whose broken promises were told."""

    day: StoreDay
    late: set[str] = field(default_factory=set)


class Tail:
    """One per process. ``run`` for ever, or ``look`` once."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._followers: dict[str, _Follower] = {}
        self._asked = self._tidied = self._promised = -1e9

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.look(asyncio.get_running_loop().time())
            except StorageTrouble as trouble:
                log.warning("the happenings wait for the journal: %s", trouble)
            except Exception:
                log.exception("the happenings were not told")
                self._followers.clear()
            await asyncio.sleep(LOOK_S)

    async def look(self, real: float) -> None:
        """Read on where there is something new, at ``real`` seconds of a clock that never jumps."""
        if real - self._asked >= STORES_S:
            self._asked = real
            wanted = {config.id for config in self._live.stores()} & await hooks.stores(self._live.journal)
            self._followers = {store: self._followers.get(store) or await self._begin(store) for store in wanted}
        promised = real - self._promised >= PROMISES_S
        for store, follower in self._followers.items():
            await self._follow(store, follower)
            if promised:
                await self._promises(store, follower.late)
        self._promised = real if promised else self._promised
        if real - self._tidied >= TIDY_S:
            self._tidied = real
            await hooks.forget(self._live.journal, self._live.clock.now() - KEEP_S)

    def wanted(self) -> bool:
        """Whether any store has a webhook."""
        return bool(self._followers)

    async def say(self, store: str, kind: Kind, key: str, body: Body) -> None:
        """Tell something that is not in the journal: an alarm. ``key``: the same for the same thing, whichever node says it."""
        if store in self._followers:
            text = json.dumps(body, ensure_ascii=False)
            await hooks.tell(self._live.journal, store, [News(key, kind, self._live.clock.now(), text)])

    def again(self) -> None:
        """A store got its first webhook, or lost its last one: ask at the next look."""
        self._asked = -1e9

    async def _begin(self, store: str) -> _Follower:
        """Where an earlier run stopped, else now."""
        now = self._live.day(store)
        day, version = await hooks.reached(self._live.journal, store) or (now.plan.day, now.version)
        known = await self._live.journal.events(store, day)
        return _Follower(reduce(evolve, known[:version], _empty(known, now)))

    async def _follow(self, store: str, follower: _Follower) -> None:
        now = self._live.day(store)
        while (follower.day.plan.day, follower.day.version) < (now.plan.day, now.version):
            fresh = await self._live.journal.events(store, follower.day.plan.day, follower.day.version)
            if not fresh and (following := await self._next_day(store, follower.day.plan.day)) is not None:
                fresh = await self._live.journal.events(store, following)
                follower.day = _empty(fresh, now)
            if not fresh:
                return
            if any(isinstance(event, PlanChanged) and event.by == FORGOTTEN for event in fresh):  # the day was written anew
                known = await self._live.journal.events(store, follower.day.plan.day)
                follower.day = reduce(evolve, known[: follower.day.version], _empty(known, now))
            await self._read(store, follower, fresh)

    async def _next_day(self, store: str, day: str) -> str | None:
        """The store's next business day after ``day`` that has begun."""
        return min((head.day for head in await self._live.journal.days(store, DAYS) if head.day > day), default=None)

    async def _read(self, store: str, follower: _Follower, fresh: Sequence[Event]) -> None:
        news, state = list[News](), follower.day
        for event in fresh:
            after = evolve(state, event)
            for index, (kind, body) in enumerate(happenings_of(state, event, after)):
                key = f"promise {body['ticket']}" if kind is Kind.BROKEN else f"event {after.plan.day} {after.version} {index}"
                news.append(News(key, kind, event.at, json.dumps(body, ensure_ascii=False)))
            state = after
        if news:
            await hooks.tell(self._live.journal, store, news)
        follower.day = state

    async def _promises(self, store: str, told: set[str]) -> None:
        """Those of shoppers who wait, or are called, and nobody has turned to; each is said once."""
        now, open_now = self._live.clock.now(), self._live.day(store).tickets
        told &= set(open_now)
        late = [t for t in open_now.values() if t.phase is not Phase.SERVING and t.id not in told and is_broken(t, now)]
        if late:
            news = [News(f"promise {t.id}", Kind.BROKEN, now, json.dumps(broken(t, now), ensure_ascii=False)) for t in late]
            await hooks.tell(self._live.journal, store, news)
            told.update(ticket.id for ticket in late)


def _empty(events: Sequence[Event], now: StoreDay) -> StoreDay:
    """The day of these events before the first of them."""
    first = events[0] if events else None
    return new_day(first.plan if isinstance(first, DayOpened) else now.plan)
