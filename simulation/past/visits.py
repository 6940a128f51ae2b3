"""Visits CSV: what happened in a store, one row per step of a visit, to import, export and replay.

UTF-8 with the header ``COLUMNS``; times are ISO 8601, local to the store (with or without an offset); an empty
field is unknown. Columns nobody asked for are kept out and reported. A row that cannot be right is listed
with its line number and the reason, and the rest still goes; only a file that is not a Visits CSV at all is refused.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import NamedTuple, TextIO, overload
from zoneinfo import ZoneInfo

from server.rules.effects import KeepFact

COLUMNS = (
    "day", "ticket", "step", "service", "priority", "joined_at", "called_at", "started_at", "finished_at", "left_at", "outcome",
    "salesperson",
)  # fmt: skip
TIMES = COLUMNS[5:10]
OUTCOMES = ("answered", "left", "vanished", "closed", "void")

FILE_MAX = 500_000_000  # bytes
ROWS_MAX = 2_000_000
FIELD_MAX = 200  # characters
STEP_MAX = 1_000
YEARS = (1970, 2200)  # of days: no store has other ones, and times a day off can still be computed with
SKEW_S = 5.0  # clocks of two machines may differ by this much: the later instant counts
VISIT_MAX_S = 24 * 3600.0
PROBLEMS_MAX = 10_000  # kept; the rest is only counted


class VisitsError(ValueError):
    """The file is not a Visits CSV. ``str(error)`` is one sentence with file, line and field."""


class Problem(NamedTuple):
    """A row that cannot be right. ``kept``: it goes on with what is said in ``reason``."""

    line: int
    reason: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One step as recorded; ``line`` is its line in the file."""

    line: int
    day: date
    ticket: str
    step: int
    service: str
    priority: str
    joined_at: datetime
    called_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    left_at: datetime | None
    outcome: str
    salesperson: str

    @property
    def served(self) -> bool:
        """Whether the service took place, whatever became of the visit."""
        return self.started_at is not None and self.finished_at is not None


@dataclass(slots=True)
class Visits:
    """The rows that can be right, in the order of the file, what is wrong with others, and columns not asked for."""

    rows: list[Row]
    problems: list[Problem]
    extra_columns: tuple[str, ...] = ()
    unlisted: int = 0

    def add_problem(self, problem: Problem) -> None:
        """List a problem, or only count it when there are too many."""
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)
        else:
            self.unlisted += 1

    def days(self) -> dict[date, list[Row]]:
        """The rows of each business day, days in order."""
        days: dict[date, list[Row]] = {}
        for row in self.rows:
            days.setdefault(row.day, []).append(row)
        return dict(sorted(days.items()))


def read(path: Path | str) -> Visits:
    """The visits in a file. Raises ``VisitsError`` when it is not a Visits CSV or too large."""
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > FILE_MAX:
            raise VisitsError(f"{path}, line 1: the file must have at most {FILE_MAX} bytes; it has {size}")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return parse(stream, str(path))
    except OSError as error:
        raise VisitsError(f"{path}, line 1: the visits file cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise VisitsError(f"{path}, line 1: the file must be UTF-8 text; byte {error.start} is not") from error


def parse(stream: Iterable[str], file: str = "visits") -> Visits:
    """The visits in a text; ``file`` is how errors name it."""
    reader = csv.reader(stream, strict=True)
    visits = Visits([], [])
    try:
        places = _header(next(reader, None), file, visits)
        seen: dict[tuple[str, ...], int] = {}
        for fields in reader:
            if fields:
                _add(visits, fields, places, reader.line_num, seen)
            if len(visits.rows) > ROWS_MAX:
                raise VisitsError(f"{file}, line {reader.line_num}: the file must have at most {ROWS_MAX} rows")
    except csv.Error as error:
        raise VisitsError(f"{file}, line {reader.line_num}: the file is not a well-formed CSV ({error})") from error
    return visits


def _header(header: list[str] | None, file: str, visits: Visits) -> tuple[int, list[int]]:
    """How many fields a row has, and where each column of ours is."""
    if not header:
        raise VisitsError(f"{file}, line 1: the header is missing; it must be {','.join(COLUMNS)}")
    names = [name.strip() for name in header]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        hint = "; the columns must be separated by commas" if len(names) == 1 and (";" in header[0] or "\t" in header[0]) else ""
        raise VisitsError(f"{file}, line 1: {missing[0]} is missing in the header, which must have {','.join(COLUMNS)}{hint}")
    double = next((name for name in COLUMNS if names.count(name) > 1), None)
    if double:
        raise VisitsError(f"{file}, line 1: {double} is twice in the header")
    visits.extra_columns = tuple(name for name in names if name not in COLUMNS)
    return len(names), [names.index(name) for name in COLUMNS]


def _add(visits: Visits, fields: list[str], places: tuple[int, list[int]], line: int, seen: dict[tuple[str, ...], int]) -> None:
    width, at = places
    if len(fields) != width:
        visits.add_problem(Problem(line, f"has {len(fields)} fields, the header has {width}"))
        return
    own = tuple(fields[i].strip() for i in at)
    if own in seen:
        visits.add_problem(Problem(line, f"repeats line {seen[own]}"))
        return
    seen[own] = line
    try:
        row = _row(line, dict(zip(COLUMNS, own, strict=True)))
        row, doubt = _served_after_all(row)
        row, skewed = _in_order(row)
    except ValueError as error:
        visits.add_problem(Problem(line, str(error)))
        return
    for reason in filter(None, (doubt, skewed)):
        visits.add_problem(Problem(line, reason, kept=True))
    visits.rows.append(row)


def _served_after_all(row: Row) -> tuple[Row, str]:
    """Who never came, or came upon closed doors, cannot have been served: the two times outweigh the one word."""
    if row.outcome not in ("vanished", "closed") or not row.served:
        return row, ""
    return replace(row, outcome="answered", left_at=None), f"outcome is {row.outcome}, but the visit was served; taken as answered"


def _row(line: int, own: dict[str, str]) -> Row:
    """The row as typed values; ``ValueError`` says which field cannot be read."""
    for name, value in own.items():
        if len(value) > FIELD_MAX or not value.isprintable():
            raise ValueError(f"{name} is longer than {FIELD_MAX} characters or has control characters in it")
    for name in ("day", "ticket", "service", "joined_at", "outcome"):
        if not own[name]:
            raise ValueError(f"{name} is empty")
    if own["outcome"] not in OUTCOMES:
        raise ValueError(f'outcome must be one of {", ".join(OUTCOMES)}; it is "{own["outcome"]}"')
    step = own["step"] or "1"
    if not (step.isascii() and step.isdigit() and 1 <= int(step) <= STEP_MAX):
        raise ValueError(f'step must be a whole number from 1 to {STEP_MAX}; it is "{step}"')
    joined_at, called_at, started_at, finished_at, left_at = (_time(name, own[name]) for name in TIMES)
    assert joined_at is not None
    if any(t is not None and (t.tzinfo is None) != (joined_at.tzinfo is None) for t in (called_at, started_at, finished_at, left_at)):
        raise ValueError("some times have an offset and some have none")
    return Row(
        line, _day(own["day"]), own["ticket"], int(step), own["service"], own["priority"], joined_at, called_at, started_at, finished_at,
        left_at, own["outcome"], own["salesperson"],
    )  # fmt: skip


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'day must be a date like 2026-11-21; it is "{text}"') from None
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise ValueError(f"day must be in the years {YEARS[0]} to {YEARS[1]}; it is {day}")
    return day


def _time(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        if "T" not in text and " " not in text:
            raise ValueError
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'{name} must be a time like 2026-11-21T10:03:00; it is "{text}"') from None


def _in_order(row: Row) -> tuple[Row, str]:
    """The row with its times in order, and what had to be moved by a few seconds, if anything; ``ValueError`` if more."""
    start_of_day = datetime.combine(row.day, datetime.min.time(), tzinfo=row.joined_at.tzinfo)
    if not start_of_day <= row.joined_at < start_of_day + timedelta(days=2):
        raise ValueError(f"joined_at {row.joined_at.isoformat()} is not on the day {row.day}")
    answered = row.outcome == "answered"
    if answered and not row.served:
        raise ValueError("outcome is answered, but started_at or finished_at is empty")
    if answered and row.left_at is not None:
        raise ValueError("outcome is answered, but left_at is not empty")
    if row.outcome == "left" and (row.left_at is None or row.served):
        raise ValueError("outcome is left, but " + ("left_at is empty" if row.left_at is None else "the visit was served"))
    if (row.started_at is None) != (row.finished_at is None):
        raise ValueError("only one of started_at and finished_at is there")
    skewed, before, before_name = "", row.joined_at, "joined_at"
    changes: dict[str, datetime] = {}
    for name in TIMES[1:]:
        at = getattr(row, name)
        if at is None:
            continue
        if at < before:
            gap_s = (before - at).total_seconds()
            if gap_s > SKEW_S:
                raise ValueError(f"{name} is {gap_s:g} s before {before_name}")
            skewed, changes[name] = f"{name} is {gap_s:g} s before {before_name}; taken as the same instant", before
        before, before_name = changes.get(name, at), name
    if (before - row.joined_at).total_seconds() > VISIT_MAX_S:
        raise ValueError(f"{before_name} is more than a day after joined_at")
    return _moved(row, changes) if changes else row, skewed


def _moved(row: Row, to: Mapping[str, datetime]) -> Row:
    called_at, started_at = to.get("called_at", row.called_at), to.get("started_at", row.started_at)
    finished_at, left_at = to.get("finished_at", row.finished_at), to.get("left_at", row.left_at)
    return replace(row, called_at=called_at, started_at=started_at, finished_at=finished_at, left_at=left_at)


def write(rows: Iterable[Row], stream: TextIO) -> None:
    """Write rows as a Visits CSV that ``read`` gives back."""
    out = csv.writer(stream, lineterminator="\n")
    out.writerow(COLUMNS)
    for row in rows:
        times = ["" if t is None else t.isoformat() for t in (row.joined_at, row.called_at, row.started_at, row.finished_at, row.left_at)]
        out.writerow([row.day.isoformat(), row.ticket, row.step, row.service, row.priority, *times, row.outcome, row.salesperson])


def text(rows: Iterable[Row]) -> str:
    """The rows as the text of a Visits CSV."""
    stream = io.StringIO(newline="")
    write(rows, stream)
    return stream.getvalue()


# -- visits of several steps ------------------------------------------------------------------------------


def visits_of(rows: Iterable[Row]) -> list[list[Row]]:
    """The visits of one day, each the list of its steps: a step that does not follow begins another visit.

    Ticket numbers come round again within a day, so the same number with step 1 again is somebody else.
    """
    visits: list[list[Row]] = []
    last: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda r: (_instant(r.joined_at, UTC), r.line)):
        visit = last.get(row.ticket)
        if visit is not None and row.step > visit[-1].step:
            visit.append(row)
        else:
            last[row.ticket] = [row]
            visits.append(last[row.ticket])
    return visits


def facts(visits: Visits, zone: str) -> Iterator[tuple[str, KeepFact]]:
    """(day, fact) of every step, for a store's journal: local times become instants in the store's ``zone``.

    The id is the day, the ticket and how many visits under that number the day has had: whatever else a corrected
    file says, and wherever in it, its steps replace those of before; tickets it does not name stay as they are.
    """
    local = ZoneInfo(zone)
    for day, rows in visits.days().items():
        times: Counter[str] = Counter()
        for visit in visits_of(rows):
            number = visit[0].ticket
            times[number] += 1
            for row in visit:
                yield day.isoformat(), _fact(row, f"import-{day.isoformat()}-{number}-{times[number]}", local)


def _fact(row: Row, ticket: str, local: ZoneInfo) -> KeepFact:
    joined, called, started, finished, left = (
        _instant(t, local) for t in (row.joined_at, row.called_at, row.started_at, row.finished_at, row.left_at)
    )
    assert joined is not None
    return KeepFact(
        ticket=ticket, number=row.ticket, step=row.step, service=row.service, priority=row.priority, joined_at=joined, called_at=called,
        started_at=started, finished_at=finished, left_at=left, outcome=row.outcome, salesperson=row.salesperson or None,
        estimated=False, promise_s=None,
    )  # fmt: skip


@overload
def _instant(at: datetime, local: tzinfo) -> float: ...
@overload
def _instant(at: datetime | None, local: tzinfo) -> float | None: ...
def _instant(at: datetime | None, local: tzinfo) -> float | None:
    return None if at is None else (at.replace(tzinfo=local) if at.tzinfo is None else at).astimezone(UTC).timestamp()


def report(problems: Sequence[Problem], limit: int = 20) -> list[str]:
    """Problems as lines for people: "line 12: outcome must be …"."""
    lines = [f"line {p.line}: {p.reason}{'' if p.kept else ' (left out)'}" for p in problems[:limit]]
    return [*lines, f"… and {len(problems) - limit} more"] if len(problems) > limit else lines
