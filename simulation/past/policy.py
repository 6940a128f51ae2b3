"""Another order on recorded days: the same shoppers and salespeople, other ranks, head starts or skills.

Each day is played through the rules twice with the same draws, so that what differs is what was changed. Shoppers who were
served would have left at an unknown time: their patience is drawn, the same in both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np

from simulation.past.replay import CARD, NO_PRIORITY, Recorded, Usual, demand_of, recorded, scenario_of
from simulation.past.visits import Row
from simulation.scenario.model import Scenario
from simulation.twin.crew import Crew, Member, plan_of
from simulation.twin.demand import Demand
from simulation.twin.dispatchers import RulesDispatcher
from simulation.twin.log import ANSWERED, NEXT_STEP
from simulation.twin.reference import Twin

ORDER: Final = ("all", "service", "class")
LOST: Final = frozenset({"left", "vanished", "closed"})
Group = tuple[str, str]
"""("all", ""), ("service", its id) or ("class", "card", a class, or "" for anybody)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What decides the order: per service a rank and a head start in seconds, per class one, and who can serve what."""

    ranks: Mapping[str, int]
    head_starts_s: Mapping[str, float]
    classes_s: Mapping[str, float]
    skills: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Shopper:
    """What became of one shopper: seconds waited over all steps, and how the visit ended."""

    groups: tuple[Group, ...]
    wait_s: float
    outcome: str


def day_under(policies: Iterable[Policy], day: date, rows: list[Row], usually: Usual, seed: int = 1) -> list[list[Shopper]]:
    """A recorded day under each of the policies, void tickets left out; ``usually`` is what services take in the whole log."""
    past = recorded(day, rows, usually)
    return [_played(past, policy, seed) for policy in policies]


def compared(before: list[Shopper], after: list[Shopper], days: int) -> dict[str, Any]:
    """The report: per group how many shoppers, and before and after their mean wait, its 90th percentile and the unanswered share."""
    groups = sorted({group for shopper in before for group in shopper.groups}, key=lambda group: (ORDER.index(group[0]), group[1]))
    return {
        "days": days,
        "groups": [
            {"kind": kind, "id": id, "shoppers": _count(before, (kind, id)),
             "before": _figures(before, (kind, id)), "after": _figures(after, (kind, id))}
            for kind, id in groups
        ],
    }  # fmt: skip


def day_of(past: Recorded, policy: Policy, seed: int) -> tuple[Scenario, Crew, Demand]:
    """A recorded day under a policy, ready to be played."""
    scenario = _under(scenario_of(past), policy)
    members = tuple(_skilled(member, policy, scenario) for member in past.crew.members)
    return scenario, Crew(members, {}), demand_of(past, seed, censored=True)


def _played(past: Recorded, policy: Policy, seed: int) -> list[Shopper]:
    scenario, crew, demand = day_of(past, policy, seed)
    log = Twin(crew, demand, RulesDispatcher(plan_of(scenario, crew), crew.members, demand), scenario.horizon_s).run()
    waits, ends = dict[int, float](), dict[int, str]()
    for visitor, queued_at, ended_at, outcome in zip(log.visitor, log.queued_at, log.ended_at, log.outcome, strict=True):
        waits[visitor] = waits.get(visitor, 0.0) + ended_at - queued_at
        ends[visitor] = ANSWERED if outcome == NEXT_STEP else outcome
    return [Shopper(_groups(past, visitor), waits[visitor], end) for visitor, end in ends.items() if end != "void"]


def _under(scenario: Scenario, policy: Policy) -> Scenario:
    services = {
        id: replace(service, rank=policy.ranks.get(id, service.rank), head_start_s=policy.head_starts_s.get(id, 0.0))
        for id, service in scenario.services.items()
    }
    classes = {id: replace(kind, head_start_s=policy.classes_s.get(id, 0.0)) for id, kind in scenario.classes.items()}
    return replace(scenario, services=services, classes=classes)


def _skilled(member: Member, policy: Policy, scenario: Scenario) -> Member:
    """With the skills of the policy; somebody it does not know keeps what the day shows of them."""
    skills = tuple(s for s in policy.skills.get(member.id, member.skills) if s in scenario.services)
    return replace(member, skills=skills, speeds={s: member.speeds.get(s, 1.0) for s in skills})


def _groups(past: Recorded, visitor: int) -> tuple[Group, ...]:
    first = past.visits[visitor][0]
    standing = CARD if first.priority == CARD else "" if first.priority in NO_PRIORITY else first.priority
    return ("all", ""), ("service", first.served.service), ("class", standing)


def _count(shoppers: list[Shopper], group: Group) -> int:
    return sum(group in shopper.groups for shopper in shoppers)


def _figures(shoppers: list[Shopper], group: Group) -> dict[str, float | None]:
    own = [shopper for shopper in shoppers if group in shopper.groups]
    waits = [shopper.wait_s for shopper in own]
    return {
        "wait_mean_s": float(np.mean(waits)) if waits else None,
        "wait_p90_s": float(np.quantile(waits, 0.9)) if waits else None,
        "unanswered_share": sum(shopper.outcome in LOST for shopper in own) / len(own) if own else 0.0,
    }
