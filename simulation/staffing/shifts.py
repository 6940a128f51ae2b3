"""From headcount to shifts that may be worked: an exact cover with the fewest paid hours.

Rules for one day are a value (``ShiftRules``); ``labour`` reads them from a file a store can edit. The defaults keep to French
law: a break as soon as a day's work reaches six hours (Code du travail, L3121-16), less than ten hours (L3121-18).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from simulation.scenario.distributions import Floats

HOUR_S = 3600.0
PATTERNS_MAX = 20_000
NODES_MAX = 2_000  # of HiGHS: bounded by work and not by the clock, so that every machine finds the same


@dataclass(frozen=True, slots=True)
class ShiftRules:
    """What one person's day may look like, in hours. The break is unpaid and in the middle third of the shift."""

    shortest_h: float = 3.0
    longest_h: float = 8.0
    break_after_h: float = 6.0
    break_min: float = 30.0


@dataclass(frozen=True, slots=True)
class Shift:
    """[start, end) seconds of presence, with an unpaid break [start, end) or none."""

    start_s: float
    end_s: float
    pause: tuple[float, float] | None = None

    @property
    def paid_hours(self) -> float:
        """Hours that are paid."""
        pause_s = self.pause[1] - self.pause[0] if self.pause else 0.0
        return (self.end_s - self.start_s - pause_s) / HOUR_S

    def spans(self) -> tuple[tuple[float, float], ...]:
        """When the person is on the floor."""
        return ((self.start_s, self.end_s),) if self.pause is None else ((self.start_s, self.pause[0]), (self.pause[1], self.end_s))


def patterns(intervals: int, step_s: float, rules: ShiftRules) -> list[Shift]:
    """Every shift the rules allow that begins and ends with an interval of the day."""
    found = []
    shortest = max(1, min(intervals, ceil(rules.shortest_h * HOUR_S / step_s)))
    longest = max(shortest, int(rules.longest_h * HOUR_S // step_s))
    pause = max(1, ceil(rules.break_min * 60 / step_s))
    for length in range(shortest, min(longest + (pause if longest * step_s >= rules.break_after_h * HOUR_S else 0), intervals) + 1):
        for start in range(intervals - length + 1):
            if length * step_s < rules.break_after_h * HOUR_S:
                found.append(Shift(start * step_s, (start + length) * step_s))
                continue
            for at in range(start + length // 3, start + length - length // 3 - pause + 1):
                found.append(Shift(start * step_s, (start + length) * step_s, (at * step_s, (at + pause) * step_s)))
    return found[:PATTERNS_MAX]


def cover(needed: Sequence[int], step_s: float, rules: ShiftRules) -> list[Shift]:
    """Shifts that together have at least ``needed`` people in every interval, with the fewest paid hours (HiGHS)."""
    return cover_with(patterns(len(needed), step_s, rules), needed, step_s)


def cover_with(choices: Sequence[Shift], needed: Sequence[int], step_s: float) -> list[Shift]:
    """The same with these shifts to choose from."""
    if not any(needed):
        return []
    from scipy.optimize import Bounds, LinearConstraint, milp

    cost = np.array([choice.paid_hours + 1e-4 for choice in choices])  # of equal hours, the fewer people
    needs = LinearConstraint(presence(choices, len(needed), step_s).T, lb=np.array(needed, dtype=float))
    result = milp(cost, constraints=needs, integrality=np.ones(len(choices)), bounds=Bounds(0, max(needed)),
                  options={"mip_rel_gap": 1e-3, "node_limit": NODES_MAX})  # fmt: skip
    if result.x is None:
        raise ValueError(f"no shifts cover the day: {result.message}")
    counts = np.round(result.x).astype(int)
    return sorted((c for c, n in zip(choices, counts, strict=True) for _ in range(n)), key=lambda s: (s.start_s, s.end_s))


def units(intervals: int, step_s: float) -> list[Shift]:
    """One interval each: headcount, whatever shifts it takes."""
    return [Shift(i * step_s, (i + 1) * step_s) for i in range(intervals)]


def presence(shifts: Sequence[Shift], intervals: int, step_s: float) -> Floats:
    """(shift, interval): 1 where the person is on the floor in the middle of the interval."""
    middle, there = (np.arange(intervals) + 0.5) * step_s, np.zeros((len(shifts), intervals))
    for row, shift in enumerate(shifts):
        for start, end in shift.spans():
            there[row, (middle >= start) & (middle < end)] = 1.0
    return there
