"""When to ask the estimator, and never at anybody's expense: its answer rides in the transaction that is due anyway.

One store asks at most every quarter of a second of real time, and looks again every 15 s of the store's
time while somebody waits. Where so many stores ask that one has to wait for its place, it then waits a moment more for a
command to ride with: a transaction and fifty views of its own would cost as much as the estimate. An estimator that fails
is logged; commands never notice.
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
"""What is to be shown anew, if anything. Raises NotYet where it should be asked again in a moment."""


class NotYet(KeyError):
    """The estimates of this store are not ready: its past is still being learned."""


class Allowance:
    """The share of this process's time that the estimates of all stores may take together.

    A store reserves the next free place, so that two hundred of them neither crowd nor ask again and again. While the
    estimates fit in their share, every place is now.
    """

    def __init__(self, share: float = limits.ESTIMATE_SHARE, pace: Callable[[], float] = time.monotonic) -> None:
        self._share, self._pace = share, pace
        self._free_at = -1e9
        self._usual_s = 0.0

    def reserve(self) -> float:
        """The instant (of ``pace``) from which one estimate may be made."""
        at = max(self._pace(), self._free_at)
        self._free_at = at + self._usual_s / self._share
        return at

    def took(self, seconds: float) -> None:
        """How long an estimate took."""
        self._usual_s += (seconds - self._usual_s) / 8


class Pacer:
    """One store's estimates, in time."""

    def __init__(
        self, clock: Clock, estimate: Estimate | None, pace: Callable[[], float] = time.monotonic, allowance: Allowance | None = None
    ) -> None:
        self._clock, self._estimate, self._pace = clock, estimate, pace
        self._allowance = allowance or Allowance(pace=pace)
        self._place: float | None = None  # reserved, in real time
        self._ride_s = 0.0  # how long after that a command is waited for
        self._asked_real = -1e9
        self._asked_at = -1e18
        self._stale = True  # something happened since the last estimate

    def show(self, batch: Batch, *, changed: bool) -> None:
        """Decide ``ShowWaits`` at the end of a batch, if it is time for it."""
        self._stale = self._stale or changed
        if self._estimate is None or not self._is_time(batch.day, batch.now):
            return
        self._asked_real, self._asked_at, self._stale, self._place = self._pace(), batch.now, False, None
        try:
            waits = self._estimate(batch.day, batch.now)
            if waits is not None:
                batch.run("waits", waits)
        except NotYet:
            self._stale = True
        except Exception:
            log.exception("the estimator failed")
        self._allowance.took(self._pace() - self._asked_real)

    def _is_time(self, day: StoreDay, now: float) -> bool:
        if day.phase not in (DayPhase.OPEN, DayPhase.CLOSED):
            return False
        return (self._stale or now >= self._asked_at + limits.ESTIMATE_REFRESH_S) and self.wait_s() <= 0

    def wait_s(self) -> float:
        """Real seconds before the next estimate is allowed; whoever asks wants one, and has a place from then on."""
        return max(0.0, self._allowed_at() - self._pace())

    def _allowed_at(self) -> float:
        if self._place is None:
            now, self._place = self._pace(), self._allowance.reserve()
            self._ride_s = max(0.0, min(limits.ESTIMATE_RIDE_S, self._place - now))
        return max(self._asked_real + limits.ESTIMATE_EVERY_S, self._place)

    def due_at(self, day: StoreDay) -> float | None:
        """The instant of the store's clock at which an estimate is made if nothing happens before; None when nobody waits for one."""
        if self._estimate is None or day.phase not in (DayPhase.OPEN, DayPhase.CLOSED):
            return None
        now, again_at = self._clock.now(), self._asked_at + limits.ESTIMATE_REFRESH_S
        if self._stale or (day.tickets and now >= again_at):
            return now + max(0.0, self._allowed_at() + self._ride_s - self._pace()) * self._clock.speed
        return again_at if day.tickets else None
