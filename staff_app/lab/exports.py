"""A roster to take away: CSV for a spreadsheet, iCalendar (RFC 5545) for everybody's own calendar."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Shift = Mapping[str, Any]

COLUMNS = ("day", "name", "skills", "start", "break_start", "break_end", "end", "paid_hours")
FOLD = 73  # bytes of a line before it is folded
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(day: date, opens_at_s: float, shifts: Sequence[Shift]) -> str:
    """One row per shift, times local; what a spreadsheet could take for a formula is quoted as text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for shift in shifts:
        pause = shift["break_min"] or ()
        cells = [_clock(opens_at_s, minute) for minute in (shift["start_min"], *pause)] + ([] if pause else ["", ""])
        writer.writerow([day.isoformat(), _plain(shift["name"]), _plain(", ".join(shift["skills"])), *cells,
                         _clock(opens_at_s, shift["end_min"]), f"{shift['paid_hours']:.2f}"])  # fmt: skip
    return out.getvalue()


def as_calendar(day: date, opens_at_s: float, shifts: Sequence[Shift], zone: str, store: str, made_at: float) -> str:
    """One event per shift, in UTC so that every calendar shows the right local time; the break is in its description."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//A Vous//Staffing lab//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    stamp = _utc(datetime.fromtimestamp(made_at, UTC))
    for number, shift in enumerate(shifts):
        start, end = (_instant(day, opens_at_s, shift[key], zone) for key in ("start_min", "end_min"))
        pause = shift["break_min"]
        about = ", ".join(shift["skills"])
        if pause:
            about += "\n" + "–".join(_clock(opens_at_s, minute) for minute in pause)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{day.isoformat()}-{number}-{_safe(shift['name'])}@{_safe(store)}",
            f"DTSTAMP:{stamp}", f"DTSTART:{_utc(start)}",
            f"DTEND:{_utc(end)}", f"SUMMARY:{_escaped(str(shift['name']))}", f"DESCRIPTION:{_escaped(about)}", "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) for line in lines)


def _clock(opens_at_s: float, minute: float) -> str:
    minutes = round(opens_at_s / 60 + minute)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _instant(day: date, opens_at_s: float, minute: float, zone: str) -> datetime:
    """Wall time of the store: minutes count on its clock, also when summer time ends that night."""
    wall = datetime.combine(day, time()) + timedelta(seconds=opens_at_s + 60 * minute)
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _utc(at: datetime) -> str:
    return at.strftime("%Y%m%dT%H%M%SZ")


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _safe(text: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in str(text))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 bytes; a character is never cut in two."""
    parts, now = [], ""
    for char in line:
        if len((now + char).encode()) > FOLD:
            parts.append(now)
            now = " "
        now += char
    return "\r\n".join([*parts, now]) + "\r\n"
