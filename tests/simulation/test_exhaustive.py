"""On days small enough to try every plan, the search finds one within 2 % of the best of them."""

from itertools import product

import numpy as np
import pytest

from simulation.scenario.reading import loads
from simulation.staffing import problem
from simulation.staffing.search import Search
from simulation.staffing.shifts import units

DAYS, GLANCE = 150, 25  # a plan that is far off is seen at a glance
TARGET = 0.08
SMALL = """
horizon_min = 240
[services.advice]
arrivals_per_hour = {rates}
service_time = {{kind = "{law}", mean_min = {mean}{more}}}
patience = {{kind = "exponential", mean_min = {patience}}}
[pools.advisers]
skills = ["advice"]
"""
CASES = [
    ("[[0, 4], [60, 9], [120, 6], [180, 3]]", "exponential", 12, "", 15),
    ("[[0, 8], [60, 3], [120, 8], [180, 5]]", "lognormal", 14, ", cv = 0.8", 20),
    ("[[0, 3], [60, 6], [120, 9], [180, 4]]", "gamma", 10, ", cv = 0.5", 10),
]


@pytest.mark.parametrize("rates, law, mean, more, patience", CASES)
def test_no_plan_of_all_is_more_than_two_percent_cheaper(rates: str, law: str, mean: float, more: str, patience: float) -> None:
    day = loads(SMALL.format(rates=rates, law=law, mean=mean, more=more, patience=patience))
    setting = problem.setting_of(day, TARGET, 3600.0, 1)
    tester = problem.Tester(setting)
    search = Search(tester, [units(4, 3600.0)], DAYS, pooled=True)
    found = search.plan_of(search.best(np.zeros((1, 4)), None, 12))
    cheaper = [plan for plan in product(range(1, 6), repeat=4) if sum(plan) < sum(found[0]) and _close(plan, found[0])]
    holding = [plan for plan in cheaper if _holds(tester, plan, GLANCE, 2 * TARGET) and _holds(tester, plan, DAYS, TARGET)]
    best = min(map(sum, holding), default=sum(found[0]))
    assert sum(found[0]) <= 1.02 * best, f"found {found[0]}, but {min(holding, key=sum)} holds too"


def _holds(tester: problem.Tester, plan: tuple[int, ...], days: int, target: float) -> bool:
    found = tester.days(problem.crew_for(tester.setting, (plan,)), days, tester.setting.seed)
    return bool((problem.shares(found)[0] <= target).all())


def _close(plan: tuple[int, ...], found: tuple[int, ...]) -> bool:
    """Whether a cheaper plan can hold at all: two people less in an hour cannot be made good elsewhere."""
    return all(n >= there - 2 for n, there in zip(plan, found, strict=True))
