"""Every instant belongs to exactly one business day, in every zone, through every change of clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.live.calendar import business_day, instant, opening, starts_at

ZONES = (
    "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns",
    "Africa/Casablanca", "Asia/Gaza", "Pacific/Chatham", "America/Santiago", "UTC",
)  # fmt: skip
FOUR = time(4)
PARIS = ZoneInfo("Europe/Paris")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def changes(zone: ZoneInfo, first: date, last: date) -> list[date]:
    """Dates whose UTC offset differs from the day before's."""
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    noon = [datetime.combine(day, time(12), tzinfo=zone).utcoffset() for day in days]
    return [day for day, before, now in zip(days[1:], noon, noon[1:], strict=False) if before != now]


@pytest.mark.parametrize("end_hour", [time(4), time(2, 30), time(0)])
@pytest.mark.parametrize("name", ZONES)
def test_around_every_change_days_follow_each_other_without_gap_or_overlap(name: str, end_hour: time) -> None:
    zone = ZoneInfo(name)
    around = [*changes(zone, date(2026, 1, 1), date(2029, 1, 1)), date(2026, 6, 15)]
    if name == "Pacific/Apia":
        around.append(date(2011, 12, 30))  # this date did not exist
    for change in around:
        for quarter in range(-96, 192):
            at = instant(change, time(0), zone) + 900.0 * quarter
            day = business_day(at, end_hour, zone)
            assert starts_at(day, end_hour, zone) <= at < starts_at(day + timedelta(days=1), end_hour, zone)
    assert around


def test_a_late_evening_is_still_the_day_before() -> None:
    def day(text: str) -> str:
        return business_day(datetime.fromisoformat(text).replace(tzinfo=PARIS).timestamp(), FOUR, PARIS).isoformat()

    assert day("2026-11-21T23:59") == day("2026-11-22T03:59:59") == "2026-11-21"
    assert day("2026-11-22T04:00") == "2026-11-22"


def local(at: float, zone: ZoneInfo = PARIS) -> str:
    return datetime.fromtimestamp(at, zone).isoformat(timespec="minutes")


def test_an_opening_hour_that_does_not_exist_is_an_hour_later() -> None:
    opens_at, closes_at = opening(SPRING - timedelta(days=1), time(20), time(2, 30), FOUR, PARIS)
    assert local(opens_at) == "2026-03-28T20:00+01:00"
    assert local(closes_at) == "2026-03-29T03:30+02:00"
    assert (closes_at - opens_at) / 3600 == 6.5


def test_an_hour_that_exists_twice_opens_at_the_first_and_closes_at_the_second() -> None:
    night = AUTUMN - timedelta(days=1)
    opens_at, closes_at = opening(night, time(20), time(2, 30), FOUR, PARIS)
    assert (local(opens_at), local(closes_at)) == ("2026-10-24T20:00+02:00", "2026-10-25T02:30+01:00")
    assert local(opening(night, time(2, 30), time(3, 30), FOUR, PARIS)[0]) == "2026-10-25T02:30+02:00"


@pytest.mark.parametrize("day, hours", [(date(2026, 3, 28), 23), (date(2026, 10, 24), 25), (date(2026, 6, 1), 24)])
def test_a_store_open_day_and_night_has_the_whole_business_day(day: date, hours: int) -> None:
    opens_at, closes_at = opening(day, FOUR, FOUR, FOUR, PARIS)
    assert (closes_at - opens_at) / 3600 == hours
    assert closes_at == starts_at(day + timedelta(days=1), FOUR, PARIS)


def test_closing_never_passes_the_end_of_the_business_day() -> None:
    opens_at, closes_at = opening(date(2026, 6, 1), time(10), time(10), time(4), PARIS)
    assert opens_at == closes_at == datetime(2026, 6, 1, 8, tzinfo=UTC).timestamp()
