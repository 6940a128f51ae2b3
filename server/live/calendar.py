"""Business days in the store's own zone, safe on the nights when clocks change.

A business day is named by its local date and lasts from one day's end hour to the next one's (04:00 to
04:00), so a late Saturday stays Saturday. Everything is computed on instants: a local time that does not
exist (spring) is the instant that much later, one that exists twice (autumn) opens at the first and closes
at the second.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def instant(day: date, at: time, zone: ZoneInfo, *, last: bool = False) -> float:
    """Seconds since the epoch of a local time; of the two that an autumn night has, the ``last`` or the first."""
    return datetime.combine(day, at, tzinfo=zone).replace(fold=int(last and _is_twice(day, at, zone))).timestamp()


def _is_twice(day: date, at: time, zone: ZoneInfo) -> bool:
    """Whether the local time exists twice (in a gap, the second reading would be the earlier instant)."""
    local = datetime.combine(day, at, tzinfo=zone)
    return local.replace(fold=1).timestamp() > local.timestamp()


def starts_at(day: date, end_hour: time, zone: ZoneInfo) -> float:
    """When the business day of this date begins."""
    return instant(day, end_hour, zone)


def business_day(now: float, end_hour: time, zone: ZoneInfo) -> date:
    """The business day that ``now`` (seconds since the epoch) belongs to; every instant belongs to exactly one."""
    day = datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    while starts_at(day, end_hour, zone) > now:
        day -= timedelta(days=1)
    return day


def opening(day: date, opens: time, closes: time, end_hour: time, zone: ZoneInfo) -> tuple[float, float]:
    """(opens_at, closes_at) within the business day. A time before the end hour belongs to the next morning."""

    def on(at: time) -> date:
        return day + timedelta(days=1) if at < end_hour else day

    opens_at = instant(on(opens), opens, zone)
    ends_at = starts_at(day + timedelta(days=1), end_hour, zone)
    closes_at = ends_at if closes == end_hour else instant(on(closes), closes, zone, last=True)
    return opens_at, min(max(opens_at, closes_at), ends_at)
