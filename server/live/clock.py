"""The only place that reads the time. The queue must not jump because somebody set the machine's clock.

``WallClock`` follows the wall but walks at the pace of the monotonic clock: an NTP step, a wrong
time zone fix or a leap is caught up at two per cent, never by a jump, and it never goes back. One exception: a
machine that began with a wrong clock would take weeks, so a wall that is more than ten minutes ahead is believed
at once while nobody waits.
``DemoClock`` starts where it is told and runs faster, for a day that fits in a coffee break.
"""

import time
from collections.abc import Callable
from typing import Protocol

CATCH_UP = 0.02  # seconds corrected per second that passes
STEP_S = 600.0  # behind the wall by more than this, the clock steps, if it may


class Clock(Protocol):
    """Seconds since the epoch; ``speed`` of them pass in one real second."""

    speed: float

    def now(self) -> float:
        """The instant. Never less than what it said before."""

    def real_s(self, duration_s: float) -> float:
        """How many real seconds ``duration_s`` of this clock takes (0 when it is negative)."""


def steady() -> float:
    """Seconds that pass whatever the wall says, sleep of the machine included where the system can tell."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class WallClock:
    """The wall's time at the steady clock's pace."""

    speed = 1.0

    def __init__(self, wall: Callable[[], float] = time.time, pace: Callable[[], float] = steady) -> None:
        self._wall, self._pace = wall, pace
        self._said, self._at = wall(), pace()
        self._may_step: Callable[[], bool] = lambda: False

    def step_when(self, harmless: Callable[[], bool]) -> None:
        """Let the clock step forward to a wall far ahead whenever ``harmless()``: nobody's call or wait can expire by it."""
        self._may_step = harmless

    def now(self) -> float:
        """The instant, at most two per cent faster or slower than real time while it catches up with the wall."""
        at = self._pace()
        passed = max(0.0, at - self._at)
        error = self._wall() - (self._said + passed)
        if error > STEP_S and self._may_step():
            self._said += passed + error
        else:
            self._said += passed + max(-passed * CATCH_UP, min(passed * CATCH_UP, error))
        self._at = at
        return self._said

    def real_s(self, duration_s: float) -> float:
        """Real seconds are this clock's seconds."""
        return max(0.0, duration_s)


class DemoClock:
    """A clock that starts at ``start`` (seconds since the epoch) and runs ``speed`` times as fast as real time."""

    def __init__(self, start: float, speed: float = 1.0, pace: Callable[[], float] = time.monotonic) -> None:
        if not speed > 0:
            raise ValueError("speed must be greater than 0")
        self.speed, self._start, self._pace, self._began = speed, start, pace, pace()

    def now(self) -> float:
        """The demo's instant."""
        return self._start + (self._pace() - self._began) * self.speed

    def real_s(self, duration_s: float) -> float:
        """Real seconds until ``duration_s`` of the demo have passed."""
        return max(0.0, duration_s) / self.speed
