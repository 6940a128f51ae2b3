"""``python -m simulation.bench.early [SCENARIO]``: what the early call saves, on the same days with and without it.

The rules decide as in a live store: who waits next is asked to come closer before a salesperson is expected to be free
(``server.rules.early``). A shopper who was asked walks at once, and at the call has only the rest of the way to go.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from server.rules import commands as c
from server.rules import events as ev
from server.rules.plan import DayPlan, Timings
from simulation.scenario.model import Scenario
from simulation.scenario.reading import load, loads
from simulation.twin.crew import Crew, crew_of, plan_of
from simulation.twin.demand import Demand, draw
from simulation.twin.dispatchers import Pairs, RulesDispatcher
from simulation.twin.log import ANSWERED, NEXT_STEP, Log
from simulation.twin.reference import Twin

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


class Inviting(RulesDispatcher):
    """Remembers who was asked to come closer, and when."""

    def __init__(self, plan: DayPlan, crew: Crew, demand: Demand) -> None:
        self.invited: dict[int, float] = {}
        super().__init__(plan, crew.members, demand)

    def tick(self, now: float) -> Pairs:
        """As the rules say; invitations are noted."""
        events = self._do(c.Tick(), now)
        self.invited |= {int(e.ticket): now for e in events if type(e) is ev.ShopperInvited}
        return self._accept(events, now)

    def next_tick(self) -> float | None:
        """Somebody who comes while a visit overruns should be invited at once, not in the past."""
        due = super().next_tick()
        return None if due is None else max(due, self.day.at)


class EarlyTwin(Twin):
    """A day in which who was asked to come closer has walked part of the way before the call."""

    def __init__(self, scenario: Scenario, crew: Crew, demand: Demand, timings: Timings) -> None:
        plan = learned(scenario, crew, timings)
        self._inviting = Inviting(plan, crew, demand)
        super().__init__(crew, demand, self._inviting, scenario.horizon_s, scenario.close, scenario.drift)
        self._clocked = True

    def _way_s(self, visitor: int, now: float) -> float:
        asked_at = self._inviting.invited.pop(visitor, now)
        return max(0.0, super()._way_s(visitor, now) - (now - asked_at))

    def _start(self, visitor: int, person: int, now: float) -> None:
        super()._start(visitor, person, now)
        self._watch_clock()  # the end of this visit may be near enough to invite somebody


def learned(scenario: Scenario, crew: Crew, timings: Timings) -> DayPlan:
    """The plan of the day with what the store's past says: median length and median way of each service."""
    plan, rng = plan_of(scenario, crew), np.random.default_rng(1)
    services = {
        id: replace(
            plan.services[id], typical_s=float(np.median(service.service_time.sample(rng, LEARNED))),
            walking_s=float(np.median(service.walking.sample(rng, LEARNED))),
        )
        for id, service in scenario.services.items()
    }  # fmt: skip
    return replace(plan, services=services, timings=replace(plan.timings, early_from_s=timings.early_from_s, early_s=timings.early_s))


def day(scenario: Scenario, timings: Timings, seed: int, replication: int) -> dict[str, float]:
    """One day's figures: mean wait until the start, seconds a salesperson waits for a called shopper, shares."""
    crew = crew_of(scenario)
    log = EarlyTwin(scenario, crew, draw(scenario, seed, replication), timings).run()
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
