"""Delivers effects to the outside world, at least once, after they were committed with their events.

A channel says which effects it takes and how long after the event; an effect nobody takes is not stored.
A delivery that fails is tried again with growing pauses and given up after a while, loudly. Phones and
boards need no channel: their views ring. Web push and SMS will be channels. The same task erases contacts
whose time is over (the journal keeps that time with the contact itself), and has every name forgotten that
is not in the journal any more: ``avous erase`` is another process.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from server.background import end
from server.journal import contacts
from server.journal import outgoing as kept
from server.journal.outgoing import Parcel
from server.journal.port import Journal, Outgoing, StorageTrouble
from server.live import limits
from server.live.clock import Clock
from server.rules.effects import Effect, Ring
from server.rules.state import StoreDay

log = logging.getLogger(__name__)
Delays = Mapping[type, float]


class Channel(Protocol):
    """One way to tell the world. ``deliver`` may be called twice with the same key and must not mind."""

    takes: Mapping[type, float]
    """Effect classes, and how many seconds after their event they are due."""

    async def deliver(self, store: str, key: str, effect: Effect) -> None:
        """Do it, or raise: it is tried again later."""


class LogChannel:
    """Writes calls to the log: what a store without push or SMS can still look at."""

    takes: Mapping[type, float] = {Ring: 0.0}

    async def deliver(self, store: str, key: str, effect: Effect) -> None:
        """One line, without anything personal."""
        log.info("outbox", extra={"store": store, "key": key, "effect": type(effect).__name__})


def outgoing(effect: Effect, day: StoreDay, version: int, index: int, now: float, delays: Delays) -> Outgoing | None:
    """The effect as a parcel, if a channel takes it. The key names the command's place in the stream, so it comes once."""
    delay_s = delays.get(type(effect))
    if delay_s is None:
        return None
    return Outgoing(f"{day.plan.store}:{day.plan.day}:{version}:{index}", effect, now + delay_s)


class Outbox:
    """The task that delivers. ``wake`` it when something new may be due."""

    def __init__(self, journal: Journal, clock: Clock, channels: Sequence[Channel], forget: Callable[[], Awaitable[None]]) -> None:
        """``forget`` drops from memory what the journal has erased."""
        self._journal, self._clock, self._forget = journal, clock, forget
        self._channels = tuple(channels)
        self.delays: Delays = {kind: delay_s for channel in self._channels for kind, delay_s in channel.takes.items()}
        self._bell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._patience_s = limits.OUTBOX_RETRY_S * 2 ** (limits.OUTBOX_TRIES_MAX - 2) + max(self.delays.values(), default=0.0)
        self._ahead: dict[tuple[str, float], float] = {}  # what is not due yet, and since when this task has known it so
        self._looked_at = -1e9

    async def start(self) -> None:
        """Begin delivering, with whatever an earlier run left behind."""
        self._task = asyncio.create_task(self._run(), name="outbox")

    async def stop(self) -> None:
        """Stop; what is not delivered stays in the journal."""
        if self._task is not None:
            await end(self._task)
            self._task = None

    def wake(self) -> None:
        """Something may be due."""
        self._bell.set()

    async def _run(self) -> None:
        while True:
            try:
                full = await self._round()
            except StorageTrouble as trouble:
                log.warning("the outbox waits for the journal: %s", trouble)
                full = False
            if not full:
                await self._pause()

    async def _pause(self) -> None:
        self._bell.clear()
        try:
            await asyncio.wait_for(self._bell.wait(), limits.OUTBOX_POLL_S)
        except TimeoutError:
            return

    async def _round(self) -> bool:
        """Deliver what is due; whether there may be more at once."""
        now = self._clock.now()
        await self._hurry(now)
        parcels = await kept.take(self._journal, now, limits.OUTBOX_BATCH, limits.OUTBOX_LEASE_S)
        for parcel in parcels:
            await self._deliver(parcel, now)
        await contacts.erase_due(self._journal, now)
        await self._forget()
        return len(parcels) == limits.OUTBOX_BATCH

    async def _hurry(self, now: float) -> None:
        """Make due what another node put off by a clock that is ahead: by our own time, nothing rests longer than the longest pause."""
        passed = asyncio.get_running_loop().time()
        if passed < self._looked_at + limits.OUTBOX_POLL_S:
            return
        self._looked_at, ahead = passed, await kept.ahead(self._journal, now, limits.OUTBOX_AHEAD_MAX)
        self._ahead = {place: self._ahead.get(place, passed) for place in ahead}
        patience_s = self._clock.real_s(self._patience_s)
        if overdue := [place for place, since in self._ahead.items() if passed > since + patience_s]:
            log.warning("effects put off by a clock that is ahead are delivered now", extra={"keys": [key for key, _ in overdue]})
            await kept.make_due(self._journal, overdue, now)

    async def _deliver(self, parcel: Parcel, now: float) -> None:
        try:
            for channel in self._channels:
                if type(parcel.effect) in channel.takes:
                    await channel.deliver(parcel.store, parcel.key, parcel.effect)
        except StorageTrouble:
            raise
        except Exception as trouble:
            await self._failed(parcel, now, trouble)
        else:
            await kept.settle(self._journal, parcel.key, parcel.due_at, "done", parcel.due_at)

    async def _failed(self, parcel: Parcel, now: float, trouble: Exception) -> None:
        over = parcel.tries + 1 >= limits.OUTBOX_TRIES_MAX
        log.warning("delivery failed%s", ", given up" if over else "", extra={"key": parcel.key, "trouble": repr(trouble)})
        due_at = parcel.due_at if over else now + limits.OUTBOX_RETRY_S * 2**parcel.tries
        state = "given_up" if over else "waiting"
        await kept.settle(self._journal, parcel.key, parcel.due_at, state, due_at, type(trouble).__name__)
