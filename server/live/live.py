"""The live system as the faces see it: send a command, look at a screen. Built once by ``app.build_app``."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from uuid import uuid4

from server.journal import settled, streams
from server.journal.port import Journal, SharedJournal
from server.journal.settled import ChangedMeanwhile
from server.live import limits
from server.live.actor import Actor, Adopted
from server.live.clock import Clock, WallClock
from server.live.collector import Collector
from server.live.hub import Subscription
from server.live.lessons import Observe
from server.live.links import Link, Links
from server.live.messages import Answer, Busy, Screen, StorageTrouble, UnknownStore
from server.live.nodes import Nodes
from server.live.outbox import Channel, Outbox
from server.live.pacer import Allowance, Estimate
from server.live.settled import UNDER_WAY, read
from server.live.stores import StoreConfig
from server.rules.commands import ChangePlan, Command
from server.rules.refusals import Refusal
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
        adopted: Adopted | None = None,
    ) -> None:
        """``estimate(day, now)`` says what waits to show; ``observe(store, fact)`` learns from a finished step.

        ``channels`` deliver effects to the world outside (web push, SMS). ``secret`` makes the
        phones' tokens; without it the journal's own is used. ``adopted(config)`` is told of settings that were changed.
        """
        self.clock, self.journal = clock, journal
        self.outbox = Outbox(journal, clock, channels, self.forget_erased)
        self.links = Links(journal, secret)
        self._collector = Collector()
        self._adopted = adopted
        self._make = partial(
            Actor, journal=journal, clock=clock, links=self.links, outbox=self.outbox,
            estimate=estimate, observe=observe, allowance=Allowance(),
        )  # fmt: skip
        self._actors = {config.id: self._make(config) for config in stores}
        self._nodes = Nodes(journal, self._actors, self._discover) if isinstance(journal, SharedJournal) else None
        self._loaded = False

    async def load(self) -> None:
        """Take up the settings that were last decided, and the stores that were founded on a screen. ``start`` does it where nobody has."""
        for actor in self._actors.values():
            await actor.settled.begin(self.clock.now())
        for actor in await self._founded():
            await actor.settled.load()
            self._actors[actor.config.id] = actor
        for actor in self._actors.values():
            actor.adopted = self._adopted
        self._loaded = True

    async def start(self) -> None:
        """Fold what the journal holds, open the business days that have begun, and start taking commands."""
        if not self._loaded:
            await self.load()
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

    def refuses(self, config: StoreConfig) -> Refusal | None:
        """Why the day that is under way could not go on with these settings, if so. Raises UnknownStore."""
        actor = self._actor(config.id)
        return actor.settled.refusal(actor.day, config, self.clock.now())

    def settings(self, store: str) -> int:
        """The version of the settings in force. Raises UnknownStore."""
        return self._actor(store).settled.version

    async def settle(self, config: StoreConfig, by: str, after: int) -> int:
        """Change a store's settings for good, from now on and on every node; their version.

        ``by`` is who decides, ``after`` the version they looked at. Raises UnknownStore, ChangedMeanwhile, Busy, StorageTrouble.
        """
        actor = self._actor(config.id)
        await actor.settled.decide(config, self.clock.now(), by, after)
        await self._adopt(config)
        if actor.day.phase in UNDER_WAY:
            plan = actor.settled.plan(date.fromisoformat(actor.day.plan.day))
            await actor.ask(str(uuid4()), ChangePlan(plan, by, actor.settled.version), f"person:{by}", None)
        return actor.settled.version

    async def found(self, config: StoreConfig, by: str) -> None:
        """Begin a new store, served from now on. Raises ChangedMeanwhile when there is one with this id, StorageTrouble."""
        if config.id in self._actors:
            raise ChangedMeanwhile(config.id)
        actor = self._make(config)
        await actor.settled.decide(config, self.clock.now(), by, 0)
        await self._open(actor)

    async def _founded(self) -> list[Actor]:
        """Actors of the stores founded on a screen that are not served yet."""
        new = [id for id in await settled.founded(self.journal) if id not in self._actors]
        versions = [await settled.newest(self.journal, id) for id in new]
        return [self._make(read(version)) for version in versions if version is not None]

    async def _discover(self) -> None:
        for actor in await self._founded():
            await self._open(actor)

    async def _open(self, actor: Actor) -> None:
        actor.adopted = self._adopted
        await actor.settled.load()
        await self._adopt(actor.config)
        await actor.start()
        self._actors[actor.config.id] = actor

    async def _adopt(self, config: StoreConfig) -> None:
        if self._adopted is not None:
            await self._adopted(config)

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

    def pause_s(self) -> float:
        """How long the garbage collector stopped everything at worst."""
        return self._collector.worst_s

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
        """Drop from memory what is erased, also by another process: names of shoppers, and of staff, whose days are read again."""
        for actor in self._actors.values():
            await actor.forget_erased()
        if self._nodes is None:  # who shares a journal looks anyway
            heads = await self.journal.read(partial(streams.heads, stores=list(self._actors)))
            for store, (day, version) in heads.items():
                self._actors[store].hear(day, version)

    def healthy(self) -> bool:
        """Whether the last thing every store asked of its journal went well."""
        return all(actor.healthy for actor in self._actors.values())

    def clean_up(self) -> None:
        """Collect all garbage, if nobody is there who would have to wait for that."""
        if self._is_quiet():
            self._collector.clean()

    def _is_quiet(self) -> bool:
        """Nobody waits, is called or is served in any store."""
        return not any(actor.busy() for actor in self._actors.values())

    def _actor(self, store: str) -> Actor:
        try:
            return self._actors[store]
        except KeyError:
            raise UnknownStore(store) from None
