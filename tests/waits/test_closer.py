"""Who was asked to come closer has less of the way to go at the call: learned apart, and expected of them."""

import pytest

from server.rules import commands as c
from server.rules.effects import KeepFact
from server.rules.plan import DayPlan, ServicePlan
from server.waits.curves import constant
from server.waits.estimator import futures
from server.waits.fallback import quick
from server.waits.forecaster import Forecaster
from server.waits.models import Models
from server.waits.parameters import Parameters
from server.waits.situation import Hand, Person, Situation, Waiter, situation_of
from tests.rules.test_early import FAR_S, far_shop

BELIEFS = Parameters({"advice": constant(600.0)}, walking={"advice": constant(120.0)}, closer={"advice": constant(20.0)})
PLAN = DayPlan("s", "d", services={"advice": ServicePlan("advice")})


def line(hand: Hand, *closer: bool) -> Situation:
    """One salesperson, and shoppers in line who have been asked to come closer or not."""
    waiting = tuple(Waiter(f"t{i}", "advice", 2, float(i), i, -50.0, closer=near) for i, near in enumerate(closer))
    return Situation(0.0, PLAN, (Person("lea", ("advice",), hand=hand),), waiting)


def test_the_way_is_shorter_for_them_and_for_who_waits_behind() -> None:
    near, next_one = futures(line(Hand("serving", "advice", -100.0), True, False), BELIEFS, 4, 1)
    assert near == pytest.approx(500.0 + 20.0, abs=0.1)
    assert next_one == pytest.approx(500.0 + 20.0 + 600.0 + 120.0, abs=0.1)
    far, _ = futures(line(Hand("serving", "advice", -100.0), False, False), BELIEFS, 4, 1)
    assert far == pytest.approx(500.0 + 120.0, abs=0.1)
    called = Hand("calling", "advice", -5.0, Waiter("t", "advice", 2, 0.0, 0, -50.0, closer=True))
    assert futures(line(called, False), BELIEFS, 4, 1)[0] == pytest.approx(15.0 + 600.0 + 120.0, abs=0.1)


def test_also_without_sampling() -> None:
    far, near = (quick(line(Hand("serving", "advice", -100.0), closer), BELIEFS).tickets["t0"].mean_s for closer in (False, True))
    assert far - near == pytest.approx(100.0, abs=1.0)


def test_it_is_learned_from_those_who_were_asked() -> None:
    shop = far_shop()
    forecaster = Forecaster(Models.prior(shop.day.plan), 20)

    def serve(ticket: str, way_s: float) -> None:
        forecaster.show(shop.day, shop.now)
        shop.do(c.Claim("lea", ticket))
        shop.do(c.Start("lea", ticket), way_s)

    def finish(ticket: str) -> None:
        shop.effects.clear()
        shop.do(c.Finish("lea", ticket, ()))
        for fact in (e for e in shop.effects if isinstance(e, KeepFact)):
            forecaster.ended(shop.day.plan.day, fact)

    shop.join("0")
    serve("0", FAR_S)
    for i in range(1, 41):  # everybody but the first is asked before the visit ahead of them is over
        shop.join(f"{i}")
        shop.wait(600.0)
        assert shop.ticket(f"{i}").invited_at is not None
        assert situation_of(shop.day, shop.now).waiting[0].closer
        finish(f"{i - 1}")
        serve(f"{i}", 10.0)
    shop.join("last")
    finish("40")
    serve("last", FAR_S)
    finish("last")
    believed = forecaster.models.parameters(shop.now)
    assert forecaster.models.closer["advice"].weight == 40.0, "the first and the last were not asked"
    assert forecaster.models.walking["advice"].weight == 42.0
    assert believed.walk_of("advice", closer=True).mean_s < believed.walk_of("advice", closer=False).mean_s < FAR_S
