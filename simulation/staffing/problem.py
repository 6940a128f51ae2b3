"""Whom a store needs when: what is being staffed, and the one who asks the twin whether a plan does.

``search`` finds the plans, ``roster`` reports them. A plan is judged by shares per interval of arrival: of those who come in it, how many
end unanswered and (if asked) how many wait longer than a limit. All plans meet the same shoppers, so small differences are seen.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

import numpy as np

from simulation.executors import run_all
from simulation.scenario.distributions import Floats
from simulation.scenario.model import Pool, Scenario, mean_rate
from simulation.twin.crew import Crew, Member, crew_of
from simulation.twin.demand import Demand, draw
from simulation.twin.log import CLOSED, LEFT, VANISHED, Log
from simulation.twin.metrics import student
from simulation.twin.simulate import play_day

CHECK_SHOPPERS = 1_600_000  # in all days of the last check, and at most 10,000 days
CHECK_SEED = 1_000_003  # added to the seed: days the search has not seen
BLOCK = 25  # days played in one job
KEPT = 450  # days of one seed whose shoppers are remembered by a process: those of a first check
_LOST = frozenset((LEFT, CLOSED, VANISHED))


class StaffError(ValueError):
    """No staffing does what was asked; the text says what is impossible and the nearest possible thing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Salespeople with the same skills; ``speeds`` are the mean of those the scenario has."""

    name: str
    skills: tuple[str, ...]
    speeds: tuple[tuple[str, float], ...]


Plan = tuple[tuple[int, ...], ...]
"""People per kind and interval."""


@dataclass(frozen=True, slots=True)
class Late:
    """At most ``share`` of those who come in an interval may wait longer than ``after_s``."""

    after_s: float
    share: float


@dataclass(frozen=True, slots=True)
class Setting:
    """What is being staffed: the day, the kinds of people, the intervals, the targets."""

    scenario: Scenario
    kinds: tuple[Kind, ...]
    step_s: float
    target: float
    seed: int
    late: Late | None = None

    @property
    def starts_s(self) -> tuple[float, ...]:
        """Beginning of every interval."""
        return tuple(float(t) for t in np.arange(0.0, self.scenario.horizon_s, self.step_s))

    @property
    def targets(self) -> tuple[float, ...]:
        """The largest shares allowed: unanswered, then waiting too long if that was asked."""
        return (self.target,) if self.late is None else (self.target, self.late.share)

    @property
    def shoppers(self) -> float:
        """How many come in a day, on average."""
        return sum(mean_rate(s, self.scenario.horizon_s) for s in self.scenario.services.values()) * self.scenario.horizon_s

    def days_of(self, shoppers: float, least: int, most: int) -> int:
        """How many days have about so many shoppers."""
        return int(np.clip(shoppers / max(self.shoppers, 1.0), least, most))


def must_be_share(target: float) -> None:
    """``StaffError`` when it cannot be a target."""
    if not 0 < target < 1:
        raise StaffError(f"--target-unanswered must be between 0 and 1, like 0.05; it is {target:g}, the nearest possible is "
                         f"{0.99 if target >= 1 else 0.01:g}")  # fmt: skip


def setting_of(scenario: Scenario, target: float, step_s: float, seed: int, late: Late | None = None) -> Setting:
    """The kinds of people are the skill sets that the scenario's own people have."""
    must_be_share(target)
    groups: dict[tuple[str, ...], list[Member]] = {}
    for member in crew_of(scenario).members:
        groups.setdefault(tuple(sorted(member.skills)), []).append(member)
    kinds = [
        Kind("+".join(skills), skills, tuple((s, float(np.mean([m.speeds[s] for m in members]))) for s in skills))
        for skills, members in sorted(groups.items(), key=lambda group: (len(group[0]), group[0]))
    ]
    return Setting(scenario, tuple(kinds), step_s, target, seed, late)


def crew_for(setting: Setting, plan: Plan) -> Crew:
    """The plan as pools that change size with the intervals."""
    pools = {}
    for kind, counts in zip(setting.kinds, plan, strict=True):
        steps = tuple((start, n) for i, (start, n) in enumerate(zip(setting.starts_s, counts, strict=True)) if i == 0 or n != counts[i - 1])
        pools[kind.name] = Pool(kind.name, kind.skills, dict(kind.speeds), steps)
    return crew_of(replace(setting.scenario, salespeople={}, pools=pools))


# -- what the twin says ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trial:
    """Some days, from ``first`` up to ``last``, with one crew."""

    setting: Setting
    crew: Crew
    seed: int
    first: int
    last: int


class _ByText:
    """A scenario as a key of the cache: the same text is the same day."""

    def __init__(self, value: Scenario) -> None:
        self.value, self._key = value, repr(value)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByText) and other._key == self._key


@lru_cache(maxsize=2 * KEPT)  # the search's days, and those of its checks
def _kept(scenario: _ByText, seed: int, day: int) -> Demand:
    return draw(scenario.value, seed, day)


def play(trial: Trial) -> Floats:
    """(day, arrivals and every count that has a target, interval)."""
    setting, key = trial.setting, _ByText(trial.setting.scenario)
    rows = []
    for day in range(trial.first, trial.last):
        demand = _kept(key, trial.seed, day) if day < KEPT else draw(setting.scenario, trial.seed, day)
        rows.append(counts(setting, demand, play_day(setting.scenario, trial.crew, demand)))
    return np.stack(rows)


def counts(setting: Setting, demand: Demand, log: Log) -> Floats:
    """Arrivals, unanswered and (if asked) too long waits of one day, by interval of arrival."""
    at, lost = np.array(demand.at), [v for v, outcome in zip(log.visitor, log.outcome, strict=True) if outcome in _LOST]
    found = [at, np.concatenate([at[lost], log.balked_at])]
    if setting.late is not None:
        first = np.array(log.step) == 0
        queued = np.array(log.queued_at)[first]
        found.append(queued[np.array(log.ended_at)[first] - queued > setting.late.after_s])
    cells = len(setting.starts_s)
    return np.array(
        [np.bincount(np.minimum(t // setting.step_s, cells - 1).astype(np.intp), minlength=cells) for t in found], dtype=np.float64
    )


@dataclass(slots=True)
class Tester:
    """Asks the twin about plans. ``told`` hears how many plans were tried; what it raises ends the search.

    ``check_days`` (0: as many as the store needs): fresh days that judge a plan, at most.
    """

    setting: Setting
    executor: Executor | None = None
    check_days: int = 0
    asked: int = 0
    told: Callable[[int], None] | None = None

    def __post_init__(self) -> None:
        self.check_days = self.check_days or self.setting.days_of(CHECK_SHOPPERS, 1000, 10_000)

    def many(self, crews: Sequence[Crew], days: int, seed: int, first: int = 0) -> list[Floats]:
        """For every crew (day, arrivals and counts, interval) of the days from ``first`` to ``days``."""
        self.asked += len(crews)
        if self.told is not None:
            self.told(self.asked)
        blocks = [(a, min(a + BLOCK, days)) for a in range(first, days, BLOCK)]
        trials = [Trial(self.setting, crew, seed, *block) for block in blocks for crew in crews]
        found = run_all(play, trials, self.executor)
        return [np.concatenate(found[i :: len(crews)]) for i in range(len(crews))]

    def days(self, crew: Crew, days: int, seed: int, first: int = 0) -> Floats:
        """The same for one crew."""
        return self.many([crew], days, seed, first)[0]


def shares(days: Floats) -> tuple[Floats, Floats]:
    """(count, interval): the share of those who came, and its standard error (ratio of totals, delta method); 0 where nobody comes."""
    came, found = days[:, :1, :], days[:, 1:, :]
    total = np.maximum(came.sum(axis=0), 1e-9)
    share = found.sum(axis=0) / total
    residuals = found - share * came
    error = np.sqrt((residuals**2).sum(axis=0) / max(len(days) - 1, 1) / len(days)) / (total / len(days))
    return cast(Floats, share), cast(Floats, error)


def upper(days: Floats, sure: float) -> Floats:
    """The one-sided upper bounds of the shares."""
    share, error = shares(days)
    return share + student(len(days) - 1, sure) * error


def verdict(setting: Setting, found: Floats) -> dict[str, Any]:
    """What some days say about a plan: shares with 95 % intervals, overall and per interval, and whether the targets hold."""
    share, error = shares(found)
    whole, whole_error = shares(found.sum(axis=2, keepdims=True))
    names = ("unanswered_share", "late_share")[: len(share)]
    reach = student(len(found) - 1)
    return {
        **{name: _estimate(whole[m, 0], reach * whole_error[m, 0]) for m, name in enumerate(names)},
        "worst_interval": float(share[0].max()),
        "holds": bool((share <= np.array(setting.targets)[:, None]).all()),
        "checked_days": len(found),
        "per_interval": [
            {"start_min": start / 60, "arrivals": float(found[:, 0, i].mean()),
             **{name: _estimate(share[m, i], reach * error[m, i]) for m, name in enumerate(names)}}
            for i, start in enumerate(setting.starts_s)
        ],
    }  # fmt: skip


def _estimate(mean: float, half: float) -> dict[str, Any]:
    return {"mean": float(mean), "ci95": [float(mean - half), float(mean + half)]}
