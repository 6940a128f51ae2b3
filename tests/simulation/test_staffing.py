"""Staffing: a plan that holds on days it has not seen, what it says of them, and one sentence for what cannot be."""

from typing import Any

import numpy as np
import pytest

from simulation.scenario.reading import loads
from simulation.staffing import covering, problem, roster, search
from simulation.staffing.shifts import ShiftRules, patterns
from simulation.twin.crew import crew_of
from simulation.twin.demand import draw
from simulation.twin.simulate import play_day

SHOP = """
name = "small"
horizon_min = 240
[services.advice]
arrivals_per_hour = [[0, 8], [60, 16], [180, 8]]
service_time = {kind = "exponential", mean_min = 10}
patience = {kind = "exponential", mean_min = 12}
[pools.advisers]
count = 5
skills = ["advice"]
"""
RULES = ShiftRules(shortest_h=2)


def asker(text: str = SHOP, target: float = 0.1, late: problem.Late | None = None, days: int = 400) -> problem.Tester:
    return problem.Tester(problem.setting_of(loads(text), target, 3600.0, 1, late), check_days=days)


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return roster.staff(asker(), RULES)


def test_the_report_of_staff(report: dict[str, Any]) -> None:
    assert report["holds"]
    assert report["paid_hours"] == sum(s["paid_hours"] for s in report["shifts"]) <= report["compared"]["given"]["paid_hours"]
    assert set(report["compared"]) == {"erlang_a", "given"}
    assert len(report["plan"]) == len(report["per_interval"]) == 4
    for slot in report["plan"]:
        there = sum(1 for s in report["shifts"] if s["start_min"] <= slot["start_min"] < s["end_min"])
        assert slot["people"] == {"advice": there}


def test_the_report_tells_the_bad_day_and_where_the_next_euro_helps(report: dict[str, Any]) -> None:
    assert report["bad_day"]["arrivals"] > report["bad_day"]["usual_arrivals"]
    assert report["bad_day"]["unanswered_share"]["mean"] > report["unanswered_share"]["mean"]
    most = max(slot["saved_per_hour"]["advice"] for slot in report["marginal"])
    assert report["next_euro"]["saved_per_hour"] == most > 0
    assert report["next_euro"]["cost_per_shopper_saved"] == pytest.approx(25 / most)


def test_the_roster_holds_on_other_days(report: dict[str, Any]) -> None:
    ask = asker()
    shifts = roster.best(ask, RULES).shifts
    fresh = problem.shares(ask.days(search.crew_of_shifts(ask.setting, shifts), 1500, 999))[0]
    assert fresh.max() <= 0.1
    assert sum(s.paid_hours for s in shifts[0]) == report["paid_hours"]  # the same seed, the same roster


def test_a_hurried_search_may_begin_where_a_day_like_it_ended(report: dict[str, Any]) -> None:
    first = roster.soon(asker(), RULES, 3)
    busier = asker(SHOP.replace("[[0, 8], [60, 16], [180, 8]]", "[[0, 10], [60, 20], [180, 10]]"))
    begin = first.moved(asker().setting, busier.setting)
    assert first.moved(asker().setting, asker().setting) == first.plan
    assert all(more >= n for more, n in zip(begin[0], first.plan[0], strict=True))
    found = roster.soon(busier, RULES, 3, begin)
    assert report["paid_hours"] <= first.hours <= found.hours <= first.hours + 6
    assert problem.shares(found.days)[0].max() <= 0.1


def test_the_patterns_that_relaxations_use_are_enough() -> None:
    setting = asker().setting
    choices = [patterns(4, 3600.0, RULES)]
    cut = covering.Cut(((3, 4, 4, 3),), np.full((1, 4), 0.08), np.full((1, 4, 1, 4), -0.01), np.full((1, 4, 1, 4), 0.02))
    allowed = np.full((1, 4), 0.1)
    every, few = (covering.cheapest(choices, setting.step_s, cut, allowed, 2, np.inf, covering.Effort(10, 0.0, looks)) for looks in (0, 2))
    hours = [sum(n * p.paid_hours for n, p in zip(often[0], choices[0], strict=True)) for often in (every, few)]
    assert hours[0] == hours[1]


def test_counts_are_those_of_the_log() -> None:
    day = loads(SHOP)
    setting = problem.setting_of(day, 0.1, 3600.0, 1, problem.Late(300.0, 0.2))
    demand = draw(day, 3)
    log = play_day(day, crew_of(day), demand)
    came, lost, late = problem.counts(setting, demand, log)
    assert came.sum() == len(demand)
    assert lost.sum() == sum(1 for outcome in log.outcome if outcome == "left")
    assert late.sum() == sum(1 for a, b in zip(log.queued_at, log.ended_at, strict=True) if b - a > 300)


def test_a_limit_on_long_waits_costs_hours_and_is_kept(report: dict[str, Any]) -> None:
    found = roster.best(asker(late=problem.Late(120.0, 0.1)), RULES)
    share = problem.shares(found.days)[0]
    assert (share.max(axis=1) <= [0.1, 0.1]).all()
    assert found.hours > report["paid_hours"]


def test_one_person_less_is_worse_and_one_more_is_better() -> None:
    ask = asker()
    plan = ((3, 4, 4, 3),)
    more, less = (search.nudges(ask, plan, by)[1][0, :, 0, :] for by in (1, -1))
    assert (np.diag(more) < 0).all()
    assert (np.diag(less) > -np.diag(more)).all()  # convex: what is lost by one less is more than what one more brings


@pytest.mark.parametrize("target", [0.0, 1.0, -0.1])
def test_an_impossible_target_is_one_sentence(target: float) -> None:
    with pytest.raises(problem.StaffError, match=r"must be between 0 and 1.*the nearest possible is 0"):
        problem.setting_of(loads(SHOP), target, 3600.0, 1)


def test_what_no_staff_can_do_names_the_nearest_possible() -> None:
    with pytest.raises(problem.StaffError, match=r"the unanswered share within 0.05 .*the nearest possible target is 0"):
        roster.best(asker("max_in_system = 1\n" + SHOP, target=0.05), RULES)


def test_being_told_can_end_the_search() -> None:
    class Stopped(Exception):
        pass

    def told(asked: int) -> None:
        if asked > 3:
            raise Stopped

    ask = asker()
    ask.told = told
    with pytest.raises(Stopped):
        roster.best(ask, RULES)
