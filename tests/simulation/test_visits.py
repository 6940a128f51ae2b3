"""Visits CSV: what is read, what is listed as wrong and why, and what is refused as a whole."""

import io
from datetime import date, datetime
from pathlib import Path

import pytest

from simulation.past.visits import COLUMNS, Visits, VisitsError, facts, parse, read, report, text, visits_of

HEADER = ",".join(COLUMNS)
GOOD = "2026-11-21,C-001,1,advice,,2026-11-21T10:00:00,2026-11-21T10:05:00,2026-11-21T10:06:00,2026-11-21T10:20:00,,answered,lea"
LEFT = "2026-11-21,C-002,1,advice,1,2026-11-21T10:01:00,,,,2026-11-21T10:09:00,left,"


def visits(*lines: str, header: str = HEADER) -> Visits:
    return parse(io.StringIO("\n".join((header, *lines)) + "\n"), "day.csv")


def test_rows_are_read() -> None:
    read_back = visits(GOOD, LEFT)
    assert not read_back.problems
    first, second = read_back.rows
    assert (first.day, first.ticket, first.step, first.salesperson, first.served) == (date(2026, 11, 21), "C-001", 1, "lea", True)
    assert first.called_at == datetime.fromisoformat("2026-11-21T10:05:00")
    assert second.left_at == datetime.fromisoformat("2026-11-21T10:09:00")
    assert (second.priority, second.outcome, second.served) == ("1", "left", False)


def test_what_is_written_is_read_back() -> None:
    before = visits(GOOD, LEFT)
    assert parse(io.StringIO(text(before.rows))).rows == before.rows


def test_extra_columns_are_kept_out_and_reported_and_columns_may_come_in_any_order() -> None:
    header = "shoe size," + ",".join(reversed(COLUMNS)) + ",mood"
    row = "42," + ",".join(reversed(GOOD.split(","))) + ",good"
    result = visits(row, header=header)
    assert result.extra_columns == ("shoe size", "mood")
    assert result.rows == visits(GOOD).rows


@pytest.mark.parametrize(
    "old, new, reason",
    [
        ("answered", "happy", 'outcome must be one of answered, left, vanished, closed, void; it is "happy"'),
        ("2026-11-21,C", "21/11/2026,C", 'day must be a date like 2026-11-21; it is "21/11/2026"'),
        ("2026-11-21,C", "9999-12-31,C", "day must be in the years 1970 to 2200; it is 9999-12-31"),
        ("2026-11-21,C", "0001-01-01,C", "day must be in the years 1970 to 2200; it is 0001-01-01"),
        ("2026-11-21T10:00:00", "10:00", 'joined_at must be a time like 2026-11-21T10:03:00; it is "10:00"'),
        ("2026-11-21T10:00:00", "", "joined_at is empty"),
        ("C-001,1", "C-001,one", 'step must be a whole number from 1 to 1000; it is "one"'),
        ("C-001,1", "C-001,0", "step must be a whole number"),
        (",advice", ",", "service is empty"),
        ("2026-11-21T10:20:00", "2026-11-21T10:02:00", "finished_at is 240 s before started_at"),
        ("2026-11-21T10:05:00", "2026-11-21T09:05:00", "called_at is 3300 s before joined_at"),
        ("2026-11-21T10:20:00", "2026-11-23T10:20:00", "finished_at is more than a day after joined_at"),
        ("2026-11-21T10:20:00", "", "outcome is answered, but started_at or finished_at is empty"),
        (",,answered", ",2026-11-21T10:30:00,answered", "outcome is answered, but left_at is not empty"),
        ("2026-11-21T10:00:00", "2026-11-19T10:00:00", "is not on the day 2026-11-21"),
        ("2026-11-21T10:05:00", "2026-11-21T10:05:00+01:00", "some times have an offset and some have none"),
        ("lea", "lea,more", "has 13 fields, the header has 12"),
        ("advice", "a" * 300, "longer than 200 characters"),
        ("advice", "ad\x07vice", "control characters"),
    ],
)
def test_a_row_that_cannot_be_right_is_listed_and_the_rest_goes(old: str, new: str, reason: str) -> None:
    result = visits(LEFT, GOOD.replace(old, new), GOOD.replace("C-001", "C-003"))
    assert [p.line for p in result.problems] == [3]
    assert reason in result.problems[0].reason
    assert not result.problems[0].kept
    assert [r.ticket for r in result.rows] == ["C-002", "C-003"]


def test_a_left_shopper_must_have_left_and_a_repeated_row_counts_once() -> None:
    result = visits(LEFT.replace("2026-11-21T10:09:00", ""), LEFT, LEFT)
    assert [p.reason for p in result.problems] == ["outcome is left, but left_at is empty", "repeats line 3"]


def test_a_few_seconds_of_clock_skew_are_taken_as_the_same_instant() -> None:
    result = visits(GOOD.replace("2026-11-21T10:05:00", "2026-11-21T09:59:58"))
    assert result.rows[0].called_at == result.rows[0].joined_at
    assert result.problems[0].kept
    assert report(result.problems) == ["line 2: called_at is 2 s before joined_at; taken as the same instant"]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1969-12-31", "2201-01-01"])
def test_a_day_no_store_has_is_listed_and_the_rest_is_read_and_imported(day: str) -> None:
    result = visits(GOOD.replace("2026-11-21", day), LEFT)
    assert [(p.line, p.kept) for p in result.problems] == [(2, False)]
    assert [fact.number for _, fact in facts(result, "Pacific/Kiritimati")] == ["C-002"]


@pytest.mark.parametrize("outcome", ["vanished", "closed"])
def test_who_was_served_has_not_vanished(outcome: str) -> None:
    result = visits(GOOD.replace(",,answered", f",2026-11-21T10:30:00,{outcome}"))
    assert report(result.problems) == [f"line 2: outcome is {outcome}, but the visit was served; taken as answered"]
    assert result.rows == visits(GOOD).rows


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "line 1: the header is missing"),
        (HEADER.replace("outcome", "result").encode(), "line 1: outcome is missing in the header"),
        (HEADER.replace(",", ";").encode(), "must be separated by commas"),
        ((HEADER + ",day").encode(), "day is twice in the header"),
        ((HEADER + "\n" + 'a,"b').encode(), "line 2: the file is not a well-formed CSV"),
        ((HEADER + "\n" + GOOD.replace("lea", "Zoé")).encode("latin-1"), "must be UTF-8 text"),
        (("\ufeff" + HEADER).encode("utf-16"), "must be UTF-8 text"),
    ],
)
def test_what_is_no_visits_csv_is_refused_with_one_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "day.csv"
    file.write_bytes(content)
    with pytest.raises(VisitsError, match=message.split(":", maxsplit=1)[-1].strip()) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file}, line ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(VisitsError, match="cannot be read"):
        read(tmp_path / "none.csv")


def test_a_byte_order_mark_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_bytes(("\ufeff" + HEADER + "\n" + GOOD + "\n").encode())
    assert len(read(tmp_path / "day.csv").rows) == 1


def test_steps_of_a_ticket_are_one_visit_until_the_number_comes_round_again() -> None:
    again = GOOD.replace("T10:", "T15:")
    second = GOOD.replace("C-001,1,advice", "C-001,2,payment").replace("T10:", "T11:")
    parts = visits_of(visits(again, second, GOOD).rows)
    assert [[(r.step, r.joined_at.hour) for r in visit] for visit in parts] == [[(1, 10), (2, 11)], [(1, 15)]]


def test_facts_are_instants_in_the_zone_of_the_store_and_have_stable_ids() -> None:
    (day, fact), (_, other) = facts(visits(GOOD, LEFT), "Europe/Paris")
    assert (day, fact.number, fact.step, fact.salesperson, fact.outcome) == ("2026-11-21", "C-001", 1, "lea", "answered")
    assert fact.joined_at == datetime.fromisoformat("2026-11-21T10:00:00+01:00").timestamp()
    assert (other.salesperson, other.left_at, other.priority) == (None, fact.joined_at + 540, "1")
    assert [f.ticket for _, f in facts(visits(GOOD, LEFT), "Europe/Paris")] == [fact.ticket, other.ticket]


def test_steps_are_in_order_of_time_also_when_summer_time_ends() -> None:
    first = "2026-10-25,C-001,1,advice,,2026-10-25T02:50:00+02:00,,2026-10-25T02:50:00+02:00,2026-10-25T02:10:00+01:00,,answered,lea"
    second = "2026-10-25,C-001,2,payment,,2026-10-25T02:10:00+01:00,,2026-10-25T02:10:00+01:00,2026-10-25T02:15:00+01:00,,answered,lea"
    assert [[row.step for row in visit] for visit in visits_of(visits(first, second).rows)] == [[1, 2]]


def test_a_corrected_file_replaces_the_facts_of_its_tickets_and_no_others() -> None:
    again = GOOD.replace("T10:", "T15:")  # the number came round again
    second = GOOD.replace("C-001,1,advice", "C-001,2,payment").replace("T10:", "T11:")
    other = LEFT.replace("C-002", "C-003")

    def imported(*lines: str) -> dict[tuple[str, str, int], str]:
        return {(day, fact.ticket, fact.step): fact.outcome for day, fact in facts(visits(*lines), "Europe/Paris")}

    before = imported(GOOD, LEFT, again, second)
    assert len(before) == 4
    corrected = imported(again, second, LEFT.replace("left", "closed"), GOOD)  # in another order, and one outcome mended
    assert corrected == {**before, ("2026-11-21", "import-2026-11-21-C-002-1", 1): "closed"}
    assert imported(second).keys() <= before.keys()  # step 2 alone is still step 2
    assert imported(other).keys().isdisjoint(before)  # another file of that day
    assert imported(GOOD.replace("2026-11-21", "2026-11-22")).keys().isdisjoint(before)
