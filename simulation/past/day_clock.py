"""The clock of a recorded day, and when waits ended whose end nobody wrote down.

In a Visits CSV an empty ``left_at`` is unknown, but a shopper who waits for ever is not possible: salespeople
would be taken as absent for the rest of time. So an unknown end is taken as the usual one, and listed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from simulation.past.visits import Problem, Row
from simulation.twin.log import CLOSED

WAIT_S = 300.0  # on a day that says of no shopper how long they waited

Clock = Callable[[datetime], float]
"""Seconds of the day at an instant."""


def clock_of(day: date, rows: list[Row]) -> Clock:
    """Seconds since the day's midnight, which is that of its first shopper: summer time may end before its last."""
    aware = [row.joined_at for row in rows if row.joined_at.tzinfo is not None]
    midnight = datetime.combine(day, datetime.min.time())
    zoned = midnight.replace(tzinfo=min(aware).tzinfo) if aware else midnight
    return lambda at: (at - (midnight if at.tzinfo is None else zoned)).total_seconds()


@dataclass(frozen=True, slots=True)
class Waits:
    """What is usual on a day: the median wait in seconds per service and of all; and the last instant of its log."""

    services: Mapping[str, float]
    all_s: float
    last_at: float

    @classmethod
    def of(cls, rows: list[Row], clock: Clock) -> "Waits":
        """The usual waits of these rows, all of one day."""
        known: dict[str, list[float]] = {}
        for row in rows:
            if (until := row.started_at or row.left_at) is not None:
                known.setdefault(row.service, []).append(clock(until) - clock(row.joined_at))
        everybody = [wait_s for waits in known.values() for wait_s in waits]
        last = max(clock(at) for row in rows for at in (row.joined_at, row.called_at, row.finished_at, row.left_at) if at is not None)
        return cls({s: float(np.median(x)) for s, x in known.items()}, float(np.median(everybody)) if everybody else WAIT_S, last)

    def ended(self, row: Row, clock: Clock, problems: list[Problem]) -> float:
        """When a wait of unknown end is taken to have ended; listed among ``problems``.

        Who found the doors closed had waited until then. Others waited as long as is usual for their service that day
        (for any service, if nobody's wait for theirs is known), and at least until they were called.
        """
        if row.outcome == CLOSED:
            problems.append(Problem(row.line, "left_at is empty; taken as waiting until the last instant of the day", kept=True))
            return self.last_at
        wait_s = self.services.get(row.service, self.all_s)
        problems.append(Problem(row.line, f"left_at is empty; taken as the usual wait of {wait_s:.0f} s", kept=True))
        return max(clock(row.called_at or row.joined_at), clock(row.joined_at) + wait_s)
