"""The life of a visit, story by story."""

import pytest

from server.rules import commands as c
from server.rules.deadlines import next_deadline
from server.rules.effects import DropFact, KeepFact, Ring
from server.rules.plan import Timings
from server.rules.refusals import Code
from server.rules.state import Duty, Outcome, Phase
from server.rules.waiting import Range
from tests.rules.shop import MINUTE, Shop


def test_join_call_start_finish() -> None:
    shop = Shop(on=("lea",))
    assert shop.join("a").number == "C-001"
    assert shop.do(c.ClaimNext("lea")) == ["TicketClaimed", "ShopperCalled"]
    assert [e for e in shop.effects if isinstance(e, Ring)] == [Ring("a", "lea", "4", 1)]
    shop.do(c.AcknowledgeCall("a"))
    shop.do(c.SayOnMyWay("a"))
    shop.do(c.Start("lea", "a"))
    shop.do(c.Finish("lea", "a"), 8 * MINUTE)
    assert shop.ticket("a").outcome is Outcome.ANSWERED
    assert shop.person("lea").duty is Duty.IDLE
    fact = next(e for e in shop.effects if isinstance(e, KeepFact))
    assert (fact.service, fact.outcome, fact.salesperson, fact.finished_at) == ("advice", "answered", "lea", shop.now)


def test_a_number_given_out_by_a_kiosk_stands_unless_it_was_needed_or_is_taken() -> None:
    shop = Shop(on=("lea",))
    shop.do(c.Join("late", "advice", slip="C-9101", slip_at=0.0))
    shop.do(c.Join("in-time", "advice", slip="C-9102", slip_at=1e9))
    shop.do(c.Join("taken", "advice", slip="C-9101", slip_at=0.0))
    shop.do(c.Join("foreign", "advice", slip="P-9103", slip_at=0.0))
    shop.do(c.Join("crooked", "advice", slip="C-0004", slip_at=0.0))
    numbers = {ticket.id: ticket.number for ticket in shop.day.tickets.values()}
    assert numbers == {"late": "C-9101", "in-time": "C-001", "taken": "C-002", "foreign": "C-003", "crooked": "C-004"}


def test_the_next_step_of_a_visit_does_not_queue_again() -> None:
    shop = Shop(on=("lea", "zoe"))
    shop.join("a", steps=("payment",))
    shop.serve("lea", "a")
    shop.join("only-pays", "payment")
    shop.do(c.Finish("lea", "a"), 10 * MINUTE)
    assert shop.ticket("a").service == "payment"
    assert shop.ticket("a").number == "C-001"
    shop.do(c.ClaimNext("zoe"))
    assert shop.ticket("a").salesperson == "zoe", "the place follows the time of joining the visit"


def test_exactly_one_of_two_claims_wins_and_the_loser_knows_who() -> None:
    shop = Shop(on=("lea", "karim"))
    shop.join("a")
    shop.do(c.Claim("lea", "a"))
    refused = shop.no(c.Claim("karim", "a"))
    assert refused.code is Code.ALREADY_CLAIMED
    assert refused.facts == {"number": "C-001", "by": "Léa", "salesperson": "lea"}


def test_no_show_is_recalled_parked_kept_and_comes_back_in_place() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.join("b")
    shop.do(c.ClaimNext("lea"))
    assert shop.wait(90) == ["ShopperRecalled"]
    assert shop.wait(90) == ["TicketParked"]
    assert shop.person("lea").duty is Duty.IDLE
    shop.do(c.ComeBack("a"))
    shop.do(c.ClaimNext("lea"))
    assert shop.ticket("a").salesperson == "lea", "back in the same place, before b"


def test_a_parked_shopper_who_never_comes_has_vanished() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.do(c.ClaimNext("lea"))
    shop.do(c.MarkNoShow("lea", "a"))
    shop.wait(20 * MINUTE)
    assert shop.ticket("a").outcome is Outcome.VANISHED
    assert shop.day.accounts["vanished"] == 1


def test_on_my_way_holds_the_call_longer() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.do(c.ClaimNext("lea"))
    shop.do(c.SayOnMyWay("a"), 100)
    assert shop.ticket("a").park_at == pytest.approx(shop.now + 180)
    assert shop.wait(120) == []


def test_ten_more_minutes_keep_the_place() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.join("b")
    shop.do(c.StepAway("a", 10))
    shop.do(c.ClaimNext("lea"))
    assert shop.ticket("b").salesperson == "lea"
    shop.do(c.Start("lea", "b"))
    shop.do(c.Finish("lea", "b"))
    shop.join("c")
    assert shop.wait(10 * MINUTE) == ["ShopperReturned"]
    shop.do(c.ClaimNext("lea"))
    assert shop.ticket("a").salesperson == "lea"


def test_stepping_away_is_limited() -> None:
    shop = Shop()
    shop.join("a")
    for _ in range(3):
        shop.do(c.StepAway("a", 5))
        shop.do(c.ComeBack("a"))
    assert shop.no(c.StepAway("a", 5)).code is Code.AWAY_LIMIT
    assert shop.no(c.StepAway("nobody", 5)).code is Code.UNKNOWN_TICKET


def test_stepping_away_when_called_frees_the_salesperson() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.do(c.ClaimNext("lea"))
    shop.do(c.StepAway("a", 5))
    assert shop.person("lea").duty is Duty.IDLE
    assert shop.ticket("a").phase is Phase.AWAY


def test_offer_declined_expired_escalated_and_offered_again() -> None:
    shop = Shop("offer", on=("lea", "karim"))
    shop.join("a")
    assert shop.do(c.Decline("karim", "a", "with a supplier")) == ["OfferDeclined", "OfferMade"]
    assert shop.ticket("a").salesperson == "lea"
    assert shop.wait(12) == ["OfferExpired", "OfferEscalated"]
    assert shop.ticket("a").escalated
    assert shop.wait(60) == ["OffersReopened", "OfferMade"]


def test_who_ignores_two_offers_is_taken_to_be_away() -> None:
    shop = Shop("offer", on=("lea",), timings=Timings(escalate_s=10))
    shop.join("a")
    shop.wait(12)
    shop.wait(10)
    assert "SalespersonPaused" in shop.wait(12)
    assert shop.person("lea").pause == "unresponsive"
    assert "OfferMade" in shop.do(c.Resume("lea")), "back, and asked anew"


def test_a_break_is_protected() -> None:
    shop = Shop("offer", on=("lea",))
    shop.do(c.Pause("lea", "lunch", 30))
    shop.join("a")
    assert shop.ticket("a").phase is Phase.WAITING
    assert shop.no(c.ClaimNext("lea")).code is Code.ON_BREAK
    assert shop.do(c.Resume("lea")) == ["SalespersonResumed", "OfferMade"]


def test_a_break_asked_for_during_a_visit_begins_after_it() -> None:
    shop = Shop("offer", on=("karim",))
    shop.join("a")
    shop.do(c.Accept("karim", "a"))
    shop.do(c.Start("karim", "a"))
    shop.do(c.Pause("karim"))
    shop.join("b")
    assert shop.do(c.Finish("karim", "a")) == ["StepFinished", "SalespersonPaused"]
    assert shop.ticket("b").phase is Phase.WAITING


def test_going_home_waits_for_the_visit_in_hand() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.serve("lea", "a")
    assert shop.do(c.SignOff("lea")) == ["SignOffAsked"]
    assert shop.do(c.Finish("lea", "a")) == ["StepFinished", "SalespersonSignedOff"]


def test_transfer_to_a_colleague_keeps_the_place_and_waits_for_that_person() -> None:
    shop = Shop(on=("lea", "karim"))
    shop.join("a")
    shop.do(c.Claim("karim", "a"))
    shop.do(c.Transfer("karim", "a", to="lea"))
    assert shop.no(c.ClaimNext("karim")).code is Code.NOBODY_WAITING
    shop.do(c.ClaimNext("lea"))
    assert shop.ticket("a").salesperson == "lea"


def test_transfer_mid_visit_counts_what_was_served() -> None:
    shop = Shop(on=("lea", "zoe"))
    shop.join("a")
    shop.serve("lea", "a")
    shop.do(c.Transfer("lea", "a", service="payment"), 5 * MINUTE)
    assert shop.ticket("a").steps == ("advice", "payment")
    assert [e.outcome for e in shop.effects if isinstance(e, KeepFact)] == ["answered"]


def test_hand_back_puts_the_shopper_in_place_again() -> None:
    shop = Shop(on=("lea", "karim"))
    shop.join("a")
    shop.join("b")
    shop.do(c.ClaimNext("lea"))
    shop.do(c.HandBack("lea", "a"))
    shop.do(c.ClaimNext("karim"))
    assert shop.ticket("a").salesperson == "karim"


@pytest.mark.parametrize("tap", ["claim", "start", "finish", "no_show", "hand_back", "transfer", "void"])
def test_every_tap_can_be_taken_back_for_ten_seconds(tap: str) -> None:
    shop = Shop(on=("lea",))
    shop.join("a", steps=("payment",))
    stories: dict[str, list[c.Command]] = {
        "claim": [c.Claim("lea", "a")], "start": [c.Claim("lea", "a"), c.Start("lea", "a")],
        "finish": [c.Claim("lea", "a"), c.Start("lea", "a"), c.Finish("lea", "a")],
        "no_show": [c.Claim("lea", "a"), c.MarkNoShow("lea", "a")], "hand_back": [c.Claim("lea", "a"), c.HandBack("lea", "a")],
        "transfer": [c.Claim("lea", "a"), c.Transfer("lea", "a", service="payment")],
        "void": [c.Claim("lea", "a"), c.Void("a", "test", "lea")],
    }  # fmt: skip
    taps = stories[tap]
    for command in taps[:-1]:
        shop.do(command)
    before = (shop.ticket("a"), shop.person("lea")._replace(tap=None), shop.day.accounts, shop.day.lines)
    shop.do(taps[-1])
    assert shop.person("lea").tap is not None
    shop.do(c.Undo("lea"), 9)
    assert (shop.ticket("a"), shop.person("lea")._replace(tap=None), shop.day.accounts, shop.day.lines) == before
    assert shop.no(c.Undo("lea")).code is Code.NOTHING_TO_UNDO


def test_undo_after_ten_seconds_or_once_somebody_built_on_it_is_refused() -> None:
    shop = Shop(on=("lea", "karim"))
    shop.join("a")
    shop.do(c.Claim("lea", "a"))
    assert shop.no(c.Undo("lea"), 11).code is Code.NOTHING_TO_UNDO
    shop.do(c.HandBack("lea", "a"))
    shop.do(c.Claim("karim", "a"))
    assert shop.no(c.Undo("lea")).code is Code.NOTHING_TO_UNDO


def test_an_undone_finish_withdraws_the_fact_even_while_the_next_step_is_offered() -> None:
    shop = Shop("both", on=("lea", "zoe"))
    shop.join("a", steps=("payment",))
    shop.do(c.Accept("lea", "a"))
    shop.do(c.Start("lea", "a"))
    shop.do(c.Finish("lea", "a"))
    assert shop.ticket("a").phase is Phase.OFFERED
    shop.do(c.Undo("lea"))
    assert shop.ticket("a").phase is Phase.SERVING
    assert DropFact("a", 1) in shop.effects


def test_a_forgotten_finish_is_asked_about_and_closed_by_the_next_claim() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.serve("lea", "a")
    started_at = shop.now
    shop.join("b")
    assert shop.no(c.ClaimNext("lea")).code is Code.ALREADY_BUSY
    assert shop.wait(30 * MINUTE) == ["FinishDoubted"]
    assert shop.do(c.ClaimNext("lea"))[0] == "StepFinished"
    fact = next(e for e in shop.effects if isinstance(e, KeepFact))
    assert fact.estimated
    assert fact.finished_at == pytest.approx(started_at + 600)
    assert shop.ticket("b").salesperson == "lea"


def test_still_serving_is_believed_for_a_while() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.serve("lea", "a")
    shop.wait(30 * MINUTE)
    shop.do(c.ConfirmServing("lea", "a"))
    assert next_deadline(shop.day) == pytest.approx(shop.now + 15 * MINUTE)


def test_the_promise_is_the_wait_told_when_joining_and_never_changes() -> None:
    shop = Shop(on=("lea",))
    shop.do(c.ShowWaits({}, {"advice": Range(60, 660, shop.now)}))
    shop.join("a")
    shop.do(c.ShowWaits({"a": Range(60, 900, shop.now, "card")}, {}))
    assert shop.ticket("a").promise_s == 660
    assert shop.ticket("a").shown == Range(60, 900, shop.now - 1, "card")


def test_nobody_is_promised_what_cannot_be_served_before_closing() -> None:
    shop = Shop(on=("lea",))
    shop.do(c.ShowWaits({}, {"advice": Range(60, 1200, 0.0)}), 10 * 3600 - 900)
    refused = shop.no(c.Join("a", "advice"))
    assert refused.code is Code.CLOSING_SOON
    assert refused.facts == {"closes_at": 36000.0, "wait_s": 1200}


def test_a_store_says_how_late_it_serves_and_when_it_stops_giving_tickets() -> None:
    shop = Shop(on=("lea",), timings=Timings(overtime_s=600.0, last_ticket_s=300.0))
    shop.do(c.ShowWaits({}, {"advice": Range(60, 1200, 0.0)}), 10 * 3600 - 900)
    shop.join("a")
    assert shop.ticket("a").promise_s == 1200, "ten minutes after closing are promised"
    shop.wait(600)
    refused = shop.no(c.Join("b", "advice", card=True))
    assert (refused.code, refused.facts) == (Code.CLOSING_SOON, {"closes_at": 36000.0, "wait_s": 1200})


def test_closing_lets_those_who_wait_be_served_and_the_end_closes_the_accounts() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.join("b")
    shop.join("c")
    shop.do(c.Balk("advice"))
    shop.serve("lea", "a")
    assert shop.wait(10 * 3600)[0] == "FinishDoubted"
    assert shop.no(c.Join("late", "advice")).code is Code.STORE_CLOSED
    shop.do(c.ClaimNext("lea"))
    shop.wait(2 * 3600)
    accounts = shop.day.accounts
    assert accounts == {"open": 0, "joined": 3, "balked": 1, "answered": 1, "left": 0, "vanished": 0, "closed": 2, "void": 0}
    assert shop.person("lea").duty is Duty.OFF


def test_time_never_runs_backwards_inside_a_day() -> None:
    shop = Shop(on=("lea",))
    shop.join("a", after_s=1000)
    shop.do(c.ClaimNext("lea"), -900)
    assert shop.log[-1].at == 1002.0


def test_a_forgotten_finish_does_not_swallow_the_rest_of_the_visit() -> None:
    shop = Shop(on=("lea", "zoe"))
    shop.join("a", steps=("payment",))
    shop.serve("lea", "a")
    shop.join("b")
    shop.wait(30 * MINUTE)
    shop.do(c.Claim("lea", "b"))
    assert (shop.ticket("a").service, shop.ticket("a").phase) == ("payment", Phase.WAITING)


def test_who_waits_for_a_colleague_who_goes_home_is_everybodys_again() -> None:
    shop = Shop(on=("lea", "karim"))
    shop.join("a")
    shop.do(c.Claim("karim", "a"))
    shop.do(c.Transfer("karim", "a", to="lea"))
    shop.do(c.SignOff("lea"))
    shop.do(c.ClaimNext("karim"))
    assert shop.ticket("a").salesperson == "karim"


def test_a_priority_card_does_not_wait_for_the_answer_to_another_offer() -> None:
    shop = Shop("offer", on=("lea",))
    shop.join("first")
    assert shop.ticket("first").salesperson == "lea"
    events = shop.do(c.Join("card", "advice", card=True))
    assert events == ["TicketJoined", "OfferWithdrawn", "OfferMade"]
    assert shop.ticket("card").salesperson == "lea"


def test_a_picked_ticket_says_whom_it_passed() -> None:
    shop = Shop(on=("lea",))
    shop.join("late-but-later", after_s=10 * MINUTE)
    shop.join("member", after_s=MINUTE, standing="member")
    shop.do(c.Claim("lea", "late-but-later"))
    assert shop.ticket("member").overtaken[0].reason == "picked"


def test_nothing_is_promised_while_nobody_can_tell() -> None:
    shop = Shop(on=("lea",))
    shop.do(c.ShowWaits({}, {"advice": Range(60, 660, shop.now)}))
    shop.do(c.SignOff("lea"))
    shop.do(c.ShowWaits({}, {"advice": None}))
    assert shop.join("a").promise_s is None
    assert shop.day.quotes == {}


def test_a_quote_speaks_for_the_next_to_join_not_for_a_burst() -> None:
    shop = Shop(on=("lea",))
    shop.do(c.ShowWaits({}, {"advice": Range(60, 660, shop.now)}))
    assert shop.join("a").promise_s == 660
    assert shop.join("b").promise_s is None
    shop.do(c.ShowWaits({"b": Range(300, 1200, shop.now)}, {}))
    assert shop.ticket("b").promise_s == pytest.approx(1200 - 1, abs=1)


def test_who_ranks_before_others_is_promised_their_own_first_range() -> None:
    shop = Shop(on=("lea",))
    shop.do(c.ShowWaits({}, {"advice": Range(300, 1500, shop.now)}))
    assert shop.join("a", card=True).promise_s is None
    shop.do(c.ShowWaits({"a": Range(0, 240, shop.now)}, {}))
    assert shop.ticket("a").promise_s == pytest.approx(240, abs=1)


def test_a_first_range_that_ends_after_closing_promises_nothing() -> None:
    shop = Shop(on=("lea",))
    shop.join("a", after_s=10 * 3600 - 300)
    shop.do(c.ShowWaits({"a": Range(60, 1200, shop.now)}, {}))
    assert shop.ticket("a").promise_s is None


def test_a_break_with_an_end_ends_by_itself() -> None:
    shop = Shop("offer", on=("lea",))
    shop.do(c.Pause("lea", "lunch", 30))
    shop.join("a")
    assert next_deadline(shop.day) == pytest.approx(shop.now - 1 + 30 * MINUTE)
    assert shop.wait(30 * MINUTE) == ["SalespersonResumed"]
    assert shop.wait(30) == []
    assert shop.wait(30) == ["SalespersonReady", "OfferMade"], "a minute to climb the stairs"


def test_a_day_ended_late_ends_when_it_should_have() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.wait(24 * 3600)
    assert shop.ticket("a").ended_at == 12 * 3600


def test_voiding_somebody_who_waits_can_be_undone_alone() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.join("b")
    shop.serve("lea", "a")
    shop.do(c.Finish("lea", "a"))
    shop.do(c.Void("b", "test", "lea"))
    shop.do(c.Undo("lea"))
    assert (shop.ticket("a").phase, shop.ticket("b").phase) == (Phase.ENDED, Phase.WAITING)


def test_undoing_a_start_late_leaves_time_to_come() -> None:
    shop = Shop(on=("lea",), timings=Timings(recall_after_s=20, hold_s=60))
    shop.join("a")
    shop.do(c.Claim("lea", "a"))
    shop.do(c.Start("lea", "a"), 70)
    shop.do(c.Undo("lea"))
    assert shop.ticket("a").phase is Phase.CALLED
    assert (shop.ticket("a").deadline or 0) > shop.now


def test_a_visit_is_rated_once() -> None:
    shop = Shop(on=("lea",))
    shop.join("a")
    shop.serve("lea", "a")
    shop.do(c.Finish("lea", "a"))
    shop.do(c.Rate("a", 5))
    assert shop.no(c.Rate("a", 1)).code is Code.ALREADY_RATED
