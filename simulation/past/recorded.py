"""A recorded day told in the order it happened, so that an estimate sees what was known at each moment.

A log does not say who was on duty. What is known of a salesperson at an instant is what they did so far
that day: with a shopper, or free since. "Free" people take the next shopper after a gap that is learned on
a clock of its own, which runs only while somebody is waiting; it tells a breather from having gone home.
"""

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from server.rules import dispatch
from server.rules.plan import DayPlan, ServicePlan
from server.waits.curves import Floats
from server.waits.models import Fact
from server.waits.situation import FOREVER, Hand, Person, Situation, Waiter
from simulation.past.skilled import Skills

_FINISH, _LEAVE, _START, _JOIN = range(4)  # in this order at one instant
AHEAD_S = 30.0  # passed over by less than this says nothing about skills: the store's order is known only roughly
SEEN_S = 5.0  # who came later than this before a call was not seen when it was made
FRESH_S = 30.0  # free for less, on the same clock: about to take somebody
GONE_S = 4 * 3600.0  # free for longer with people waiting: not counted any more
DAY_S, QUARTER_S, QUARTERS = 86400.0, 900.0, 96
NOBODY_YET_S = 600.0  # a visit's length before the first one was seen
OWN_DAYS = 3.0  # everybody's usual beginning counts as so many of one's own days


@dataclass(frozen=True, slots=True)
class Visit:
    """One step of the log, in seconds. ``began`` None: never served, and the wait ended at ``left``."""

    service: str
    priority: str
    joined: float
    began: float | None
    finished: float | None
    left: float | None
    outcome: str
    person: str

    @property
    def waited_until(self) -> float:
        """When the wait ended, one way or the other."""
        return self.began if self.began is not None else self.left if self.left is not None else self.joined

    def fact(self) -> Fact:
        """As the models learn it."""
        person = self.person or None
        return Fact(self.service, self.priority, self.joined, self.began, self.began, self.finished, self.left, self.outcome, person)


@dataclass(slots=True)
class _State:
    hand: Visit | None = None
    free_at: float = 0.0  # on the day's clock
    rested_s: float = 0.0  # on a clock that runs while somebody waits whom they can serve
    away: bool = False  # became free when nobody waited for them
    skills: tuple[str, ...] = ()


class Rota:
    """When people who have not been seen today usually begin: hazards per quarter hour of the local day, from earlier days.

    One's own days count, shrunk to everybody's; hardly anything is known of somebody's shifts from a log.
    """

    def __init__(self) -> None:
        self.begun: dict[str, Floats] = {}  # person -> first starts per quarter hour
        self.absent: dict[str, Floats] = {}  # person -> days on which they had not begun at the start of that quarter

    def learn(self, visits: Sequence[Visit]) -> None:
        """One more day that is over."""
        first: dict[str, float] = {}
        for visit in visits:
            if visit.began is not None and visit.person:
                first[visit.person] = min(first.get(visit.person, visit.began), visit.began)
        for person in {*self.begun, *first}:
            begun = self.begun.setdefault(person, np.zeros(QUARTERS))
            absent = self.absent.setdefault(person, np.zeros(QUARTERS))
            quarter = int(first[person] % DAY_S // QUARTER_S) if person in first else QUARTERS
            absent[: quarter + 1] += 1.0
            if quarter < QUARTERS:
                begun[quarter] += 1.0

    def hazard(self, person: str, now: float) -> tuple[Floats, Floats]:
        """(edges in seconds from now, cumulative hazard at each) that they begin, for what is left of the day."""
        everybody = sum(self.begun.values(), np.zeros(QUARTERS))
        at_risk = sum(self.absent.values(), np.zeros(QUARTERS))
        pooled = (everybody + 0.01) / (at_risk + 1.0)
        chance = (self.begun[person] + OWN_DAYS * pooled) / (self.absent[person] + OWN_DAYS)
        second = now % DAY_S
        edges = np.concatenate(([0.0], np.arange(int(second // QUARTER_S) + 1, QUARTERS + 1) * QUARTER_S - second))
        quarter = np.minimum(chance[int(second // QUARTER_S) :], 0.95)
        return edges, np.concatenate(([0.0], np.cumsum(-np.log1p(-quarter) * np.diff(edges) / QUARTER_S)))


@dataclass(slots=True)
class RecordedDay:
    """Plays one day. ``watch`` is called for everybody who has to wait, before they are in line."""

    plan: DayPlan
    visits: Sequence[Visit]
    skills: Skills
    rota: Rota = field(default_factory=Rota)
    watch: Callable[["RecordedDay", Visit, Waiter], None] | None = None
    learn: Callable[[Fact], None] | None = None
    joins: Callable[[str, str, float], None] | None = None
    rested: Callable[[float, bool, bool], None] | None = None  # seconds, ended by taking somebody, was free before
    now: float = 0.0
    people: dict[str, _State] = field(default_factory=dict)
    line: list[tuple[tuple[int, float, int, str], Visit]] = field(default_factory=list)
    starts: dict[str, list[tuple[float, float, str]]] = field(default_factory=dict)

    def run(self) -> None:
        """The whole day."""
        if self.visits:
            self.skills.new_day(self.visits[0].joined)
        for at, what, number in sorted(self._happenings()):
            self._rest(at - self.now)
            self.now = at
            self._happen(what, number, self.visits[number])
        if self.rested is not None:
            for state in self.people.values():
                if state.hand is None:
                    self.rested(state.rested_s, False, state.away)

    def _rest(self, seconds: float) -> None:
        """The clocks of those free run while they could take somebody; one shopper cannot wait for two of them at a time."""
        waiting = {visit.service for _, visit in self.line}
        wanted = [s for s in self.people.values() if s.hand is None and not waiting.isdisjoint(s.skills)] if waiting else []
        pull = min(1.0, len(self.line) / max(sum(1 for s in wanted if s.rested_s < FRESH_S), 1))
        for state in wanted:
            state.rested_s += seconds * pull

    def _happenings(self) -> Iterable[tuple[float, int, int]]:
        for number, visit in enumerate(self.visits):
            yield visit.joined, _JOIN, number
            if visit.began is not None:
                yield visit.began, _START if visit.began > visit.joined else _JOIN + 1, number
                if visit.finished is not None:
                    yield max(visit.finished, visit.began), _FINISH if visit.finished > visit.began else _JOIN + 2, number
            elif visit.left is not None:
                yield visit.left, _LEAVE if visit.left > visit.joined else _JOIN + 1, number

    def _happen(self, what: int, number: int, visit: Visit) -> None:
        key = (*self._place(visit), number, str(number))
        if what == _JOIN:
            self._join(key, visit)
        elif visit.finished is not None and what in (_FINISH, _JOIN + 2):
            self._finish(number, visit)
        else:
            if (key, visit) in self.line:
                self.line.remove((key, visit))
            if visit.began is not None:
                self._start(number, visit)
            elif self.learn is not None:
                self.learn(visit.fact())

    def _place(self, visit: Visit) -> tuple[int, float]:
        return dispatch.place(
            self.plan, visit.service, visit.joined, card=False, standing=visit.priority or None, slot_at=None, now=visit.joined
        )

    def _join(self, key: tuple[int, float, int, str], visit: Visit) -> None:
        if self.joins is not None:
            self.joins(visit.service, visit.priority, self.now)
        if visit.waited_until <= visit.joined:
            return
        if self.watch is not None:
            self.watch(self, visit, self._waiter(key, visit))
        insort(self.line, (key, visit), key=lambda entry: entry[0])

    def _start(self, number: int, visit: Visit) -> None:
        self.starts.setdefault(visit.service, []).append((self.now, self.now - visit.joined, visit.service))
        state = self.people.get(self._name(number, visit))
        if state is not None and state.hand is None and self.rested is not None:
            self.rested(state.rested_s, visit.joined < self.now, state.away)
        self.people[self._name(number, visit)] = _State(visit)
        if visit.person:
            self.skills.served(visit.person, visit.service, self.now)
            for service in self._passed(self._place(visit), visit.service):
                self.skills.passed(visit.person, service, self.now)

    def _passed(self, place: tuple[int, float], service: str) -> Iterator[str]:
        """Services whose first in line ranks clearly ahead of ``place``."""
        seen = {service}
        for (tier, ranked_at, *_), visit in self.line:
            if visit.service not in seen and visit.joined < self.now - SEEN_S:
                seen.add(visit.service)
                if (tier, ranked_at + AHEAD_S) < place:
                    yield visit.service

    def _finish(self, number: int, visit: Visit) -> None:
        if visit.person:
            if self.people[visit.person].hand is visit:
                skills = self._skilled(visit.person)
                wanted = any(other.service in skills for _, other in self.line)
                self.people[visit.person] = _State(None, self.now, 0.0, not wanted, skills)
        else:
            self.people.pop(self._name(number, visit), None)
        if self.learn is not None:
            self.learn(visit.fact())

    def _name(self, number: int, visit: Visit) -> str:
        return visit.person or f"?{number}"

    # --- what was known

    def _waiter(self, key: tuple[int, float, int, str], visit: Visit) -> Waiter:
        return Waiter(key[3], visit.service, key[0], key[1], key[2], visit.joined, visit.priority)

    def situation(self) -> Situation:
        """What was known at this moment."""
        here = [p for name, state in sorted(self.people.items()) if (p := self._person(name, state)) is not None]
        unseen = [self._unseen(name) for name in sorted(self.rota.begun) if name not in self.people and self._skilled(name)]
        return Situation(self.now, self.plan, (*here, *unseen), tuple(self._waiter(key, visit) for key, visit in self.line))

    def _person(self, name: str, state: _State) -> Person | None:
        if state.hand is not None:
            hand = Hand("serving", state.hand.service, state.hand.began or self.now)
            windows = ((-FOREVER, FOREVER),) if state.hand.person else ()
            return Person(name, self._skilled(name, state.hand.service), windows, hand, self.now)
        if state.rested_s >= GONE_S:
            return None
        return Person(name, state.skills, idle_since=state.free_at, rested_s=state.rested_s, away=state.away)

    def _unseen(self, name: str) -> Person:
        return Person(name, self._skilled(name), idle_since=self.now, coming=self.rota.hazard(name, self.now))

    def _skilled(self, name: str, serving: str | None = None) -> tuple[str, ...]:
        return tuple(sorted({*self.skills.of(name, self.now), *((serving,) if serving else ())}))


def log_plan(name: str, days: Sequence[Sequence[Visit]], services: Collection[str] = ()) -> DayPlan:
    """The plan of a recorded store: who is favoured, as the days before show it, and its services.

    ``services``: those it has today. One that was not there before is taken to be as long as the others.
    """
    lengths: dict[str, list[float]] = {service: [] for service in services}
    for visit in (v for visits in days for v in visits):
        lengths.setdefault(visit.service, [])
        if visit.began is not None and visit.finished is not None:
            lengths[visit.service].append(visit.finished - visit.began)
    number = sum(map(len, lengths.values()))
    everybody = sum(map(sum, lengths.values())) / number if number else NOBODY_YET_S
    typical = {s: (sum(seen) + 20 * everybody) / (len(seen) + 20) for s, seen in lengths.items()}
    from simulation.past.favours import favours

    classes, favoured = favours(days)
    plans = {s: ServicePlan(s, typical_s=max(typical[s], 1.0), head_start_s=favoured.get(s, 0.0)) for s in sorted(typical)}
    return DayPlan(store=name, day="recorded", zone="UTC", services=plans, classes=classes)
