"""The live system as the faces see it: send a command, look at a screen. Built once by ``app.build_app``."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from server.journal.port import Journal, SharedJournal
from server.live import limits
from server.live.actor import Actor
from server.live.clock import Clock, WallClock
from server.live.collector import Collector
from server.live.hub import Subscription
from server.live.lessons import Observe
from server.live.links import Link, Links
from server.live.messages import Answer, Busy, Screen, StorageTrouble, UnknownStore
from server.live.nodes import Nodes
from server.live.outbox import Channel, Outbox
from server.live.pacer import Allowance, Estimate
from server.live.stores import StoreConfig
from server.rules.commands import Command
from server.rules.state import StoreDay


class Live:
    """Every store of this process. All methods belong to the event loop that called ``start``."""

    def __init__(
        self,
        journal: Journal,
        stores: Sequence[StoreConfig],
        clock: Clock,
        *,
        estimate: Estimate | None = None,
        observe: Observe | None = None,
        channels: Sequence[Channel] = (),
        secret: bytes | None = None,
    ) -> None:
        """``estimate(day, now)`` says what waits to show; ``observe(store, fact)`` learns from a finished step.

        ``channels`` deliver effects to the world outside (web push, SMS). ``secret`` makes the
        phones' tokens; without it the journal's own is used.
        """
        self.clock, self.journal = clock, journal
        self.outbox = Outbox(journal, clock, channels, self.forget_erased)
        self.links = Links(journal, secret)
        self._collector = Collector()
        allowance = Allowance()
        self._actors = {
            config.id: Actor(config, journal, clock, self.links, self.outbox, estimate=estimate, observe=observe, allowance=allowance)
            for config in stores
        }
        self._nodes = Nodes(journal, self._actors) if isinstance(journal, SharedJournal) else None

    async def start(self) -> None:
        """Fold what the journal holds, open the business days that have begun, and start taking commands."""
        await self.links.start()
        await asyncio.gather(*(actor.start() for actor in self._actors.values()))
        await self.outbox.start()
        if self._nodes is not None:
            await self._nodes.start()
        if isinstance(self.clock, WallClock):
            self.clock.step_when(self._is_quiet)
        self._collector.start()

    async def stop(self) -> None:
        """Decide what was taken in, answer it, and end every subscription with the reason "stopping"."""
        if self._nodes is not None:
            await self._nodes.stop()
        await asyncio.gather(*(actor.stop() for actor in self._actors.values()))
        await self.outbox.stop()
        self._collector.stop()

    async def submit(self, store: str, id: str, command: Command, sender: str, contact: dict[str, str] | None = None) -> Answer:
        """Have a command decided; when this returns it is on disk. The same id again gets the same answer, once.

        ``sender`` is who asks, and must be the same when they ask again (a ticket, a salesperson, a kiosk:
        not an address). ``contact`` ({"name", "phone"}) is kept apart from the journal and erased after the
        visit. Raises UnknownStore, Busy and StorageTrouble; everything else is an Answer.
        """
        return await self._actor(store).ask(id, command, sender, contact)

    async def knows(self, store: str, id: str) -> bool:
        """Whether a command with this id was decided before. Raises UnknownStore and StorageTrouble."""
        return await self._actor(store).knows(id)

    def stores(self) -> list[StoreConfig]:
        """The stores served here."""
        return [actor.config for actor in self._actors.values()]

    def store(self, store: str) -> StoreConfig:
        """One store's settings; raises UnknownStore."""
        return self._actor(store).config

    def day(self, store: str) -> StoreDay:
        """The state after the last committed batch; raises UnknownStore."""
        return self._actor(store).day

    def view(self, store: str, screen: Screen) -> tuple[int, bytes]:
        """(seq, JSON) of a screen now: what a push at the same seq contains. Raises UnknownStore, UnknownScreen."""
        return self._actor(store).hub.view(screen)

    def subscribe(self, store: str, screen: Screen, seen: int | None = None) -> Subscription:
        """Follow a screen from the view after ``seen``. Raises UnknownStore, UnknownScreen, Busy."""
        if self.screens() >= limits.SUBSCRIPTIONS_MAX:
            raise Busy(limits.MAILBOX_RETRY_S)
        subscription = self._actor(store).hub.subscribe(screen, seen)
        self._collector.connected()
        return subscription

    async def fresh(self, store: str, seen: int | None = None) -> None:
        """Where several nodes share the journal: be as new as it is, before a screen that was elsewhere looks.

        A journal that does not answer in time is not waited for, unless the screen has ``seen`` more than is known
        here: it is sent away then. Raises UnknownStore and Busy.
        """
        actor = self._actor(store)
        if self._nodes is None:
            return
        with suppress(StorageTrouble, TimeoutError):
            async with asyncio.timeout(limits.FRESH_S):
                return await actor.refresh()
        if seen is not None and seen > actor.base + actor.day.version:
            raise Busy(limits.STORAGE_RETRY_S)

    def screens(self) -> int:
        """How many subscriptions are open."""
        return sum(len(actor.hub) for actor in self._actors.values())

    def token(self, ticket: str) -> str:
        """The secret of this ticket's phone link: 128 bits, the same whenever it is asked for."""
        return self.links.token(ticket)

    async def link(self, token: str) -> Link | None:
        """Where a phone's token leads: (store, day, ticket), or None when it is unknown or no longer served."""
        link = await self.links.find(token)
        if link is None or link.store not in self._actors:
            return None
        actor = self._actors[link.store]
        if self._nodes is not None and not actor.shows(link.ticket):  # it joined on another node a moment ago, or long ago
            await self.fresh(link.store)
        return link if await actor.has_day(link.day) else None

    async def forget_erased(self) -> None:
        """Drop from memory the names of shoppers whose contact row is gone, whoever erased it."""
        for actor in self._actors.values():
            await actor.forget_erased()

    def healthy(self) -> bool:
        """Whether the last thing every store asked of its journal went well."""
        return all(actor.healthy for actor in self._actors.values())

    def _is_quiet(self) -> bool:
        """Nobody waits, is called or is served in any store."""
        return not any(actor.busy() for actor in self._actors.values())

    def _actor(self, store: str) -> Actor:
        try:
            return self._actors[store]
        except KeyError:
            raise UnknownStore(store) from None
