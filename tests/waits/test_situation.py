"""What the estimate makes of the live state: breaks, shifts, calls, offers, people who are late."""

from dataclasses import replace

import pytest

from server.rules import commands as c
from server.rules.decide import Step, decide
from server.rules.plan import DayPlan, Mode, SalespersonPlan, ServicePlan, Timings
from server.waits.curves import constant, exponential
from server.waits.estimator import Estimator, futures
from server.waits.models import Models
from server.waits.outlook import outlook
from server.waits.parameters import Parameters, Stream, steady
from server.waits.situation import FOREVER, Appointment, Hand, Person, Situation, Waiter, situation_of
from tests.waits.exact import FAR, Store

HOUR = 3600.0


def store(*, shifts: tuple[tuple[float, float], ...] = (), mode: Mode = "offer") -> Store:
    """Léa and Paul, one service."""
    people = {p: SalespersonPlan(p, p, ("advice",), shifts=shifts) for p in ("lea", "paul")}
    timings = Timings(offer_s=FAR, recall_after_s=FAR, hold_s=FAR, undo_s=0.0)
    services = {"advice": ServicePlan("advice", doubt_after_s=FAR)}
    plan = DayPlan("s", "d", "UTC", 0.0, FAR, FAR, services, people, {}, timings, mode)
    return Store(plan, {(p, "advice"): 600.0 for p in people})


def people(shop: Store, now: float) -> dict[str, Person]:
    """By name."""
    return {p.id: p for p in situation_of(shop.day, now).people}


def test_somebody_serving_is_in_hand_since_the_start() -> None:
    shop = store()
    shop.do(c.SignOn("lea"), 0.0)
    shop.do(c.Join("t1", "advice"), 10.0)
    hand = people(shop, 100.0)["lea"].hand
    assert hand is not None
    assert (hand.stage, hand.service, hand.since) == ("serving", "advice", 10.0)


def test_a_break_ends_when_it_was_said_to_end() -> None:
    shop = store()
    shop.do(c.SignOn("lea"), 0.0)
    shop.do(c.Pause("lea", "lunch", 30.0), 60.0)
    assert people(shop, 120.0)["lea"].windows[0][0] == 60.0 + 1800.0


def test_a_break_asked_for_begins_after_the_visit() -> None:
    shop = store()
    shop.do(c.SignOn("lea"), 0.0)
    shop.do(c.Join("t1", "advice"), 10.0)
    shop.do(c.Pause("lea", "lunch", 30.0), 60.0)
    person = people(shop, 120.0)["lea"]
    assert person.hand is not None
    assert person.windows[0][0] > 120.0


def test_who_goes_home_after_the_visit_serves_nobody_more() -> None:
    shop = store()
    shop.do(c.SignOn("lea"), 0.0)
    shop.do(c.Join("t1", "advice"), 10.0)
    shop.do(c.SignOff("lea"), 60.0)
    assert people(shop, 120.0)["lea"].windows == ()


def test_planned_shifts_count_before_anybody_is_there() -> None:
    shop = store(shifts=((HOUR, 3 * HOUR),))
    assert people(shop, 100.0)["lea"].windows == ((HOUR, 3 * HOUR),)
    late = people(shop, HOUR + 60.0)["lea"].windows
    assert HOUR + 60.0 < late[0][0] < HOUR + 900.0, "a little late is expected soon"
    assert "lea" not in people(shop, HOUR + 3000.0), "who is very late is not counted on"


def test_a_ticket_away_is_not_called_before_it_is_back() -> None:
    shop = store()
    shop.do(c.SignOn("lea"), 0.0)
    for name in ("t1", "t2"):
        shop.do(c.Join(name, "advice"), 10.0)
    shop.do(c.StepAway("t2", 15.0), 20.0)
    waiter = situation_of(shop.day, 30.0).waiting[0]
    assert waiter.ready_at == 20.0 + 900.0
    beliefs = Parameters({"advice": constant(60.0)})
    assert (futures(situation_of(shop.day, 30.0), beliefs, 4, 1)[0] >= 885.0).all()


def test_nobody_is_promised_what_nobody_will_serve() -> None:
    shop = store()
    shop.do(c.Join("t1", "advice"), 10.0)
    waits = Estimator(Models.prior(shop.day.plan), 50).estimate(shop.day, 20.0, 1)
    assert waits.tickets["t1"].sure == 0.0
    assert waits.services["advice"].p90_s == float("inf")


def one_server(hand: Hand | None, windows: tuple[tuple[float, float], ...] = ((-FOREVER, FOREVER),)) -> Situation:
    """One salesperson and one shopper in line."""
    plan = DayPlan("s", "d", services={"advice": ServicePlan("advice")})
    return Situation(0.0, plan, (Person("lea", ("advice",), windows, hand),), (Waiter("t1", "advice", 2, 0.0, 1, 0.0),))


def test_a_shift_end_never_cuts_a_visit_but_the_next_waits_for_the_next_shift() -> None:
    hand = Hand("serving", "advice", -100.0)
    situation = one_server(hand, ((-1000.0, 200.0), (2000.0, 9000.0)))
    found = futures(situation, Parameters({"advice": constant(600.0)}), 4, 1)[0]
    assert (abs(found - 2000.0) < 0.1).all()


def test_a_forgotten_finish_is_unknown_not_long() -> None:
    """After two hours the curve alone would say that it goes on for long; a doubted visit is probably over."""
    beliefs = Parameters({"advice": exponential(3600.0)})
    doubted = futures(one_server(Hand("serving", "advice", -7200.0, doubted=True)), beliefs, 2000, 1)[0]
    sure = futures(one_server(Hand("serving", "advice", -7200.0)), beliefs, 2000, 1)[0]
    assert doubted.mean() < 0.6 * sure.mean()


def test_a_call_counts_the_walk_that_is_left() -> None:
    beliefs = Parameters({"advice": constant(600.0)}, walking={"advice": constant(90.0)})
    found = futures(one_server(Hand("calling", "advice", -30.0)), beliefs, 4, 1)[0]
    assert (abs(found - (60.0 + 600.0 + 90.0)) < 0.1).all(), "the rest of their walk, their visit, my walk"


def test_the_next_step_of_a_visit_comes_back_in_its_own_place() -> None:
    """Two cashiers' lines: who is being advised will pay next, and joined before who waits to pay now."""
    plan = DayPlan("s", "d", services={n: ServicePlan(n) for n in ("advice", "payment")})
    first = Waiter("t0", "advice", 2, -900.0, 1, -900.0)
    hand = Hand("serving", "advice", -300.0, first, then=("payment",))
    cashier = Person("paul", ("payment",), hand=Hand("serving", "payment", -50.0))
    waiting = (Waiter("t1", "payment", 2, -100.0, 2, -100.0),)
    beliefs = Parameters({"advice": constant(400.0), "payment": constant(200.0)})
    found = futures(Situation(0.0, plan, (Person("lea", ("advice",), hand=hand), cashier), waiting), beliefs, 4, 1)[0]
    assert (abs(found - (150.0 + 200.0)) < 0.1).all(), "t0 is ready to pay after 100 s and goes first at 150 s"


def test_those_to_come_take_their_next_step_too() -> None:
    """Nobody comes for the till first, everybody goes there after advice: who joins in an hour finds them in line."""
    plan = DayPlan("s", "d", services={n: ServicePlan(n) for n in ("advice", "till")})
    people = (*(Person(f"a{i}", ("advice",)) for i in range(9)), Person("paul", ("till",)))
    curves = {"advice": constant(300.0), "till": constant(400.0)}
    often = Parameters(curves, streams=(Stream("advice", steady(10 / 3600)),), follow={"advice": {"till": 0.9}})
    later = [outlook(Situation(0.0, plan, people, ()), beliefs, (0.0, 3600.0), 200, 1, ("till",)).waits["till"].mean(axis=1)
             for beliefs in (replace(often, follow={}), often)]  # fmt: skip
    assert later[0].max() < 1.0
    assert later[1][0] < 1.0 < 300.0 < later[1][1]


def test_a_ticket_on_offer_is_nearly_there() -> None:
    shop = store(mode="offer")
    shop.do(c.SignOn("lea"), 0.0)
    step = decide(shop.day, c.Join("t1", "advice"), 10.0)
    assert isinstance(step, Step)
    waits = Estimator(Models.prior(shop.day.plan), 50).estimate(step.day, 10.0, 1)
    assert waits.tickets["t1"].p90_s <= 120.0, "the answer, and a walk"


def test_who_chooses_needs_a_moment() -> None:
    shop = store(mode="claim")
    shop.do(c.SignOn("lea"), 0.0)
    assert people(shop, 5.0)["lea"].rested_s is None, "nobody to choose"
    shop.do(c.Join("t1", "advice"), 10.0)
    assert people(shop, 25.0)["lea"].rested_s == 15.0
    assert Estimator(Models.prior(shop.day.plan), 50).estimate(shop.day, 25.0, 1).tickets["t1"].p10_s > 5.0


def test_who_left_in_the_middle_of_a_shift_is_on_an_errand_or_has_gone_home() -> None:
    shop = store(shifts=((0.0, 5000.0), (6000.0, 9000.0)))
    shop.do(c.SignOn("lea"), 10.0)
    shop.do(c.SignOff("lea"), 1000.0)
    soon, later, tomorrow = (people(shop, now)["lea"].chance for now in (1060.0, 2800.0, 5900.0))
    assert soon == pytest.approx(0.5, abs=0.03)
    assert soon > later > tomorrow
    assert tomorrow < 0.1, "an hour of the shift missed: gone home"


def test_nobody_is_told_a_wait_that_ends_after_the_day() -> None:
    shop = store()
    plan = replace(shop.day.plan, closes_at=1000.0, ends_at=1200.0)
    shop.do(c.ChangePlan(plan), 0.0)
    shop.do(c.SignOn("lea"), 1.0)
    for name in ("t1", "t2", "t3"):
        shop.do(c.Join(name, "advice"), 900.0)
    first, second = futures(situation_of(shop.day, 910.0), Parameters({"advice": constant(250.0)}), 4, 1)
    assert (abs(first - 240.0) < 0.1).all(), "t1 is being served since 900"
    assert (second > FAR / 1e4).all(), "at 1400 the day has been over for long"


def test_nobody_comes_after_closing() -> None:
    shop = store()
    assert situation_of(shop.day._replace(plan=replace(shop.day.plan, closes_at=700.0)), 10.0).joins_until == 700.0


def test_who_is_still_expected_by_appointment_makes_others_wait(seed: int) -> None:
    shop = store()
    shop.do(c.SignOn("lea"), 0.0)
    for name in ("t1", "t2"):
        shop.do(c.Join(name, "advice"), 10.0)
    estimator = Estimator(Models.prior(shop.day.plan), 400)
    alone = estimator.estimate(shop.day, 20.0, seed)
    booked = estimator.estimate(shop.day, 20.0, seed, (Appointment("advice", 60.0),))
    assert booked.tickets["t2"].p50_s > alone.tickets["t2"].p50_s + 60.0


def test_who_is_ahead_and_will_have_left_takes_nobody_s_time() -> None:
    situation = one_server(Hand("serving", "advice", -100.0))
    ahead = Waiter("t0", "advice", 2, -100.0, 0, -100.0)
    situation = situation._replace(waiting=(ahead, *situation.waiting))
    beliefs = Parameters({"advice": constant(600.0)}, {("advice", ""): constant(550.0)})
    left, me = futures(situation, beliefs, 4, 1)
    assert (abs(left - 500.0) < 0.1).all(), "the turn that t0, gone at 450 s, would have had"
    assert (abs(me - 500.0) < 0.1).all()
    patient = futures(situation, replace(beliefs, patience={}), 4, 1)[1]
    assert (abs(patient - 1100.0) < 0.1).all()


def test_a_call_nobody_answers_holds_the_salesperson() -> None:
    situation = one_server(Hand("serving", "advice", -100.0))
    situation = situation._replace(waiting=(Waiter("t0", "advice", 2, -100.0, 0, -100.0), *situation.waiting))
    beliefs = Parameters({"advice": constant(600.0)}, no_show={"advice": 1.0}, hold_s=180.0)
    assert (abs(futures(situation, beliefs, 4, 1)[1] - 680.0) < 0.1).all()
