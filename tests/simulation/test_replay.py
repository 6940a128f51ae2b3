"""Replay: who was on duty, what the rules make of a recorded day, and accounts that add up on both sides."""

import io
import json
from datetime import date
from typing import Any

import pytest

from server.rules.decide import Step, decide
from server.rules.state import new_day
from simulation.past.duty import Served, infer
from simulation.past.replay import recorded, replay, replay_day, scenario_of, usual
from simulation.past.visits import COLUMNS, Visits, parse, read
from simulation.twin.crew import Crew, plan_of
from tests.real_logs import real_log

DAY = date(2026, 11, 21)


def clock(minute: float) -> str:
    return f"2026-11-21T{10 + int(minute) // 60:02d}:{int(minute) % 60:02d}:{round(minute % 1 * 60):02d}"


def row(ticket: int, joined: float, began: float | None, ended: float, who: str = "", *, step: int = 1, outcome: str = "answered",
        service: str = "advice", priority: str = "") -> str:  # fmt: skip
    served = began is not None
    times = [clock(joined), clock(began) if began is not None else "", clock(began) if began is not None else "",
             clock(ended) if served else "", "" if served else clock(ended)]  # fmt: skip
    return ",".join(["2026-11-21", str(ticket), str(step), service, priority, *times, outcome, who])


def log(*rows: str) -> Visits:
    visits = parse(io.StringIO("\n".join((",".join(COLUMNS), *rows))))
    assert not visits.problems
    return visits


def day_of(visits: Visits) -> dict[str, Any]:
    day: dict[str, Any] = replay(visits)["days"][0]
    return day


def test_a_day_that_went_by_the_rules_comes_out_as_it_was() -> None:
    visits = log(row(1, 0, 0, 10, "lea"), row(2, 2, 10, 15, "lea"), row(3, 4, None, 9, outcome="left"), row(4, 5, 15, 20, "lea"))
    day = day_of(visits)
    assert day["recorded"] == day["decided"]
    assert (day["visits"], day["salespeople"]) == (4, 1)
    assert day["decided"]["shares"] == {"answered": 0.75, "left": 0.25, "vanished": 0.0, "closed": 0.0, "void": 0.0}
    assert day["decided"]["unanswered_share"] == 0.25


def test_the_rules_serve_in_their_order_where_the_store_did_not() -> None:
    visits = log(row(1, 0, 0, 10, "lea"), row(2, 2, 15, 20, "lea"), row(3, 4, 10, 15, "lea"))
    past = recorded(DAY, visits.rows, usual(visits))
    replayed = replay_day(past)
    assert [replayed.log.visitor[i] for i in sorted(range(3), key=lambda i: replayed.log.started_at[i])] == [0, 1, 2]


def test_a_head_start_moves_its_class_forward() -> None:
    visits = log(row(1, 0, 0, 10, "lea"), row(2, 2, 10, 15, "lea"), row(3, 4, 15, 20, "lea", priority="1"))
    past = recorded(DAY, visits.rows, usual(visits))
    assert replay_day(past).log.started_at[2] > replay_day(past).log.started_at[1]
    favoured = replay_day(past, {"1": 180.0}).log
    assert favoured.started_at[2] < favoured.started_at[1]


def test_who_never_came_is_called_in_vain_and_void_tickets_are_void() -> None:
    visits = log(
        row(1, 0, 0, 10, "lea"), row(2, 1, None, 12, outcome="vanished"), row(3, 2, None, 5, outcome="void"), row(4, 3, 13, 20, "lea")
    )
    day = day_of(visits)
    assert {k: day["decided"][k] for k in ("answered", "vanished", "void")} == {"answered": 2, "vanished": 1, "void": 1}


def test_who_nobody_serves_is_told_that_the_store_closed() -> None:
    closed = row(2, 3, None, 3, outcome="closed").replace(clock(3) + ",closed", ",closed")
    assert day_of(log(row(1, 0, 0, 2, "lea"), closed, row(3, 1, None, 50, outcome="left", service="repair")))["decided"]["closed"] == 1


def open_ended(ticket: int, joined: float, outcome: str, service: str = "advice") -> str:
    return row(ticket, joined, None, joined, outcome=outcome, service=service).replace(f"{clock(joined)},{outcome}", f",{outcome}")


@pytest.mark.parametrize("outcome", ["vanished", "void"])
def test_an_unknown_end_is_the_usual_wait_of_that_service_and_day(outcome: str) -> None:
    served = [row(1, 0, 4, 10, "lea"), row(2, 0, 10, 12, "lea"), row(3, 0, 1, 2, "max", service="repair")]
    visits = log(*served, open_ended(4, 1, outcome), row(5, 13, 20, 25, "lea"))
    past = recorded(DAY, visits.rows, usual(visits))
    (unknown,) = [leg for visit in past.visits for leg in visit if leg.outcome == outcome]
    assert (unknown.served.ended - unknown.served.joined, unknown.guessed) == (7 * 60, True)  # the median of 4, 7 and 10 minutes
    assert [(p.line, p.reason, p.kept) for p in past.problems] == [(5, "left_at is empty; taken as the usual wait of 420 s", True)]
    day = day_of(visits)
    assert (day["recorded"][outcome], day["decided"][outcome]) == (1, 1)
    assert day["recorded"]["wait_mean_s"] == (4 + 10 + 1 + 7) / 4 * 60  # of those whose wait is known


@pytest.mark.parametrize("outcome", ["vanished", "void", "closed"])
def test_an_unknown_end_alone_in_its_file_is_finite(outcome: str) -> None:
    report = replay(log(open_ended(1, 0, outcome)))
    json.dumps(report, allow_nan=False)
    assert [p["line"] for p in report["problems"]] == [2]
    assert report["days"][0]["decided"][outcome] == 1


def test_who_found_the_doors_closed_had_waited_until_then() -> None:
    visits = log(row(1, 0, 0, 10, "lea"), open_ended(2, 5, "closed", "repair"), row(3, 10, 10, 30, "lea"))
    past = recorded(DAY, visits.rows, usual(visits))
    assert past.visits[1][0].served.ended == 36_000 + 30 * 60
    assert [p.line for p in past.problems] == [3]


def test_a_void_step_before_the_last_was_served_and_the_visit_went_on() -> None:
    visits = log(row(1, 0, 0, 5, "lea"), row(1, 5, 6, 7, "lea", step=2, outcome="void"), row(1, 9, 9, 12, "lea", step=3))
    report = replay(visits)
    day = report["days"][0]
    assert report["problems"] == [{"line": 3, "reason": "was served and then void, but the visit went on; taken as answered", "kept": True}]
    for side in ("recorded", "decided"):
        assert (day[side]["answered"], day[side]["void"]) == (1, 0)


def test_a_visit_whose_last_step_is_void_is_void_and_the_work_before_it_was_done() -> None:
    visits = log(row(1, 0, 0, 10, "lea"), row(1, 10, 10, 11, "lea", step=2, outcome="void"), row(2, 1, 11, 12, "lea"))
    past = recorded(DAY, visits.rows, usual(visits))
    assert [leg.outcome for leg in past.visits[0]] == ["answered", "void"]
    played = replay_day(past)
    assert (played.accounts["void"], played.accounts["answered"]) == (1, 1)
    assert min(at for at, who in zip(played.log.started_at, played.log.visitor, strict=True) if who == 1) >= 36_600  # after the ten minutes


def test_a_day_when_summer_time_ends_runs_forward() -> None:
    lines = [
        "2026-10-25,1,1,advice,,2026-10-25T02:50:00+02:00,,2026-10-25T02:10:00+01:00,2026-10-25T02:20:00+01:00,,answered,lea",
        "2026-10-25,2,1,advice,,2026-10-25T02:15:00+01:00,,2026-10-25T02:20:00+01:00,2026-10-25T02:30:00+01:00,,answered,lea",
    ]
    day = day_of(log(*lines))
    assert day["recorded"]["wait_answered_mean_s"] == day["decided"]["wait_answered_mean_s"] == (20 + 5) * 30


def test_several_steps_are_one_visit_and_the_shopper_queues_once() -> None:
    visits = log(row(1, 0, 0, 10, "lea"), row(1, 10, 12, 14, "max", step=2, service="payment"), row(2, 1, 1, 12, "max", service="payment"))
    day = day_of(visits)
    assert (day["visits"], day["steps"], day["decided"]["answered"]) == (2, 3, 2)


def test_legs_that_go_on_at_once_are_one_step() -> None:
    visits = log(row(1, 0, 0, 1, "lea"), row(1, 1, 1, 10, "lea", step=2))
    (visit,) = recorded(DAY, visits.rows, usual(visits)).visits
    assert [(leg.served.began, leg.served.ended) for leg in visit] == [(36_000.0, 36_600.0)]


def test_a_forgotten_finish_is_noticed() -> None:
    visits = log(row(1, 0, 0, 200, "lea"), *(row(k, k, 200 + k * 5, 204 + k * 5, "lea") for k in range(2, 60)))
    report = replay(visits)
    assert [p["line"] for p in report["problems"]] == [2]
    assert "nobody pressed Finish" in report["problems"][0]["reason"]
    overlap = log(row(1, 0, 0, 10, "lea"), row(2, 1, 8, 20, "lea"))
    assert "began with somebody else" in replay(overlap)["problems"][0]["reason"]


def test_the_recorded_day_has_the_same_events_when_its_commands_are_decided_again() -> None:
    visits = log(*(row(k, k, k * 3, k * 3 + 3, "lea") for k in range(30)), row(50, 5, None, 30, outcome="left"))
    past = recorded(DAY, visits.rows, usual(visits))
    history = replay_day(past, keep=True).dispatcher.history
    assert history
    state = new_day(plan_of(scenario_of(past), Crew(past.crew.members, {})))
    for now, command, events in history:
        step = decide(state, command, now)
        assert isinstance(step, Step)
        assert step.events == events
        state = step.day


# -- who was on duty ---------------------------------------------------------------------------------------


def test_somebody_idle_while_nobody_waits_was_there_and_while_somebody_waits_was_not() -> None:
    steps = [
        Served("advice", 0, 0, 100, "lea"), Served("advice", 400, 400, 500, "lea"),  # nobody waited in between
        Served("advice", 600, 1600, 1700, "lea"),  # somebody waited from 600 on: away from 600 + the grace
    ]  # fmt: skip
    (lea,) = infer(steps).members
    assert lea.shifts == ((0, 610), (1600, 1700))


def test_a_short_absence_after_a_visit_is_part_of_its_work() -> None:
    steps = [Served("advice", 0, 0, 100, "lea"), Served("advice", 10, 150, 200, "lea")]
    inferred = infer(steps)
    assert inferred.members[0].shifts == ((0, 200),)
    assert inferred.work_s == {0: 150, 1: 50}


def test_skills_are_what_was_served_and_the_unknown_serve_one_visit() -> None:
    inferred = infer([Served("a", 0, 0, 10, "lea"), Served("b", 0, 20, 30, "lea"), Served("a", 5, 6, 9, "")])
    lea, unknown = inferred.members
    assert (lea.skills, unknown.skills, unknown.shifts, inferred.unknown) == (("a", "b"), ("a",), ((6, 9),), 1)


def test_the_unknown_do_not_take_a_name_of_the_log() -> None:
    crew = infer([Served("a", 0, 0, 10, "unknown-001"), Served("a", 5, 6, 9, "")])
    assert [member.id for member in crew.members] == ["unknown-001", "unknown-002"]


@pytest.mark.parametrize("name", ["bank", "clinic"])
def test_real_logs_go_through(name: str) -> None:
    report = replay(read(real_log(name)))
    assert report["days"]
    for day in report["days"]:
        for side in ("recorded", "decided"):
            assert sum(day[side]["shares"].values()) == pytest.approx(1.0, abs=1e-12)
            assert day[side]["joined"] == day["visits"]
        assert day["decided"]["void"] == day["recorded"]["void"]
