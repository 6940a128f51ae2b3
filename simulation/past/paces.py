"""How fast each salesperson serves what, against everybody: few visits say little, so they count for little.

The logarithm of a service time is the service's mean, plus the person's, plus the person's at that service, plus chance. Both
personal parts are shrunk to nothing (empirical Bayes, moments): with n visits they keep n / (n + chance variance / own variance).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from simulation.past.replay import Recorded
from simulation.scenario.distributions import Floats

TRIMMED = (0.05, 0.95)  # a forgotten finish or a hang-up says nothing about pace
BELIEVED = (0.4, 2.5)  # speeds
VISITS_MIN, VISITS_MAX = 10.0, 200.0  # everybody's pace counts as at least, at most so many visits of one's own


@dataclass(frozen=True, slots=True)
class Paces:
    """``work_s``: service times per service as at speed 1; ``effects``: logs of (person, service or "") against everybody."""

    work_s: dict[str, Floats]
    effects: dict[tuple[str, str], float]
    counts: dict[str, int]

    def speed(self, person: str, service: str) -> float:
        """By what their service times are divided."""
        effect = self.effects.get((person, ""), 0.0) + self.effects.get((person, service), 0.0)
        return float(np.clip(np.exp(-effect), *BELIEVED))

    def visits(self, person: str) -> int:
        """How many visits this was learned from."""
        return self.counts.get(person, 0)

    def all_work_s(self) -> Floats:
        """Of all services; five minutes when nobody was ever served."""
        every = [work for work in self.work_s.values() if len(work)]
        return np.concatenate(every) if every else np.array([300.0])


def paces_of(history: Iterable[Recorded]) -> Paces:
    """From days of a log."""
    rows: dict[str, list[tuple[str, float]]] = {}
    for past in history:
        legs = [leg for visit in past.visits for leg in visit]
        for position, lasted_s in past.crew.work_s.items():
            rows.setdefault(legs[position].served.service, []).append((legs[position].served.salesperson, lasted_s))
    people = {name: np.array([person for person, _ in seen]) for name, seen in rows.items()}
    times = {name: np.array([max(lasted, 1.0) for _, lasted in seen]) for name, seen in rows.items()}
    residuals = {name: _trimmed_logs(lasted) for name, lasted in times.items()}
    effects = _effects(people, residuals)
    counts = {
        str(p): int(n) for p, n in zip(*np.unique(np.concatenate([*people.values(), np.array([""])]), return_counts=True), strict=True)
    }
    paces = Paces({}, effects, counts)
    work = {name: times[name] * np.array([paces.speed(p, name) for p in people[name].tolist()]) for name in times}
    return Paces(work, effects, counts)


def _trimmed_logs(times: Floats) -> Floats:
    logs = np.log(times)
    logs = np.clip(logs, *np.quantile(logs, TRIMMED))
    return np.asarray(logs - logs.mean())


def _effects(people: dict[str, "np.ndarray[tuple[int], np.dtype[np.str_]]"], residuals: dict[str, Floats]) -> dict[tuple[str, str], float]:
    if not residuals:
        return {}
    names, values = np.concatenate(list(people.values())), np.concatenate(list(residuals.values()))
    own = _shrunk(names, values)
    effects = {(person, ""): value for person, value in own.items()}
    for service, residual in residuals.items():
        rest = residual - np.array([own.get(p, 0.0) for p in people[service].tolist()])
        effects |= {(person, service): value for person, value in _shrunk(people[service], rest).items()}
    return effects


def _shrunk(names: "np.ndarray[tuple[int], np.dtype[np.str_]]", values: Floats) -> dict[str, float]:
    """Mean of each name, shrunk to 0 by as much as the spread between names asks for. Visits of nobody known count for nobody."""
    known, of = np.unique(names, return_inverse=True)
    n = np.bincount(of).astype(np.float64)
    means = np.bincount(of, weights=values) / n
    chance = float(values.var())
    between = float((n * means**2).sum() - chance * len(known)) / float(n.sum())  # moments
    weight = n / (n + np.clip(chance / max(between, 1e-9), VISITS_MIN, VISITS_MAX))
    return {str(name): float(w * m) for name, w, m in zip(known, weight, means, strict=True) if name}
