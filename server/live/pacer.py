"""When to ask the estimator, and never at anybody's expense: its answer rides in the transaction that is due anyway.

One store asks at most every quarter of a second of real time, and looks again every 15 s of the store's
time while somebody waits. An estimator that fails is logged; commands never notice.
"""

import logging
import time
from collections.abc import Callable

from server.live import limits
from server.live.batch import Batch
from server.live.clock import Clock
from server.rules.commands import ShowWaits
from server.rules.state import DayPhase, StoreDay

log = logging.getLogger(__name__)
Estimate = Callable[[StoreDay, float], ShowWaits | None]


class Pacer:
    """One store's estimates, in time."""

    def __init__(self, clock: Clock, estimate: Estimate | None, pace: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._estimate, self._pace = clock, estimate, pace
        self._asked_real = -1e9
        self._asked_at = -1e18
        self._stale = True  # something happened since the last estimate

    def show(self, batch: Batch, *, changed: bool) -> None:
        """Decide ``ShowWaits`` at the end of a batch, if it is time for it."""
        self._stale = self._stale or changed
        if self._estimate is None or not self._is_time(batch.day, batch.now):
            return
        self._asked_real, self._asked_at, self._stale = self._pace(), batch.now, False
        try:
            waits = self._estimate(batch.day, batch.now)
            if waits is not None:
                batch.run("waits", waits)
        except Exception:
            log.exception("the estimator failed")

    def _is_time(self, day: StoreDay, now: float) -> bool:
        if day.phase not in (DayPhase.OPEN, DayPhase.CLOSED) or self.wait_s() > 0:
            return False
        return self._stale or now >= self._asked_at + limits.ESTIMATE_REFRESH_S

    def wait_s(self) -> float:
        """Real seconds before the next estimate is allowed."""
        return max(0.0, self._asked_real + limits.ESTIMATE_EVERY_S - self._pace())

    def due_at(self, day: StoreDay) -> float | None:
        """The instant of the store's clock at which an estimate is wanted; None when nobody waits for one."""
        if self._estimate is None or day.phase not in (DayPhase.OPEN, DayPhase.CLOSED):
            return None
        allowed_at = self._clock.now() + self.wait_s() * self._clock.speed
        if self._stale:
            return allowed_at
        return max(allowed_at, self._asked_at + limits.ESTIMATE_REFRESH_S) if day.tickets else None
