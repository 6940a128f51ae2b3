"""A live store for tests: a clock that is moved by hand, a small store, a journal in a temporary file."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

from server.journal.port import Journal
from server.live.live import Live
from server.live.stores import StoreConfig, parse_store
from server.rules import commands as c
from server.rules.decide import Refusal, decide
from server.rules.events import DayOpened, Event
from server.rules.evolve import evolve
from server.rules.state import StoreDay, new_day

PARIS = ZoneInfo("Europe/Paris")
OPENING = datetime(2026, 11, 21, 10, tzinfo=PARIS).timestamp()  # a Saturday
DAY = "2026-11-21"
OpenLive = Callable[..., Awaitable[Live]]


class HandClock:
    """Stands still until moved; timers look at it every few milliseconds."""

    speed = 1.0

    def __init__(self, at: float = OPENING) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def real_s(self, duration_s: float) -> float:
        return min(max(0.0, duration_s), 0.004)


def table(id: str = "volt", **changes: Any) -> dict[str, Any]:
    """A store file's content."""
    return {
        "id": id, "name": "Volt", "mode": "claim",
        "hours": {day: ["10:00", "20:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        "services": {"advice": {"letter": "C", "labels": {"fr": "Conseil"}}, "payment": {"letter": "P", "labels": {"fr": "Caisse"}}},
        "classes": {"member": 300.0, "vip": 900.0},
        "salespeople": {
            "lea": {"name": "Léa", "skills": ["advice", "payment"], "desk": "4"},
            "karim": {"name": "Karim", "skills": ["advice"], "desk": "5"},
            "zoe": {"name": "Zoé", "skills": ["payment"], "desk": "caisse"},
        },
        **changes,
    }  # fmt: skip


def store(id: str = "volt", **changes: Any) -> StoreConfig:
    """A small store."""
    return parse_store(table(id, **changes))


async def folded(journal: Journal, store: str = "volt", day: str = DAY) -> StoreDay:
    """The day, from the journal alone."""
    events = await journal.events(store, day)
    first = events[0]
    assert isinstance(first, DayOpened)
    return reduce(evolve, events, new_day(first.plan))


async def replayed(journal: Journal, store: str = "volt", day: str = DAY) -> list[Event]:
    """The events that the recorded commands give when they go through the rules again."""
    events: list[Event] = []
    state: StoreDay | None = None
    for record in await journal.recorded(store, day):
        if state is None:
            assert isinstance(record.command, c.OpenDay), "the first one opens the day"
            state = new_day(record.command.plan)
        step = decide(state, record.command, record.now)
        assert isinstance(step, Refusal) == record.refused
        if isinstance(step, Refusal):
            continue
        assert (record.first, record.last) == (state.version + 1, step.day.version)
        events += step.events
        state = step.day
    return events
