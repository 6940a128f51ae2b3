"""Were the ranges right? Predictions kept with their outcomes, a light correction, and figures for the manager.

Each outcome says where it fell in its prediction: u = P(predicted wait <= what happened). Right ranges
give a uniform u. Who left is a censored u (it would have been at least so much), so Kaplan and Meier's
estimate of the distribution of u, shrunk to the uniform, is the correction: the level that has to be
asked for so that, lately, it would have held as often as it says (a conformal correction on the
probability scale). One map per service.

Shoppers who wait at the same time share their luck: of two neighbours in a line of twenty, nineteen visits are the
same. So an outcome counts for what is new in it (``news``), and a day's one long line does not pass for hundreds.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from server.waits.curves import Floats
from server.waits.estimator import LEVELS, Quantiles

CELLS = 20
PRIOR = 400.0  # outcomes that the uniform is worth
FADE = 0.5 ** (1 / 300.0)  # outcomes count half after so many others
JUDGED = (0.5, 0.8, 0.9)
BEYOND = 1e-4  # no chance is taken to be less
_KNOWN = (0.0, *LEVELS)
P10_TO_P90 = 2.563  # standard deviations of a normal
INSTANT_S = 0.01  # instants are floats
DAYS_KEPT = 40


@dataclass(slots=True)
class Reliability:
    """The distribution of u, kept as events and people at risk in CELLS cells."""

    events: Floats = field(default_factory=lambda: np.zeros(CELLS))
    risk: Floats = field(default_factory=lambda: np.zeros(CELLS))

    def add(self, u: float, *, happened: bool, weight: float = 1.0) -> None:
        """An outcome at ``u``; not ``happened``: the shopper left, the wait would have been beyond."""
        cell, faded = min(int(u * CELLS), CELLS - 1), FADE**weight
        self.events *= faded
        self.risk *= faded
        self.risk[:cell] += weight
        self.risk[cell] += weight if happened else weight * (u * CELLS - cell)
        self.events[cell] += weight * happened

    def levels(self, prior: float = PRIOR) -> Floats:
        """P(u <= k / CELLS) for k = 0..CELLS, shrunk to k / CELLS."""
        at_risk = prior * (1.0 - np.arange(CELLS) / CELLS)  # the uniform's own people at risk
        hazard = (self.events + prior / CELLS) / np.maximum(self.risk + at_risk, 1e-9)
        return np.asarray(1.0 - np.concatenate(([1.0], np.cumprod(1.0 - np.minimum(hazard, 1.0)))))


class Calibration:
    """Corrected levels per service."""

    def __init__(self) -> None:
        self.services: dict[str, Reliability] = {}
        self._maps: dict[str, Floats] = {}

    def add(self, service: str, u: float, *, happened: bool, weight: float = 1.0) -> None:
        """One outcome."""
        self.services.setdefault(service, Reliability()).add(u, happened=happened, weight=weight)
        self._maps.pop(service, None)

    def level(self, service: str, wanted: float) -> float:
        """The quantile of the raw prediction that holds with chance ``wanted``."""
        known = self.services.get(service)
        if known is None:
            return wanted
        if service not in self._maps:
            self._maps[service] = known.levels()
        return float(np.interp(wanted, self._maps[service], np.arange(CELLS + 1) / CELLS))

    def levels(self, service: str) -> tuple[float, ...]:
        """``level`` of each of LEVELS."""
        return tuple(self.level(service, wanted) for wanted in LEVELS)


def news(mean_s: float, p10_s: float, p90_s: float) -> float:
    """What an outcome counts for: 1 for a wait of one stage, 1/k for one of k stages, of which the neighbour's shares k - 1.

    The number of stages is told by the forecast itself: the squared coefficient of variation of k stages is 1/k.
    """
    return min(1.0, ((p90_s - p10_s) / P10_TO_P90 / max(mean_s, 1.0)) ** 2)


# --- quantiles of one forecast at other levels


def correct(wait: Quantiles, levels: Sequence[float]) -> Quantiles:
    """The forecast whose quantile at LEVELS[i] is the raw one's at ``levels[i]``; its mean stays."""
    if tuple(levels) == LEVELS or not math.isfinite(wait.p95_s):
        return wait
    return Quantiles._make((wait.mean_s, *(quantile(wait, level) for level in levels), wait.sure))


def quantile(wait: Quantiles, level: float) -> float:
    """Between the known quantiles by straight lines; above P95 an exponential tail, half as many every P95 - P90."""
    if level < LEVELS[-1]:
        before = bisect_right(_KNOWN, level) - 1  # plain numbers: seven times for every ticket and estimate
        low_s = wait[before] if before else 0.0
        return (wait[before + 1] - low_s) / (_KNOWN[before + 1] - _KNOWN[before]) * (level - _KNOWN[before]) + low_s
    return wait.p95_s + (wait.p95_s - wait.p90_s) * math.log2((1.0 - LEVELS[-1]) / max(1.0 - level, BEYOND))


def rank(wait: Quantiles, waited_s: float) -> float:
    """P(wait <= waited_s), the inverse of ``quantile``."""
    if waited_s <= wait.p95_s:
        return float(np.interp(waited_s, (0.0, *wait[1:8]), (0.0, *LEVELS)))
    half = max(wait.p95_s - wait.p90_s, 1.0)
    return 1.0 - max((1.0 - LEVELS[-1]) * math.exp2((wait.p95_s - waited_s) / half), BEYOND)


# --- figures for the manager


@dataclass(slots=True)
class Figures:
    """Promises (what was said at joining, rounded) and forecasts (before rounding) of shoppers whose visit has begun.

    Pinball losses are those of P50, P80 and P90, summed, in seconds.
    """

    said: int = 0
    kept: int = 0
    excess_s: float = 0.0
    forecasts: int = 0
    within: list[int] = field(default_factory=lambda: [0] * len(JUDGED))
    pinball_s: list[float] = field(default_factory=lambda: [0.0] * len(JUDGED))

    def promised(self, promise_s: float, waited_s: float) -> None:
        """One promise and what became of it; to the second, as it was said."""
        self.said += 1
        self.kept += waited_s <= promise_s + INSTANT_S
        self.excess_s += max(waited_s - promise_s, 0.0)

    def forecast(self, wait: Quantiles, waited_s: float) -> None:
        """One forecast made at joining."""
        self.forecasts += 1
        for i, level in enumerate(JUDGED):
            over = waited_s - quantile(wait, level)
            self.within[i] += over <= INSTANT_S
            self.pinball_s[i] += max(level * over, (level - 1.0) * over)

    def merge(self, other: "Figures") -> None:
        """Add another's counts."""
        self.said, self.kept, self.excess_s = self.said + other.said, self.kept + other.kept, self.excess_s + other.excess_s
        self.forecasts += other.forecasts
        self.within = [a + b for a, b in zip(self.within, other.within, strict=True)]
        self.pinball_s = [a + b for a, b in zip(self.pinball_s, other.pinball_s, strict=True)]

    def report(self) -> dict[str, float | int | None]:
        """Shares and means, None before the first."""
        broken, n = self.said - self.kept, self.forecasts
        found: dict[str, float | int | None] = {
            "promises": self.said, "kept": self.kept, "kept_share": self.kept / self.said if self.said else None,
            "broken_excess_s": round(self.excess_s / broken, 1) if broken else None, "forecasts": n,
        }  # fmt: skip
        for level, within, loss in zip(JUDGED, self.within, self.pinball_s, strict=True):
            name = f"p{level * 100:.0f}"
            found[f"coverage_{name}"] = within / n if n else None
            found[f"pinball_{name}_s"] = round(loss / n, 1) if n else None
        return found


class Track:
    """Figures by business day, the last DAYS_KEPT."""

    def __init__(self) -> None:
        self.days: dict[str, Figures] = {}

    def promised(self, day: str, promise_s: float, waited_s: float) -> None:
        """See ``Figures.promised``."""
        self._of(day).promised(promise_s, waited_s)

    def forecast(self, day: str, wait: Quantiles, waited_s: float) -> None:
        """See ``Figures.forecast``."""
        self._of(day).forecast(wait, waited_s)

    def report(self, first: str, last: str) -> dict[str, float | int | None]:
        """Figures of the days from ``first`` to ``last`` (ISO dates, both included)."""
        whole = Figures()
        for day, figures in self.days.items():
            if first <= day <= last:
                whole.merge(figures)
        return whole.report()

    def _of(self, day: str) -> Figures:
        if day not in self.days and len(self.days) >= DAYS_KEPT:
            del self.days[min(self.days)]
        return self.days.setdefault(day, Figures())
