"""Is today slower than usual? A small Bayesian filter over the day's factor on service times.

The factor is one of 41 values. The day begins near 1; at any time, with a small chance, it jumps
(somebody new at the till, a system that hangs), and every finished visit updates the chances by its
likelihood under the learned curve. On a usual day it therefore costs next to nothing, and a drift is
followed as fast as the visits can prove it. Roll-outs draw the factor, so the doubt widens the range.
"""

import math

import numpy as np

from server.waits.curves import GRID, Floats

FACTORS: Floats = np.exp(np.linspace(-0.6, 0.6, 41))
JUMP_EVERY_S = 7 * 86400.0  # on average
JUMP_SD = 0.15  # of the logarithm
USUAL_SD = 0.005
UNUSUAL_DAYS = 0.02
KEEP = 1e-3  # values less likely than this are not drawn


def _normal(sd: float) -> Floats:
    chances = np.exp(-0.5 * (np.log(FACTORS) / sd) ** 2)
    return np.asarray(chances / chances.sum())


_JUMP = _normal(JUMP_SD)
_START: Floats = (1 - UNUSUAL_DAYS) * _normal(USUAL_SD) + UNUSUAL_DAYS * _JUMP


class Pace:
    """The chances of each factor now."""

    def __init__(self) -> None:
        self.chances: Floats = _START.copy()
        self.at: float | None = None

    def observe(self, duration_s: float, hazard: Floats, at: float) -> None:
        """A visit of this length (for a factor of 1 its curve has this hazard in each cell of GRID) ended at ``at``."""
        self._wait(at)
        scaled = np.maximum(duration_s, 0.5) / FACTORS
        cell = np.clip(np.searchsorted(GRID, scaled, side="right") - 1, 0, len(hazard) - 1)
        cumulative = np.concatenate(([0.0], np.cumsum(hazard * np.diff(GRID))))
        log_density = np.log(hazard[cell]) - cumulative[cell] - hazard[cell] * (scaled - GRID[cell]) - np.log(FACTORS)
        weight = np.exp(log_density - log_density.max())
        self.chances = self.chances * (weight + 1e-3)  # no single visit decides
        self.chances /= self.chances.sum()

    def _wait(self, at: float) -> None:
        if self.at is not None and at > self.at:
            jumped = -math.expm1(-(at - self.at) / JUMP_EVERY_S)
            self.chances = (1 - jumped) * self.chances + jumped * _JUMP
        self.at = at if self.at is None else max(at, self.at)

    @property
    def mean(self) -> float:
        """The expected factor."""
        return float((FACTORS * self.chances).sum())

    def drawn_from(self) -> tuple[Floats, Floats]:
        """Factors worth drawing and their chances."""
        likely = self.chances > KEEP
        return FACTORS[likely], self.chances[likely] / self.chances[likely].sum()
