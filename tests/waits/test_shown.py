"""The number on the phone, minute by minute, through the real rules: rarely later, never without a reason, true as rounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules.waiting import Range
from server.waits.estimator import Quantiles
from server.waits.forecaster import Forecaster
from server.waits.models import Models
from server.waits.promise import LONGEST_S, told
from simulation.bench.waits_shown import Job, Looks, figures, live_plan, play_day
from simulation.scenario.reading import loads

pytestmark = pytest.mark.one_sample

TEXT = """
name = "lunch"
horizon_min = 180
[services.advice]
arrivals_per_hour = [[0, 18], [60, 34], [120, 20]]
service_time = {kind = "lognormal", mean_min = 10, cv = 0.8}
patience = {kind = "lognormal", mean_min = 22, cv = 0.7}
[services.pickup]
arrivals_per_hour = 8
service_time = {kind = "lognormal", mean_min = 4, cv = 0.5}
[salespeople.ana]
skills = ["advice", "pickup"]
shifts = [[0, 60], [80, 180]]
[pools.staff]
count = 4
skills = ["advice"]
"""


def test_a_day_of_shown_numbers(seed: int) -> None:
    scenario = loads(TEXT)
    forecaster, whole = Forecaster(Models.prior(live_plan(scenario, "d")), 60, day="day-0000"), Looks()
    for number in range(2):
        looks = play_day(Job(scenario, seed, number, 60), forecaster)
        if number:  # the first day teaches
            whole.add(looks)
    found = figures(whole, 1)
    assert whole.looks > 100, found
    assert whole.later_unexplained == 0, found
    assert whole.anew_unexplained == 0, found
    assert whole.wrong_moment == 0, found
    assert whole.near > 20, found
    assert found["later_share"] <= 0.05, found
    assert found["kept_share"] >= 0.75, found  # a day is little; many days: docs/topics/waits.md


@given(st.lists(st.floats(0.0, LONGEST_S), min_size=7, max_size=7), st.floats(0.0, 3e9))
def test_rounding_never_makes_the_statement_false(at: list[float], now: float) -> None:
    points = sorted(at)
    said = told(Quantiles(points[3], *points), now)
    assert isinstance(said, Range)
    p10, p90 = points[0], points[5]
    assert 0 <= said.low_s <= max(p10, 0.0)
    assert said.high_s >= p90
    step = 60 if said.high_s <= 600 else 300
    assert said.high_s % step == 0
    assert said.high_s - p90 < step + 1.0
    assert said.low_s <= said.high_s
