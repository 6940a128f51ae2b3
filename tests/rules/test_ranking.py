"""The one visible order: priority card, due appointments, then time of joining minus head start."""

from server.rules import commands as c
from server.rules import dispatch
from server.rules.events import TicketClaimed
from server.rules.refusals import Code
from tests.rules.shop import MINUTE, Shop


def order(shop: Shop) -> list[str]:
    return [ticket.id for ticket in dispatch.all_waiting(shop.day)]


def reasons(shop: Shop) -> dict[str, str]:
    claims = [event for event in shop.log if isinstance(event, TicketClaimed)]
    return {o.ticket: o.reason for o in claims[-1].overtook}


def test_first_come_first_served() -> None:
    shop = Shop()
    for ticket in ("a", "b", "c"):
        shop.join(ticket)
    assert order(shop) == ["a", "b", "c"]


def test_a_head_start_counts_as_having_come_earlier() -> None:
    shop = Shop()
    shop.join("early", after_s=1)
    shop.join("later", after_s=4 * MINUTE)
    shop.join("member", after_s=2 * MINUTE, standing="member")
    assert order(shop) == ["early", "member", "later"]


def test_the_order_of_two_waiting_tickets_never_flips_by_itself() -> None:
    shop = Shop()
    shop.join("normal")
    shop.join("member", after_s=6 * MINUTE, standing="member")
    before = order(shop)
    shop.wait(3 * 3600)
    assert order(shop) == before == ["normal", "member"]


def test_a_priority_card_goes_before_everybody_and_it_is_explained() -> None:
    shop = Shop(on=("lea",))
    shop.join("first")
    shop.join("card", card=True)
    shop.do(c.ClaimNext("lea"))
    assert shop.ticket("card").salesperson == "lea"
    assert reasons(shop) == {"first": "card"}
    assert shop.ticket("first").overtaken[0].reason == "card"


def test_nobody_is_picked_before_a_priority_card() -> None:
    shop = Shop(on=("lea",))
    shop.join("first")
    shop.join("card", card=True)
    refused = shop.no(c.Claim("lea", "first"))
    assert refused.code is Code.CARD_FIRST
    assert refused.facts == {"number": shop.ticket("card").number}


def test_an_appointment_moves_up_when_its_slot_comes() -> None:
    shop = Shop(on=("lea",))
    shop.join("slot", appointment_at=10 * MINUTE)
    shop.join("walk-in")
    assert order(shop) == ["walk-in", "slot"]
    assert "AppointmentDue" in shop.wait(10 * MINUTE)
    assert order(shop) == ["slot", "walk-in"]


def test_a_late_appointment_queues_like_everybody() -> None:
    shop = Shop()
    shop.join("walk-in", after_s=30 * MINUTE)
    shop.join("late", appointment_at=10 * MINUTE)
    assert order(shop) == ["walk-in", "late"]


def test_skills_decide_who_is_passed_and_why() -> None:
    shop = Shop(on=("zoe",))
    shop.join("advice-first", "advice")
    shop.join("pay", "payment")
    shop.do(c.ClaimNext("zoe"))
    assert reasons(shop) == {"advice-first": "skill"}
    assert shop.ticket("advice-first").overtaken == (), "being passed by somebody served elsewhere concerns nobody"


def test_an_offer_goes_to_the_specialist_and_keeps_the_generalist_free() -> None:
    shop = Shop("offer", on=("lea", "karim"))
    shop.join("a")
    assert shop.ticket("a").salesperson == "karim"


def test_between_equals_the_one_idle_longest_is_offered_the_ticket() -> None:
    shop = Shop("offer", on=("karim", "lea"))
    shop.join("first")
    shop.do(c.Accept("karim", "first"))
    shop.do(c.Start("karim", "first"))
    shop.join("second")
    assert shop.ticket("second").salesperson == "lea"


def test_how_many_are_ahead_counts_those_the_same_people_serve() -> None:
    shop = Shop(on=("karim",))
    shop.join("p1", "payment")
    shop.join("a1", "advice")
    assert dispatch.ahead(shop.day, shop.join("a2", "advice")) == (1, 0)
    shop.do(c.SignOn("lea"))
    assert dispatch.ahead(shop.day, shop.ticket("a2")) == (1, 1)
