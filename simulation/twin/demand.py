"""Who comes, when, wanting what, for how long: one day's shoppers, drawn before the day begins.

Everything random about a shopper is fixed here, from a stream of its own per service and purpose. So two
plans for the same seed meet the *same* shoppers (common random numbers), whatever the plans do, and a
recorded day can stand in for a drawn one. Arrivals come by a change of time: the k-th arrival is where
the cumulated rate reaches the k-th renewal, so more demand brings the same shoppers closer together.
"""

from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from server.rules.shopper_rules import STEPS_MAX
from simulation.scenario.distributions import Distribution, Floats
from simulation.scenario.model import Appointments, Scenario, Service, Steps

Indices = npt.NDArray[np.intp]

NEVER_S = float("inf")
_BLOCK = 256  # renewals drawn at a time: fixed, so that the stream does not depend on how many are needed
_EARLY_MAX_S, _LATE_MAX_S = 3500.0, 840.0  # the rules accept an appointment an hour early and keep it 15 minutes

# purposes of the random streams; the numbers are part of what makes a seed repeatable
_ARRIVALS, _WORK, _PATIENCE, _WALKING, _ROUTE, _DAY, _SLOTS, _CLASS = range(8)


class Need(NamedTuple):
    """One step of one shopper: ``work_s`` is the service time at speed 1, ``patience_s`` inf for ever."""

    service: str
    work_s: float
    patience_s: float
    walking_s: float


@dataclass(slots=True)
class Demand:
    """Shoppers in order of arrival: ``at[i]`` comes for ``needs[i]``, then for ``later[i]`` if anything.

    ``slots[i]`` is the instant of their appointment, ``cards`` holds those with a priority card and
    ``standing[i]`` the class that gives a head start. ``absent[i]`` is the step for which they do not come when
    called; ``void_at[i]`` when it was seen that the ticket was no shopper's (both only in recorded days).
    """

    at: list[float]
    needs: list[Need]
    later: dict[int, tuple[Need, ...]] = field(default_factory=dict)
    slots: dict[int, float] = field(default_factory=dict)
    cards: frozenset[int] = frozenset()
    standing: dict[int, str] = field(default_factory=dict)
    absent: dict[int, int] = field(default_factory=dict)
    void_at: dict[int, float] = field(default_factory=dict)

    @property
    def needs_rules(self) -> bool:
        """Whether only the rules can play this day: appointments, no-shows and void tickets need their clock."""
        return bool(self.slots or self.absent or self.void_at)

    def __len__(self) -> int:
        return len(self.at)


class Streams:
    """The random streams of one replication, by name, purpose and step."""

    def __init__(self, seed: int, replication: int) -> None:
        self._seed, self._replication = seed, replication

    def get(self, name: str, purpose: int, step: int = 0) -> np.random.Generator:
        """A fresh generator; the same arguments always give the same stream."""
        key = (self._replication, crc32(name.encode()), purpose, step)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self._seed, spawn_key=key)))


def draw(scenario: Scenario, seed: int, replication: int = 0) -> Demand:
    """One day's shoppers. The same scenario, seed and replication always give the same ones."""
    streams = Streams(seed, replication)
    factor = day_factor(scenario.day_cv, streams)
    columns = [_walk_ins(s, scenario, factor, streams) for s in scenario.services.values() if s.arrives]
    columns += [_booked(scenario, name, book, streams) for name, book in scenario.appointments.items()]
    at = np.concatenate([c.at for c in columns])
    order = np.argsort(at, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    needs = [need for column in columns for need in column.needs]
    demand = Demand(at[order].tolist(), [needs[i] for i in order.tolist()])
    start = 0
    for column in columns:
        demand.later |= {int(rank[start + i]): steps for i, steps in column.later.items()}
        demand.slots |= {int(rank[start + i]): slot for i, slot in enumerate(column.slots)}
        start += len(column.at)
    _favour(demand, scenario, streams)
    return demand


def _favour(demand: Demand, scenario: Scenario, streams: Streams) -> None:
    """Give out priority cards and classes, independently of everything else."""
    if scenario.card_share > 0:
        has = streams.get("card", _CLASS).random(len(demand)) < scenario.card_share
        demand.cards = frozenset(np.flatnonzero(has).tolist())
    if scenario.classes:
        names, bounds = list(scenario.classes), np.cumsum([c.share for c in scenario.classes.values()])
        which = np.searchsorted(bounds, streams.get("class", _CLASS).random(len(demand)), side="right").tolist()
        demand.standing = {i: names[k] for i, k in enumerate(which) if k < len(names)}


def day_factor(cv: float, streams: Streams) -> float:
    """How busy the day is: gamma with mean 1; 1 when the scenario asks for no such spread."""
    return float(streams.get("", _DAY).gamma(1 / cv**2, cv**2)) if cv > 0 else 1.0


class _Column(NamedTuple):
    """The shoppers of one source, before all are put in order of arrival."""

    at: Floats
    needs: list[Need]
    later: dict[int, tuple[Need, ...]]
    slots: list[float]


def _walk_ins(service: Service, scenario: Scenario, factor: float, streams: Streams) -> _Column:
    at = arrivals(service.rates, service.interarrival, scenario.horizon_s, streams.get(service.id, _ARRIVALS), factor)
    needs = _needs(service, service.id, 0, len(at), streams, service.patience)
    return _Column(at, needs, _later(service.id, service.id, len(at), scenario, streams), [])


def _booked(scenario: Scenario, name: str, book: Appointments, streams: Streams) -> _Column:
    """Those with an appointment who show up, at times scattered around their slots."""
    source, rng = f"{name} by appointment", streams.get(name, _SLOTS)
    slots = np.array(book.slots)
    comes = rng.random(len(slots)) < book.show_up
    early = np.clip(book.early_s + book.early_sd_s * rng.standard_normal(len(slots)), -_LATE_MAX_S, _EARLY_MAX_S)
    at = np.clip(slots - early, 0.0, np.nextafter(scenario.horizon_s, 0.0))
    everybody = _needs(scenario.services[name], source, 0, len(slots), streams, book.patience)
    later = _later(name, source, len(slots), scenario, streams)
    kept = np.flatnonzero(comes)
    new = {int(old): i for i, old in enumerate(kept)}
    return _Column(
        at[kept], [everybody[i] for i in kept], {new[i]: s for i, s in later.items() if i in new}, [float(slots[i]) for i in kept]
    )


def arrivals(rates: Steps, law: Distribution, horizon_s: float, rng: np.random.Generator, factor: float = 1.0) -> Floats:
    """Instants in [0, horizon) of a renewal process with this law run at these rates times ``factor``.

    With a constant rate it is the renewal process itself; with exponential law a (non-homogeneous) Poisson process.
    """
    starts = np.array([start for start, _ in rates] + [horizon_s])
    speed = np.array([rate * factor for _, rate in rates])
    operational = np.concatenate([[0.0], np.cumsum(np.diff(starts) * speed)])
    renewals = _renewals(law, float(operational[-1]), rng)
    piece = np.searchsorted(operational, renewals, side="right") - 1
    at = starts[piece] + (renewals - operational[piece]) / speed[piece]
    return np.asarray(at[at < horizon_s])


def _renewals(law: Distribution, until: float, rng: np.random.Generator) -> Floats:
    if until <= 0:
        return np.empty(0)
    blocks, reached = [], 0.0
    while reached < until:
        block = reached + np.cumsum(law.sample(rng, _BLOCK))
        reached = float(block[-1])
        blocks.append(block)
    every = np.concatenate(blocks)
    return np.asarray(every[every < until])


def _needs(
    service: Service, source: str, step: int, n: int, streams: Streams, patience: Distribution | None, only: Indices | None = None
) -> list[Need]:  # fmt: skip
    """What ``n`` shoppers (``only`` these of them) need of ``service`` as step number ``step`` of their visit."""
    name = source if step == 0 else f"{source} > {service.id}"
    work = service.service_time.sample(streams.get(name, _WORK, step), n)
    waits = np.full(n, NEVER_S) if patience is None else patience.sample(streams.get(name, _PATIENCE, step), n)
    walks = np.zeros(n) if service.walking.mean_s == 0 else service.walking.sample(streams.get(name, _WALKING, step), n)
    columns = (column.tolist() if only is None else column[only].tolist() for column in (work, waits, walks))
    return list(map(Need._make, zip(repeat(service.id), *columns, strict=False)))


def _later(first: str, source: str, n: int, scenario: Scenario, streams: Streams) -> dict[int, tuple[Need, ...]]:
    """The steps after the first, by shopper; at most as many as the rules allow in one visit."""
    later: dict[int, tuple[Need, ...]] = {}
    now: dict[str, Indices] = {first: np.arange(n)} if scenario.services[first].next else {}
    for step in range(1, STEPS_MAX):
        if not now:
            break
        now = _followers(now, scenario, streams.get(source, _ROUTE, step).random(n))
        for name, wanting in sorted(now.items()):
            service = scenario.services[name]
            drawn = _needs(service, source, step, n, streams, service.patience, wanting)
            later |= {i: (*later.get(i, ()), need) for i, need in zip(wanting.tolist(), drawn, strict=True)}
    return later


def _followers(now: dict[str, Indices], scenario: Scenario, chances: Floats) -> dict[str, Indices]:
    """Who goes on with which service."""
    found: dict[str, list[Indices]] = {}
    for name, here in now.items():
        names, bounds = list(scenario.services[name].next), np.cumsum(list(scenario.services[name].next.values()))
        which = np.searchsorted(bounds, chances[here], side="right")
        for k, following in enumerate(names):
            found.setdefault(following, []).append(here[which == k])
    return {name: everybody for name, parts in found.items() if len(everybody := np.sort(np.concatenate(parts)))}
