"""What the store's own visits teach: service times, speeds, patience, arrivals, walks, gaps. Online.

Shrinkage runs salesperson and service -> service -> store -> a stated prior; a new store therefore
starts with lognormal visits around each service's typical length and a falling patience, and says so
(``sureness``). Waits that ended in a visit are right-censored patience, never dropped. Finishes nobody
tapped are not service times. A visit of a few seconds (somebody hung up) is one: it is in the curve.
"""

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple, Protocol

import numpy as np

from server.rules.plan import DayPlan
from server.waits import shapes
from server.waits.arrivals import Arrivals
from server.waits.curves import Curve, Floats, Tally, of_hazard
from server.waits.lengths import FORGOTTEN, Visits
from server.waits.pace import CALM, TEMPERS, Pace, Temper
from server.waits.parameters import Parameters, Punctuality, Stream
from server.waits.shapes import UNIT_S

PERSON_VISITS = 15.0  # a colleague's average counts as so many of one's own
REFRESH = 25  # observations after which curves are drawn anew
GAP_MAX_S = 300.0  # longer than this between visits, with people waiting, is a break and not a gap
HALF_LIFE_DAYS = 28.0
EVIDENCE_VISITS = 4000  # of history, from which the store's temper is told
CAUTION = 2.0  # log likelihood by which a livelier temper must explain them better: following chance costs more than lagging


class FactRow(Protocol):
    """One step of one visit that is over, as ``rules.effects.KeepFact`` has it."""

    @property
    def service(self) -> str:
        """What was asked for."""

    @property
    def priority(self) -> str:
        """``card``, the name of a standing, or empty for everybody else."""

    @property
    def joined_at(self) -> float:
        """When they began to wait for this step, in seconds of the caller's clock, like every instant here."""

    @property
    def called_at(self) -> float | None:
        """When they were called, s; None: never."""

    @property
    def started_at(self) -> float | None:
        """When the visit began, s; None: it never did."""

    @property
    def finished_at(self) -> float | None:
        """When the visit ended, s; None: nobody was served."""

    @property
    def left_at(self) -> float | None:
        """When the ticket ended with nobody served, s; None: it did not."""

    @property
    def outcome(self) -> str:
        """How it ended: answered, left, vanished, closed or void."""

    @property
    def ticket(self) -> str:
        """Whose step it was; empty: nobody knows."""

    @property
    def step(self) -> int:
        """Which of the visit's steps, from 1: later ones are no new shoppers."""

    @property
    def salesperson(self) -> str | None:
        """Who called or served them; None: nobody."""

    @property
    def estimated(self) -> bool:
        """Whether nobody tapped Finish, so that ``finished_at`` is a guess."""


class Fact(NamedTuple):
    """A FactRow for those who have no ``KeepFact`` at hand (logs, simulations)."""

    service: str
    priority: str
    joined_at: float
    called_at: float | None
    started_at: float | None
    finished_at: float | None
    left_at: float | None
    outcome: str
    salesperson: str | None
    estimated: bool = False
    ticket: str = ""
    step: int = 1


class Models:
    """Beliefs that follow the visits. ``observe`` changes it in place; ``parameters`` reads it."""

    def __init__(self, plan: DayPlan, *, gap_max_s: float = GAP_MAX_S) -> None:
        self.plan, self.gap_max_s = plan, gap_max_s
        self.visits: dict[str, Visits] = {s.id: Visits(s.typical_s) for s in plan.services.values()}
        self.shape = Tally()
        self.worked: dict[tuple[str, str], list[float]] = {}  # (person, service) -> [seconds, expected seconds]
        self.patience: dict[tuple[str, str], Tally] = {}
        self.walking: dict[str, Tally] = {}
        self.closer: dict[str, Tally] = {}  # walks of those who had been asked to come closer; they are in ``walking`` as well
        self.gap, self.away = Tally(), Tally()
        self.finished: dict[str, float] = {}  # person -> last finish
        self.called: dict[str, list[float]] = {}  # service -> [calls, no-shows]
        self.late: dict[str, list[float]] = {}  # service -> [came, sum, sum of squares, slots]
        self.arrivals = Arrivals(plan.zone)
        self.temper, self.known_sd = CALM, 1.0  # how changeable days are; how well usual lengths are known
        self.pace = Pace(self.temper, self.known_sd)
        self.day = -1
        self._seen = 0
        self._cache: _Known | None = None

    @classmethod
    def prior(cls, plan: DayPlan) -> "Models":
        """What a store is believed to be like before its first visit."""
        return cls(plan)

    def learn(self, facts: Iterable[FactRow]) -> "Models":
        """New models from these facts of earlier days (any order), older days counting for less."""
        models = Models(self.plan, gap_max_s=self.gap_max_s)
        rows = sorted(facts, key=lambda f: f.finished_at or f.left_at or f.joined_at)
        for row in rows:  # first the means, then speeds against them, then shapes
            models._count(row)
        for row in rows:
            models._work(row)
        for row in rows:
            models._learn(row, history=True)
        models.day = -1
        models._settle(rows)
        return models

    def _settle(self, rows: list[FactRow]) -> None:
        """How well lengths are known by now, and the temper that explains the last days best."""
        lengths = [length / self._visits(row.service).mean_s for row in rows if (length := _length(row)) is not None]
        if len(lengths) < 2:
            return
        self.known_sd = float(np.std(lengths) / np.mean(lengths) / np.sqrt(len(lengths)))
        recent = [row for row in rows if _length(row) is not None][-EVIDENCE_VISITS:]
        self.temper = max(TEMPERS, key=lambda temper: self._evidence(recent, temper) - CAUTION * TEMPERS.index(temper))
        self.pace = Pace(self.temper, self.known_sd)

    def _evidence(self, rows: list[FactRow], temper: Temper) -> float:
        pace, day, evidence, hazards = Pace(temper, self.known_sd), -1, 0.0, self._known().hazards
        for row in rows:
            length = _length(row)
            assert length is not None
            today = self.arrivals.local.of(row.joined_at)[0]
            if today != day:
                evidence += pace.evidence
                pace, day = Pace(temper, self.known_sd), today
            pace.observe(length / self.factor(row.salesperson, row.service), hazards[row.service], row.finished_at or 0.0)
        return evidence + pace.evidence

    def observe(self, fact: FactRow) -> None:
        """One more step of today is over."""
        self._count(fact)
        self._work(fact)
        self._learn(fact, history=False)

    def joined(self, service: str, kind: str, at: float) -> None:
        """Somebody joins now (so that a busy day is noticed before its visits are over)."""
        self.arrivals.joined((service, kind), at)

    @property
    def sureness(self) -> dict[str, int]:
        """Visits learned from, per service: 0 means that the estimate rests on the prior."""
        return {name: int(v.tally.weight) for name, v in self.visits.items()}

    # --- learning

    def _visits(self, service: str) -> Visits:
        if service not in self.visits:
            self.visits[service] = Visits(UNIT_S)
        return self.visits[service]

    def _count(self, fact: FactRow) -> None:
        visits, length = self._visits(fact.service), _length(fact)
        if length is not None:
            visits.count(length)

    def _work(self, fact: FactRow) -> None:
        length = _length(fact)
        if length is None or fact.salesperson is None:
            return
        mean = self._visits(fact.service).mean_s
        work = self.worked.setdefault((fact.salesperson, fact.service), [0.0, 0.0])
        work[0] += min(length, FORGOTTEN * mean)
        work[1] += mean

    def _learn(self, fact: FactRow, *, history: bool) -> None:
        self._seen += 1
        self._new_day(fact, history=history)
        visits, length = self._visits(fact.service), _length(fact)
        if length is not None:
            self._length(visits, fact, length, history=history)
        self._patience(fact)
        self._calls(fact)
        if history and fact.step == 1:
            self.arrivals.history((fact.service, fact.priority), fact.joined_at)

    def _new_day(self, fact: FactRow, *, history: bool) -> None:
        day = self.arrivals.local.of(fact.joined_at)[0]
        if day == self.day:
            return
        if history and self.day >= 0:
            fade = 0.5 ** (max(day - self.day, 0) / HALF_LIFE_DAYS)
            for visits in self.visits.values():
                visits.fade(fade)
            kept = (self.patience.values(), self.walking.values(), self.closer.values())
            for tally in (self.shape, self.gap, self.away, *chain.from_iterable(kept)):
                tally.fade(fade)
        self.day = day
        self.finished.clear()
        self.pace = Pace(self.temper, self.known_sd)

    def _length(self, visits: Visits, fact: FactRow, length: float, *, history: bool) -> None:
        length /= self.factor(fact.salesperson, fact.service)
        if not history and visits.believes(length):
            self.pace.observe(length, self._known().hazards[fact.service], fact.finished_at or 0.0)
        visits.add(length, UNIT_S, self.shape)

    def _patience(self, fact: FactRow) -> None:
        key = (fact.service, fact.priority)
        tally = self.patience.setdefault(key, Tally())
        if fact.outcome in ("left", "vanished") and fact.left_at is not None:
            tally.add(max(fact.left_at - fact.joined_at, 0.0), ended=True)
        elif (end := fact.called_at or fact.started_at or fact.left_at) is not None and end > fact.joined_at:
            tally.add(end - fact.joined_at, ended=False)

    def _calls(self, fact: FactRow) -> None:
        called = fact.called_at or fact.started_at
        if called is None:
            return
        calls = self.called.setdefault(fact.service, [0.0, 0.0])
        calls[0] += 1
        calls[1] += fact.outcome == "vanished"
        if fact.started_at is not None and fact.called_at is not None:
            self.walking.setdefault(fact.service, Tally()).add(fact.started_at - fact.called_at, ended=True)
        if fact.salesperson is None or fact.finished_at is None:
            return
        before = self.finished.get(fact.salesperson)
        if self.gap_max_s and before is not None and fact.joined_at <= before <= called <= before + self.gap_max_s:
            self.gap.add(called - before, ended=True)
        self.finished[fact.salesperson] = fact.finished_at

    def rested(self, seconds: float, *, ended: bool, away: bool) -> None:
        """Somebody free took so long, with people waiting, until the next call (or, not ``ended``, for other reasons).

        ``away``: they were free before anybody waited. For drivers that know when people waited; they make the
        models with ``gap_max_s=0``.
        """
        (self.away if away else self.gap).add(seconds, ended=ended)
        self._seen += 1

    def came_closer(self, fact: FactRow) -> None:
        """The shopper of this step had been asked to come closer before the call."""
        if fact.started_at is not None and fact.called_at is not None:
            self.closer.setdefault(fact.service, Tally()).add(fact.started_at - fact.called_at, ended=True)

    def slot(self, service: str, late_s: float | None) -> None:
        """An appointment's slot is past: its shopper came this late (negative: early), or did not come."""
        late = self.late.setdefault(service, [0.0, 0.0, 0.0, 0.0])
        late[3] += 1
        if late_s is not None:
            late[0], late[1], late[2] = late[0] + 1, late[1] + late_s, late[2] + late_s**2

    # --- what is believed

    def factor(self, person: str | None, service: str) -> float:
        """Times the usual that this person takes, shrunk to their other services and to 1."""
        if person is None:
            return 1.0
        mine = [work for (who, _), work in self.worked.items() if who == person]
        weight = PERSON_VISITS * UNIT_S
        overall = (sum(w[0] for w in mine) + weight) / (sum(w[1] for w in mine) + weight)
        seconds, expected = self.worked.get((person, service), (0.0, 0.0))
        weight = PERSON_VISITS * self._visits(service).mean_s
        return (seconds + weight * overall) / (expected + weight)

    def parameters(self, now: float) -> Parameters:
        """What is believed at ``now``."""
        known = self._known()
        streams = []
        for service, kind in self.arrivals.counts:
            rate, spread = self.arrivals.rate((service, kind), now)
            standing = kind if kind in self.plan.classes else None
            streams.append(Stream(service, rate, kind == "card", standing, kind == "appointment", spread))
        return Parameters(
            service=known.service, patience=known.patience, factor=known.factor, streams=tuple(streams),
            punctuality={s: _punctuality(late) for s, late in self.late.items()},
            walking=known.walking, closer=known.closer, gap=known.gap, away=known.away,
            no_show={s: calls[1] / (calls[0] + 20.0) for s, calls in self.called.items() if calls[1]}, pace=self.pace.drawn_from(),
            hold_s=self.plan.timings.hold_s,
        )  # fmt: skip

    def _known(self) -> "_Known":
        """Curves as of the last few visits; drawn anew every REFRESH."""
        if self._cache is None or self._seen - self._cache.seen >= REFRESH or len(self._cache.service) < len(self.visits):
            hazards = shapes.service_hazards(self.shape, self.visits)
            walks = shapes.walking_curves(self.walking, self.visits)
            self._cache = _Known(
                self._seen, {s: of_hazard(h) for s, h in hazards.items()}, hazards, {key: self.factor(*key) for key in self.worked},
                shapes.patience_curves(self.patience, self.visits), walks, shapes.closer_curves(self.closer, walks),
                shapes.gap_curve(self.gap), shapes.pause_curve(self.away),
            )  # fmt: skip
        return self._cache


class _Known(NamedTuple):
    """What was drawn up after ``seen`` facts."""

    seen: int
    service: dict[str, Curve]
    hazards: dict[str, Floats]
    factor: dict[tuple[str, str], float]
    patience: dict[tuple[str, str], Curve]
    walking: dict[str, Curve]
    closer: dict[str, Curve]
    gap: Curve | None
    away: Curve | None


def _length(fact: FactRow) -> float | None:
    if fact.started_at is None or fact.finished_at is None or fact.estimated or fact.outcome != "answered":
        return None
    return max(fact.finished_at - fact.started_at, 0.0)


def _punctuality(late: list[float]) -> Punctuality:
    """Shrunk to ten shoppers who are on time within ten minutes, nine of ten coming."""
    came = late[0] + 10.0
    mean = late[1] / came
    variance = (late[2] + 10.0 * 600.0**2) / came - mean**2
    return Punctuality((late[0] + 9.0) / (max(late[3], late[0]) + 10.0), mean, float(np.sqrt(max(variance, 1.0))))
