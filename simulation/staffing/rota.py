"""Who works which shift of the week: a mixed integer programme within the rules about working time, solved by HiGHS.

Everybody gets their contract's hours as nearly as possible; nobody works two shifts a day, more days, hours or with less rest than the
rules allow. A shift nobody can take is reported, not hidden.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from simulation.staffing.labour import Labour
from simulation.staffing.shifts import HOUR_S, Shift

UNCOVERED, OVERTIME, IDLE = 50.0, 1.25, 1.0  # what an hour costs that nobody works, above a contract, and of a contract not used
DAY_H = 24.0
NODES_MAX, GAP = 20, 0.02  # of HiGHS: bounded by work and not by the clock, so that every machine finds the same


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a contract; ``days_off`` are weekdays, Monday 0."""

    name: str
    skills: frozenset[str]
    contract_h: float
    days_off: frozenset[int]


@dataclass(frozen=True, slots=True)
class Duty:
    """One shift of one weekday; ``opens_s`` is the time of day at which its seconds begin."""

    day: int
    skills: frozenset[str]
    kind: str
    opens_s: float
    shift: Shift

    @property
    def from_h(self) -> float:
        """Hours from Monday midnight to its start."""
        return self.day * DAY_H + (self.opens_s + self.shift.start_s) / HOUR_S

    @property
    def to_h(self) -> float:
        """Hours from Monday midnight to its end."""
        return self.day * DAY_H + (self.opens_s + self.shift.end_s) / HOUR_S

    def told(self, days: Sequence[str]) -> dict[str, Any]:
        """The duty as the report says it."""
        pause = [p / 60 for p in self.shift.pause] if self.shift.pause else None
        return {"day": days[self.day], "kind": self.kind, "start_min": self.shift.start_s / 60, "end_min": self.shift.end_s / 60,
                "break_min": pause, "paid_hours": self.shift.paid_hours}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rota:
    """Who works what."""

    work: dict[str, tuple[Duty, ...]]
    uncovered: tuple[Duty, ...]

    def told(self, person: Person, days: Sequence[str]) -> dict[str, Any]:
        """One person's week."""
        own = self.work[person.name]
        return {"name": person.name, "skills": sorted(person.skills), "contract_h": person.contract_h,
                "hours": sum(duty.shift.paid_hours for duty in own), "shifts": [duty.told(days) for duty in own]}  # fmt: skip


class _Rows:
    """The rows of a programme, one at a time."""

    def __init__(self) -> None:
        self.at: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, parts: dict[int, float], low: float, high: float) -> None:
        """``low`` <= the sum of these variables times their factors <= ``high``."""
        self.at += [(len(self.low), column, factor) for column, factor in parts.items()]
        self.low.append(low)
        self.high.append(high)

    def constraint(self, columns: int) -> LinearConstraint:
        """All of them."""
        rows, where, factors = (np.array(part) for part in zip(*self.at, strict=True))
        return LinearConstraint(coo_array((factors, (rows, where)), shape=(len(self.low), columns)).tocsr(), self.low, self.high)


def assign(duties: Sequence[Duty], people: Sequence[Person], labour: Labour) -> Rota:
    """The cheapest rota; equal duties are one kind of thing, so that the programme does not try their orders."""
    kinds = list(dict.fromkeys(duties))
    count = [sum(1 for duty in duties if duty == kind) for kind in kinds]
    can = [(p, k) for p, person in enumerate(people) for k, kind in enumerate(kinds)
           if kind.skills <= person.skills and kind.day not in person.days_off]  # fmt: skip
    column = {pair: i for i, pair in enumerate(can)}
    n, rows = len(can), _Rows()
    short, idle, over = (range(n + a, n + b) for a, b in _bounds(len(kinds), len(people)))
    for k, often in enumerate(count):
        rows.add({**{column[p, k]: 1.0 for p in range(len(people)) if (p, k) in column}, short[k]: 1.0}, often, often)
    for p, person in enumerate(people):
        own = {k: column[p, k] for k in range(len(kinds)) if (p, k) in column}
        hours = {c: kinds[k].shift.paid_hours for k, c in own.items()}
        rows.add({**hours, idle[p]: 1.0, over[p]: -1.0}, person.contract_h, person.contract_h)
        rows.add({**hours, idle[p]: 0.0}, 0, labour.most_hours(person.contract_h))
        _rest(rows, kinds, own, labour)
    cost = np.concatenate([np.zeros(n), [UNCOVERED * max(kind.shift.paid_hours, 1) for kind in kinds],
                           np.full(len(people), IDLE), np.full(len(people), OVERTIME)])  # fmt: skip
    whole = np.concatenate([np.ones(n + len(kinds)), np.zeros(2 * len(people))])
    high = np.concatenate([np.ones(n), count, np.full(2 * len(people), np.inf)])
    result = milp(cost, constraints=rows.constraint(len(cost)), integrality=whole, bounds=Bounds(0, high),
                  options={"node_limit": NODES_MAX, "mip_rel_gap": GAP})  # fmt: skip
    taken = np.zeros(len(cost)) if result.x is None else np.round(result.x)
    work = {person.name: tuple(sorted((kinds[k] for (q, k), i in column.items() if q == p and taken[i]), key=lambda d: d.from_h))
            for p, person in enumerate(people)}  # fmt: skip
    left = [count[k] - sum(1 for own in work.values() for duty in own if duty == kind) for k, kind in enumerate(kinds)]
    return Rota(work, tuple(kind for kind, often in zip(kinds, left, strict=True) for _ in range(often)))


def _bounds(kinds: int, people: int) -> tuple[tuple[int, int], ...]:
    return (0, kinds), (kinds, kinds + people), (kinds + people, kinds + 2 * people)


def _rest(rows: _Rows, kinds: Sequence[Duty], own: dict[int, int], labour: Labour) -> None:
    """One shift a day, the rest between days, the days a week and the weekly rest of one person."""
    by_day = [[k for k in own if kinds[k].day == d] for d in range(7)]
    for today in by_day:
        if today:
            rows.add({own[k]: 1.0 for k in today}, 0, 1)
    if own:
        rows.add({own[k]: 1.0 for k in own}, 0, labour.days_a_week)
    for d in range(6):
        for k in by_day[d]:
            early = [j for j in by_day[d + 1] if kinds[j].from_h - kinds[k].to_h < labour.daily_rest_h - 1e-9]
            if early:
                rows.add({own[k]: 1.0, **{own[j]: 1.0 for j in early}}, 0, 1)
    for d in range(5):  # a day off between two shifts is a weekly rest only if they are far enough apart
        for k, j in product(by_day[d], by_day[d + 2]):
            if kinds[j].from_h - kinds[k].to_h < labour.weekly_rest_h - 1e-9:
                rows.add({own[k]: 1.0, own[j]: 1.0}, 0, 1)
