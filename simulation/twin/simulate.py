"""``avous simulate``: a scenario played many times, and what comes of it with 95 % intervals."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from simulation.executors import processes, run_all
from simulation.scenario.distributions import Floats
from simulation.scenario.model import Scenario, mean_rate
from simulation.twin import metrics
from simulation.twin.crew import Crew, crew_of, plan_of
from simulation.twin.demand import Demand, draw
from simulation.twin.dispatchers import RulesDispatcher
from simulation.twin.kernel import Kernel
from simulation.twin.log import Log
from simulation.twin.reference import Twin

Engine = Literal["auto", "rules", "kernel"]
REPLICATIONS_MAX = 1_000_000
ALONE_SHOPPERS = 30_000  # fewer than this in all are simulated here: starting processes would take longer


@dataclass(frozen=True, slots=True)
class Job:
    """One replication. Its result depends on nothing else."""

    scenario: Scenario
    seed: int
    replication: int
    engine: Engine = "auto"


def play_day(scenario: Scenario, crew: Crew, demand: Demand, engine: Engine = "auto") -> Log:
    """One day of these shoppers with this crew. ``auto`` takes the kernel wherever it can stand for the rules."""
    with _no_collection():
        if engine == "kernel" or (engine == "auto" and not demand.needs_rules):
            return Kernel(scenario, crew, demand).run()
        rules = RulesDispatcher(plan_of(scenario, crew), crew.members, demand)
        return Twin(crew, demand, rules, scenario.horizon_s, scenario.close, scenario.drift).run()


@contextmanager
def _no_collection() -> Iterator[None]:
    """A day makes many small values and no garbage in cycles: looking for some takes a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def play(job: Job) -> Floats:
    """The sums of one replication (see ``metrics.summarise``)."""
    crew = crew_of(job.scenario)
    log = play_day(job.scenario, crew, draw(job.scenario, job.seed, job.replication), job.engine)
    return metrics.summarise(job.scenario, crew, log, metrics.groups_of(job.scenario))


def simulate(
    scenario: Scenario, replications: int, seed: int, engine: Engine = "auto", workers: int | None = None,
    executor: Executor | None = None, done: Callable[[int], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The report of ``avous simulate``: metrics overall, by service, interval and salesperson.

    The same scenario, seed and number of replications give the same report on any number of processes.
    """
    return report(scenario, replications, seed, played(scenario, replications, seed, engine, workers, executor, done))


def played(
    scenario: Scenario, replications: int, seed: int, engine: Engine = "auto", workers: int | None = None,
    executor: Executor | None = None, done: Callable[[int], None] | None = None,
) -> list[Floats]:  # fmt: skip
    """The sums of every day (see ``play``)."""
    jobs = [Job(scenario, seed, replication, engine) for replication in range(replications)]
    if executor is not None:
        return run_all(play, jobs, executor, done)
    expected = replications * scenario.horizon_s * sum(mean_rate(s, scenario.horizon_s) for s in scenario.services.values())
    with processes(1 if expected < ALONE_SHOPPERS else workers) as pool:
        return run_all(play, jobs, pool, done)


def fans(scenario: Scenario, days: list[Floats]) -> list[dict[str, Any]]:
    """Per interval, between what bounds the mean wait of who came then lay from day to day."""
    groups, rows = metrics.groups_of(scenario), np.stack(days)
    first = 1 + len(groups.services)
    return [{"start_min": start / 60, "wait_after_s": metrics.fan(rows[:, first + i, :])} for i, start in enumerate(groups.starts_s)]


def report(scenario: Scenario, replications: int, seed: int, days: list[Floats]) -> dict[str, Any]:
    """The sums of all replications as the published report."""
    groups, rows = metrics.groups_of(scenario), np.stack(days)
    estimates = iter(metrics.estimate(rows[:, i, :]) for i in range(len(groups)))
    return {
        "scenario": scenario.name,
        "replications": replications,
        "seed": seed,
        "overall": next(estimates),
        "services": {name: next(estimates) for name in groups.services},
        "intervals": [{"start_min": start / 60, **next(estimates)} for start in groups.starts_s],
        "salespeople": {name: {"utilisation": next(estimates)["utilisation"]} for name in groups.people},
    }
