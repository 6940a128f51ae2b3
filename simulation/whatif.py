"""``avous whatif``: the same shoppers meet two plans, and the difference comes with its uncertainty.

Both plans are played on the same days (common random numbers), so most of the chance cancels in the difference
of each pair; the interval is Student's t over the pairs. Days are played in batches until the difference in
unanswered shoppers is known to a tenth of itself, or the number of replications allowed is reached.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from simulation.changes import Case
from simulation.executors import run_all
from simulation.scenario.distributions import Floats
from simulation.twin import metrics
from simulation.twin.log import Log
from simulation.twin.metrics import SUMS, Groups
from simulation.twin.simulate import play_day

FIRST_BATCH, BATCH = 40, 40
PRECISION = 0.1
COMPARED = ("unanswered", "answered", "left", "balked", "closed", "wait_mean_s", "wait_answered_mean_s", "queue_mean", "utilisation")


@dataclass(frozen=True, slots=True)
class Pair:
    """One day under two plans."""

    before: Case
    after: Case
    seed: int
    replication: int


def play_pair(pair: Pair) -> Floats:
    """Sums of the two days, (plan, group, sum): the groups are the day, then its intervals."""
    return np.stack([_sums(case, pair.seed, pair.replication) for case in (pair.before, pair.after)])


def _sums(case: Case, seed: int, replication: int) -> Floats:
    log = play_day(case.scenario, case.crew, case.demand(seed, replication))
    whole = metrics.summarise(case.scenario, case.crew, log, Groups((), (), 1.0, ()))
    return np.concatenate([whole, _by_interval(case, log)])


def _by_interval(case: Case, log: Log) -> Floats:
    """Arrivals, unanswered and first waits by interval of arrival, in the columns of ``SUMS``; the rest is left at 0."""
    groups = metrics.groups_of(case.scenario)
    edges = np.append(groups.starts_s, groups.starts_s[-1] + groups.step_s)
    rows = np.zeros((len(groups.starts_s), len(SUMS)))
    came_at, answered = np.array(log.queued_at), dict[int, bool]()
    for visitor, outcome in zip(log.visitor, log.outcome, strict=True):
        answered[visitor] = outcome in ("answered", "void")
    first = np.array(log.step) == 0
    lost = np.array([not answered[v] for v in np.array(log.visitor)[first].tolist()], dtype=bool)
    came = np.concatenate([came_at[first], log.balked_at])
    rows[:, SUMS.index("arrivals")] = np.histogram(came, edges)[0]
    rows[:, SUMS.index("unanswered")] = np.histogram(np.concatenate([came_at[first][lost], log.balked_at]), edges)[0]
    rows[:, SUMS.index("joined")] = np.histogram(came_at[first], edges)[0]
    rows[:, SUMS.index("wait_s")] = np.histogram(came_at[first], edges, weights=(np.array(log.ended_at) - came_at)[first])[0]
    return rows


def compare(
    before: Case, after: Case, replications_max: int, seed: int, executor: Executor | None = None,
    done: Callable[[int], None] | None = None, seen: Callable[[Floats], None] | None = None,
) -> Floats:  # fmt: skip
    """Sums of all pairs played, (pair, plan, group, sum); stops as soon as the difference is known to a tenth of itself.

    ``seen`` gets what is known after every batch: a first answer for who is watching.
    """
    days: list[Floats] = []
    while len(days) < replications_max:
        wanted = min(replications_max, len(days) + (BATCH if days else FIRST_BATCH))
        pairs = [Pair(before, after, seed, k) for k in range(len(days), wanted)]
        days += run_all(play_pair, pairs, executor, None if done is None else partial(_tell, done, len(days)))
        if seen is not None:
            seen(np.stack(days))
        known = difference(np.stack(days), "unanswered")
        low, high = known["ci95"]
        if low is not None and (high - low) / 2 <= PRECISION * abs(known["mean"]):
            break
    return np.stack(days)


def _tell(done: Callable[[int], None], before: int, finished: int) -> None:
    """Progress in pairs: what was there before this batch, and what it has finished."""
    done(before + finished)


def difference(days: Floats, name: str) -> dict[str, Any]:
    """After minus before, per day, with its 95 % interval over the pairs."""
    values = _per_day(days[:, 1, 0, :], name) - _per_day(days[:, 0, 0, :], name)
    return metrics.of_values(values)


def _per_day(rows: Floats, name: str) -> Floats:
    """A sum or a ratio of each day."""
    if name in SUMS:
        return rows[:, SUMS.index(name)]
    above, below = metrics.RATIOS[name]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(rows[:, SUMS.index(above)] / rows[:, SUMS.index(below)])


def report(before: Case, after: Case, days: Floats, changes: list[str], seed: int, hourly_cost: float) -> dict[str, Any]:
    """The report of ``avous whatif``. Money is in the currency of ``hourly_cost``."""
    groups = metrics.groups_of(before.scenario)
    differences = {name: difference(days, name) for name in COMPARED}
    hours = after.paid_hours() - before.paid_hours()
    saved = -differences["unanswered"]["mean"]
    return {
        "scenario": before.scenario.name,
        "changes": changes,
        "replications": len(days),
        "seed": seed,
        "before": {**metrics.estimate(days[:, 0, 0, :]), "paid_hours": before.paid_hours()},
        "after": {**metrics.estimate(days[:, 1, 0, :]), "paid_hours": after.paid_hours()},
        "difference": {**differences, "paid_hours": hours},
        "cost": hours * hourly_cost,
        "cost_per_shopper_saved": hours * hourly_cost / saved if saved > 0 and hours > 0 else None,
        "intervals": [_interval(start, days[:, :, 1 + i, :]) for i, start in enumerate(groups.starts_s)],
    }


def _interval(start_s: float, days: Floats) -> dict[str, Any]:
    """Means over the days, and between what bounds the mean wait of who came then lay from day to day."""
    unanswered, came = days[:, :, SUMS.index("unanswered")].mean(axis=0), days[:, 0, SUMS.index("arrivals")].mean()
    return {
        "start_min": start_s / 60, "arrivals": float(came),
        "unanswered_before": float(unanswered[0]), "unanswered_after": float(unanswered[1]),
        "wait_before_s": metrics.fan(days[:, 0, :]), "wait_after_s": metrics.fan(days[:, 1, :]),
    }  # fmt: skip


def sentence(outcome: dict[str, Any], currency: str = "€") -> str:
    """What a manager wants to know: "3.1 fewer unanswered shoppers a day (2.4 to 3.8), 12 € per shopper saved"."""
    change, (low, high) = outcome["difference"]["unanswered"]["mean"], outcome["difference"]["unanswered"]["ci95"]
    if low is None:
        text = f"{abs(change):.1f} {'fewer' if change < 0 else 'more'} unanswered shoppers on this one day"
    elif low <= 0 <= high:
        text = f"no clear difference in unanswered shoppers a day ({low:+.1f} to {high:+.1f})"
    elif change < 0:
        text = f"{-change:.1f} fewer unanswered shoppers a day ({-high:.1f} to {-low:.1f})"
    else:
        text = f"{change:.1f} more unanswered shoppers a day ({low:.1f} to {high:.1f})"
    per_head = outcome["cost_per_shopper_saved"]
    if per_head is not None and high is not None and high < 0:
        text += f", {per_head:.0f} {currency} per shopper saved"
    elif outcome["cost"] < 0:
        text += f", {-outcome['cost']:.0f} {currency} a day less to pay"
    return text
