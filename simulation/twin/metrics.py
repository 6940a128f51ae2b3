"""From the log of a day to sums, and from the sums of many days to metrics with confidence intervals.

A metric is a ratio of two sums per replication (shoppers who waited over shoppers who joined, waiting seconds
over shoppers, busy seconds over seconds on duty …). Over replications it is estimated by the ratio of the
totals, and its 95 % interval by the delta method on the residuals with Student's t, which is right for days
of unequal size (Law, "Simulation Modeling and Analysis", 5th ed., section 9.5.3 on ratio estimators).
Statistics are over shoppers who come in the window [warm-up, horizon], and over that time.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.scenario.distributions import Floats
from simulation.scenario.model import Scenario
from simulation.twin.crew import Crew
from simulation.twin.log import ANSWERED, CLOSED, LEFT, Log

INTERVALS_MAX = 96
QUARTER_S = 900.0

RATIOS: dict[str, tuple[str, str]] = {
    "answered_share": ("answered", "arrivals"),
    "unanswered_share": ("unanswered", "arrivals"),
    "left_share": ("left", "arrivals"),
    "balked_share": ("balked", "arrivals"),
    "p_wait": ("waited", "joined"),
    "wait_mean_s": ("wait_s", "joined"),
    "wait_answered_mean_s": ("wait_answered_s", "served"),
    "queue_mean": ("queue_s", "window_s"),
    "utilisation": ("busy_s", "duty_s"),
}
"""Every ratio metric: what is divided by what."""

METRICS = ("arrivals", *tuple(RATIOS)[:7], "wait_p50_s", "wait_p90_s", "queue_mean", "utilisation")

SUMS = (
    "arrivals", "balked", "joined", "answered", "left", "closed", "unanswered", "waited", "wait_s", "wait_answered_s", "served",
    "queue_s", "window_s", "busy_s", "duty_s", "wait_p50_s", "wait_p90_s",
)  # fmt: skip
_COLUMN = {name: i for i, name in enumerate(SUMS)}

FAN = (0.1, 0.25, 0.5, 0.75, 0.9)

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Groups:
    """The rows of a summary: overall, then services, then intervals, then salespeople and pools."""

    services: tuple[str, ...]
    starts_s: tuple[float, ...]
    step_s: float
    people: tuple[str, ...]

    def __len__(self) -> int:
        return 1 + len(self.services) + len(self.starts_s) + len(self.people)


def groups_of(scenario: Scenario) -> Groups:
    """Quarter hours, or for a long horizon the multiple of a quarter hour that keeps to 96 intervals."""
    step_s = QUARTER_S * max(1, -(-scenario.horizon_s // (QUARTER_S * INTERVALS_MAX)))
    starts = tuple(float(t) for t in np.arange(0.0, scenario.horizon_s, step_s))
    return Groups(tuple(scenario.services), starts, float(step_s), (*scenario.salespeople, *scenario.pools))


def summarise(scenario: Scenario, crew: Crew, log: Log, groups: Groups) -> Floats:
    """The sums of one day: one row per group, one column per name in ``SUMS``."""
    day = _Day(scenario, crew, log)
    lo, hi = scenario.warmup_s, scenario.horizon_s
    rows = [day.visits(lo, hi)]
    rows += [day.steps(name, lo, hi) for name in groups.services]
    rows += [day.visits(max(lo, start), max(lo, min(hi, start + groups.step_s))) for start in groups.starts_s]
    rows += [day.person(name, lo, hi) for name in groups.people]
    return np.array(rows)


class _Day:
    """One day's log as arrays; a visit is the run of its steps."""

    def __init__(self, scenario: Scenario, crew: Crew, log: Log) -> None:
        self.scenario, self.crew = scenario, crew
        self.queued, self.started = np.array(log.queued_at), np.array(log.started_at)
        self.called, self.finished, self.ended = np.array(log.called_at), np.array(log.finished_at), np.array(log.ended_at)
        self.person_of = np.array(log.person, dtype=np.int64)
        self.wait = self.ended - self.queued
        self.service = np.array(log.service, dtype=object)
        self.outcome = np.array(log.outcome, dtype=object)
        self.first = np.array(log.step, dtype=np.int64) == 0
        self.visitor = np.array(log.visitor, dtype=np.int64)
        self.visits_end = self._ends()
        self.balked_at, self.balked_for = np.array(log.balked_at), np.array(log.balked_for, dtype=object)
        self.duty = log.duty

    def _ends(self) -> tuple[Any, Floats, Floats, Floats]:
        """Per visit, in order of arrival: outcome, arrival, waiting over all steps, whether it was not called at once."""
        rows = np.flatnonzero(self.first)
        position = np.full(int(self.visitor.max(initial=-1)) + 1, -1)
        position[self.visitor[rows]] = np.arange(len(rows))
        of = position[self.visitor]
        waits = np.bincount(of, weights=self.wait, minlength=len(rows))
        outcome = np.empty(len(rows), dtype=object)
        outcome[of] = self.outcome  # rows are in order of time, so the last step's outcome stays
        at_once = self.called[rows] == self.queued[rows]
        return outcome, self.queued[rows], np.asarray(waits, dtype=np.float64), np.where(at_once, 0.0, 1.0)

    def visits(self, lo: float, hi: float) -> Floats:
        """Sums over shoppers who arrive in [lo, hi)."""
        outcome, arrived, waits, waited = self.visits_end
        inside = (arrived >= lo) & (arrived < hi)
        balked = int(((self.balked_at >= lo) & (self.balked_at < hi)).sum())
        everything = np.ones(len(self.queued), dtype=bool)
        people = range(len(self.crew.members))
        return self._row(outcome[inside], waits[inside], waited[inside], balked, everything, set(people), lo, hi)

    def steps(self, name: str, lo: float, hi: float) -> Floats:
        """Sums over steps of one service that begin to wait in [lo, hi)."""
        own = self.service == name
        inside = own & (self.queued >= lo) & (self.queued < hi)
        waited = np.where(self.called[inside] == self.queued[inside], 0.0, 1.0)
        outcome = np.where(self.outcome[inside] == "next_step", ANSWERED, self.outcome[inside])
        balked = int(((self.balked_at >= lo) & (self.balked_at < hi) & (self.balked_for == name)).sum())
        able = {i for i, m in enumerate(self.crew.members) if name in m.skills}
        return self._row(outcome, self.wait[inside], waited, balked, own, able, lo, hi)

    def person(self, name: str, lo: float, hi: float) -> Floats:
        """Busy and duty seconds of one salesperson, or of a pool."""
        row = np.zeros(len(SUMS))
        who = {i for i, m in enumerate(self.crew.members) if name == (m.pool or m.id)}
        everything = np.ones(len(self.queued), dtype=bool)
        row[_COLUMN["busy_s"]], row[_COLUMN["duty_s"]] = self._busy(everything, who, lo, hi), self._duty(who, lo, hi)
        return row

    def _row(self, outcome: Any, waits: Floats, waited: Floats, balked: int, own: Bools, able: set[int], lo: float, hi: float) -> Floats:
        answered, left, closed = (outcome == ANSWERED), int((outcome == LEFT).sum()), int((outcome == CLOSED).sum())
        served = waits[answered]
        p50, p90 = np.quantile(served, [0.5, 0.9]) if len(served) else (np.nan, np.nan)
        values = {
            "arrivals": len(waits) + balked, "balked": balked, "joined": len(waits), "answered": answered.sum(), "left": left,
            "closed": closed, "unanswered": balked + left + closed, "waited": waited.sum(), "wait_s": waits.sum(),
            "wait_answered_s": served.sum(), "served": len(served), "queue_s": _overlap(self.queued[own], self.ended[own], lo, hi),
            "window_s": hi - lo, "busy_s": self._busy(own, able, lo, hi), "duty_s": self._duty(able, lo, hi),
            "wait_p50_s": p50, "wait_p90_s": p90,
        }  # fmt: skip
        return np.array([values[name] for name in SUMS], dtype=np.float64)

    def _busy(self, own: Bools, who: set[int], lo: float, hi: float) -> float:
        mine = own & np.isin(self.person_of, list(who)) & ~np.isnan(self.finished)
        return _overlap(self.called[mine], self.finished[mine], lo, hi)

    def _duty(self, who: set[int], lo: float, hi: float) -> float:
        return sum(max(0.0, min(until, hi) - max(since, lo)) for person, since, until in self.duty if person in who)


def _overlap(begin: Floats, end: Floats, lo: float, hi: float) -> float:
    """Seconds of all these intervals that lie inside [lo, hi]."""
    return float(np.clip(np.minimum(end, hi) - np.maximum(begin, lo), 0.0, None).sum())


# -- over replications ---------------------------------------------------------------------------------------

Estimate = dict[str, Any]


def estimate(rows: Floats) -> dict[str, Estimate]:
    """Every metric of one group, from its rows (one per replication): ``{"mean", "ci95": [low, high]}``.

    None where nothing was observed, or for the interval of a single replication.
    """
    result = {"arrivals": of_values(rows[:, _COLUMN["arrivals"]])}
    for name in METRICS[1:]:
        if name in RATIOS:
            above, below = RATIOS[name]
            result[name] = of_ratio(rows[:, _COLUMN[above]], rows[:, _COLUMN[below]])
        else:
            result[name] = of_values(rows[:, _COLUMN[name]])
    return result


def of_values(values: Floats) -> Estimate:
    """Mean over replications with Student's t; replications without a value (nan) are left out."""
    values = values[~np.isnan(values)]
    return of_ratio(values, np.ones(len(values)))


def of_ratio(above: Floats, below: Floats) -> Estimate:
    """The ratio of totals, with the delta method's interval over replications."""
    n, total = len(above), float(below.sum())
    if n == 0 or total <= 0:
        return {"mean": None, "ci95": [None, None]}
    ratio = float(above.sum()) / total
    if n == 1:
        return {"mean": ratio, "ci95": [None, None]}
    residuals = above - ratio * below
    half = student(n - 1) * sqrt(float((residuals**2).sum()) / (n - 1) / n) / (total / n)
    return {"mean": ratio, "ci95": [ratio - half, ratio + half]}


def fan(days: Floats) -> dict[str, float] | None:
    """Quantiles over the days of the mean wait; None where nobody ever came."""
    some = days[days[:, _COLUMN["joined"]] > 0]
    if not len(some):
        return None
    waits = some[:, _COLUMN["wait_s"]] / some[:, _COLUMN["joined"]]
    return {f"p{100 * q:g}": float(v) for q, v in zip(FAN, np.quantile(waits, FAN), strict=True)}


def student(degrees: int, level: float = 0.975) -> float:
    """The quantile of Student's t distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, level))
