"""``python -m simulation.bench.early [SCENARIO]``: what the early call saves, on the same days with and without it.

Days of a scenario, drawn anew; what it saves on a store's own days is on its settings page (``simulation.past.closer``).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from server.rules.plan import DayPlan, Timings
from simulation.scenario.model import Scenario
from simulation.scenario.reading import load, loads
from simulation.twin.crew import Crew, crew_of, plan_of
from simulation.twin.demand import draw
from simulation.twin.early import EarlyTwin, inviting
from simulation.twin.log import ANSWERED, NEXT_STEP, Log

LEARNED: Final = 2001  # draws whose median stands for what a store has learned
SATURDAY: Final = """
name = "Saturday, two minutes to the desk"
horizon_min = 600
[services.advice]
arrivals_per_hour = [[0, 12], [120, 26], [360, 30], [480, 20]]
service_time = {kind = "lognormal", mean_min = 9, cv = 0.8}
patience = {kind = "lognormal", mean_min = 25, cv = 0.7}
walking = {kind = "lognormal", mean_min = 2, cv = 0.4}
[pools.advisers]
count = [[0, 3], [120, 6]]
skills = ["advice"]
"""
OFF: Final = Timings(early_from_s=0.0)


def learned(scenario: Scenario, crew: Crew, timings: Timings) -> DayPlan:
    """The plan of the day with what the store's past says: median length and median way of each service."""
    rng, services = np.random.default_rng(1), scenario.services.items()
    drawn = {
        id: (float(np.median(service.service_time.sample(rng, LEARNED))), float(np.median(service.walking.sample(rng, LEARNED))))
        for id, service in services
    }
    typical_s, walking_s = ({id: pair[which] for id, pair in drawn.items()} for which in (0, 1))
    return inviting(plan_of(scenario, crew), typical_s, walking_s, timings)


def day(scenario: Scenario, timings: Timings, seed: int, replication: int) -> dict[str, float]:
    """One day's figures: mean wait until the start, seconds a salesperson waits for a called shopper, shares."""
    crew = crew_of(scenario)
    plan, demand = learned(scenario, crew, timings), draw(scenario, seed, replication)
    log = EarlyTwin(crew, demand, plan, scenario.horizon_s, scenario.close, scenario.drift).run()
    return _figures(log)


def _figures(log: Log) -> dict[str, float]:
    rows = [row for row in range(log.rows) if log.outcome[row] in (ANSWERED, NEXT_STEP)]
    ways = [log.started_at[row] - log.called_at[row] for row in rows]
    left = sum(1 for row in range(log.rows) if log.outcome[row] == "left")
    return {
        "wait_mean_s": float(np.mean([log.ended_at[row] - log.queued_at[row] for row in range(log.rows)])),
        "salesperson_waits_s": float(np.mean(ways)),
        "left_share": left / max(1, log.rows),
    }


def compared(scenario: Scenario, margins_s: Sequence[float], replications: int, seed: int) -> dict[str, Any]:
    """Without and with each margin, the same days: mean of each figure, and of the difference with its 95 % interval."""
    base = [day(scenario, OFF, seed, r) for r in range(replications)]
    report: dict[str, Any] = {"scenario": scenario.name, "replications": replications, "seed": seed, "off": _means(base)}
    for margin_s in margins_s:
        tried = [day(scenario, Timings(early_from_s=1.0, early_s=margin_s), seed, r) for r in range(replications)]
        report[f"{margin_s:g}"] = {**_means(tried), "difference": {name: _interval(base, tried, name) for name in base[0]}}
    return report


def _means(days: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([d[name] for d in days])), 4) for name in days[0]}


def _interval(base: list[dict[str, float]], tried: list[dict[str, float]], name: str) -> list[float]:
    """Mean difference, and its 95 % interval (normal, over paired days)."""
    apart = np.array([b[name] - a[name] for a, b in zip(base, tried, strict=True)])
    half = 1.96 * float(apart.std(ddof=1)) / len(apart) ** 0.5
    return [round(x, 4) for x in (float(apart.mean()), float(apart.mean()) - half, float(apart.mean()) + half)]


def main(arguments: Sequence[str]) -> None:
    """Print the report as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="?")
    parser.add_argument("--early-s", type=float, nargs="+", default=[0.0, 30.0, 60.0, 120.0])
    parser.add_argument("--replications", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    scenario = load(given.scenario) if given.scenario else loads(SATURDAY)
    sys.stdout.write(json.dumps(compared(scenario, given.early_s, given.replications, given.seed), indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
