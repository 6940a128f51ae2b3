"""What if: the words, the pairs, and the difference with its uncertainty."""

import io
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from simulation import changes, whatif
from simulation.changes import Case, ChangeError, case_of, case_of_day
from simulation.past.replay import recorded, usual
from simulation.past.visits import COLUMNS, parse
from simulation.scenario.reading import loads
from simulation.twin.metrics import SUMS

SHOP = """
name = "shop"
horizon_min = 600
opens_at = "10:00"
[classes.members]
share = 0.3
[services.advice]
arrivals_per_hour = [[0, 10], [360, 20]]
service_time = {kind = "exponential", mean_min = 12}
patience = {kind = "exponential", mean_min = 10}
[services.payment]
arrivals_per_hour = 6
service_time = {kind = "exponential", mean_min = 3}
patience = {kind = "exponential", mean_min = 10}
[salespeople.lea]
skills = ["advice", "payment"]
speed = 1.2
shifts = [[0, 300], [360, 600]]
[pools.advisers]
count = [[0, 2], [300, 3]]
skills = ["advice"]
"""


@pytest.fixture
def shop() -> Case:
    return case_of(loads(SHOP))


def test_times_of_day_count_from_the_opening(shop: Case) -> None:
    after = changes.add(shop, "16:00-18:00 advice,payment")
    assert after.crew.members[-1].shifts == ((21_600.0, 28_800.0),)
    assert after.crew.members[-1].skills == ("advice", "payment")
    assert after.paid_hours() - shop.paid_hours() == pytest.approx(2)
    assert shop.paid_hours() == pytest.approx(9 + 2 * 5 + 3 * 5)
    assert changes.add(after, "16:00-18:00 advice").crew.members[-1].id == "added-2"
    unsaid = case_of(replace(shop.scenario, opens_at_s=None))
    assert changes.add(unsaid, "10:00-11:00 advice").crew.members[-1].shifts == ((0.0, 3600.0),)


def test_remove_train_and_head_start(shop: Case) -> None:
    assert [m.id for m in changes.remove(shop, "lea").crew.members] == ["advisers-001", "advisers-002", "advisers-003"]
    assert changes.remove(shop, "advisers").crew.counts["advisers"] == ((0, 1), (18_000, 2))
    trained = changes.train(shop, "advisers", "payment")
    assert all("payment" in m.skills for m in trained.crew.members)
    assert changes.head_start(shop, "members=5m").scenario.classes["members"].head_start_s == 300
    assert changes.head_start(shop, "payment=90s").scenario.services["payment"].head_start_s == 90
    assert changes.arrivals(shop, "advice=+20%").scenario.services["advice"].rates[0][1] == pytest.approx(12 / 3600)


@pytest.mark.parametrize(
    "option, words, message",
    [
        ("add", "19:00-22:00 advice", "outside the day, 10:00 to 20:00; the nearest possible is 19:00-20:00"),
        ("add", "18:00-16:00 advice", "ends before it begins"),
        ("add", "16-18 advice", 'must be like "16:00-18:00 advice"'),
        ("add", "16:00-18:00 cooking", 'there is no service "cooking"; there are advice, payment'),
        ("remove", "bob", 'there is nobody called "bob"; there are lea, advisers'),
        ("head_start", "members", 'must be like "members=5m"'),
        ("head_start", "guests=5m", "no such class or service"),
        ("arrivals", "advice=-120%", "at least -100%"),
        ("arrivals", "advice=lots", 'must be like "advice=\\+20%"'),
    ],
)
def test_what_cannot_be_is_one_sentence(shop: Case, option: str, words: str, message: str) -> None:
    with pytest.raises(ChangeError, match=message):
        getattr(changes, option)(shop, words)


def test_one_more_salesperson_helps_and_the_same_shoppers_come(shop: Case) -> None:
    after = changes.add(shop, "16:00-18:00 advice")
    days = whatif.compare(shop, after, 60, 1)
    outcome = whatif.report(shop, after, days, ["--add"], 1, 25.0)
    assert outcome["before"]["arrivals"] == outcome["after"]["arrivals"]
    change = outcome["difference"]["unanswered"]
    assert change["ci95"][1] < 0
    assert outcome["difference"]["paid_hours"] == pytest.approx(2)
    assert outcome["cost_per_shopper_saved"] == pytest.approx(50 / -change["mean"])
    assert "fewer unanswered shoppers a day" in whatif.sentence(outcome)
    assert sum(i["unanswered_before"] for i in outcome["intervals"]) == pytest.approx(days[:, 0, 0, SUMS.index("unanswered")].mean())


def test_pairs_know_the_difference_far_better_than_separate_days(shop: Case) -> None:
    days = whatif.compare(shop, changes.add(shop, "16:00-18:00 advice"), 60, 1)
    unanswered = days[:, :, 0, SUMS.index("unanswered")]
    paired, separate = np.var(unanswered[:, 1] - unanswered[:, 0]), np.var(unanswered[:, 1]) + np.var(unanswered[:, 0])
    assert paired < separate / 3


def test_no_change_is_no_difference(shop: Case) -> None:
    days = whatif.compare(shop, shop, 3, 1)
    assert whatif.difference(days, "unanswered") == {"mean": 0.0, "ci95": [0.0, 0.0]}


def test_yesterday_again_with_one_more() -> None:
    rows = [",".join(COLUMNS)]
    for k in range(40):
        start = f"2026-11-21T{16 + k // 20:02d}:{3 * (k % 20):02d}:00"
        end = f"2026-11-21T{16 + k // 20:02d}:{3 * (k % 20) + 2:02d}:50"
        joined = f"2026-11-21T{16 + k // 20:02d}:{max(0, 3 * (k % 20) - 2):02d}:00"
        rows.append(f"2026-11-21,{k},1,advice,,{joined},{start},{start},{end},,answered,lea")
        rows.append(f"2026-11-21,{k + 100},1,advice,,{joined},,,,{end},left,")
    visits = parse(io.StringIO("\n".join(rows)))
    assert not visits.problems
    before = case_of_day(recorded(date(2026, 11, 21), visits.rows, usual(visits)))
    after = changes.add(before, "16:00-18:00 advice")
    outcome = whatif.report(before, after, whatif.compare(before, after, 20, 1), ["--add"], 1, 25.0)
    assert outcome["difference"]["unanswered"]["ci95"][1] < -10
    with pytest.raises(ChangeError, match="recorded day"):
        changes.arrivals(before, "advice=+20%")
