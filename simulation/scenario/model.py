"""A store's day as a scenario file says it: who comes, who serves, how long things take.

One TOML file describes one day (``docs/reference/scenario.md``). Everything here is an immutable value in
seconds from the start of the day; ``scenario_file`` reads and checks the file. Rates are piecewise
constant. A pool is a number of identical salespeople that may change during the day: when it shrinks,
whoever is idle leaves first, then whoever finishes first, so that no visit is cut short.
"""

from dataclasses import dataclass, field
from typing import Literal

from simulation.scenario.distributions import Deterministic, Distribution, Exponential

Close = Literal["drain", "cut"]
Steps = tuple[tuple[float, float], ...]
"""(from this second on, value), in order, the first at 0."""

HOUR_S = 3600.0
NO_WALK = Deterministic(0.0)
POISSON = Exponential(1.0)


@dataclass(frozen=True, slots=True)
class Service:
    """One thing shoppers come for. ``rates``: arrivals per second from each second on.

    ``interarrival`` has mean 1 and is stretched by the rate. ``patience`` None: nobody leaves.
    ``next`` maps the services that may follow to their probabilities; what is missing to 1 ends the visit.
    """

    id: str
    rates: Steps
    service_time: Distribution
    interarrival: Distribution = POISSON
    patience: Distribution | None = None
    walking: Distribution = NO_WALK
    rank: int = 1
    head_start_s: float = 0.0
    next: dict[str, float] = field(default_factory=dict)

    @property
    def arrives(self) -> bool:
        """Whether anybody comes for it first."""
        return any(rate > 0 for _, rate in self.rates)


@dataclass(frozen=True, slots=True)
class Salesperson:
    """Somebody with a name. ``speeds`` divide service times, by service; ``shifts`` are [start, end) seconds."""

    id: str
    skills: tuple[str, ...]
    speeds: dict[str, float]
    shifts: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """``counts`` identical salespeople from each second on."""

    id: str
    skills: tuple[str, ...]
    speeds: dict[str, float]
    counts: tuple[tuple[float, int], ...]

    @property
    def largest(self) -> int:
        """Most of them at one time."""
        return max(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class Appointments:
    """Extension (``[services.X.appointments]``): a slot every ``every_s`` between two instants.

    A share ``show_up`` of them comes, ``early_s`` before the slot on average (normal, ``early_sd_s``), never
    earlier than the rules accept nor later than they still count; ``patience`` None: nobody leaves.
    """

    every_s: float
    between: tuple[float, float]
    show_up: float = 1.0
    early_s: float = 0.0
    early_sd_s: float = 0.0
    patience: Distribution | None = None

    @property
    def slots(self) -> list[float]:
        """The instants of the slots."""
        start, end = self.between
        return [start + k * self.every_s for k in range(int((end - start - 1e-9) // self.every_s) + 1)]


@dataclass(frozen=True, slots=True)
class ShopperClass:
    """Extension (``[classes.member]``): a share of all shoppers, served as if they had come that much earlier."""

    share: float
    head_start_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Drift:
    """Extension (``[drift]``): what changes in the middle of the day without being announced.

    From ``from_s`` on service times are multiplied by ``service_factor``; ``absent`` are salespeople who
    vanish from the floor at ``absent_from_s`` although the roster says otherwise.
    """

    from_s: float
    service_factor: float = 1.0
    absent: tuple[str, ...] = ()
    absent_from_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One day.

    Extensions: ``opens_at_s``, the time of day (seconds after midnight) at which it begins; ``day_cv``, all
    rates of a day are multiplied by one gamma factor with this cv; ``card_share`` of the shoppers have a
    priority card; ``classes`` with head starts; appointments; drift.
    """

    name: str
    horizon_s: float
    services: dict[str, Service]
    salespeople: dict[str, Salesperson] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    warmup_s: float = 0.0
    seed: int = 1
    max_in_system: int | None = None
    close: Close = "drain"
    opens_at_s: float | None = None
    day_cv: float = 0.0
    card_share: float = 0.0
    classes: dict[str, ShopperClass] = field(default_factory=dict)
    appointments: dict[str, Appointments] = field(default_factory=dict)
    drift: Drift | None = None


def value_at(steps: Steps, at_s: float) -> float:
    """The value in force at ``at_s``."""
    value = steps[0][1]
    for start, new in steps:
        if start > at_s:
            break
        value = new
    return value


def mean_rate(service: Service, horizon_s: float) -> float:
    """Average arrivals per second over the day."""
    return cumulated(service.rates, horizon_s) / horizon_s


def cumulated(steps: Steps, until_s: float) -> float:
    """The integral of the steps from 0 to ``until_s``."""
    ends = [start for start, _ in steps[1:]] + [until_s]
    return sum(value * max(0.0, min(end, until_s) - start) for (start, value), end in zip(steps, ends, strict=True))
