"""Time on duty: its parts add up, taps taken back count for nothing, and free time beside a waiting shopper is told apart."""

from typing import Any

import pytest

from server.reports.doors import BadCounts, read_counts
from server.reports.duty import Duty, both, duty, less, together, union
from server.reports.visits import Period
from server.rules import events as ev
from server.rules.effects import KeepFact

DAY = "2026-11-21"


def on_the_floor(*happened: Any, facts: tuple[KeepFact, ...] = (), now: float = 10_000.0) -> dict[str, Duty]:
    return duty(Period("Europe/Paris", (DAY,), [(DAY, fact) for fact in facts], floor=[(DAY, event) for event in happened]), now)


def on(at: float, who: str = "lea") -> ev.SalespersonSignedOn:
    return ev.SalespersonSignedOn(at, who, ("advice",), "4")


def called(at: float, ticket: str = "t", who: str = "lea") -> ev.ShopperCalled:
    return ev.ShopperCalled(at, ticket, who, "4", at + 60, at + 180)


def finished(at: float, ticket: str = "t", who: str = "lea") -> ev.StepFinished:
    return ev.StepFinished(at, ticket, who, at, False, ())


def waited(since: float, until: float) -> KeepFact:
    return KeepFact("t", "A-001", 1, "advice", "", since, until, until + 10, until + 60, None, "answered", "lea", False, None)


def test_a_day_in_parts_that_add_up() -> None:
    day = on_the_floor(
        on(0), called(100), finished(400), ev.SalespersonPaused(500, "lea", "break", 800), ev.SalespersonResumed(700, "lea"),
        ev.SalespersonSignedOff(1000, "lea"), facts=(waited(40, 100),),
    )["lea"]  # fmt: skip
    assert day == Duty(on_duty_s=1000, with_shoppers_s=300, paused_s=200, idle_s=500, idle_while_waiting_s=60)


def test_who_has_not_gone_home_is_counted_up_to_now_or_to_the_end_of_the_day() -> None:
    assert on_the_floor(on(0), called(900), now=1000)["lea"] == Duty(1000, 100, 0, 900, 0)
    assert on_the_floor(on(0), ev.DayEnded(500), now=9000)["lea"].on_duty_s == 500


def test_a_tap_taken_back_counts_for_nothing() -> None:
    undone = on_the_floor(on(0), called(100), ev.TapUndone(105, "t", "lea", "claim"), now=1000)["lea"]
    assert undone.with_shoppers_s == 0
    goes_on = on_the_floor(on(0), called(100), finished(200), ev.TapUndone(205, "t", "lea", "finish"), finished(400), now=1000)["lea"]
    assert goes_on.with_shoppers_s == 300


@pytest.mark.parametrize(
    "freed",
    [
        ev.TicketParked(300, "t", None, 900), ev.TicketHandedBack(300, "t", "lea"), ev.TicketEnded(300, "t", "left", "", None),
        ev.TicketTransferred(300, "t", "lea", "payment", None, 1, 0.0),
    ],
)  # fmt: skip
def test_every_way_out_of_a_hand_frees_it(freed: ev.Event) -> None:
    assert on_the_floor(on(0), called(100), freed, now=1000)["lea"].with_shoppers_s == 200


def test_the_team_together_and_nobody() -> None:
    team = together(on_the_floor(on(0), on(500, "karim"), now=1000))
    assert team is not None
    assert (team["on_duty_s"], team["idle_s"]) == (1500, 1500)
    assert together({}) is None


def test_spans() -> None:
    assert union([(5, 6), (0, 2), (1, 3)]) == [(0, 3), (5, 6)]
    assert both([(0, 3), (5, 6)], [(2, 5.5)]) == [(2, 3), (5, 5.5)]
    assert less([(0, 3), (5, 6)], [(1, 2), (5, 9)]) == [(0, 1), (2, 3)]


# --- door counts


def test_a_counters_file_is_read_with_either_sign_between_columns_in_any_order() -> None:
    assert read_counts("day,hour,came\n2026-11-21,14,32\n2026-11-21,15,0\n") == [("2026-11-21", 14, 32), ("2026-11-21", 15, 0)]
    assert read_counts("\ufeffHour;Came;Zone;Day\r\n9;7;north;2026-11-20\r\n") == [("2026-11-20", 9, 7)]
    assert read_counts("day,hour,came\n") == []


@pytest.mark.parametrize(
    "text, line",
    [
        ("", 1), ("day,hour\n", 1), ("day,hour,came\n2026-11-21,14,32\n2026-11-21,24,1\n", 3), ("day,hour,came\nyesterday,9,1\n", 2),
        ("day,hour,came\n2026-11-21,9,-1\n", 2), ("day,hour,came\n2026-11-21,9\n", 2),
        ("day,hour,came\n2026-11-21,9,1\n2026-11-21,09,2\n", 3),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_right_is_refused_whole_with_the_line(text: str, line: int) -> None:
    with pytest.raises(BadCounts) as refused:
        read_counts(text)
    assert refused.value.line == line
