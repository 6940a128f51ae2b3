"""Durations as tables of the inverse cumulative hazard: one shape for service, patience, walking, pauses.

With H = -ln(survival), a duration is ``inverse(E)`` with E a standard exponential draw, and what is left
of it after ``age`` seconds is ``inverse(H(age) + E) - age``. Both are one multiplication and one look-up,
whatever the family; a curve learned from censored data is no different from an exact one.

Learning is the piecewise-constant hazard on a geometric grid (12 % steps): per cell, events divided by
time at risk (Kaplan and Meier's idea with exact exposures), shrunk to a parent curve that counts as so many
visits. Right-censored durations add time at risk and no event, so they are never dropped.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

CELLS = 4096
H_MAX = 12.0  # survival 6e-6: what lies beyond is cut there
SURVIVAL_MIN = 0.01  # at least this share of a prior's visits counts in every cell: it rules where nothing was seen
NEVER = 1e9  # seconds: longer than any day; "does not happen"
_MIDDLES: Floats = np.asarray((np.arange(CELLS) + 0.5) * (H_MAX / CELLS), dtype=np.float64)

GRID: Floats = np.concatenate(([0.0], 0.5 * 1.12 ** np.arange(0, 104)))  # 0, 0.5 s … about 16 h
"""Edges of the learning grid, in seconds."""


class Curve:
    """The distribution of a duration in seconds."""

    __slots__ = ("_converted", "_pools", "mean_s", "table")

    def __init__(self, table: Floats) -> None:
        """``table``: durations at the middles of CELLS equal steps of H, never falling."""
        self.table = table
        self._pools: dict[tuple[str, int], NDArray[Any]] = {}
        self._converted: dict[str, NDArray[Any]] = {}
        weights = np.exp(-_MIDDLES)
        self.mean_s = float((self.table * weights).sum() / weights.sum())

    def hazard_until(self, age_s: float) -> float:
        """H(age), at most H_MAX."""
        return float(np.searchsorted(self.table, age_s)) * (H_MAX / CELLS)

    def hazards_until(self, ages_s: Floats) -> Floats:
        """H at every age."""
        return np.asarray(np.searchsorted(self.table, ages_s) * (H_MAX / CELLS), dtype=np.float64)

    def survival(self, ages_s: Floats) -> Floats:
        """P(longer than age) at every age."""
        return np.exp(-self.hazards_until(ages_s))

    def at(self, hazards: Floats) -> Floats:
        """Durations at these values of H (clipped to the table): ``at(standard exponentials)`` draws."""
        return self.drawn((hazards * (CELLS / H_MAX)).astype(np.intp))

    def drawn(self, cells: Ints) -> Floats:
        """Durations in these cells of the table."""
        return self.table.take(cells, mode="clip")

    def left(self, ages_s: Floats | float, draws: Floats, scale: Floats | float = 1.0) -> Floats:
        """What is left after ``ages_s`` of a duration drawn as ``scale`` times this curve, never negative."""
        begun = self.hazards_until(np.asarray(ages_s / scale, dtype=float))
        return np.maximum(self.at(begun + draws) * scale - ages_s, 0.0)

    def pool(self, name: str, futures: int, convert: Callable[[Floats], NDArray[Any]]) -> NDArray[Any]:
        """Every run of ``futures`` draws of the pool, as durations, converted. Kept, so that a draw is a copy of memory."""
        known = self._pools.get((name, futures))
        if known is None:
            known = sliding_window_view(convert(self.table).take(_drawn(futures)[1], mode="clip"), futures)
            self._pools[name, futures] = known
        return known

    def converted(self, name: str, convert: Callable[[Floats], NDArray[Any]]) -> NDArray[Any]:
        """The table, converted. Kept."""
        if name not in self._converted:
            self._converted[name] = convert(self.table)
        return self._converted[name]

    def scaled(self, factor: float) -> "Curve":
        """The same shape, ``factor`` times as long."""
        return Curve(self.table * factor)


def from_inverse(inverse_survival: Callable[[Floats], Floats]) -> Curve:
    """The curve of a known law, given its inverse survival function (exact up to the table's step)."""
    return Curve(np.maximum.accumulate(np.minimum(inverse_survival(np.exp(-_MIDDLES)), NEVER)))


def constant(seconds: float) -> Curve:
    """Always the same duration."""
    return Curve(np.full(CELLS, seconds))


def exponential(mean_s: float) -> Curve:
    """No memory."""
    return Curve(_MIDDLES * mean_s)


def weibull(mean_s: float, shape: float) -> Curve:
    """Falling hazard for ``shape`` below 1."""
    return Curve(mean_s / math.gamma(1.0 + 1.0 / shape) * _MIDDLES ** (1.0 / shape))


def lognormal(mean_s: float, cv: float) -> Curve:
    """The usual shape of service times."""
    sigma2 = math.log1p(cv * cv)
    return Curve(np.exp(math.log(mean_s) - sigma2 / 2 + math.sqrt(sigma2) * _normal_quantiles()))


@lru_cache(1)
def _normal_quantiles() -> Floats:
    """Standard normal quantiles at survival exp(-H): interpolated from the distribution function."""
    grid = np.linspace(-8.0, 8.0, 8001)
    survival = np.array([0.5 * math.erfc(z / math.sqrt(2.0)) for z in grid])
    return np.interp(np.exp(-_MIDDLES), survival[::-1], grid[::-1])


# --- draws

POOL = 1 << 15
ROWS = 1 << 9  # so many rows are mostly enough for one estimate


@lru_cache(8)
def _drawn(futures: int) -> tuple[Floats, Ints]:
    """A pool of standard exponentials (stratified, in random order), its beginning once more at the end, and their cells."""
    values = -np.log1p(-(np.arange(POOL) + 0.5) / POOL)
    np.random.default_rng(1).shuffle(values)
    values = np.resize(values, POOL + futures)
    return values, (values * (CELLS / H_MAX)).astype(np.intp)


@lru_cache(8)
def _runs(futures: int) -> tuple[Floats, Ints]:
    """Of both every run of ``futures``."""
    values, cells = _drawn(futures)
    return sliding_window_view(values, futures), sliding_window_view(cells, futures)


class Exponentials:
    """Standard exponential draws for one set of futures, a row at a time.

    A row is a run of a pool drawn once and for all; only where the first begins, and how far the others are from each other
    (an odd number, so that no two begin at one place), is new. Within a future all draws are then different members of the
    pool, as good as independent, at the price of copying memory.
    """

    __slots__ = ("_begin", "_begins", "_cells", "_number", "_step", "_values", "futures")

    def __init__(self, futures: int, rng: np.random.Generator) -> None:
        self.futures = futures
        self._values, self._cells = _runs(futures)
        self._begin, step = rng.integers(POOL, size=2).tolist()
        self._step, self._number = step | 1, 0  # of rows drawn so far
        self._begins = self._first(ROWS)

    def rows(self, number: int) -> Floats:
        """(number, futures)."""
        return np.asarray(self._values[self._next(number)], dtype=np.float64)

    def row(self) -> Floats:
        """(futures,); not to be changed."""
        return np.asarray(self._values[self._next(1)[0]], dtype=np.float64)

    def cells(self, number: int) -> Ints:
        """The same, as cells of a curve's table."""
        return np.asarray(self._cells[self._next(number)], dtype=np.intp)

    def of(self, curve: Curve, number: int, name: str, convert: Callable[[Floats], NDArray[Any]]) -> NDArray[Any]:
        """The same, as durations of ``curve``, each what ``convert`` makes of it (always the same for one ``name``)."""
        return np.asarray(curve.pool(name, self.futures, convert)[self._next(number)])

    def _first(self, number: int) -> Ints:
        """Where the first rows begin."""
        return np.asarray((self._begin + np.arange(number) * self._step) % POOL, dtype=np.intp)

    def _next(self, number: int) -> Ints:
        """Where the next rows begin."""
        before, self._number = self._number, self._number + number
        if self._number > self._begins.size:
            self._begins = self._first(2 * self._number)
        return self._begins[before : self._number]


class Tally:
    """Events and time at risk per cell of GRID: all that a hazard is learned from. Mutable, additive."""

    __slots__ = ("events", "exposure", "weight")

    def __init__(self) -> None:
        self.events: Floats = np.zeros(len(GRID) - 1)
        self.exposure: Floats = np.zeros(len(GRID) - 1)
        self.weight = 0.0  # of the events seen

    def add(self, duration_s: float, *, ended: bool, weight: float = 1.0) -> None:
        """One duration, over (``ended``) or still running when last seen."""
        cell = min(max(int(np.searchsorted(GRID, duration_s, side="right")) - 1, 0), len(GRID) - 2)
        self.exposure[:cell] += _WIDTHS[:cell] * weight
        self.exposure[cell] += (duration_s - GRID[cell]) * weight
        if ended:
            self.events[cell] += weight
            self.weight += weight

    def merge(self, other: "Tally", weight: float = 1.0) -> None:
        """Add another tally's counts."""
        self.events += other.events * weight
        self.exposure += other.exposure * weight
        self.weight += other.weight * weight

    def fade(self, factor: float) -> None:
        """Let what was seen so far count for less."""
        self.events *= factor
        self.exposure *= factor
        self.weight *= factor

    def copy(self) -> "Tally":
        """An independent copy."""
        tally = Tally()
        tally.merge(self)
        return tally

    def hazard(self, prior: Floats, visits: float) -> Floats:
        """Events per second in each cell, shrunk to the hazard ``prior`` as if so many visits had followed it."""
        survival = np.exp(-np.concatenate(([0.0], np.cumsum(prior * _WIDTHS)[:-1])))
        seen = visits * np.maximum(survival, SURVIVAL_MIN) * _WIDTHS
        return np.asarray((self.events + prior * seen) / (self.exposure + seen), dtype=np.float64)


_WIDTHS: Floats = np.diff(GRID)


def hazard_of(curve: Curve) -> Floats:
    """The curve's mean hazard in each cell of GRID, positive (for use as a prior)."""
    survival = np.interp(GRID, np.concatenate(([0.0], curve.table)), np.concatenate(([0.0], _MIDDLES)))
    step = np.diff(survival) / _WIDTHS
    inside = GRID[1:] < curve.table[-1]
    last = step[inside][-1] if inside.any() else 1.0
    return np.maximum(np.where(inside, step, last), 1e-9)


def of_hazard(hazard: Floats) -> Curve:
    """The curve with this hazard in each cell; the last cell's goes on for ever."""
    cumulative = np.concatenate(([0.0], np.cumsum(hazard * _WIDTHS)))
    table = np.interp(_MIDDLES, cumulative, GRID)
    beyond = cumulative[-1] < _MIDDLES
    table[beyond] = GRID[-1] + (_MIDDLES[beyond] - cumulative[-1]) / hazard[-1]
    return Curve(np.minimum(table, NEVER))
