"""Who a shopper is: drawn once, before they come, so that the seed alone decides the play."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeVar

from simulation.crowd import shape
from simulation.crowd.demand import Demand

Way = Literal["kiosk", "phone", "slip"]
Choice = TypeVar("Choice", bound=str)
READ_AFTER_S, AWAY_AFTER_S = (30.0, 240.0), (60.0, 600.0)  # range of the time after joining
AWAY_MINUTES = (5.0, 15.0)


@dataclass(frozen=True, slots=True)
class Character:
    """What one shopper wants and how they behave. Times in seconds after joining, or of the act itself."""

    service: str
    steps: tuple[str, ...]
    way: Way
    language: str
    card: bool
    standing: str | None
    companions: int
    patience_s: float
    walking_s: float
    reaction_s: float
    read_after_s: float | None
    away_after_s: float | None
    away_minutes: float
    vanishes: bool
    misses_call: bool
    stars: int | None


def draw(rng: Random, demand: Demand) -> Character:
    """One shopper, by the demand's shares."""
    habits = demand.habits
    service = pick(rng, {name: need.share for name, need in demand.needs.items()})
    need = demand.needs[service]
    return Character(
        service=service,
        steps=tuple(step for step, share in need.planned.items() if rng.random() < share),
        way=pick(rng, {"slip": habits.slip, "phone": habits.phone, "kiosk": max(0.0, 1 - habits.slip - habits.phone)}),
        language="en" if rng.random() < habits.english else "fr",
        card=rng.random() < habits.card,
        standing="member" if rng.random() < habits.member else None,
        companions=rng.choice((1, 1, 2, 3)) if rng.random() < habits.companions else 0,
        patience_s=shape.patience_s(rng, need.patience_s),
        walking_s=habits.walking_s * rng.lognormvariate(-0.125, 0.5),
        reaction_s=habits.reaction_s * rng.lognormvariate(-0.125, 0.5),
        read_after_s=rng.uniform(*READ_AFTER_S) if rng.random() < habits.reads else None,
        away_after_s=rng.uniform(*AWAY_AFTER_S) if rng.random() < habits.away else None,
        away_minutes=float(round(rng.uniform(*AWAY_MINUTES))),
        vanishes=rng.random() < habits.vanishes,
        misses_call=rng.random() < habits.misses_call,
        stars=rng.choices((1, 2, 3, 4, 5), (3, 4, 12, 38, 43))[0] if rng.random() < habits.rates else None,
    )  # fmt: skip


def pick(rng: Random, shares: Mapping[Choice, float]) -> Choice:
    """One key, by its share."""
    return rng.choices(list(shares), list(shares.values()))[0]
