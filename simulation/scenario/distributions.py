"""How long things take: the families a scenario file may name, in seconds, sampled in blocks.

Each family knows its mean, its coefficient of variation and its survival function, so that estimates,
staffing formulas and tests need no sampling to know what a scenario says. A distribution is a value;
randomness always comes from the generator that is passed in.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from math import gamma, log, sqrt
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Distribution(ABC):
    """A positive random time. ``kind`` is its name in a scenario file."""

    kind: ClassVar[str] = ""

    @property
    @abstractmethod
    def mean_s(self) -> float:
        """Expected value, seconds."""

    @property
    @abstractmethod
    def cv(self) -> float:
        """Standard deviation over mean."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """``n`` independent values, seconds."""

    @abstractmethod
    def survival(self, at_s: float | Floats) -> Floats:
        """P(X > at_s), same shape as ``at_s``."""

    @abstractmethod
    def scaled(self, factor: float) -> Self:
        """The distribution of ``factor`` times this; with equal draws, exactly ``factor`` times the values."""


@dataclass(frozen=True, slots=True)
class _OfMean(Distribution):
    """A family that is told by its mean: twice the mean is twice the time."""

    mean: float

    @property
    def mean_s(self) -> float:
        """Expected value, seconds: as the scenario says it."""
        return self.mean

    def scaled(self, factor: float) -> Self:
        """The same shape with ``factor`` times the mean."""
        return replace(self, mean=self.mean * factor)


@dataclass(frozen=True, slots=True)
class Exponential(_OfMean):
    """Memoryless; cv 1."""

    kind: ClassVar[str] = "exponential"

    @property
    def cv(self) -> float:
        """1."""
        return 1.0

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """A standard exponential draw, to scale."""
        return rng.standard_exponential(n) * self.mean

    def survival(self, at_s: float | Floats) -> Floats:
        """exp(-t / mean)."""
        return np.exp(-_positive_part(at_s) / self.mean)


@dataclass(frozen=True, slots=True)
class Deterministic(_OfMean):
    """Always the same; cv 0."""

    kind: ClassVar[str] = "deterministic"

    @property
    def cv(self) -> float:
        """0."""
        return 0.0

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """The mean, ``n`` times; no chance is drawn."""
        return np.full(n, self.mean)

    def survival(self, at_s: float | Floats) -> Floats:
        """1 before the mean, 0 from it on."""
        return np.asarray(np.asarray(at_s) < self.mean, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Gamma(_OfMean):
    """Shape 1/cv²; an Erlang with k phases is a gamma of shape k."""

    kind: ClassVar[str] = "gamma"
    shape: float

    @property
    def cv(self) -> float:
        """1 / √shape."""
        return 1 / sqrt(self.shape)

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """A standard gamma draw, to scale."""
        return rng.standard_gamma(self.shape, n) * (self.mean / self.shape)

    def survival(self, at_s: float | Floats) -> Floats:
        """The regularised upper incomplete gamma function Q(shape, shape · t / mean)."""
        from scipy.special import gammaincc

        return np.asarray(gammaincc(self.shape, _positive_part(at_s) * self.shape / self.mean))


@dataclass(frozen=True, slots=True)
class Lognormal(_OfMean):
    """exp(normal), told by its own mean and cv."""

    kind: ClassVar[str] = "lognormal"
    spread: float  # cv

    @property
    def cv(self) -> float:
        """As the scenario says it."""
        return self.spread

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return sqrt(log(1 + self.spread**2))

    @property
    def mu(self) -> float:
        """Mean of the logarithm (of seconds)."""
        return log(self.mean) - self.sigma**2 / 2

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """exp of a normal value, around a median that makes the mean right."""
        return np.exp(rng.standard_normal(n) * self.sigma - self.sigma**2 / 2) * self.mean

    def survival(self, at_s: float | Floats) -> Floats:
        """Φ((mu - ln t) / sigma)."""
        from scipy.special import ndtr

        with np.errstate(divide="ignore"):
            return np.asarray(ndtr((self.mu - np.log(_positive_part(at_s))) / self.sigma))


@dataclass(frozen=True, slots=True)
class Weibull(_OfMean):
    """Shape under 1: the longer it lasted, the longer it will; over 1: it ages."""

    kind: ClassVar[str] = "weibull"
    shape: float

    @property
    def scale_s(self) -> float:
        """The characteristic life: survival there is 1/e."""
        return self.mean / gamma(1 + 1 / self.shape)

    @property
    def cv(self) -> float:
        """√(Γ(1 + 2/shape) / Γ(1 + 1/shape)² - 1)."""
        return sqrt(gamma(1 + 2 / self.shape) / gamma(1 + 1 / self.shape) ** 2 - 1)

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """A power of an exponential draw."""
        return rng.weibull(self.shape, n) * self.scale_s

    def survival(self, at_s: float | Floats) -> Floats:
        """exp(-(t / scale)^shape)."""
        return np.exp(-((_positive_part(at_s) / self.scale_s) ** self.shape))


@dataclass(frozen=True, slots=True)
class Uniform(Distribution):
    """Anything between two bounds, equally likely."""

    kind: ClassVar[str] = "uniform"
    low: float
    high: float

    @property
    def mean_s(self) -> float:
        """Half way between the bounds, seconds."""
        return (self.low + self.high) / 2

    @property
    def cv(self) -> float:
        """The width over √12, over the mean."""
        return (self.high - self.low) / sqrt(12) / self.mean_s

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """One uniform draw per value."""
        return self.low + rng.random(n) * (self.high - self.low)

    def survival(self, at_s: float | Floats) -> Floats:
        """Falls in a straight line from 1 at the lower bound to 0 at the upper."""
        at = np.asarray(at_s, dtype=np.float64)
        if self.high == self.low:
            return np.asarray(at < self.low, dtype=np.float64)
        return np.asarray(np.clip((self.high - at) / (self.high - self.low), 0.0, 1.0))

    def scaled(self, factor: float) -> Self:
        """Both bounds, times ``factor``."""
        return type(self)(self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Hyperexponential(Distribution):
    """One of several exponentials, chosen by ``weights`` (which sum to 1); cv at least 1."""

    kind: ClassVar[str] = "hyperexponential"
    weights: tuple[float, ...]
    means: tuple[float, ...]

    @property
    def mean_s(self) -> float:
        """Σ weight · mean, seconds."""
        return sum(w * m for w, m in zip(self.weights, self.means, strict=True))

    @property
    def cv(self) -> float:
        """From the second moment, Σ weight · 2 · mean²."""
        second = sum(2 * w * m * m for w, m in zip(self.weights, self.means, strict=True))
        return sqrt(max(second / self.mean_s**2 - 1, 0.0))

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """One draw says which of them, another is inverted."""
        chance = rng.random((n, 2))  # both numbers of a value side by side: a longer block begins like a shorter one
        which = np.searchsorted(np.cumsum(self.weights)[:-1], chance[:, 0], side="right")
        return np.asarray(-np.log1p(-chance[:, 1]) * np.asarray(self.means)[which])

    def survival(self, at_s: float | Floats) -> Floats:
        """Σ weight · exp(-t / mean)."""
        at = _positive_part(at_s)
        return np.asarray(sum(w * np.exp(-at / m) for w, m in zip(self.weights, self.means, strict=True)))

    def scaled(self, factor: float) -> Self:
        """Every mean, times ``factor``."""
        return replace(self, means=tuple(m * factor for m in self.means))


@dataclass(frozen=True, slots=True)
class Empirical(Distribution):
    """One of the recorded values, equally likely."""

    kind: ClassVar[str] = "empirical"
    values: tuple[float, ...]  # sorted

    @property
    def mean_s(self) -> float:
        """The average of the values, seconds."""
        return float(np.mean(self.values))

    @property
    def cv(self) -> float:
        """Of the values themselves (population, not sample)."""
        return float(np.std(self.values)) / self.mean_s

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """Drawn with replacement."""
        return np.asarray(self.values)[rng.integers(len(self.values), size=n)]

    def survival(self, at_s: float | Floats) -> Floats:
        """The share of the values over ``at_s``."""
        below = np.searchsorted(np.asarray(self.values), np.asarray(at_s), side="right")
        return np.asarray(1 - below / len(self.values))

    def scaled(self, factor: float) -> Self:
        """Every value, times ``factor``."""
        return type(self)(tuple(v * factor for v in self.values))


def _positive_part(at_s: float | Floats) -> Floats:
    return np.maximum(np.asarray(at_s, dtype=np.float64), 0.0)
