"""Door counts as their makers' programs write them: a CSV of day, hour and how many came in."""

import csv
from collections.abc import Iterator
from datetime import date

COLUMNS = ("day", "hour", "came")
ROWS_MAX = 3000  # a quarter of a year, hour by hour
CAME_MAX = 100_000
Row = tuple[str, int, int]


class BadCounts(ValueError):
    """The file cannot be read; ``line`` says where, the text says why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


def read_counts(text: str) -> list[Row]:
    """The rows of a CSV with the columns ``day`` (2026-11-21), ``hour`` (0 to 23) and ``came``, in any order, others ignored.

    Commas or semicolons between them. BadCounts for the first line that is wrong, also where an hour comes twice.
    """
    lines = text.lstrip("\ufeff").splitlines()
    head = lines[0] if lines else ""
    rows = csv.DictReader(lines, delimiter=";" if head.count(";") > head.count(",") else ",")
    names = [name.strip().lower() for name in rows.fieldnames or ()]
    rows.fieldnames = names
    if missing := [name for name in COLUMNS if name not in names]:
        raise BadCounts(1, f"the column {missing[0]} is missing")
    return list(_checked(rows))


def _checked(rows: "csv.DictReader[str]") -> Iterator[Row]:
    seen: set[tuple[str, int]] = set()
    for row in rows:
        try:
            day = date.fromisoformat((row["day"] or "").strip()).isoformat()
            hour, came = (int((row[name] or "").strip()) for name in COLUMNS[1:])
        except ValueError:
            raise BadCounts(rows.line_num, "a day like 2026-11-21, an hour like 14 and a whole number") from None
        if not 0 <= hour <= 23 or not 0 <= came <= CAME_MAX:
            raise BadCounts(rows.line_num, f"an hour from 0 to 23, and 0 to {CAME_MAX} people")
        if (day, hour) in seen:
            raise BadCounts(rows.line_num, f"{day} {hour} h comes twice")
        if len(seen) == ROWS_MAX:
            raise BadCounts(rows.line_num, f"more than {ROWS_MAX} rows: send it in parts")
        seen.add((day, hour))
        yield day, hour, came
