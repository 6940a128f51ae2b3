"""A store's days learned from its own log, and how well the twin then foretells days it has not seen.

From days before a given one: how many come per service and half hour (days of weekdays alike, recent ones weigh more), how
much a day's volume surprises (a gamma factor), how long services last (the recorded ones), and how long people wait before they leave
(Kaplan and Meier 1958: who was served had patience for at least that long). With the salespeople of the day itself, the twin then plays
that day many times; what really happened should lie in its 90 % interval nine times in ten.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from simulation.executors import run_all
from simulation.past.replay import Recorded, recorded, scenario_of, usual
from simulation.past.visits import Visits
from simulation.scenario.distributions import Floats
from simulation.twin.crew import Crew
from simulation.twin.demand import Demand, Need
from simulation.twin.log import LEFT
from simulation.twin.simulate import play_day

SLOT_S = 1800.0
FORGET = 0.6  # weight of a day against the next one like it
ALIKE = 0.35  # weekdays whose mean volumes differ by less than this share are alike
SPREAD_LEAST, SPREAD_UNKNOWN = 0.1, 0.2  # cv of a day's volume
AT_RISK_LEAST = 30  # shoppers still waiting, for the patience curve to be believed
COVER = (0.05, 0.95)


class FitError(ValueError):
    """The log has too little to learn from; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Kaplan and Meier's survival of waiting, with an exponential after the longest wait seen."""

    at_s: Floats
    survival: Floats
    tail_s: float

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """Patience of ``n`` shoppers, seconds."""
        first = np.searchsorted(-self.survival, -rng.random(n))
        beyond = self.at_s[-1] + rng.standard_exponential(n) * self.tail_s
        return np.where(first < len(self.at_s), self.at_s[np.minimum(first, len(self.at_s) - 1)], beyond)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a log says of a day to come. ``profile[service]``: expected arrivals per half hour from midnight."""

    profile: dict[str, Floats]
    spread: float
    work_s: dict[str, Floats]
    patience: dict[str, Patience]

    def draw(self, seed: int, replication: int) -> Demand:
        """One day's shoppers."""
        rng = np.random.default_rng([seed, replication])
        factor = rng.gamma(1 / self.spread**2, self.spread**2)
        came: list[tuple[float, Need]] = []
        for name, expected in self.profile.items():
            slots = np.repeat(np.arange(len(expected)), rng.poisson(expected * factor))
            at = (slots + rng.random(len(slots))) * SLOT_S
            work, waits = rng.choice(self.work_s[name], len(at)), self.patience[name].sample(rng, len(at))
            came += [(t, Need(name, w, p, 0.0)) for t, w, p in zip(at.tolist(), work.tolist(), waits.tolist(), strict=True)]
        came.sort()
        return Demand([t for t, _ in came], [need for _, need in came])


def fit(history: list[Recorded], like: date) -> Fitted:
    """What days before ``like`` say of it. Visits count with their first step. ``FitError`` without a day like it."""
    alike = _alike(history, like)
    if not alike:
        raise FitError(f"no day like {like} comes before it in the log")
    weights = FORGET ** np.arange(len(alike))[::-1]
    weights = weights / weights.sum()
    work, waits = _lasted(history)
    names = [name for name in waits if len(work.get(name, ()))]
    counts = [_counts(past, names) for past in alike]
    slots = max(len(c) for day in counts for c in day.values())
    profile = {n: sum(w * np.pad(day[n], (0, slots - len(day[n]))) for w, day in zip(weights, counts, strict=True)) for n in names}
    totals = np.array([len(past.visits) for past in alike], dtype=float)
    spread = float(np.std(np.diff(np.log(totals)))) if len(totals) > 2 else SPREAD_UNKNOWN
    return Fitted({n: np.asarray(p) for n, p in profile.items()}, max(spread, SPREAD_LEAST), work, {n: _patience(*waits[n]) for n in names})


def _alike(history: list[Recorded], like: date) -> list[Recorded]:
    """Days of the same weekday, and of weekdays with about the same number of visits."""
    volumes: dict[int, list[int]] = {}
    for past in history:
        volumes.setdefault(past.day.weekday(), []).append(len(past.visits))
    means = {weekday: float(np.mean(v)) for weekday, v in volumes.items()}
    if like.weekday() not in means:
        return []
    own = means[like.weekday()]
    return [past for past in history if abs(means[past.day.weekday()] / own - 1) <= ALIKE]


def _counts(past: Recorded, names: list[str]) -> dict[str, Floats]:
    slots = 1 + max(int(legs[0].served.joined // SLOT_S) for legs in past.visits)
    counts = {name: np.zeros(slots) for name in names}
    for legs in past.visits:
        if legs[0].served.service in counts:
            counts[legs[0].served.service][int(legs[0].served.joined // SLOT_S)] += 1
    return counts


def _lasted(history: list[Recorded]) -> tuple[dict[str, Floats], dict[str, tuple[Floats, Floats]]]:
    """Per service: how long serving kept the salesperson; and (waits, whether they ended with leaving) of first steps."""
    work: dict[str, list[float]] = {}
    waits: dict[str, list[tuple[float, float]]] = {}
    for past in history:
        legs = [leg for visit in past.visits for leg in visit]
        for position, lasted_s in past.crew.work_s.items():
            work.setdefault(legs[position].served.service, []).append(lasted_s)
        for served in (visit[0].served for visit in past.visits if visit[0].outcome in ("left", "answered")):
            until = served.ended if served.began is None else served.began
            waits.setdefault(served.service, []).append((until - served.joined, float(served.began is None)))
    pairs = {name: np.array(sorted(values)) for name, values in waits.items()}
    return {name: np.array(values) for name, values in work.items()}, {name: (p[:, 0], p[:, 1]) for name, p in pairs.items()}


def _patience(waited: Floats, left: Floats) -> Patience:
    """From waits in order; where few are still waiting the curve is chance, and the exponential takes over."""
    kept = max(1, len(waited) - AT_RISK_LEAST)
    at_risk = len(waited) - np.arange(kept)
    survival = np.asarray(np.cumprod(1 - left[:kept] / at_risk), dtype=np.float64)
    return Patience(waited[:kept], survival, float(waited.sum() / max(left.sum(), 1.0)))


# -- how well it foretells ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Try:
    fitted: Fitted
    past: Recorded
    seed: int
    replication: int


def _play(trial: _Try) -> tuple[float, float]:
    """(left share, mean wait in seconds) of one simulated day with the salespeople who were there."""
    scenario, demand = scenario_of(trial.past), trial.fitted.draw(trial.seed, trial.replication)
    known = [i for i, need in enumerate(demand.needs) if need.service in scenario.services and demand.at[i] < scenario.horizon_s]
    log = play_day(scenario, Crew(trial.past.crew.members, {}), Demand([demand.at[i] for i in known], [demand.needs[i] for i in known]))
    waits = np.array(log.ended_at) - np.array(log.queued_at)
    return log.outcome.count(LEFT) / max(len(known), 1), float(waits.mean()) if len(waits) else 0.0


def backtest(
    visits: Visits, from_day: date, replications: int = 200, seed: int = 1, executor: Executor | None = None,
    done: Callable[[int], None] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """For each day from ``from_day`` on, learned only from days before ``from_day``: what the twin foretold, and what happened."""
    usually = usual(Visits([row for row in visits.rows if row.day < from_day], []))
    days = visits.days()
    history = [recorded(day, rows, usually) for day, rows in days.items() if day < from_day]
    if not history or from_day > max(days):
        raise FitError(f"the log must have days before {from_day} to learn from, and days from it on to foretell")
    found = []
    for number, (day, rows) in enumerate((d, r) for d, r in days.items() if d >= from_day):
        past, fitted = recorded(day, rows, usual(visits)), fit(history, day)
        tries = [_Try(fitted, past, seed + day.toordinal(), k) for k in range(replications)]
        shares, waits = (np.array(column) for column in zip(*run_all(_play, tries, executor), strict=True))
        found.append({
            "day": day.isoformat(), "visits": len(past.visits),
            "expected_visits": float(sum(p.sum() for p in fitted.profile.values())),
            "left_share": _against(_left(past), shares), "wait_mean_s": _against(_waited(past), waits),
        })  # fmt: skip
        if done is not None:
            done(number + 1)
    return found


def _against(really: float, foretold: Floats) -> dict[str, Any]:
    low, high = (float(q) for q in np.quantile(foretold, COVER))
    return {"recorded": really, "mean": float(foretold.mean()), "interval90": [low, high], "inside": low <= really <= high}


def _left(past: Recorded) -> float:
    return sum(1 for visit in past.visits if visit[-1].outcome == LEFT) / len(past.visits)


def _waited(past: Recorded) -> float:
    served = [leg.served for visit in past.visits for leg in visit if leg.outcome in ("left", "answered")]
    return float(np.mean([(s.ended if s.began is None else s.began) - s.joined for s in served]))
