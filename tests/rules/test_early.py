"""Come closer, coming back from a break, and settings that change in the middle of a day."""

from dataclasses import replace

from server.rules import commands as c
from server.rules.deadlines import next_deadline
from server.rules.plan import DayPlan, Timings
from server.rules.refusals import Code
from server.rules.state import DayPhase, Duty, Phase
from server.rules.views import phone_view
from tests.rules.shop import MINUTE, Shop, small_plan

FAR_S = 120.0


def far(plan: DayPlan, walking_s: float = FAR_S) -> DayPlan:
    """The plan with a long way to the desk of advice."""
    return replace(plan, services={**plan.services, "advice": replace(plan.services["advice"], walking_s=walking_s)})


def far_shop(on: tuple[str, ...] = ("lea",), timings: Timings | None = None) -> Shop:
    shop = Shop(timings=timings, on=on)
    shop.do(c.ChangePlan(far(shop.day.plan), "ana", 2))
    return shop


def test_the_next_shopper_is_asked_to_come_closer_before_a_salesperson_is_free() -> None:
    shop = far_shop()
    shop.join("a")
    shop.serve("lea", "a")
    started = shop.now
    shop.join("b")
    assert next_deadline(shop.day) == started + 600 - FAR_S - 30, "the usual visit, less the way and the store's margin"
    assert shop.wait(600 - FAR_S - 30) == ["ShopperInvited"]
    assert phone_view(shop.day, "b", shop.now)["closer"] is not None
    assert shop.ticket("b").phase is Phase.WAITING, "it is no call"
    assert shop.wait(60) == [], "once"
    shop.join("c")
    assert shop.wait(1) == [], "only as many as will be free"


def test_who_comes_while_a_visit_overruns_is_invited_at_once() -> None:
    shop = far_shop()
    shop.join("a")
    shop.serve("lea", "a")
    shop.wait(20 * MINUTE)
    shop.join("b")
    assert shop.wait(0) == ["ShopperInvited"]


def test_each_salesperson_soon_free_invites_one() -> None:
    shop = far_shop(on=("lea", "karim"))
    for ticket in ("a", "b"):
        shop.join(ticket)
    shop.serve("lea", "a")
    shop.serve("karim", "b")
    for ticket in ("c", "d", "e"):
        shop.join(ticket)
    shop.wait(10 * MINUTE)
    assert [t.id for t in shop.day.tickets.values() if t.invited_at is not None] == ["c", "d"]


def test_nobody_is_invited_by_who_goes_on_a_break_or_home_or_where_the_way_is_short() -> None:
    for command in (c.Pause("lea"), c.SignOff("lea")):
        shop = far_shop()
        shop.join("a")
        shop.serve("lea", "a")
        shop.join("b")
        shop.do(command)
        assert shop.wait(10 * MINUTE) == []
    for timings in (Timings(early_from_s=FAR_S + 1), Timings(early_from_s=0)):
        shop = far_shop(timings=timings)
        shop.join("a")
        shop.serve("lea", "a")
        shop.join("b")
        assert shop.wait(10 * MINUTE) == []


def test_a_later_step_and_who_stepped_away_are_invited_anew() -> None:
    shop = far_shop()
    shop.join("a")
    shop.serve("lea", "a")
    shop.join("b")
    shop.wait(10 * MINUTE)
    shop.do(c.StepAway("b", 5))
    assert shop.ticket("b").invited_at is None
    shop.do(c.ComeBack("b"))
    assert shop.wait(1) == ["ShopperInvited"]


def test_back_from_a_break_can_be_said_before_the_minute_is_over() -> None:
    shop = Shop("offer", on=("lea",))
    shop.do(c.Pause("lea", "lunch", 30))
    shop.join("a")
    shop.wait(30 * MINUTE)
    assert shop.do(c.Resume("lea")) == ["SalespersonReady", "OfferMade"]


def test_an_offer_declined_by_mistake_is_made_again() -> None:
    shop = Shop("offer", on=("lea",))
    shop.join("a")
    shop.do(c.Decline("lea", "a", "busy"))
    assert shop.person("lea").duty is Duty.IDLE
    assert shop.do(c.Undo("lea")) == ["TapUndone", "OfferMade"]
    assert shop.do(c.Accept("lea", "a")) == ["TicketClaimed", "ShopperCalled"]


def test_skills_change_on_the_floor_and_take_back_an_offer_that_no_longer_fits() -> None:
    shop = Shop("offer", on=("karim",))
    shop.join("a")
    plan = shop.day.plan
    people = {**plan.salespeople, "karim": replace(plan.salespeople["karim"], skills=("payment",))}
    assert shop.do(c.ChangePlan(replace(plan, salespeople=people), "ana", 3)) == ["OfferWithdrawn", "PlanChanged"]
    assert shop.person("karim").skills == ("payment",)
    assert shop.ticket("a").phase is Phase.WAITING


def test_longer_hours_open_a_day_that_the_clock_had_closed_but_not_one_closed_early_by_hand() -> None:
    longer = replace(small_plan(), closes_at=11 * 3600.0)
    shop = Shop(on=("lea",))
    shop.wait(10 * 3600)
    closed = shop.day.phase
    shop.do(c.ChangePlan(longer))
    assert (closed, shop.day.phase) == (DayPhase.CLOSED, DayPhase.OPEN)
    shop = Shop(on=("lea",))
    shop.do(c.CloseDay())
    shop.do(c.ChangePlan(longer))
    assert shop.day.phase == "closed"


def test_who_is_here_cannot_be_taken_out_of_the_plan() -> None:
    shop = Shop(on=("lea",))
    plan = replace(shop.day.plan, salespeople={})
    assert shop.no(c.ChangePlan(plan)).code is Code.BAD_PLAN
    shop.do(c.SignOff("lea"))
    shop.do(c.ChangePlan(plan))
    assert shop.no(c.SignOn("lea")).code is Code.UNKNOWN_SALESPERSON
