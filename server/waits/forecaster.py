"""One store's estimates from day to day: beliefs, futures, correction, what is said, and how right it was.

Pure: the seed of an estimate is the version of the day it is made on, so a replay says the same. A driver
(``server.forecasts`` live, ``simulation.bench.waits_shown`` in the benchmark) calls ``show`` when something
happened and ``ended`` with every finished step, and keeps ``fresh`` forecasts where a restart finds them.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from server.rules.commands import ShowWaits
from server.rules.effects import KeepFact
from server.rules.state import Phase, StoreDay
from server.waits import fallback, promise
from server.waits.calibration import Calibration, Track, correct, news, rank
from server.waits.estimator import Estimator, Quantiles, Waits
from server.waits.models import FactRow, Models
from server.waits.parameters import Parameters
from server.waits.situation import Appointment, kind_of, situation_of

FOLLOW_VISITS = 10.0  # "nothing follows" counts as so many visits
FRESH_MAX = 10_000  # forecasts nobody has fetched yet; a driver that never does loses the oldest


class Follow:
    """Which step comes after which, that nobody announced at joining ("and now to the till"), learned from finished steps."""

    def __init__(self) -> None:
        self.after: dict[str, dict[str, float]] = {}  # service -> next service -> visits
        self.visits: dict[str, float] = {}
        self._last: dict[str, str] = {}  # ticket -> the step before

    def add(self, fact: FactRow) -> None:
        """One more step is over; its successor, if there is one, was called for by it."""
        before = self._last.pop(fact.ticket, None)
        if fact.step > 1 and before is not None:
            known = self.after.setdefault(before, {})
            known[fact.service] = known.get(fact.service, 0.0) + 1.0
        if fact.outcome == "answered":
            self.visits[fact.service] = self.visits.get(fact.service, 0.0) + 1.0
            self._last[fact.ticket] = fact.service

    def forget(self) -> None:
        """A new day: nobody of yesterday is still on the way."""
        self._last.clear()

    def chances(self) -> dict[str, dict[str, float]]:
        """Of each service, the chance of each next step, shrunk to none."""
        return {
            service: {following: count / (self.visits[service] + FOLLOW_VISITS) for following, count in known.items()}
            for service, known in self.after.items()
        }


@dataclass
class Beliefs:
    """What the models believe, and what follows what."""

    models: Models
    follow: Follow

    def parameters(self, now: float) -> Parameters:
        """What is believed at ``now``."""
        return replace(self.models.parameters(now), follow=self.follow.chances())


class Believed(NamedTuple):
    """What was believed when a shopper began to wait: as the futures had it (``raw``), and corrected (``said``)."""

    day: str
    ticket: str
    service: str
    at: float
    raw: Quantiles
    said: Quantiles


@dataclass
class Forecaster:
    """Not for several threads at once."""

    models: Models
    rollouts: int = 200
    calibration: Calibration = field(default_factory=Calibration)
    track: Track = field(default_factory=Track)
    follow: Follow = field(default_factory=Follow)
    fresh: list[Believed] = field(default_factory=list)
    book: tuple[Appointment, ...] = ()  # appointments of today whose shoppers have not come yet
    _open: dict[str, Believed] = field(default_factory=dict)
    day: str = ""  # the business day of what comes next
    _serial: int = 0
    _counted: set[str] = field(default_factory=set)
    _closer: set[str] = field(default_factory=set)  # who waits and has been asked to come closer

    def show(self, day: StoreDay, now: float, *, quick: bool = False) -> ShowWaits | None:
        """What must be said anew at ``now``; ``quick``: without sampling."""
        self._follow(day)
        raw = self._quickly(day, now) if quick else self._sampled(day, now)
        waits = self._corrected(day, raw)
        for name in raw.tickets:
            (self._closer.discard if day.tickets[name].invited_at is None else self._closer.add)(name)
        if not quick:
            self._keep(day, raw, waits, now)
        return promise.show(day, waits, now)

    def ended(self, day: str, fact: KeepFact) -> None:
        """One more step of business day ``day`` is over: learn from it, and see whether what was said held."""
        self.models.observe(fact)
        self.follow.add(fact)
        if fact.ticket in self._closer:
            self._closer.discard(fact.ticket)
            self.models.came_closer(fact)
        if fact.step != 1 or fact.ticket in self._counted:
            return  # what was said at joining is about the first step; a finish taken back and given again counts once
        self._counted.add(fact.ticket)
        self.judge(day, self._open.pop(fact.ticket, None), fact)

    def again(self, day: str, fact: KeepFact, believed: Believed | None) -> None:
        """The same after a restart: a step of today that was over before."""
        if fact.step == 1:
            self.models.joined(fact.service, fact.priority, fact.joined_at)
        if believed is not None:
            self._open[fact.ticket] = believed
        self.ended(day, fact)

    def waits(self, believed: Believed) -> None:
        """The same of somebody of today whose first step was not over: what becomes of it will be compared."""
        if believed.ticket not in self._counted:
            self._open[believed.ticket] = believed

    def go_on_from(self, before: "Forecaster") -> None:
        """In the middle of a day, take over what another one believed of those who still wait, and has not handed out."""
        for believed in before._open.values():
            self.waits(believed)
        self._closer |= before._closer
        self.fresh, before.fresh = before.fresh + self.fresh, []

    def judge(self, day: str, believed: Believed | None, fact: KeepFact) -> None:
        """Compare what was believed and promised with what happened, for the correction and for the manager."""
        began = fact.started_at
        if fact.promise_s is not None and began is not None:
            self.track.promised(day, fact.promise_s, began - fact.joined_at)
        until = began if began is not None else fact.left_at
        if believed is None or until is None or fact.outcome == "void":
            return
        waited_s = max(until - believed.at, 0.0)
        raw = believed.raw
        weight = news(raw.mean_s, raw.p10_s, raw.p90_s)
        self.calibration.add(believed.service, rank(raw, waited_s), happened=began is not None, weight=weight)
        if began is not None:
            self.track.forecast(day, believed.said, waited_s)

    def _follow(self, day: StoreDay) -> None:
        """Notice a new business day, and who has joined since the last look."""
        if day.plan.day != self.day:
            self.day, self._serial = day.plan.day, 0
            self._open.clear()
            self._counted.clear()
            self._closer.clear()
            self.follow.forget()
        if day.serial == self._serial:
            return
        for ticket in day.tickets.values():
            if ticket.serial > self._serial:
                kind = kind_of(ticket.card, ticket.appointment_at is not None, ticket.standing)
                self.models.joined(ticket.steps[0], kind, ticket.joined_at)
        self._serial = day.serial

    @property
    def beliefs(self) -> Beliefs:
        """What is believed, and learned from today's visits."""
        return Beliefs(self.models, self.follow)

    def _sampled(self, day: StoreDay, now: float) -> Waits:
        return Estimator(self.beliefs, self.rollouts).estimate(day, now, day.version, self.book)

    def _quickly(self, day: StoreDay, now: float) -> Waits:
        situation = situation_of(day, now)
        return fallback.quick(situation, self.beliefs.parameters(situation.now))

    def _corrected(self, day: StoreDay, raw: Waits) -> Waits:
        levels = {service: self.calibration.levels(service) for service in day.plan.services}
        tickets = {name: correct(wait, levels[day.tickets[name].service]) for name, wait in raw.tickets.items()}
        return Waits(raw.at, tickets, {name: correct(wait, levels[name]) for name, wait in raw.services.items()})

    def _keep(self, day: StoreDay, raw: Waits, waits: Waits, now: float) -> None:
        """Remember the first belief about everybody who waits; it is compared with what becomes of it."""
        for name, wait in raw.tickets.items():
            ticket = day.tickets[name]
            if name in self._open or ticket.step > 0 or ticket.shown is not None or ticket.phase is not Phase.WAITING or not wait.sure:
                continue
            self._open[name] = Believed(self.day, name, ticket.service, now, wait, waits.tickets[name])
            self.fresh.append(self._open[name])
        del self.fresh[:-FRESH_MAX]
