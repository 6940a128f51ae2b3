"""SimPy's environment with a short way to have a function called later.

A day needs no processes, only calls at given times. Such a call goes into SimPy's own calendar, with SimPy's own
order of events at one instant, but without an event object and its list of callbacks, which would take half
of the time of a day. Ordinary SimPy events and processes still work beside them.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.events import NORMAL

_CALL = 5  # entries of a call in the calendar: time, priority, number, handler, value


class Calendar(simpy.Environment):
    """An environment that also keeps plain calls; ``now`` is in seconds."""

    _queue: list[Any]

    def call_in(self, delay_s: float, handler: Callable[[Any], None], value: Any = None) -> None:
        """Call ``handler(value)`` after ``delay_s`` >= 0, in the order in which SimPy would process a timeout."""
        heappush(self._queue, (self._now + delay_s, NORMAL, next(self._eid), handler, value))

    def call_at(self, when_s: float, handler: Callable[[Any], None], value: Any = None) -> None:
        """Call ``handler(value)`` at exactly this instant, or now if it has passed."""
        heappush(self._queue, (max(when_s, self._now), NORMAL, next(self._eid), handler, value))

    def step(self) -> None:
        """The next call or event."""
        if not self._queue or len(self._queue[0]) != _CALL:
            super().step()
            return
        self._now, _, _, handler, value = heappop(self._queue)
        handler(value)

    def play(self) -> None:
        """Everything in the calendar, to its end."""
        queue = self._queue
        while queue:
            if len(queue[0]) != _CALL:
                super().step()
                continue
            self._now, _, _, handler, value = heappop(queue)
            handler(value)
