"""Who can serve in a simulated day, one entry per person, pools taken apart into their members."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.rules.plan import DayPlan, SalespersonPlan, ServicePlan, Timings
from simulation.scenario.distributions import Floats
from simulation.scenario.model import Pool, Scenario

FAR_S = 1e12  # a deadline no simulated day reaches
NO_LIMIT = 10**9
_TIMINGS = Timings(offer_s=FAR_S, recall_after_s=FAR_S, hold_s=FAR_S, undo_s=0.0, park_s=60.0)
"""In a simulation offers are accepted at once, shoppers who are called come, however long they walk, and those
who in a recorded day never came are given up soon after."""


@dataclass(frozen=True, slots=True)
class Member:
    """One salesperson. ``shifts`` are [start, end) seconds; members of a ``pool`` come and go with its count.

    ``order``: of those with as few skills, the lower is called first (see ``SalespersonPlan``).
    """

    id: str
    skills: tuple[str, ...]
    speeds: dict[str, float]
    shifts: tuple[tuple[float, float], ...] = ()
    pool: str | None = None
    order: int = 0


@dataclass(frozen=True, slots=True)
class Crew:
    """Everybody who may serve, and how many of each pool at which time."""

    members: tuple[Member, ...]
    counts: dict[str, tuple[tuple[float, int], ...]]


def crew_of(scenario: Scenario) -> Crew:
    """The scenario's salespeople first, then the members of its pools, in the order of the file.

    Of two pools with as many skills, the one that comes first in the file is called first.
    """
    named = [Member(p.id, p.skills, p.speeds, p.shifts) for p in scenario.salespeople.values()]
    pooled = [
        Member(f"{p.id}-{k:03d}", p.skills, p.speeds, pool=p.id, order=order)
        for order, p in enumerate(scenario.pools.values(), start=1) for k in _numbers(p)
    ]  # fmt: skip
    return Crew((*named, *pooled), {p.id: p.counts for p in scenario.pools.values()})


def on_duty(crew: Crew, starts_s: Sequence[float], step_s: float) -> dict[tuple[str, ...], Floats]:
    """People on duty in each interval, by set of skills; shifts count for the part of it that they cover."""
    found: dict[tuple[str, ...], Floats] = {}
    pooled: set[str] = set()
    for member in crew.members:
        row = found.setdefault(tuple(sorted(member.skills)), np.zeros(len(starts_s)))
        if member.pool is None:
            row += [sum(max(0.0, min(end, t + step_s) - max(begin, t)) for begin, end in member.shifts) / step_s for t in starts_s]
        elif member.pool not in pooled:
            pooled.add(member.pool)
            row += [[n for since, n in crew.counts[member.pool] if since <= t][-1] for t in starts_s]
    return found


def _numbers(pool: Pool) -> range:
    return range(1, pool.largest + 1)


def plan_of(scenario: Scenario, crew: Crew, day: str = "simulated") -> DayPlan:
    """The plan under which the rules run this day; times count from its beginning."""
    services = {s.id: ServicePlan(s.id, rank=s.rank, head_start_s=s.head_start_s, doubt_after_s=FAR_S) for s in scenario.services.values()}
    return DayPlan(
        store="twin", day=day, zone="UTC", opens_at=0.0, closes_at=scenario.horizon_s, ends_at=FAR_S,
        services=services, salespeople={m.id: SalespersonPlan(m.id, m.id, m.skills, order=m.order) for m in crew.members},
        classes={name: kind.head_start_s for name, kind in scenario.classes.items()},
        timings=_TIMINGS, mode="offer", open_max=scenario.max_in_system or NO_LIMIT,
    )  # fmt: skip
