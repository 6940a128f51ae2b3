"""``evolve(day, event)``: the state after one more event. No decisions here, only what the event says.

One small function per event: ``floor_events`` for the day and its salespeople, ``shopper_events`` for
those who wait, ``serving_events`` for what happens between the two, in the order of a visit.
"""

from collections.abc import Callable
from typing import Any

from server.rules import floor_events, serving_events, shopper_events
from server.rules.events import Event
from server.rules.state import StoreDay

_APPLY: dict[type, Callable[[StoreDay, Any], StoreDay]] = {**floor_events.APPLY, **shopper_events.APPLY, **serving_events.APPLY}


def evolve(day: StoreDay, event: Event) -> StoreDay:
    """The day after ``event``: version one higher, instant of the event. Events never fail to apply."""
    return _APPLY[type(event)](day, event)._replace(version=day.version + 1, at=event.at)
