"""One simulated day of the wait benchmark: everybody who has to wait is forecast once, at joining.

Models are learned from days before and follow the day as it goes; the oracle reads the scenario. A day is a
pure function of the scenario, the seed and its number, so days can be played anywhere and in any order.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from server.rules.plan import DayPlan
from server.waits import baselines
from server.waits.estimator import futures
from server.waits.forecast import Forecast, Refiner
from server.waits.forecaster import Beliefs, Follow
from server.waits.models import Fact, Models
from server.waits.situation import Situation, Waiter
from simulation.bench.offered import OfferedDay, Shopper
from simulation.bench.true_beliefs import TrueBeliefs
from simulation.scenario.model import Scenario
from simulation.twin.crew import Crew, crew_of, plan_of
from simulation.twin.demand import draw

DAY_S = 86400.0
TRAINING_DAYS = 14
HISTORIES = 8  # of so many days each: scored days take turns, so that the luck of one history does not decide
RESIDUAL_DAYS = 4  # of the training days, on which baselines' residuals are taken
FIRST_SCORED = 1000  # replication numbers of scored days begin here, those of training days at 0
ORACLE_TIMES = 3.4  # futures the oracle draws for each of ours
SEED_STEP = 1_000_003
REPORTED = (0.10, 0.50, 0.80, 0.90)


class Job(NamedTuple):
    """A scored day. ``futures`` per forecast; ``oracle`` whether the true laws forecast too."""

    scenario: Scenario
    seed: int
    number: int
    futures: int
    oracle: bool = True


@dataclass(slots=True)
class Scored:
    """Forecasts (mean, P10, P50, P80, P90) and outcomes of one day, shopper by shopper."""

    waits_s: list[float] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)  # of joining, since the day began
    served: list[bool] = field(default_factory=list)
    forecasts: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Trained:
    """What is known of a scenario before the scored days."""

    plan: DayPlan
    crew: Crew
    beliefs: Beliefs
    residuals: dict[str, tuple[float, ...]]  # baseline -> quantiles of (wait - prediction) at REPORTED
    truth: TrueBeliefs


_TRAINED: dict[int, Trained] = {}  # per process, of the case being played: training is the same for many days
_CASE: list[tuple[str, int]] = []


def trained(scenario: Scenario, seed: int, history: int = 0) -> Trained:
    """Models learned from TRAINING_DAYS simulated days (without any drift: that is what nobody announces)."""
    case = (repr(scenario), seed)
    if [case] != _CASE:
        _TRAINED.clear()
        _CASE[:] = [case]
    if history not in _TRAINED:
        _TRAINED[history] = _train(replace(scenario, drift=None), scenario, seed, history * TRAINING_DAYS)
    return _TRAINED[history]


def _train(usual: Scenario, scenario: Scenario, seed: int, first: int) -> Trained:
    crew = crew_of(scenario)
    plan = replace(plan_of(scenario, crew), closes_at=1e12)
    facts: list[Fact] = []
    slots: list[tuple[str, float | None]] = []
    for number in range(TRAINING_DAYS):
        demand = draw(usual, seed, first + number)
        OfferedDay(
            usual, plan, crew, demand, number * DAY_S, learn=facts.append, slot_past=lambda *slot: slots.append(slot)
        ).run()  # fmt: skip
    models, follow = Models(plan).learn(facts), Follow()
    for fact in facts:
        follow.add(fact)
    for service, late_s in slots:
        models.slot(service, late_s)
    errors: dict[str, list[float]] = {}
    for number in range(TRAINING_DAYS - RESIDUAL_DAYS, TRAINING_DAYS):
        _residuals(OfferedDay(usual, plan, crew, draw(usual, seed, first + number), number * DAY_S), models, errors)
    quantiles = {name: tuple(np.quantile(seen, REPORTED)) if seen else (0.0,) * len(REPORTED) for name, seen in errors.items()}
    return Trained(plan, crew, Beliefs(models, follow), quantiles, TrueBeliefs(scenario, crew, DAY_S))


def _residuals(day: OfferedDay, models: Models, errors: dict[str, list[float]]) -> None:
    """What a store could have seen: how far off each baseline was for those who were served in the end."""
    said: dict[int, dict[str, float]] = {}

    def watch(sim: OfferedDay, shopper: Shopper) -> None:
        situation = sim.situation()
        said[shopper.index] = _baselines(sim, situation, models, sim.waiter(shopper))

    day.watch = watch
    for shopper in day.run():
        if shopper.index in said and shopper.served and shopper.offered_s is not None:
            for name, value in said[shopper.index].items():
                errors.setdefault(name, []).append(shopper.offered_s - value)


def _baselines(sim: OfferedDay, situation: Situation, models: Models, me: Waiter) -> dict[str, float]:
    starts = [baselines.Start(*start) for start in sim.starts[-400:] if start[2] == me.service]
    return baselines.predict(situation, models.parameters(situation.now), me, starts)


class _Watcher:
    """Forecasts everybody who has to wait, and learns from what became of it."""

    def __init__(self, job: Job) -> None:
        self.job, self.known = job, trained(job.scenario, job.seed, job.number % HISTORIES)
        self.beliefs = deepcopy(self.known.beliefs)
        self.refiner = Refiner(1)
        self.raw: dict[int, tuple[str, Forecast]] = {}
        self.said: dict[int, tuple[float, dict[str, tuple[float, ...]]]] = {}

    def watch(self, sim: OfferedDay, shopper: Shopper) -> None:
        """A forecast by everybody."""
        me, situation = sim.waiter(shopper), sim.situation()
        seed = self.job.seed * SEED_STEP + self.job.number * 10_007 + shopper.index
        raw = Forecast.of(futures(situation, self.beliefs.parameters(situation.now), self.job.futures, seed, [me])[-1])
        self.raw[shopper.index] = (me.service, raw)
        said = {"avous": _columns(self.refiner.refine(me.service, raw, (0.0,)))}
        if self.job.oracle:
            count = int(self.job.futures * ORACLE_TIMES)
            knowing = sim.situation(knowing=True)
            said["oracle"] = _columns(Forecast.of(futures(knowing, self.known.truth.parameters(knowing.now), count, seed + 1, [me])[-1]))
        for name, value in _baselines(sim, situation, self.beliefs.models, me).items():
            said[name] = (value, *(max(value + more, 0.0) for more in self.known.residuals.get(name, (0.0,) * 4)))
        self.said[shopper.index] = (sim.now, said)

    def observe(self, fact: Fact) -> None:
        """One more step is over."""
        self.beliefs.models.observe(fact)
        self.beliefs.follow.add(fact)

    def tell(self, _: OfferedDay, shopper: Shopper, wait_s: float, happened: bool) -> None:
        """The end of a wait, as a live store sees it."""
        if shopper.index in self.raw:
            service, raw = self.raw.pop(shopper.index)
            self.refiner.learn(service, raw, (0.0,), wait_s, happened=happened)


def _columns(forecast: Forecast) -> tuple[float, ...]:
    return (forecast.mean_s, *(forecast.at(level) for level in REPORTED))


def play(job: Job) -> Scored:
    """The day's forecasts and what really happened."""
    watcher = _Watcher(job)
    known, models = watcher.known, watcher.beliefs.models
    day = OfferedDay(
        job.scenario, known.plan, known.crew, draw(job.scenario, job.seed, FIRST_SCORED + job.number),
        (TRAINING_DAYS + job.number) * DAY_S, watcher.watch, watcher.observe, models.joined, models.slot, watcher.tell,
    )  # fmt: skip
    scored = Scored()
    for shopper in day.run():
        if shopper.index in watcher.said and shopper.offered_s is not None:
            at, said = watcher.said[shopper.index]
            scored.waits_s.append(shopper.offered_s)
            scored.at_s.append(at)
            scored.served.append(shopper.served)
            for name, columns in said.items():
                scored.forecasts.setdefault(name, []).append(columns)
    return scored


def merged(days: Sequence[Scored]) -> tuple[Scored, list[int]]:
    """All days as one, and the day of each shopper."""
    whole, day_of = Scored(), []
    for number, day in enumerate(days):
        whole.waits_s += day.waits_s
        whole.at_s += day.at_s
        whole.served += day.served
        day_of += [number] * len(day.waits_s)
        for name, columns in day.forecasts.items():
            whole.forecasts.setdefault(name, []).extend(columns)
    return whole, day_of
