"""Who will come, by service, kind of shopper and quarter of an hour, and how busy today is against usual.

Counts per local quarter hour, smoothed over neighbours, divided by the days seen. Days differ from each
other by more than chance: the between-days variation is measured, and today's factor is a gamma whose
shape comes from it and whose mean follows what has come so far.
"""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from server.waits.curves import Floats
from server.waits.parameters import Rate, stepwise

BIN_S = 900.0
BINS = 96
SPREAD_PRIOR, SPREAD_DAYS = 0.15, 5.0  # between-days variation before any is measured, worth so many days
SPREAD_MIN = 0.03
_SMOOTH = np.array([0.25, 0.5, 0.25])

Key = tuple[str, str]
"""(service, kind)"""


class LocalTime:
    """Seconds since local midnight, and the day's number; the zone's rules are asked once an hour of time."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone) if zone != "UTC" else UTC  # zoneinfo may have no UTC file
        self._offsets: dict[int, float] = {}

    def of(self, at: float) -> tuple[int, float]:
        """(day number, seconds since local midnight)."""
        hour = int(at // 3600)
        if hour not in self._offsets:
            if len(self._offsets) > 5000:
                self._offsets.clear()
            offset = datetime.fromtimestamp(hour * 3600, self._zone).utcoffset()
            self._offsets[hour] = offset.total_seconds() if offset else 0.0
        local = at + self._offsets[hour]
        return int(local // 86400), local % 86400


class Arrivals:
    """Learned from the instants at which shoppers joined."""

    def __init__(self, zone: str) -> None:
        self.local = LocalTime(zone)
        self.counts: dict[Key, Floats] = {}
        self.daily: dict[Key, dict[int, int]] = {}
        self.days: dict[int, float] = {}  # day -> weight
        self.today: dict[Key, int] = {}
        self.day = -1
        self._known: dict[Key, tuple[Floats, float]] = {}  # of history: what is expected, and its spread

    def history(self, key: Key, at: float) -> None:
        """Somebody joined on an earlier day."""
        day, second = self.local.of(at)
        self.days.setdefault(day, 1.0)
        self._known.clear()
        self.counts.setdefault(key, np.zeros(BINS))[int(second // BIN_S)] += 1.0
        self.daily.setdefault(key, {}).setdefault(day, 0)
        self.daily[key][day] += 1

    def joined(self, key: Key, at: float) -> None:
        """Somebody joins today."""
        self._turn(self.local.of(at)[0])
        self.today[key] = self.today.get(key, 0) + 1

    def _turn(self, day: int) -> None:
        if day != self.day:
            self.day, self.today = day, {}

    def expected(self, key: Key) -> Floats:
        """Arrivals per quarter hour of a usual day."""
        usual = np.convolve(self.counts[key], _SMOOTH, mode="same") / max(len(self.days), 1)
        return np.asarray(usual, dtype=np.float64)

    def spread(self, key: Key) -> float:
        """Coefficient of variation between days, beyond the Poisson noise."""
        totals = np.array([self.daily[key].get(day, 0) for day in self.days], float)
        mean = totals.mean() if len(totals) else 0.0
        if len(totals) < 2 or mean == 0:
            return SPREAD_PRIOR
        beyond = max(totals.var(ddof=1) / mean**2 - 1.0 / mean, 0.0)
        return max(math.sqrt((beyond * len(totals) + SPREAD_PRIOR**2 * SPREAD_DAYS) / (len(totals) + SPREAD_DAYS)), SPREAD_MIN)

    def rate(self, key: Key, now: float) -> tuple[Rate, float]:
        """(intensity from now on, spread of today's factor): usual times how busy today has been so far."""
        day, second = self.local.of(now)
        self._turn(day)
        if key not in self._known:
            self._known[key] = self.expected(key), self.spread(key)
        usual, spread = self._known[key]
        so_far = float(usual[: int(second // BIN_S)].sum() + usual[int(second // BIN_S)] * (second % BIN_S) / BIN_S)
        shape = 1.0 / spread**2
        seen = self.today.get(key, 0) if self.today else so_far
        factor = (shape + seen) / (shape + so_far)
        midnight = now - second
        return stepwise(np.asarray(midnight + np.arange(BINS + 1) * BIN_S, dtype=np.float64), usual * factor / BIN_S), 1.0 / math.sqrt(
            shape + seen
        )
