"""Decisions about what a shopper asks: join, balk, step away, come back, leave, change, rate."""

from collections.abc import Callable
from typing import Any

from server.rules import commands as c
from server.rules import dispatch
from server.rules import events as ev
from server.rules.floor_rules import after_visit
from server.rules.offers import withdraw
from server.rules.refusals import Code, Refusal
from server.rules.state import DayPhase, Outcome, Phase, StoreDay, Ticket
from server.rules.turn import Turn, no, open_ticket

STEPS_MAX = 6
COMPANIONS_MAX = 20
CONTENT_ID_MAX = 64
REASON_MAX = 32
SLIP_DIGITS, SLIP_FIRST = 4, "9"
_HELD = (Phase.OFFERED, Phase.CALLED)


def _join(turn: Turn, command: c.Join) -> Refusal | None:
    day, now = turn.day, turn.now
    if refused := _doors(day, now) or _bad_join(day, command) or _bad_slot(day, command, now) or _room(day, command, now):
        return refused
    slot_at = command.appointment_at
    if slot_at is not None and now > slot_at + day.plan.timings.appointment_late_s:
        slot_at = None
    tier, ranked_at = dispatch.place(day.plan, command.service, now, card=command.card, standing=command.standing, slot_at=slot_at, now=now)
    like_anybody = not command.card and command.standing is None and slot_at is None
    quote = day.quotes.get(command.service) if like_anybody and day.quoted == day.serial else None
    joined = ev.TicketJoined(
        at=now, ticket=command.ticket, number=_number(day, command, now), serial=day.serial + 1,
        steps=(command.service, *command.steps), language=command.language, card=command.card, standing=command.standing,
        appointment_at=slot_at, companions=command.companions, tier=tier, ranked_at=ranked_at,
        promise_s=quote.high_s if quote else None,
    )  # fmt: skip
    turn.emit(joined)
    return None


def _number(day: StoreDay, command: c.Join, now: float) -> str:
    """A number that can be read aloud, unique in the day: the service's letter and three digits or more.

    Numbers given out by kiosks have four digits beginning with 9, so that they never meet those counted here.
    """
    letter = day.plan.services[command.service].letter
    if command.slip and command.slip_at is not None and now >= command.slip_at and _free_slip(day, command.slip, letter):
        return command.slip
    return f"{letter}-{day.numbers.get(letter, 0) + 1:03d}"


def _free_slip(day: StoreDay, slip: str, letter: str) -> bool:
    """Whether a kiosk may have given this number out: of its kind, and nobody has it today."""
    ours = slip.removeprefix(f"{letter}-")
    shaped = ours != slip and len(ours) == SLIP_DIGITS and ours.isdecimal() and ours[0] == SLIP_FIRST
    return shaped and all(ticket.number != slip for shelf in (day.tickets.values(), day.ended) for ticket in shelf)


def _doors(day: StoreDay, now: float) -> Refusal | None:
    """Whether anybody can join now."""
    if day.phase is DayPhase.NEW or now < day.plan.opens_at:
        return no(Code.STORE_NOT_OPEN, opens_at=day.plan.opens_at)
    if day.phase is not DayPhase.OPEN or now >= day.plan.closes_at:
        return no(Code.STORE_CLOSED, closes_at=day.plan.closes_at)
    return None


def _bad_join(day: StoreDay, command: c.Join) -> Refusal | None:
    for service in (command.service, *command.steps):
        if service not in day.plan.services:
            return no(Code.UNKNOWN_SERVICE, service=service)
    if command.standing is not None and command.standing not in day.plan.classes:
        return no(Code.UNKNOWN_CLASS, standing=command.standing)
    if len(command.steps) >= STEPS_MAX:
        return no(Code.BAD_VALUE, field="steps", most=STEPS_MAX)
    if not 0 <= command.companions <= COMPANIONS_MAX:
        return no(Code.BAD_VALUE, field="companions", most=COMPANIONS_MAX)
    return no(Code.DUPLICATE_TICKET) if day.ticket(command.ticket) else None


def _bad_slot(day: StoreDay, command: c.Join, now: float) -> Refusal | None:
    slot_at, early_s = command.appointment_at, day.plan.timings.appointment_early_s
    if slot_at is not None and now < slot_at - early_s:
        return no(Code.APPOINTMENT_TOO_EARLY, come_at=slot_at - early_s)
    return None


def _room(day: StoreDay, command: c.Join, now: float) -> Refusal | None:
    """Nobody is given a place that cannot be honoured: the line is full, or closing time comes first."""
    if len(day.tickets) >= day.plan.open_max:
        return no(Code.STORE_FULL, most=day.plan.open_max)
    quote, closes_at, timings = day.quotes.get(command.service), day.plan.closes_at, day.plan.timings
    too_late = now >= closes_at - timings.last_ticket_s > day.plan.opens_at
    too_long = quote is not None and now + quote.high_s > closes_at + timings.overtime_s and not command.card
    if too_late or too_long:
        return no(Code.CLOSING_SOON, closes_at=closes_at, wait_s=quote.high_s if quote else 0.0)
    return None


def _balk(turn: Turn, command: c.Balk) -> Refusal | None:
    if refused := _doors(turn.day, turn.now):
        return refused
    if command.service not in turn.day.plan.services:
        return no(Code.UNKNOWN_SERVICE, service=command.service)
    quote = turn.day.quotes.get(command.service)
    turn.emit(ev.ShopperBalked(turn.now, command.service, command.reason[:REASON_MAX], quote.high_s if quote else None))
    return None


def _leave(turn: Turn, command: c.Leave) -> Refusal | None:
    ticket = open_ticket(turn.day, command.ticket)
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.phase is Phase.SERVING:
        return no(Code.WRONG_PHASE, phase=ticket.phase.value)
    _let_go(turn, ticket, "left")
    turn.emit(ev.TicketEnded(turn.now, ticket.id, Outcome.LEFT, command.reason[:REASON_MAX], None))
    _holder_free(turn, ticket)
    return None


def _let_go(turn: Turn, ticket: Ticket, reason: str) -> None:
    if ticket.phase is Phase.OFFERED:
        withdraw(turn, ticket, reason)


def _holder_free(turn: Turn, ticket: Ticket) -> None:
    if ticket.phase is Phase.CALLED and ticket.salesperson:
        after_visit(turn, ticket.salesperson)


def _step_away(turn: Turn, command: c.StepAway) -> Refusal | None:
    ticket, timings = open_ticket(turn.day, command.ticket), turn.day.plan.timings
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.phase not in (Phase.WAITING, *_HELD):
        return no(Code.WRONG_PHASE, phase=ticket.phase.value)
    if ticket.aways >= timings.aways_max:
        return no(Code.AWAY_LIMIT, most=timings.aways_max)
    if not 0 < command.minutes * 60 <= timings.away_max_s:
        return no(Code.BAD_VALUE, field="minutes", most=timings.away_max_s / 60)
    _let_go(turn, ticket, "away")
    turn.emit(ev.ShopperSteppedAway(turn.now, ticket.id, turn.now + command.minutes * 60))
    _holder_free(turn, ticket)
    return None


def _come_back(turn: Turn, command: c.ComeBack) -> Refusal | None:
    ticket = open_ticket(turn.day, command.ticket)
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.phase not in (Phase.AWAY, Phase.PARKED):
        return no(Code.WRONG_PHASE, phase=ticket.phase.value)
    turn.emit(ev.ShopperReturned(turn.now, ticket.id, by_clock=False))
    return None


def _acknowledge(turn: Turn, command: c.AcknowledgeCall) -> Refusal | None:
    ticket = _called(turn, command.ticket)
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.seen_at is None:
        turn.emit(ev.CallSeen(turn.now, ticket.id))
    return None


def _on_my_way(turn: Turn, command: c.SayOnMyWay) -> Refusal | None:
    ticket = _called(turn, command.ticket)
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.coming_at is None:
        turn.emit(ev.ShopperOnTheWay(turn.now, ticket.id))
    return None


def _called(turn: Turn, ticket_id: str) -> Ticket | Refusal:
    ticket = open_ticket(turn.day, ticket_id)
    if isinstance(ticket, Ticket) and ticket.phase is not Phase.CALLED:
        return no(Code.WRONG_PHASE, phase=ticket.phase.value)
    return ticket


def _change_service(turn: Turn, command: c.ChangeService) -> Refusal | None:
    ticket = open_ticket(turn.day, command.ticket)
    if isinstance(ticket, Refusal):
        return ticket
    if command.service not in turn.day.plan.services:
        return no(Code.UNKNOWN_SERVICE, service=command.service)
    if ticket.phase in (Phase.CALLED, Phase.SERVING):
        return no(Code.WRONG_PHASE, phase=ticket.phase.value)
    _let_go(turn, ticket, "changed")
    move(turn, ticket, command.service, to=None, by=None)
    return None


def move(turn: Turn, ticket: Ticket, service: str, to: str | None, by: str | None) -> None:
    """Put a ticket in another line; its place there follows the time of joining."""
    slot_at = ticket.appointment_at if ticket.step == 0 else None
    tier, ranked_at = dispatch.place(
        turn.day.plan, service, ticket.joined_at, card=ticket.card, standing=ticket.standing, slot_at=slot_at, now=turn.now
    )
    turn.emit(ev.TicketTransferred(turn.now, ticket.id, by, service, to, tier, ranked_at))


def _see_content(turn: Turn, command: c.SeeContent) -> Refusal | None:
    ticket = open_ticket(turn.day, command.ticket)
    if isinstance(ticket, Refusal):
        return ticket
    if not 0 < len(command.item) <= CONTENT_ID_MAX:
        return no(Code.BAD_VALUE, field="item", most=CONTENT_ID_MAX)
    if command.item not in ticket.seen:
        turn.emit(ev.ContentSeen(turn.now, ticket.id, command.item))
    return None


def _rate(turn: Turn, command: c.Rate) -> Refusal | None:
    ticket = turn.day.ticket(command.ticket)
    if ticket is None:
        return no(Code.UNKNOWN_TICKET)
    if ticket.phase is not Phase.ENDED:
        return no(Code.WRONG_PHASE, phase=ticket.phase.value)
    if command.stars not in (1, 2, 3, 4, 5):
        return no(Code.BAD_VALUE, field="stars", most=5)
    if ticket.stars is not None:
        return no(Code.ALREADY_RATED)
    turn.emit(ev.VisitRated(turn.now, ticket.id, command.stars))
    return None


RULES: dict[type, Callable[[Turn, Any], Refusal | None]] = {
    c.Join: _join, c.Balk: _balk, c.Leave: _leave, c.StepAway: _step_away, c.ComeBack: _come_back,
    c.AcknowledgeCall: _acknowledge, c.SayOnMyWay: _on_my_way, c.ChangeService: _change_service,
    c.SeeContent: _see_content, c.Rate: _rate,
}  # fmt: skip
