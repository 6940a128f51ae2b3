"""The checkers find what they are there to find."""

from pathlib import Path
from typing import get_args

from server.bench.history import History, Kind, answered_otherwise, load, set_check, went_back
from server.journal.port import Recorded
from server.rules import commands as c
from server.rules import events as ev
from tests.faults import checkers

KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


def history(*lines: str) -> History:
    """ "invoke a", "ok a 1", …"""
    made = History(clock=lambda: 0.0)
    for line in lines:
        type, id, *value = line.split()
        made.add("c", "join", id, KINDS[type], value[0] if value else None)
    return made


def test_all_is_well() -> None:
    told = history("invoke a", "ok a", "invoke b", "info b", "invoke c", "fail c")
    for recovered in (["a"], ["a", "b"]):
        report = set_check(told, recovered)
        assert not report.faults
        assert (report.acknowledged, report.unknown) == (1, 1)


def test_lost_unexpected_and_duplicated_are_found() -> None:
    told = history("invoke a", "ok a", "invoke b", "ok b", "invoke c", "fail c")
    report = set_check(told, ["b", "b", "c", "ghost"])
    assert report.faults
    assert (report.lost, report.unexpected, report.duplicated) == (("a",), ("c", "ghost"), ("b",))


def test_a_refusal_after_an_unknown_outcome_is_a_refusal() -> None:
    told = history("invoke a", "info a", "invoke a", "ok a 7", "invoke a", "fail a 8")
    assert not set_check(told, ["a"]).faults
    assert len(answered_otherwise(told)) == 1


def test_a_second_answer_must_be_the_first() -> None:
    assert answered_otherwise(history("invoke a", "ok a 7", "invoke a", "ok a 7")) == []
    assert len(answered_otherwise(history("invoke a", "ok a 7", "invoke a", "ok a 8"))) == 1


def test_two_claimers_are_found() -> None:
    def claim(ticket: str, person: str) -> ev.Event:
        return ev.TicketClaimed(1.0, ticket, person, ())

    assert checkers.one_claim([claim("t", "a"), ev.TicketEnded(2.0, "t", "left", "", None), claim("u", "a")]) == []
    assert len(checkers.one_claim([claim("t", "a"), claim("t", "b")])) == 1
    assert len(checkers.one_claim([claim("t", "a"), claim("u", "a")])) == 1


def test_seq_that_goes_back_and_views_that_differ_are_found() -> None:
    assert went_back([1, 1, 5, 9]) == []
    assert len(went_back([1, 5, 4])) == 1
    assert checkers.view_equals({1: b"a", 2: b"b"}, {2: b"b", 3: b"c"}) == []
    assert len(checkers.view_equals({1: b"a"}, {1: b"b"})) == 1


def test_a_decision_on_a_state_that_is_past_is_found() -> None:
    def record(id: str, first: int, last: int) -> Recorded:
        return Recorded(id, "c", c.Balk("advice"), 1.0, first, last, last < first)

    one_after_the_other = history("invoke a", "ok a", "invoke b", "fail b")
    assert checkers.real_time_order(one_after_the_other, [record("a", 2, 3), record("b", 4, 3)]) == []
    assert len(checkers.real_time_order(one_after_the_other, [record("a", 2, 3), record("b", 2, 1)])) == 1
    at_once = history("invoke a", "invoke b", "ok a", "fail b")
    assert checkers.real_time_order(at_once, [record("a", 2, 3), record("b", 2, 1)]) == []


def test_a_history_can_be_saved_and_read(tmp_path: Path) -> None:
    told = history("invoke a", "ok a 7")
    told.save(tmp_path / "history.jsonl")
    assert load(tmp_path / "history.jsonl").entries == told.entries
