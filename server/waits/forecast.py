"""One shopper's forecast as a function of the level, and how lately observed outcomes refine it.

Two light corrections, both learned online from predictions kept with their outcomes, both shrunk to "leave
it as it is": a **factor** on the wait (a ridge regression of the relative error on a few features: how
long the forecast is, and what simpler estimates say), and then the **levels** (``calibration``), so that
"9 times out of 10" keeps meaning it when the day drifts.
"""

from collections.abc import Sequence

import numpy as np

from server.waits.calibration import Calibration, news
from server.waits.curves import Floats

GRID_LEVELS: Floats = np.concatenate(([0.005], np.arange(0.02, 0.981, 0.02), [0.995]))
LONGEST_S = 4 * 3600.0
OFFSET_S = 30.0  # below this a factor means nothing, a difference does
RIDGE = 100.0  # outcomes that "no correction" is worth, per feature of size 1
FACTORS = (0.5, 1.8)


class Forecast:
    """Quantiles of the wait at GRID_LEVELS and its mean, in seconds."""

    __slots__ = ("mean_s", "points")

    def __init__(self, mean_s: float, points: Floats) -> None:
        self.mean_s, self.points = mean_s, points

    @classmethod
    def of(cls, lanes: Floats, weights: Floats | None = None) -> "Forecast":
        """From roll-outs; ``weights`` make it the wait given something about each future (that I am still there).

        The k-th of n futures is at level k / (n + 1): what happens is as likely to fall between any two of them.
        """
        lanes = np.minimum(lanes, LONGEST_S)
        if weights is None:
            return cls(float(lanes.mean()), np.quantile(lanes, GRID_LEVELS, method="weibull"))
        order = np.argsort(lanes)
        heavy = weights[order]
        reached = np.cumsum(heavy) / (heavy.sum() + heavy.mean())
        return cls(float((lanes * weights).sum() / weights.sum()), np.interp(GRID_LEVELS, reached, lanes[order]))

    def at(self, level: float) -> float:
        """The quantile at ``level``."""
        return float(np.interp(level, GRID_LEVELS, self.points))

    def rank(self, wait_s: float) -> float:
        """P(wait <= wait_s): where an outcome falls."""
        return float(np.interp(wait_s, self.points, GRID_LEVELS, left=0.0, right=1.0))

    def times(self, factor: float) -> "Forecast":
        """Waits (counted from OFFSET_S before) made longer by ``factor``."""
        points = np.maximum((self.points + OFFSET_S) * factor - OFFSET_S, 0.0)
        return Forecast(max((self.mean_s + OFFSET_S) * factor - OFFSET_S, 0.0), points)


class Refiner:
    """The two corrections, learned in the order in which outcomes become known."""

    def __init__(self, features: int, ridge: float = RIDGE) -> None:
        self.gram: Floats = np.asarray(np.eye(features) * ridge, dtype=np.float64)
        self.moment: Floats = np.zeros(features)
        self.beta: Floats = np.zeros(features)
        self.calibration = Calibration()

    def factor(self, features: Sequence[float]) -> float:
        """Times longer that such forecasts turned out."""
        return float(np.clip(1.0 + np.asarray(features) @ self.beta, *FACTORS))

    def refine(self, service: str, raw: Forecast, features: Sequence[float]) -> Forecast:
        """The corrected forecast."""
        scaled = raw.times(self.factor(features))
        levels = [self.calibration.level(service, float(level)) for level in GRID_LEVELS]
        return Forecast(scaled.mean_s, np.interp(levels, GRID_LEVELS, scaled.points))

    def learn(self, service: str, raw: Forecast, features: Sequence[float], wait_s: float, *, happened: bool) -> None:
        """What became of a forecast; not ``happened``: the shopper left after this wait."""
        scaled = raw.times(self.factor(features))
        weight = news(scaled.mean_s, scaled.at(0.1), scaled.at(0.9))
        self.calibration.add(service, scaled.rank(wait_s), happened=happened, weight=weight)
        if not happened:
            return
        x = np.asarray(features)
        base = raw.mean_s + OFFSET_S
        error = float(np.clip((wait_s - raw.mean_s) / base, -1.0, 2.0))
        self.gram += np.outer(x, x)
        self.moment += x * error
        self.beta = np.asarray(np.linalg.solve(self.gram, self.moment), dtype=np.float64)
