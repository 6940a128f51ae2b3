"""Shifts keep to the rules of a day and cover it with the fewest hours."""

import numpy as np
import pytest

from simulation.staffing.covering import Cut, Effort, cheapest
from simulation.staffing.shifts import Shift, ShiftRules, cover, patterns, presence, units


def test_shifts_follow_the_rules_and_cover_the_day_with_the_fewest_hours() -> None:
    rules = ShiftRules(shortest_h=3, longest_h=8, break_after_h=6, break_min=30)
    for shift in patterns(20, 1800, rules):
        assert (shift.end_s - shift.start_s) / 3600 >= 3
        assert shift.paid_hours <= 8
        assert (shift.pause is not None) == (shift.end_s - shift.start_s >= 6 * 3600)
        if shift.pause:
            assert shift.start_s < shift.pause[0] < shift.pause[1] < shift.end_s
    found = cover([1, 1, 2, 2, 2, 2, 2, 2, 1, 1], 1800, rules)
    assert sum(s.paid_hours for s in found) == 8
    assert presence(found, 10, 1800).sum(axis=0).tolist() == [1, 1, 2, 2, 2, 2, 2, 2, 1, 1]
    assert cover([0, 0, 0], 1800, rules) == []
    assert cover([2, 0, 0], 1800, rules) == [Shift(0, 5400)] * 2  # a day shorter than the shortest shift


def test_nobody_is_on_the_floor_in_a_break() -> None:
    there = presence([Shift(0, 14_400, (7200, 9000))], 8, 1800)
    assert there.tolist() == [[1, 1, 1, 1, 0, 1, 1, 1]]


@pytest.mark.parametrize("below, people", [(np.inf, [2, 3, 2]), (6.5, [2, 2, 2])])
def test_the_programme_takes_away_what_the_cut_allows(below: float, people: list[int]) -> None:
    share = np.array([[0.01, 0.04, 0.01]])
    less = np.zeros((1, 3, 1, 3))
    for i in range(3):
        less[0, i, 0, i] = 0.03  # one person less: three per cent more in that hour
    cut = Cut(((3, 3, 3),), share, -0.4 * less, less)
    (found,) = cheapest([units(3, 3600.0)], 3600.0, cut, np.full((1, 3), 0.05), 1, below, Effort(10, 0.0))
    assert found == people
