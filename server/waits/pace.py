"""Is today slower than usual? A small Bayesian filter over the day's factor on service times.

The factor is one of some 70 values. The day begins near 1, as near as the usual length is known; at any time,
with a small chance, it jumps (somebody new at the till, a system that hangs), and every finished visit
updates the chances by its likelihood under the learned curve. How often jumps happen differs between
stores: of a few ``Temper``s the one that explains the store's own history best is used. On a calm store's
day the filter therefore costs next to nothing, and a drift is followed as fast as the visits can prove it.
Roll-outs draw the factor, so the doubt widens the range.
"""

import math
from typing import NamedTuple

import numpy as np

from server.waits.curves import GRID, Floats

_COARSE, _FINE = np.linspace(-0.6, 0.6, 41), np.linspace(-0.12, 0.12, 33)
VALUES: Floats = np.exp(np.unique(np.concatenate((_COARSE, _FINE)).round(9)))
_LOGS: Floats = np.log(VALUES)
_WIDTHS: Floats = np.diff(GRID)
JUMP_SD = 0.15  # of the logarithm
KEEP = 1e-3  # values less likely than this are not drawn
KNOWN_SD = (0.004, 0.08)  # how well the usual length can be known, at best and at worst


class Temper(NamedTuple):
    """How changeable a store is: seconds between jumps on average, and the share of days that begin with one."""

    jump_every_s: float
    unusual_days: float


CALM, UNEVEN = Temper(180 * 86400.0, 0.003), Temper(25 * 86400.0, 0.02)
LIVELY, WILD = Temper(4 * 86400.0, 0.05), Temper(0.5 * 86400.0, 0.3)
TEMPERS = (CALM, UNEVEN, LIVELY, WILD)


def _normal(sd: float) -> Floats:
    """Chances of VALUES under a normal logarithm: its density times the width of each cell."""
    logs = np.log(VALUES)
    edges = np.concatenate(([logs[0] - 0.015], (logs[1:] + logs[:-1]) / 2, [logs[-1] + 0.015]))
    chances = np.exp(-0.5 * (logs / sd) ** 2) * np.diff(edges)
    return np.asarray(chances / chances.sum(), dtype=np.float64)


_JUMP = _normal(JUMP_SD)


class Pace:
    """The chances of each factor now. ``evidence`` is the log likelihood of what was seen."""

    def __init__(self, temper: Temper = CALM, known_sd: float = KNOWN_SD[1]) -> None:
        self.temper = temper
        usual = _normal(min(max(known_sd, KNOWN_SD[0]), KNOWN_SD[1]))
        self.chances: Floats = (1 - temper.unusual_days) * usual + temper.unusual_days * _JUMP
        self.at: float | None = None
        self.evidence = 0.0

    def observe(self, duration_s: float, hazard: Floats, at: float) -> None:
        """A visit of this length (for a factor of 1 its curve has this hazard in each cell of GRID) ended at ``at``."""
        self._wait(at)
        scaled = max(duration_s, 0.5) / VALUES
        cell = np.minimum(np.maximum(GRID.searchsorted(scaled, side="right") - 1, 0), len(hazard) - 1)
        until = (hazard * _WIDTHS).cumsum()
        here = hazard[cell]
        log_density = np.log(here) - np.where(cell > 0, until[cell - 1], 0.0) - here * (scaled - GRID[cell]) - _LOGS
        top = float(log_density.max())
        self.chances = self.chances * (np.exp(log_density - top) + 1e-3)  # no single visit decides
        total = float(self.chances.sum())
        self.evidence += math.log(total) + top
        self.chances /= total

    def _wait(self, at: float) -> None:
        if self.at is not None and at > self.at:
            jumped = -math.expm1(-(at - self.at) / self.temper.jump_every_s)
            self.chances = (1 - jumped) * self.chances + jumped * _JUMP
        self.at = at if self.at is None else max(at, self.at)

    @property
    def mean(self) -> float:
        """The expected factor."""
        return float((VALUES * self.chances).sum())

    def drawn_from(self) -> tuple[Floats, Floats]:
        """Factors worth drawing and their chances."""
        likely = self.chances > KEEP
        return VALUES[likely], self.chances[likely] / self.chances[likely].sum()
