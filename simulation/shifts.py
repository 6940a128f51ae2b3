"""From headcount to shifts that may be worked: an exact cover with the fewest paid hours.

Rules are a value (``ShiftRules``), so that a store can write its own. The default follows French labour law where it
speaks about one day: at most ten hours of work (Code du travail, L3121-18), a break of at least twenty minutes after six hours
(L3121-16); shorter shifts than three hours are not offered.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from simulation.distributions import Floats

HOUR_S = 3600.0
PATTERNS_MAX = 20_000


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


def shorter(shift: Shift, step_s: float, rules: ShiftRules) -> list[Shift | None]:
    """What may become of a shift to save hours, most first: nothing (None), or some intervals less at one end."""
    found: list[Shift | None] = [None]
    for steps in (4, 2, 1):
        for start, end in ((shift.start_s + steps * step_s, shift.end_s), (shift.start_s, shift.end_s - steps * step_s)):
            if end - start < rules.shortest_h * HOUR_S - 1e-6:
                continue
            if end - start <= rules.break_after_h * HOUR_S:
                found.append(Shift(start, end))
            elif shift.pause is not None and start < shift.pause[0] and shift.pause[1] < end:
                found.append(Shift(start, end, shift.pause))
    return found


def patterns(intervals: int, step_s: float, rules: ShiftRules) -> list[Shift]:
    """Every shift the rules allow that begins and ends with an interval of the day."""
    found = []
    shortest = max(1, min(intervals, ceil(rules.shortest_h * HOUR_S / step_s)))
    longest = max(shortest, int(rules.longest_h * HOUR_S // step_s))
    pause = max(1, ceil(rules.break_min * 60 / step_s))
    for length in range(shortest, min(longest + (pause if longest * step_s > rules.break_after_h * HOUR_S else 0), intervals) + 1):
        for start in range(intervals - length + 1):
            if length * step_s <= rules.break_after_h * HOUR_S:
                found.append(Shift(start * step_s, (start + length) * step_s))
                continue
            for at in range(start + length // 3, start + length - length // 3 - pause + 1):
                found.append(Shift(start * step_s, (start + length) * step_s, (at * step_s, (at + pause) * step_s)))
    return found[:PATTERNS_MAX]


def cover(needed: list[int], step_s: float, rules: ShiftRules) -> list[Shift]:
    """Shifts that together have at least ``needed`` people in every interval, with the fewest paid hours (HiGHS)."""
    if not any(needed):
        return []
    from scipy.optimize import Bounds, LinearConstraint, milp

    choices = patterns(len(needed), step_s, rules)
    matrix = np.array([_present(choice, len(needed), step_s) for choice in choices]).T
    cost = np.array([choice.paid_hours + 1e-4 for choice in choices])  # of equal hours, the fewer people
    result = milp(cost, constraints=LinearConstraint(matrix, lb=np.array(needed, dtype=float)), integrality=np.ones(len(choices)),
                  bounds=Bounds(0, max(needed)), options={"mip_rel_gap": 1e-3, "time_limit": 20})  # fmt: skip
    if result.x is None:
        raise ValueError(f"no shifts cover the day: {result.message}")
    counts = np.round(result.x).astype(int)
    return sorted((c for c, n in zip(choices, counts, strict=True) for _ in range(n)), key=lambda s: (s.start_s, s.end_s))


def _present(shift: Shift, intervals: int, step_s: float) -> Floats:
    middle = (np.arange(intervals) + 0.5) * step_s
    return np.asarray(sum(((middle >= a) & (middle < b)).astype(float) for a, b in shift.spans()))
