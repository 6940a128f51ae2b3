"""What is believed about a store when a future is drawn: curves, speeds, arrivals to come, doubts.

``Parameters`` is what roll-outs read. Learned models make one (``models.Models.parameters``), and a
simulated scenario can make one out of its true laws, which is the oracle of the benchmark.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from server.waits.curves import Curve, Floats, constant, exponential

Rate = Callable[[float, float], tuple[Floats, Floats]]
"""(from, to) in absolute seconds -> (edges, arrivals expected in each step): an intensity that may vary."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Shoppers yet to come who rank in one same way: a service and a kind of shopper.

    ``spread``: over-dispersion; the whole stream is multiplied by a gamma factor with this coefficient of
    variation, one draw per future.
    """

    service: str
    rate: Rate
    card: bool = False
    standing: str | None = None
    appointment: bool = False
    spread: float = 0.0


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How appointments come: the chance that they do, and how late (negative: early), normal, in seconds."""

    show_up: float = 0.9
    mean_s: float = 0.0
    sd_s: float = 600.0


@dataclass(frozen=True)
class Parameters:
    """Everything a roll-out draws from. Keys of ``patience`` are (service, kind); kind "" is the default."""

    service: Mapping[str, Curve]
    patience: Mapping[tuple[str, str], Curve] = field(default_factory=dict)
    factor: Mapping[tuple[str, str], float] = field(default_factory=dict)  # (person, service) -> times the curve
    streams: tuple[Stream, ...] = ()
    punctuality: Mapping[str, Punctuality] = field(default_factory=dict)
    walking: Mapping[str, Curve] = field(default_factory=dict)  # call to start
    closer: Mapping[str, Curve] = field(default_factory=dict)  # the same of who had been asked to come closer; absent: as ``walking``
    gap: Curve | None = None  # from one visit's end to the next call, with somebody waiting; absent: none
    away: Curve | None = None  # how long people stay away who were free and did not take the first to wait; absent: as ``gap``
    no_show: Mapping[str, float] = field(default_factory=dict)  # chance that a called shopper does not come
    follow: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # next step nobody announced
    pace: tuple[Floats, Floats] = (np.ones(1), np.ones(1))  # today's service times are value x usual, with probability
    hold_s: float = 180.0  # a call nobody answers keeps the salesperson this long

    def patience_of(self, service: str, kind: str) -> Curve | None:
        """How long such a shopper would wait; None: for ever."""
        return self.patience.get((service, kind)) or self.patience.get((service, ""))

    def factor_of(self, person: str, service: str) -> float:
        """Times the usual that this person takes."""
        return self.factor.get((person, service), 1.0)

    def walk_of(self, service: str, *, closer: bool) -> Curve:
        """From call to start; ``closer``: of somebody who has been asked to come closer."""
        return (self.closer.get(service) if closer else None) or self.walking.get(service, NO_TIME)

    def service_of(self, service: str) -> Curve:
        """The curve of a service; ten minutes on average where nothing is known."""
        return self.service.get(service) or _UNKNOWN


_UNKNOWN = exponential(600.0)
NO_TIME = constant(0.0)


def steady(per_second: float) -> Rate:
    """A constant rate."""

    def rate(start: float, end: float) -> tuple[Floats, Floats]:
        return np.array([start, end]), np.array([max(end - start, 0.0) * per_second])

    return rate


def stepwise(edges: Floats, per_second: Floats) -> Rate:
    """``per_second[i]`` between ``edges[i]`` and ``edges[i + 1]`` (absolute seconds); nothing outside."""

    padded = np.concatenate(([0.0], per_second, [0.0]))

    def rate(start: float, end: float) -> tuple[Floats, Floats]:
        first, last = edges.searchsorted(start, side="right"), edges.searchsorted(end)
        cuts = np.concatenate(([start], edges[first:last], [end]))
        return cuts, padded[first : first + len(cuts) - 1] * np.diff(cuts)

    return rate
