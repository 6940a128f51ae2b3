"""The early call on recorded days: salespeople wait less for the same shoppers, and nothing changes where nobody is asked."""

from datetime import date

import pytest

from simulation.past.closer import Early, Pair, compared, day_both
from simulation.past.policy import Policy
from simulation.past.replay import usual
from simulation.past.visits import Visits, parse

HEAD = "day,ticket,step,service,priority,joined_at,called_at,started_at,finished_at,left_at,outcome,salesperson"
DAYS = tuple(date(2026, 11, n) for n in (18, 19, 20))
POLICY = Policy({"advice": 1}, {"advice": 0.0}, {}, {"lea": ("advice",)})
WALK_MIN, SERVED_MIN, SHOPPERS = 2, 10, 12


def _visits() -> Visits:
    """One salesperson; a shopper every five minutes, two minutes on the way once called, ten minutes each."""
    rows = [HEAD]
    for day in DAYS:
        for n in range(SHOPPERS):
            called = 600 + (WALK_MIN + SERVED_MIN) * n
            minutes = (600 + 5 * n, called, called + WALK_MIN, called + WALK_MIN + SERVED_MIN)
            at = [f"{day}T{m // 60:02d}:{m % 60:02d}:00+01:00" for m in minutes]
            rows.append(f"{day},C-{n:03d},1,advice,,{at[0]},{at[1]},{at[2]},{at[3]},,answered,lea")
    return parse(rows)


def _days(from_s: float, margin_s: float = 0.0, way_s: float = 60.0 * WALK_MIN) -> dict[date, Pair]:
    visits = _visits()
    early = Early(from_s, margin_s, {"advice": 60.0 * SERVED_MIN}, {"advice": way_s})
    return {day: day_both(POLICY, early, day, rows, usual(visits)) for day, rows in visits.days().items()}


def test_who_is_asked_in_time_is_there_when_the_salesperson_is_free() -> None:
    report = compared(_days(45.0))
    assert report["off"]["salesperson_waits_s"] == 120.0
    assert report["off"]["invited"] == 0
    assert report["on"]["invited"] == SHOPPERS - 1, "all but the first, who is called at once"
    assert report["on"]["salesperson_waits_s"] == pytest.approx(120.0 / SHOPPERS), "visits last as long as usual: only the first walks"
    assert report["difference"]["salesperson_waits_s"]["ci95"] == pytest.approx([-110.0, -110.0])
    assert report["on"]["wait_mean_s"] < report["off"]["wait_mean_s"], "and the line moves faster"
    assert [day["day"] for day in report["by_day"]] == [day.isoformat() for day in DAYS]


@pytest.mark.parametrize("from_s, way_s", [(0.0, 120.0), (45.0, 30.0)])
def test_nothing_changes_where_nobody_is_asked(from_s: float, way_s: float) -> None:
    for off, on in _days(from_s, way_s=way_s).values():
        assert on == off
        assert on.invited == 0
