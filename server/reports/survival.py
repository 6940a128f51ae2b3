"""Waits when some gave up: their wait is known to be at least so long, and leaving them out would make every wait look short."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter


@dataclass(frozen=True, slots=True)
class Curve:
    """The share still waiting: at ``times_s[i]`` and after, ``still[i]``, until the next; 1 before the first.

    Past ``end_s``, the longest time anybody was seen waiting, nothing is known.
    """

    times_s: tuple[float, ...]
    still: tuple[float, ...]
    end_s: float

    def quantile(self, share: float) -> float | None:
        """The wait that ``share`` of the shoppers do not exceed; None when the record does not reach that far."""
        return next((t for t, still in zip(self.times_s, self.still, strict=True) if still <= 1.0 - share + 1e-12), None)

    def within(self, limit_s: float) -> float | None:
        """The share called within ``limit_s`` if nobody had left; None past what was seen."""
        if limit_s > self.end_s and (not self.still or self.still[-1] > 0.0):
            return None
        return 1.0 - next((still for t, still in zip(reversed(self.times_s), reversed(self.still), strict=True) if t <= limit_s), 1.0)


def kaplan_meier(waits: Iterable[tuple[float, bool]]) -> Curve:
    """The curve of (seconds waited, whether it ended with a call). Whoever left at the moment of a call counts as there.

    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", J. Am. Stat. Assoc. 53 (1958).
    """
    ordered = sorted(waits)
    there, still = len(ordered), 1.0
    times: list[float] = []
    shares: list[float] = []
    for at, group in groupby(ordered, key=itemgetter(0)):
        ended = [called for _, called in group]
        if calls := sum(ended):
            still *= 1.0 - calls / there
            times.append(at)
            shares.append(still)
        there -= len(ended)
    return Curve(tuple(times), tuple(shares), ordered[-1][0] if ordered else 0.0)


def thinned(curve: Curve, points: int) -> list[tuple[float, float]]:
    """The curve as at most ``points`` (seconds, share still waiting), from (0, 1), for a picture."""
    whole = [(0.0, 1.0), *zip(curve.times_s, curve.still, strict=True)]
    return [whole[i] for i in _spread(len(whole), points)]


def _spread(count: int, points: int) -> Sequence[int]:
    return range(count) if count <= points else sorted({round(i * (count - 1) / (points - 1)) for i in range(points)})
