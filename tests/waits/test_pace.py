"""A slow day is told by visits that last, before they end; a store that was calm is not believed to jump."""

from dataclasses import replace

import numpy as np

from server.rules.plan import DayPlan, ServicePlan
from server.waits.curves import exponential
from server.waits.parameters import Parameters
from server.waits.sampling import Draws
from server.waits.situation import Hand, Person, Situation

PLAN = DayPlan("s", "d", services={"advice": ServicePlan("advice")})
NOW = 10_000.0
DOUBT = Parameters({"advice": exponential(600.0)}, pace=(np.array([1.0, 1.5]), np.array([0.5, 0.5])))


def slow_share(ages_s: tuple[float, ...], *, doubted: bool = False) -> float:
    """Share of futures in which today is slow, with these visits in hand."""
    hands = [Hand("serving", "advice", NOW - age, doubted=doubted) for age in ages_s]
    people = tuple(Person(f"p{i}", ("advice",), hand=hand) for i, hand in enumerate(hands))
    draws = Draws(Situation(NOW, PLAN, people, ()), DOUBT, 20_000, np.random.default_rng(1))
    return float(np.mean(np.asarray(draws.pace) == 1.5))


def test_long_visits_in_hand_make_a_slow_day_likelier() -> None:
    assert abs(slow_share((0.0, 0.0, 0.0)) - 0.5) < 0.02, "visits that have just begun say nothing"
    assert slow_share((1200.0, 1500.0, 900.0)) > 0.7


def test_no_single_visit_decides() -> None:
    """Nobody pressed Finish: four hours with one shopper say little about the others."""
    assert slow_share((4 * 3600.0,)) < 0.6
    assert slow_share((1200.0, 1500.0, 900.0), doubted=True) < 0.52


def test_a_known_pace_is_drawn_as_it_is() -> None:
    sure = replace(DOUBT, pace=(np.array([1.2]), np.ones(1)))
    draws = Draws(Situation(NOW, PLAN, (), ()), sure, 10, np.random.default_rng(1))
    assert (draws.pace == 1.2).all()
