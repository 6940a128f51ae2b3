"""The twin asks who is served next: the question, and the reference answer given by the rules themselves.

Every join, start and finish of ``RulesDispatcher`` is a command decided by ``server.rules``, as in a live
store. It answers with pairs (visitor, person): these shoppers are called now, by these salespeople.
"""

from collections.abc import Sequence
from typing import Protocol

from server.rules import commands as c
from server.rules import events as ev
from server.rules.deadlines import next_deadline
from server.rules.decide import decide
from server.rules.plan import DayPlan
from server.rules.refusals import Code, Refusal
from server.rules.state import StoreDay, new_day
from simulation.twin.crew import FAR_S, Member
from simulation.twin.demand import Demand

Pairs = Sequence[tuple[int, int]]
NOBODY: Pairs = ()


class Dispatcher(Protocol):
    """The twin's view of the queue. Visitors and people are indices into the day's demand and crew."""

    def join(self, visitor: int, service: str, now: float) -> Pairs | None:
        """A shopper comes; None when the store is full and they balk."""

    def start(self, visitor: int, person: int, now: float) -> None:
        """A called shopper has arrived at the salesperson."""

    def finish(self, visitor: int, person: int, following: str | None, now: float) -> Pairs:
        """A step is over; the visit goes on with ``following``, if anything."""

    def leave(self, visitor: int, now: float) -> Pairs:
        """A waiting shopper gives up."""

    def no_show(self, visitor: int, person: int, now: float, *, void: bool) -> Pairs:
        """A called shopper does not come; ``void``: it never was one."""

    def void(self, visitor: int, now: float) -> Pairs:
        """A waiting ticket turns out to be no shopper's."""

    def sign_on(self, person: int, now: float) -> Pairs:
        """A salesperson comes on duty, or stays after all when about to go."""

    def sign_off(self, person: int, now: float) -> None:
        """A salesperson goes, after the visit in hand if there is one."""

    def tick(self, now: float) -> Pairs:
        """Do what the clock has to do."""

    def next_tick(self) -> float | None:
        """When the clock has something to do."""

    def close(self, now: float, *, cut: bool, freed: Sequence[int]) -> None:
        """The doors close; with ``cut`` everybody still waiting is turned away, which frees who had called them."""

    def end(self, now: float) -> None:
        """The day is over."""


class RulesDispatcher:
    """The reference: ``server.rules`` decides everything. ``history`` keeps every command with its instant and events."""

    def __init__(self, plan: DayPlan, crew: Sequence[Member], demand: Demand, *, keep: bool = False) -> None:
        self._demand = demand
        self._ids = [member.id for member in crew]
        self._index = {name: i for i, name in enumerate(self._ids)}
        self._leaving: set[int] = set()
        self.history: list[tuple[float, c.Command, tuple[ev.Event, ...]]] | None = [] if keep else None
        self.day: StoreDay = new_day(plan)
        self._do(c.OpenDay(plan), 0.0)

    def _do(self, command: c.Command, now: float) -> tuple[ev.Event, ...]:
        """Decide a command that the twin knows to be possible."""
        step = decide(self.day, command, now)
        if isinstance(step, Refusal):
            raise AssertionError(f"the rules refused {command} at {now}: {step}")
        self.day = step.day
        if self.history is not None:
            self.history.append((now, command, step.events))
        return step.events

    def _accept(self, events: tuple[ev.Event, ...], now: float) -> Pairs:
        """Salespeople accept at once what is offered to them."""
        offers = [e for e in events if type(e) is ev.OfferMade]
        for offer in offers:
            offers += [e for e in self._do(c.Accept(offer.salesperson, offer.ticket), now) if type(e) is ev.OfferMade]
        return [(int(o.ticket), self._index[o.salesperson]) for o in offers]

    def join(self, visitor: int, service: str, now: float) -> Pairs | None:
        """A ``Join``, and what comes of it; refused because the store is full: a ``Balk``."""
        demand = self._demand
        command = c.Join(
            str(visitor), service, card=visitor in demand.cards, standing=demand.standing.get(visitor),
            appointment_at=demand.slots.get(visitor),
        )  # fmt: skip
        step = decide(self.day, command, now)
        if not isinstance(step, Refusal):
            self.day = step.day
            if self.history is not None:
                self.history.append((now, command, step.events))
            return self._accept(step.events, now)
        if step.code is not Code.STORE_FULL:
            raise AssertionError(f"the rules refused {command} at {now}: {step}")
        self._do(c.Balk(service), now)
        return None

    def start(self, visitor: int, person: int, now: float) -> None:
        """A ``Start``."""
        self._do(c.Start(self._ids[person], str(visitor)), now)

    def finish(self, visitor: int, person: int, following: str | None, now: float) -> Pairs:
        """A ``Finish``."""
        self._leaving.discard(person)
        return self._accept(self._do(c.Finish(self._ids[person], str(visitor), (following,) if following else ()), now), now)

    def leave(self, visitor: int, now: float) -> Pairs:
        """A ``Leave``."""
        return self._accept(self._do(c.Leave(str(visitor)), now), now)

    def no_show(self, visitor: int, person: int, now: float, *, void: bool) -> Pairs:
        """A ``MarkNoShow``, or a ``Void`` by that salesperson."""
        name, ticket = self._ids[person], str(visitor)
        self._leaving.discard(person)
        command = c.Void(ticket, "recorded", name) if void else c.MarkNoShow(name, ticket)
        return self._accept(self._do(command, now), now)

    def void(self, visitor: int, now: float) -> Pairs:
        """A ``Void``."""
        return self._accept(self._do(c.Void(str(visitor), "recorded"), now), now)

    def sign_on(self, person: int, now: float) -> Pairs:
        """A ``SignOn``, or a ``Resume`` of somebody who was about to go."""
        if person in self._leaving:
            self._leaving.discard(person)
            return self._accept(self._do(c.Resume(self._ids[person]), now), now)
        return self._accept(self._do(c.SignOn(self._ids[person]), now), now)

    def sign_off(self, person: int, now: float) -> None:
        """A ``SignOff``; during a visit the rules only note it."""
        events = self._do(c.SignOff(self._ids[person]), now)
        if any(type(e) is ev.SignOffAsked for e in events):
            self._leaving.add(person)

    def tick(self, now: float) -> Pairs:
        """A ``Tick``."""
        return self._accept(self._do(c.Tick(), now), now)

    def next_tick(self) -> float | None:
        """The rules' next deadline; None also for those put off for good."""
        due = next_deadline(self.day)
        return None if due is None or due >= FAR_S else due

    def close(self, now: float, *, cut: bool, freed: Sequence[int]) -> None:
        """A ``CloseDay``."""
        self._do(c.CloseDay(cut), now)

    def end(self, now: float) -> None:
        """An ``EndDay``."""
        self._do(c.EndDay(), now)
