"""Decisions about what a salesperson taps: accept, claim, call, start, finish, pass on, take back."""

from collections.abc import Callable
from typing import Any

from server.rules import commands as c
from server.rules import dispatch
from server.rules import events as ev
from server.rules.floor_rules import after_visit, finish_forgotten, free_of_offer, on_duty
from server.rules.offers import withdraw
from server.rules.refusals import Code, Refusal
from server.rules.shopper_rules import REASON_MAX, STEPS_MAX, move
from server.rules.state import Duty, Outcome, Phase, Salesperson, StoreDay, Ticket
from server.rules.turn import Turn, known_person, no, open_ticket

_IN_HAND = (Phase.CALLED, Phase.SERVING)
_CLAIMABLE = (Phase.WAITING, Phase.OFFERED, Phase.AWAY, Phase.PARKED)


# --- taking a ticket -------------------------------------------------------------------------------------


def _accept(turn: Turn, command: c.Accept) -> Refusal | None:
    ticket = _offer_to(turn, command.salesperson, command.ticket)
    if isinstance(ticket, Refusal):
        return ticket
    take(turn, turn.day.salespeople[command.salesperson], ticket)
    return None


def _decline(turn: Turn, command: c.Decline) -> Refusal | None:
    ticket = _offer_to(turn, command.salesperson, command.ticket)
    if isinstance(ticket, Refusal):
        return ticket
    if not command.reason.strip():
        return no(Code.BAD_VALUE, field="reason")
    turn.emit(ev.OfferDeclined(turn.now, ticket.id, command.salesperson, command.reason[:REASON_MAX]))
    return None


def _offer_to(turn: Turn, person_id: str, ticket_id: str) -> Ticket | Refusal:
    """The ticket, if it is being offered to this salesperson."""
    ticket = open_ticket(turn.day, ticket_id)
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.phase is Phase.OFFERED and ticket.salesperson == person_id:
        return ticket
    return _taken(turn.day, ticket) if ticket.phase in _IN_HAND else no(Code.NO_SUCH_OFFER, number=ticket.number)


def _claim_next(turn: Turn, command: c.ClaimNext) -> Refusal | None:
    person = _ready(turn, command.salesperson)
    if isinstance(person, Refusal):
        return person
    offered = turn.day.tickets[person.ticket] if person.duty is Duty.OFFERED and person.ticket else None
    ticket = offered or dispatch.next_ticket(turn.day, person)
    if ticket is None:
        return no(Code.NOBODY_WAITING)
    take(turn, person, ticket)
    return None


def _claim(turn: Turn, command: c.Claim) -> Refusal | None:
    ticket = open_ticket(turn.day, command.ticket)
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.phase not in _CLAIMABLE:
        return _taken(turn.day, ticket)
    person = _ready(turn, command.salesperson)
    if isinstance(person, Refusal):
        return person
    if not dispatch.eligible(person.id, person.skills, ticket.service, ticket.wanted):
        return no(Code.WRONG_SKILL, service=ticket.service, number=ticket.number)
    if refused := _may_not_pick(turn.day, person, ticket):
        return refused
    take(turn, person, ticket)
    return None


def _may_not_pick(day: StoreDay, person: Salesperson, ticket: Ticket) -> Refusal | None:
    """Nobody is picked before a priority card (the law), and out of order only where the store allows it."""
    first = dispatch.next_ticket(day, person)
    if first is not None and first.card and not ticket.card:
        return no(Code.CARD_FIRST, number=first.number)
    if day.plan.pick_allowed or ticket.escalated or ticket.salesperson == person.id or ticket == first:
        return None
    return no(Code.PICKING_NOT_ALLOWED, number=ticket.number)


def _taken(day: StoreDay, ticket: Ticket) -> Refusal:
    """Somebody was quicker, and who."""
    holder = day.salespeople[ticket.salesperson or ""]
    return no(Code.ALREADY_CLAIMED, number=ticket.number, by=holder.name, salesperson=holder.id)


def _ready(turn: Turn, person_id: str) -> Salesperson | Refusal:
    """The salesperson, if free to take somebody; a visit past its usual length and never finished is closed."""
    person = on_duty(turn, person_id)
    if isinstance(person, Refusal):
        return person
    if person.duty is Duty.PAUSED:
        return no(Code.ON_BREAK)
    held = turn.day.tickets.get(person.ticket or "")
    if held is not None and held.phase is Phase.SERVING and held.doubted:
        finish_forgotten(turn, person, held.steps[held.step + 1 :])
        return turn.day.salespeople[person_id]
    if person.duty in (Duty.CALLING, Duty.SERVING):
        return no(Code.ALREADY_BUSY, number=turn.day.tickets[person.ticket or ""].number)
    return person


def take(turn: Turn, person: Salesperson, ticket: Ticket) -> None:
    """Claim and call: any offer of the ticket, or to the person, is over."""
    if ticket.salesperson != person.id:
        withdraw(turn, ticket, "claimed")
        free_of_offer(turn, person, "busy")
    turn.emit(ev.TicketClaimed(turn.now, ticket.id, person.id, dispatch.overtakings(turn.day, person, ticket)))
    timings = turn.day.plan.timings
    recall_at, park_at = turn.now + timings.recall_after_s, turn.now + timings.hold_s
    turn.emit(ev.ShopperCalled(turn.now, ticket.id, person.id, person.desk, min(recall_at, park_at), park_at))


# --- the ticket in hand ----------------------------------------------------------------------------------


def _in_hand(turn: Turn, person_id: str, ticket_id: str, *phases: Phase) -> Ticket | Refusal:
    """The ticket, if this salesperson holds it and it is in one of the phases."""
    person, ticket = known_person(turn.day, person_id), open_ticket(turn.day, ticket_id)
    if isinstance(person, Refusal):
        return person
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.phase in _IN_HAND and ticket.salesperson != person_id:
        return no(Code.NOT_YOURS, number=ticket.number, by=turn.day.salespeople[ticket.salesperson or ""].name)
    if ticket.phase not in phases:
        return no(Code.WRONG_PHASE, phase=ticket.phase.value, number=ticket.number)
    return ticket


def _recall(turn: Turn, command: c.Recall) -> Refusal | None:
    ticket, timings = _in_hand(turn, command.salesperson, command.ticket, Phase.CALLED), turn.day.plan.timings
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.recalls >= timings.recalls_max:
        return no(Code.RECALL_LIMIT, most=timings.recalls_max)
    recall(turn, ticket, by_hand=True)
    return None


def recall(turn: Turn, ticket: Ticket, *, by_hand: bool) -> None:
    """Call once more, leaving the shopper time to come after it."""
    timings = turn.day.plan.timings
    park_at = max(ticket.park_at or 0.0, turn.now + timings.hold_s - timings.recall_after_s)
    turn.emit(ev.ShopperRecalled(turn.now, ticket.id, ticket.recalls + 1, by_hand, park_at))


def _start(turn: Turn, command: c.Start) -> Refusal | None:
    ticket = _in_hand(turn, command.salesperson, command.ticket, Phase.CALLED)
    if isinstance(ticket, Refusal):
        return ticket
    turn.emit(ev.VisitStarted(turn.now, ticket.id, command.salesperson))
    return None


def _finish(turn: Turn, command: c.Finish) -> Refusal | None:
    ticket = _in_hand(turn, command.salesperson, command.ticket, Phase.SERVING)
    if isinstance(ticket, Refusal):
        return ticket
    steps = ticket.steps[ticket.step + 1 :] if command.steps is None else command.steps
    if unknown := [s for s in steps if s not in turn.day.plan.services]:
        return no(Code.UNKNOWN_SERVICE, service=unknown[0])
    if ticket.step + len(steps) >= STEPS_MAX:
        return no(Code.BAD_VALUE, field="steps", most=STEPS_MAX)
    turn.emit(ev.StepFinished(turn.now, ticket.id, command.salesperson, turn.now, False, steps))
    after_visit(turn, command.salesperson)
    return None


def _confirm(turn: Turn, command: c.ConfirmServing) -> Refusal | None:
    ticket = _in_hand(turn, command.salesperson, command.ticket, Phase.SERVING)
    if isinstance(ticket, Refusal):
        return ticket
    again_s = turn.day.plan.services[ticket.service].doubt_after_s / 2
    turn.emit(ev.ServingConfirmed(turn.now, ticket.id, command.salesperson, turn.now + again_s))
    return None


def _transfer(turn: Turn, command: c.Transfer) -> Refusal | None:
    ticket = _in_hand(turn, command.salesperson, command.ticket, *_IN_HAND)
    if isinstance(ticket, Refusal):
        return ticket
    service = ticket.service if command.service is None else command.service
    if refused := _bad_transfer(turn, command, service):
        return refused
    if ticket.phase is Phase.SERVING:
        return _pass_on(turn, command, ticket, service)
    move(turn, ticket, service, command.to, command.salesperson)
    after_visit(turn, command.salesperson)
    return None


def _bad_transfer(turn: Turn, command: c.Transfer, service: str) -> Refusal | None:
    if service not in turn.day.plan.services:
        return no(Code.UNKNOWN_SERVICE, service=service)
    if command.to is None:
        return no(Code.BAD_VALUE, field="service") if command.service is None else None
    if command.to == command.salesperson:
        return no(Code.BAD_VALUE, field="to")
    colleague = on_duty(turn, command.to)
    return colleague if isinstance(colleague, Refusal) else None


def _pass_on(turn: Turn, command: c.Transfer, ticket: Ticket, service: str) -> Refusal | None:
    """Mid-visit, what was served so far counts as a step, and the visit goes on elsewhere."""
    if len(ticket.steps) >= STEPS_MAX:
        return no(Code.BAD_VALUE, field="steps", most=STEPS_MAX)
    rest = (service, *ticket.steps[ticket.step + 1 :])
    turn.emit(ev.StepFinished(turn.now, ticket.id, command.salesperson, turn.now, False, rest))
    if command.to is not None:
        move(turn, turn.day.tickets[ticket.id], service, command.to, None)
    after_visit(turn, command.salesperson)
    return None


def _hand_back(turn: Turn, command: c.HandBack) -> Refusal | None:
    ticket = _in_hand(turn, command.salesperson, command.ticket, *_IN_HAND)
    if isinstance(ticket, Refusal):
        return ticket
    turn.emit(ev.TicketHandedBack(turn.now, ticket.id, command.salesperson))
    after_visit(turn, command.salesperson)
    return None


def _no_show(turn: Turn, command: c.MarkNoShow) -> Refusal | None:
    ticket = _in_hand(turn, command.salesperson, command.ticket, Phase.CALLED)
    if isinstance(ticket, Refusal):
        return ticket
    park(turn, ticket, command.salesperson)
    return None


def park(turn: Turn, ticket: Ticket, by: str | None) -> None:
    """Nobody came: keep the ticket aside, and let the salesperson go on."""
    turn.emit(ev.TicketParked(turn.now, ticket.id, by, turn.now + turn.day.plan.timings.park_s))
    if ticket.salesperson:
        after_visit(turn, ticket.salesperson)


def _void(turn: Turn, command: c.Void) -> Refusal | None:
    ticket = open_ticket(turn.day, command.ticket)
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.phase in _IN_HAND and ticket.salesperson != command.salesperson:
        return _taken(turn.day, ticket)
    if ticket.phase is Phase.OFFERED:
        withdraw(turn, ticket, "void")
    turn.emit(ev.TicketEnded(turn.now, ticket.id, Outcome.VOID, command.reason[:REASON_MAX], command.salesperson))
    if ticket.phase in _IN_HAND and ticket.salesperson:
        after_visit(turn, ticket.salesperson)
    return None


def _undo(turn: Turn, command: c.Undo) -> Refusal | None:
    """Only what nobody has built on: the ticket must be as the tap left it, the salesperson free or with it."""
    person = known_person(turn.day, command.salesperson)
    if isinstance(person, Refusal):
        return person
    tap = person.tap
    ticket = turn.day.ticket(tap.ticket.id) if tap else None
    if tap is None or ticket is None or turn.now > tap.until or tap.leaves != _left_as(ticket):
        return no(Code.NOTHING_TO_UNDO)
    if person.duty in (Duty.CALLING, Duty.SERVING) and person.ticket != ticket.id:
        return no(Code.NOTHING_TO_UNDO)
    free_of_offer(turn, person, "undo")
    if ticket.phase is Phase.OFFERED:
        withdraw(turn, turn.day.tickets[ticket.id], "undo")
    turn.emit(ev.TapUndone(turn.now, ticket.id, person.id, tap.kind))
    return None


def _left_as(ticket: Ticket) -> tuple[Phase, str | None]:
    """Phase and holder of a ticket; one that is only being offered is still waiting."""
    return (Phase.WAITING, None) if ticket.phase is Phase.OFFERED else (ticket.phase, ticket.salesperson)


RULES: dict[type, Callable[[Turn, Any], Refusal | None]] = {
    c.Accept: _accept, c.Decline: _decline, c.ClaimNext: _claim_next, c.Claim: _claim, c.Recall: _recall, c.Start: _start,
    c.Finish: _finish, c.ConfirmServing: _confirm, c.Transfer: _transfer, c.HandBack: _hand_back, c.MarkNoShow: _no_show,
    c.Void: _void, c.Undo: _undo,
}  # fmt: skip
