"""What the early call saves on recorded days: the same shoppers and salespeople, with nobody asked to come closer and with it.

The ways are those between a call and the start in the record. Where shoppers were invited already, their ways in the
record are short, so that what is found is the least that it saves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np

from server.rules.plan import Timings
from simulation.past.policy import Policy, day_of
from simulation.past.replay import Recorded, Usual, recorded
from simulation.past.visits import Row
from simulation.twin import metrics
from simulation.twin.crew import plan_of
from simulation.twin.early import EarlyTwin, inviting

NEVER: Final = 0.0


@dataclass(frozen=True, slots=True)
class Early:
    """When shoppers are invited, and what the store has learned of each service: its usual length and way in seconds."""

    from_s: float
    margin_s: float
    typical_s: Mapping[str, float]
    walking_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """One day. Seconds are sums: of salespeople waiting for a shopper they have called, of shoppers until they are served."""

    called: int
    salespeople_s: float
    steps: int
    shoppers_s: float
    left: int
    invited: int

    def values(self) -> dict[str, float]:
        """What is compared: means per call and per step, and the sums of the day."""
        return {
            "salesperson_waits_s": self.salespeople_s / max(1, self.called), "salespeople_day_s": self.salespeople_s,
            "wait_mean_s": self.shoppers_s / max(1, self.steps), "left": float(self.left), "invited": float(self.invited),
        }  # fmt: skip


Pair = tuple[Figures, Figures]
"""A day without the early call, and with it."""


def day_both(policy: Policy, early: Early, day: date, rows: list[Row], usually: Usual, seed: int = 1) -> Pair:
    """A recorded day without and with the early call, under the same policy and the same draws."""
    past = recorded(day, rows, usually)
    return _played(past, policy, replace(early, from_s=NEVER), seed), _played(past, policy, early, seed)


def compared(days: Mapping[date, Pair]) -> dict[str, Any]:
    """Mean of each figure without and with, the difference with its 95 % interval over the days, and the pairs day by day."""
    off, on = ([pair[side].values() for pair in days.values()] for side in (0, 1))
    names = off[0]
    return {
        "days": len(days), "shoppers": sum(pair[0].steps for pair in days.values()), "off": _means(off), "on": _means(on),
        "difference": {name: metrics.of_values(np.array([b[name] - a[name] for a, b in zip(off, on, strict=True)])) for name in names},
        "by_day": [
            {"day": day.isoformat(), "off_s": a["salesperson_waits_s"], "on_s": b["salesperson_waits_s"]}
            for day, a, b in zip(days, off, on, strict=True)
        ],
    }  # fmt: skip


def _means(days: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([day[name] for day in days])) for name in days[0]}


def _played(past: Recorded, policy: Policy, early: Early, seed: int) -> Figures:
    scenario, crew, demand = day_of(past, policy, seed)
    timings = Timings(early_from_s=early.from_s, early_s=early.margin_s)
    twin = EarlyTwin(crew, demand, inviting(plan_of(scenario, crew), early.typical_s, early.walking_s, timings), scenario.horizon_s)
    log = twin.run()
    queued, called, started, ended = (np.array(column) for column in (log.queued_at, log.called_at, log.started_at, log.ended_at))
    ways = (started - called)[~np.isnan(started)]
    left = sum(outcome == "left" for outcome in log.outcome)
    return Figures(len(ways), float(ways.sum()), log.rows, float((ended - queued).sum()), left, twin.inviting.asked)
