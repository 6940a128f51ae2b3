"""One store's actor: takes what waits, decides it in turn, makes it durable, answers, then shows it.

Nobody else changes the store's state. An answer means "on disk": the state moves only after the journal
has the batch, so a failure at any point leaves the store exactly where its last answer left it.
"""

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import reduce

from server.journal import contacts
from server.journal.port import AlreadyDone, Journal, StorageTrouble, VersionConflict
from server.journal.settled import FORGOTTEN
from server.live import limits
from server.live.batch import Batch, Known
from server.live.chapters import chapters, folded
from server.live.clock import Clock
from server.live.hub import Hub
from server.live.lessons import Lessons, Observe
from server.live.letters import Letter, answer, deliver, fail, refuse, settle
from server.live.links import Links
from server.live.mailbox import Mailbox
from server.live.messages import Answer, Busy
from server.live.outbox import Outbox
from server.live.pacer import Allowance, Estimate, Pacer
from server.live.screens import Chapter, Page
from server.live.settled import Settled
from server.live.stores import StoreConfig
from server.rules.commands import ChangePlan, Command, EndDay, OpenDay, Tick
from server.rules.deadlines import next_deadline
from server.rules.effects import KeepFact
from server.rules.events import Event, PlanChanged, TicketJoined
from server.rules.evolve import evolve
from server.rules.plan import DayPlan
from server.rules.state import DayPhase, StoreDay, new_day

log = logging.getLogger(__name__)
Adopted = Callable[[StoreConfig], Awaitable[None]]
"""Told of settings that count from now on, before the day follows them."""


class Actor:
    """One store, alive. ``day`` is the state after the last committed batch."""

    def __init__(
        self, config: StoreConfig, journal: Journal, clock: Clock, links: Links, outbox: Outbox, *,
        estimate: Estimate | None = None, observe: Observe | None = None, allowance: Allowance | None = None,
    ) -> None:  # fmt: skip
        self.settled = Settled(config, journal)
        self.adopted: Adopted | None = None
        self.names, self.healthy = dict[str, str](), True
        self.day: StoreDay = new_day(self._plan(clock.now()))
        self.base = 0
        self.hub = Hub(self.page)
        self._journal, self._clock, self._links, self._outbox = journal, clock, links, outbox
        self._lessons = Lessons(journal, config.id, observe)
        self._pacer = Pacer(clock, estimate, allowance=allowance)
        self._mailbox = Mailbox[Letter](Letter.of_staff)
        self._askers: list[asyncio.Future[None]] = []  # who wants to be sure that ``day`` is as new as the journal
        self._bell = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._recent: OrderedDict[str, Known] = OrderedDict()
        self._earlier: deque[Chapter] = deque(maxlen=limits.OLD_DAYS_MAX)
        self._unsure = False  # the journal may hold more than ``day`` does: look before deciding
        self._follows = False  # the newest events are another node's, which also has its eye on the clock
        self._turning = False  # commands are being decided or written
        self._stopping = False
        self._published_at, self._unpublished = 0.0, False
        self._deaf_until = 0.0  # the timer waits at least until then (real time): a deadline that does nothing must not spin
        self._task: asyncio.Task[None] | None = None

    # --- from outside -------------------------------------------------------------------------------------

    @property
    def config(self) -> StoreConfig:
        """The settings in force."""
        return self.settled.config

    async def start(self) -> None:
        """Fold the newest day of the journal, bring the calendar up to date, and begin to take commands."""
        self.names = await contacts.names(self._journal, self.config.id)
        self.day = new_day(self._plan(self._clock.now()))
        heads = await self._journal.days(self.config.id, 1)
        if heads:
            self.base = heads[0].base
            self.day = await folded(self._journal, heads[0])
            self._links.remember(self.config.id, self.day.plan.day, map(self._links.made, self.day.tickets))
        await self._keep_calendar()
        await self._adopt_settings()
        self._task = asyncio.create_task(self._run(), name=f"store {self.config.id}")

    async def stop(self) -> None:
        """Decide and answer what is waiting, then end the screens' subscriptions."""
        self._stopping = True
        self._bell.set()
        if self._task is not None:
            await self._task
        if self._timer is not None:
            self._timer.cancel()
        self.hub.close("stopping")

    def ask(self, id: str, command: Command, sender: str, contact: Mapping[str, str] | None) -> "asyncio.Future[Answer]":
        """Put a command in the mailbox; raises Busy when that is full or the store is stopping."""
        if self._stopping:
            raise Busy(limits.MAILBOX_RETRY_S)
        letter = Letter(id, command, sender, contact, asyncio.get_running_loop().create_future())
        self._mailbox.put(letter)
        self._bell.set()
        return letter.answer

    def hear(self, day: str, version: int) -> None:
        """Somebody says that the stream of ``day`` is at ``version``: if that is news, read on."""
        if (day, version) > (self.day.plan.day, self.day.version):
            self._look_again()

    async def refresh(self) -> None:
        """Be as new as the journal is now; raises StorageTrouble, and Busy when the store is stopping."""
        if self._stopping:
            raise Busy(limits.MAILBOX_RETRY_S)
        asker = asyncio.get_running_loop().create_future()
        self._askers.append(asker)
        self._look_again()
        await asker

    def page(self) -> Page:
        """What every screen shows now."""
        return Page(Chapter(self.day, self.base), self._earlier, self.names)

    async def knows(self, id: str) -> bool:
        """Whether a command with this id was decided before: kept in memory, or by the journal."""
        return id in self._recent or bool(await self._journal.receipts([id]))

    def shows(self, ticket: str) -> bool:
        """Whether this ticket can be shown as it is."""
        return any(chapter.day.ticket(ticket) is not None for chapter in (Chapter(self.day, self.base), *self._earlier))

    def busy(self) -> bool:
        """Whether a ticket is open, or a command waits that may open one."""
        return bool(self.day.tickets or self._mailbox or self._turning)

    async def forget_erased(self) -> None:
        """Drop the first names whose contact is gone, also when another process erased it, and show that."""
        known = list(self.names)
        if known and (gone := set(known) - set(await contacts.names(self._journal, self.config.id))):
            for ticket in gone:
                self.names.pop(ticket, None)
            self.hub.publish()

    async def has_day(self, day: str) -> bool:
        """Whether this business day can be shown: the current one, or a recent one (read from the journal if need be)."""
        if day == self.day.plan.day or any(chapter.day.plan.day == day for chapter in self._earlier):
            return True
        self._earlier.extendleft(found := await chapters(self._journal, self.config.id, {day}))
        return bool(found)

    def _look_again(self) -> None:
        self._unsure = True
        self._bell.set()

    # --- the turn -----------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while not (self._stopping and not self._mailbox):
            await self._sleep()
            self._turning = bool(self._mailbox)
            letters = self._mailbox.take(limits.BATCH_MAX)
            askers, self._askers = self._askers, []
            try:
                await self._turn(letters)
                self.healthy = True
                settle(askers)
            except StorageTrouble as trouble:
                refuse(askers, trouble)
                await self._in_trouble(letters, trouble)
            except Exception as bug:  # the store must go on; whoever asked is told
                log.exception("a turn of store %s failed", self.config.id)
                fail(letters, bug)
                refuse(askers, bug)
                self._unsure = True
                await asyncio.sleep(limits.STORAGE_RETRY_S)
            finally:
                self._turning = False
        refuse(self._askers, Busy(limits.MAILBOX_RETRY_S))

    async def _sleep(self) -> None:
        """Until somebody asks, or something is due."""
        if not self._mailbox and not self._stopping:
            self._set_timer()
            await self._bell.wait()
        self._bell.clear()

    def _set_timer(self) -> None:
        now = self._clock.now()
        due = [at for at in (next_deadline(self.day), self.day.plan.ends_at, self._pacer.due_at(self.day)) if at is not None]
        delay_s = max(min(self._clock.real_s(min(due) - now), limits.TIMER_MAX_S), self._deaf_until - time.monotonic())
        delay_s += limits.FOLLOW_S if self._follows else 0.0
        if self._timer is not None:
            self._timer.cancel()
        # a millisecond late rather than early: a timer that fires early would find nothing due and spin
        self._timer = asyncio.get_running_loop().call_later(delay_s + 0.001, self._bell.set)

    async def _turn(self, letters: Sequence[Letter]) -> None:
        for _ in range(limits.APPEND_TRIES_MAX):
            if self._unsure:
                await self._catch_up()
            await self._keep_calendar()
            batch, answers = self._decide(letters)
            try:
                if batch.receipts:
                    await self._journal.append(batch.append())
            except AlreadyDone as done:
                self._remember(done.receipts)
                self._unsure = True
            except VersionConflict:
                self._unsure = True
            else:
                return self._done(batch, letters, answers)
        raise StorageTrouble("too many conflicts in a row", limits.STORAGE_RETRY_S)

    def _decide(self, letters: Sequence[Letter]) -> tuple[Batch, list[Answer | Exception]]:
        batch = self._batch()
        deadline = next_deadline(self.day)
        if deadline is not None and deadline <= batch.now and not batch.run("tick", Tick()):
            log.error("store %s: a deadline is past and nothing came of it", self.config.id)
            self._deaf_until = time.monotonic() + limits.STORAGE_RETRY_S
        answers = [answer(batch, letter) for letter in letters]
        self._pacer.show(batch, changed=bool(batch.events))
        return batch, answers

    def _batch(self) -> Batch:
        now = max(self._clock.now(), self.day.at)
        contact_s = self.config.keep.contact_after_visit_min * 60
        return Batch(self.day, self.base, now, self._links, self._outbox.delays, self._recent, contact_s)

    def _done(self, batch: Batch, letters: Sequence[Letter], answers: Sequence[Answer | Exception]) -> None:
        """It is on disk: move on, answer, then show."""
        self.day = batch.day
        self._follows = self._follows and not batch.events
        self._remember(batch.kept)
        self._links.remember(self.config.id, self.day.plan.day, batch.phone_links)
        self.names.update({card.ticket: card.name for card in batch.contacts if card.name})
        deliver(letters, answers)
        if batch.parcels:
            self._outbox.wake()
        self._lessons.give(batch.facts)
        if batch.events or self._unpublished:
            self._publish()

    def _publish(self) -> None:
        """Show the new state; a store with more work waiting shows at most every 50 ms."""
        now = time.monotonic()
        self._unpublished = bool(self._mailbox) and now - self._published_at < limits.PUBLISH_EVERY_S
        if not self._unpublished:
            self._published_at = now
            self.hub.publish()

    def _remember(self, receipts: Mapping[str, Known]) -> None:
        self._recent.update(receipts)
        while len(self._recent) > limits.RECENT_MAX:
            self._recent.popitem(last=False)

    # --- trouble and the calendar -------------------------------------------------------------------------

    async def _in_trouble(self, letters: Sequence[Letter], trouble: StorageTrouble) -> None:
        """Nothing was acknowledged and nothing moves; screens stay, commands may be sent again."""
        if self.healthy:
            log.warning("store %s cannot write: %s", self.config.id, trouble)
        self.healthy, self._unsure = False, True
        fail(letters, trouble)
        if not letters:
            await asyncio.sleep(0 if self._stopping else limits.STORAGE_RETRY_S)

    async def _catch_up(self) -> None:
        """Read what the journal holds beyond ``day``: another node's events, or our own after an unclear commit."""
        self._unsure = False  # before reading: what is heard of meanwhile is not in it for sure
        events = await self._journal.events(self.config.id, self.day.plan.day, self.day.version)
        if events:
            plans = [event for event in events if isinstance(event, PlanChanged)]
            if any(plan.settings > self.settled.version for plan in plans):
                await self.settled.load()
                if self.adopted is not None:
                    await self.adopted(self.config)
            if any(plan.by == FORGOTTEN for plan in plans):
                return await self._begin_again()
            names, finished = await self._beside(events)
            self.day, self.names, self._follows = reduce(evolve, events, self.day), names, True
            self._lessons.give(finished)
            self._publish()

    async def _begin_again(self) -> None:
        """Somebody of the staff was erased, and the days in the journal are written anew: nothing of the old ones stays in memory."""
        kept = {self.day.plan.day, *(chapter.day.plan.day for chapter in self._earlier)}
        (self.day, self.base), *earlier = await chapters(self._journal, self.config.id, kept)
        self._recent.clear()
        self._earlier.clear()
        self._earlier.extend(earlier)
        self._publish()

    async def _beside(self, events: Sequence[Event]) -> tuple[dict[str, str], Sequence[KeepFact]]:
        """What goes with events of another node and is not in them: (first names, finished steps)."""
        joined = any(isinstance(event, TicketJoined) for event in events)
        names = await contacts.names(self._journal, self.config.id) if joined else self.names
        return names, await self._lessons.of_others(self.day.plan.day, events)

    async def _keep_calendar(self) -> None:
        """End the day that is over and open the one that has begun, each in a transaction of its own."""
        now = self._clock.now()
        if self.day.phase is not DayPhase.NEW and now >= self.day.plan.ends_at:
            for _ in range(limits.APPEND_TRIES_MAX):  # another node may still add to it
                if self.day.phase is DayPhase.ENDED or await self._alone("calendar", EndDay()):
                    break
            self._earlier.appendleft(Chapter(self.day, self.base))
            self.base += self.day.version
            self.day = new_day(self._plan(now))
            self._lessons.new_day()
        if self.day.phase is DayPhase.NEW:
            await self.settled.load()
            await self.settled.look_back(now)
            self.day = new_day(self._plan(now))
            await self._alone("calendar", OpenDay(self.day.plan))

    async def _adopt_settings(self) -> None:
        """Use the store file as it is now, if the day was opened with another."""
        await self.settled.look_back(self._clock.now())
        plan = self._plan(self.day.plan.opens_at)
        if self.day.phase in (DayPhase.OPEN, DayPhase.CLOSED) and plan != self.day.plan and plan.day == self.day.plan.day:
            await self._alone("settings", ChangePlan(plan, settings=self.settled.version))

    async def _alone(self, name: str, command: Command) -> bool:
        """Give the store a command of its own; False when another node was first with something."""
        batch = self._batch()
        if not batch.run(name, command):
            log.error("store %s: %s was refused", self.config.id, type(command).__name__)
            return True
        try:
            await self._journal.append(batch.append())
        except (AlreadyDone, VersionConflict):
            await self._catch_up()
            return False
        self._done(batch, (), ())
        return True

    def _plan(self, now: float) -> DayPlan:
        return self.settled.plan(self.config.business_day(now))
