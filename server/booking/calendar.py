"""An appointment as an iCalendar file (RFC 5545): the same one again, with a higher number, when it is moved or cancelled."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event

REMIND = timedelta(hours=-1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar is told. ``sequence`` counts the changes; ``url`` opens the appointment."""

    id: str
    at: float
    until: float
    title: str
    place: str
    about: str
    url: str
    sequence: int
    cancelled: bool


def ics(entry: Entry, now: float) -> bytes:
    """The file. Instants are in UTC, so that every calendar shows the right local time."""
    event = Event()
    event.add("uid", f"{entry.id}@avous")
    event.add("dtstamp", _utc(now))
    event.add("dtstart", _utc(entry.at))
    event.add("dtend", _utc(entry.until))
    event.add("summary", entry.title)
    event.add("location", entry.place)
    event.add("description", f"{entry.about}\n{entry.url}")
    event.add("url", entry.url)
    event.add("sequence", entry.sequence)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if not entry.cancelled:
        event.add_component(_reminder(entry.title))
    calendar = Calendar()
    calendar.add("prodid", "-//A Vous//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if entry.cancelled else "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _reminder(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", REMIND)
    return alarm


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).replace(microsecond=0)
