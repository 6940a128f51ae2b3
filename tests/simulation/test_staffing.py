"""Staffing: the formula against known values, shifts against the rules, and a plan that holds on days it has not seen."""

import pytest

from simulation import erlang, roster, staffing
from simulation.scenario_file import loads
from simulation.shifts import Shift, ShiftRules, cover, patterns, shorter

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


@pytest.mark.parametrize(
    "per_hour, servers, service_min, patience_min, left",
    [
        (20, 4, 12, 10, 0.2038047), (30, 6, 12, 15, 0.1519159), (60, 10, 10, 10, 0.1251100), (120, 50, 30, 20, 0.1753114),
        (840, 100, 10, 10, 0.2857179),
    ],
)  # fmt: skip
def test_erlang_a_has_the_published_values(per_hour: float, servers: int, service_min: float, patience_min: float, left: float) -> None:
    offered = per_hour * service_min / 60
    assert erlang.leaving_share(offered, servers, service_min * 60, patience_min * 60) == pytest.approx(left, abs=1e-6)
    assert erlang.servers_for(offered, service_min * 60, patience_min * 60, left + 1e-6) == servers


def test_moving_load_lags_behind_the_demand_and_steps_add_to_it() -> None:
    day = loads(SHOP)
    moving, still = (erlang.load_of(day, ("advice",), {"advice": 1.0}, moving=m) for m in (True, False))
    assert moving.offered[65] < still.offered[65]
    assert moving.offered[170] == pytest.approx(still.offered[170], rel=0.01)
    payment = '[services.payment]\nservice_time = {kind = "exponential", mean_min = 3}\n[pools.cashiers]\nskills = ["payment"]\n'
    two = loads(SHOP.replace("patience =", "next = {payment = 0.5}\npatience =") + payment)
    assert erlang.arrival_rates(two)["payment"][150] == pytest.approx(8 / 3600)


def test_shifts_follow_the_rules_and_cover_the_day_with_the_fewest_hours() -> None:
    rules = ShiftRules(shortest_h=3, longest_h=8, break_after_h=6, break_min=30)
    for shift in patterns(20, 1800, rules):
        assert (shift.end_s - shift.start_s) / 3600 >= 3
        assert shift.paid_hours <= 8
        assert (shift.pause is not None) == (shift.end_s - shift.start_s > 6 * 3600)
        if shift.pause:
            assert shift.start_s < shift.pause[0] < shift.pause[1] < shift.end_s
    found = cover([1, 1, 2, 2, 2, 2, 2, 2, 1, 1], 1800, rules)
    assert sum(s.paid_hours for s in found) == 8
    assert [sum(1 for s in found for a, b in s.spans() if a <= t < b) for t in range(900, 18_000, 1800)] == [1, 1, 2, 2, 2, 2, 2, 2, 1, 1]
    assert cover([0, 0, 0], 1800, rules) == []
    assert cover([2, 0, 0], 1800, rules) == [Shift(0, 5400)] * 2  # a day shorter than the shortest shift


def test_shorter_shifts_stay_within_the_rules() -> None:
    rules = ShiftRules()
    for less in shorter(Shift(0, 25_200, (10_800, 12_600)), 1800, rules):
        if less is not None:
            assert less.end_s - less.start_s >= 3 * 3600
            assert (less.pause is not None) == (less.end_s - less.start_s > 6 * 3600)


def test_a_plan_holds_on_fresh_days_and_nobody_in_it_is_too_many() -> None:
    setting = staffing.setting_of(loads(SHOP), 0.1, 3600.0, 1)
    tester = staffing.Tester(setting)
    plan = staffing.search(tester)
    fresh = staffing.upper(tester.days(staffing.crew_for(setting, plan), 300, 999), sure=0.5)
    assert fresh.max() <= 0.1
    for interval in range(4):
        assert not tester.holds(staffing._moved(plan, 0, interval, -1))


def test_the_report_of_staff() -> None:
    setting = staffing.setting_of(loads(SHOP), 0.1, 3600.0, 1)
    report = roster.staff(staffing.Tester(setting, check_days=300), ShiftRules(shortest_h=2))
    assert report["holds"]
    assert report["paid_hours"] == sum(s["paid_hours"] for s in report["shifts"]) <= report["compared"]["given"]["paid_hours"]
    assert set(report["compared"]) == {"erlang_a", "given"}
    assert len(report["plan"]) == len(report["per_interval"]) == 4


@pytest.mark.parametrize("target", [0.0, 1.0, -0.1])
def test_an_impossible_target_is_one_sentence(target: float) -> None:
    with pytest.raises(staffing.StaffError, match="must be between 0 and 1"):
        staffing.setting_of(loads(SHOP), target, 3600.0, 1)


def test_what_no_staff_can_do_names_the_nearest_possible() -> None:
    full = staffing.setting_of(loads("max_in_system = 1\n" + SHOP), 0.05, 3600.0, 1)
    with pytest.raises(staffing.StaffError, match="the nearest possible target is 0"):
        staffing.search(staffing.Tester(full))
