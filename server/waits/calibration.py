"""Were the ranges right? Predictions kept with their outcomes, a light correction, and figures for the manager.

Each outcome says where it fell in its prediction: u = P(predicted wait <= what happened). Right ranges
give a uniform u. Who left is a censored u (it would have been at least so much), so Kaplan and Meier's
estimate of the distribution of u, shrunk to the uniform, is the correction: the level that has to be
asked for so that, lately, it would have held as often as it says (a conformal correction on the
probability scale). One map per service, pooled with the store's.
"""

from dataclasses import dataclass, field

import numpy as np

from server.waits.curves import Floats

CELLS = 20
PRIOR = 400.0  # outcomes that the uniform is worth
FADE = 0.5 ** (1 / 300.0)  # outcomes count half after so many others


@dataclass(slots=True)
class Reliability:
    """The distribution of u, kept as events and people at risk in CELLS cells."""

    events: Floats = field(default_factory=lambda: np.zeros(CELLS))
    risk: Floats = field(default_factory=lambda: np.zeros(CELLS))
    number: float = 0.0

    def add(self, u: float, *, happened: bool) -> None:
        """An outcome at ``u``; not ``happened``: the shopper left, the wait would have been beyond."""
        cell = min(int(u * CELLS), CELLS - 1)
        self.events *= FADE
        self.risk *= FADE
        self.risk[:cell] += 1.0
        self.risk[cell] += 1.0 if happened else u * CELLS - cell
        self.events[cell] += happened
        self.number = self.number * FADE + 1.0

    def levels(self, prior: float = PRIOR) -> Floats:
        """P(u <= k / CELLS) for k = 0..CELLS, shrunk to k / CELLS."""
        at_risk = prior * (1.0 - np.arange(CELLS) / CELLS)  # the uniform's own people at risk
        hazard = (self.events + prior / CELLS) / np.maximum(self.risk + at_risk, 1e-9)
        return np.asarray(1.0 - np.concatenate(([1.0], np.cumprod(1.0 - np.minimum(hazard, 1.0)))))


class Calibration:
    """Corrected levels per service."""

    def __init__(self) -> None:
        self.services: dict[str, Reliability] = {}

    def add(self, service: str, u: float, *, happened: bool) -> None:
        """One outcome."""
        self.services.setdefault(service, Reliability()).add(u, happened=happened)

    def level(self, service: str, wanted: float) -> float:
        """The quantile of the raw prediction that holds with chance ``wanted``."""
        known = self.services.get(service)
        if known is None:
            return wanted
        return float(np.interp(wanted, known.levels(), np.arange(CELLS + 1) / CELLS))


@dataclass(slots=True)
class Promises:
    """The manager's figures: how often what was said held. All over shoppers whose wait ended in a visit."""

    said: int = 0
    kept: int = 0
    excess_s: float = 0.0
    pinball_s: float = 0.0

    def add(self, promise_s: float, wait_s: float, level: float = 0.9) -> None:
        """One promise and what became of it."""
        self.said += 1
        self.kept += wait_s <= promise_s
        self.excess_s += max(wait_s - promise_s, 0.0)
        self.pinball_s += max(level * (wait_s - promise_s), (level - 1.0) * (wait_s - promise_s))

    @property
    def kept_share(self) -> float | None:
        """Share of promises kept; None before the first."""
        return self.kept / self.said if self.said else None

    @property
    def broken_mean_excess_s(self) -> float:
        """By how much broken promises were broken, on average."""
        broken = self.said - self.kept
        return self.excess_s / broken if broken else 0.0
