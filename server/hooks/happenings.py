"""What webhooks tell, out of the journal's events: numbers and times, nobody's name.

Pure: the state before and after an event in, plain dicts out. Instants are ISO 8601, durations seconds.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from server.rules import events as ev
from server.rules.effects import DropFact, KeepFact, effects_of
from server.rules.state import Outcome, Phase, StoreDay, Ticket
from server.rules.views import iso


class Kind(StrEnum):
    """The kinds of happening that one can ask for."""

    ISSUED = "ticket.issued"
    CALLED = "ticket.called"
    ANSWERED = "ticket.answered"
    UNANSWERED = "ticket.unanswered"
    UNDONE = "ticket.undone"
    BROKEN = "promise.broken"
    ALARM = "alarm.raised"
    ALARM_OVER = "alarm.over"
    TEST = "test"


ABOUT: Final[Mapping[Kind, str]] = {
    Kind.ISSUED: "A shopper took a ticket.",
    Kind.CALLED: "A shopper was called.",
    Kind.ANSWERED: "A step of a visit is over; `last` tells whether the visit is.",
    Kind.UNANSWERED: "A shopper left unanswered: `left`, `vanished`, `closed`, or `balked` without ever taking a ticket.",
    Kind.UNDONE: "The end of a step was taken back a moment later: forget what was told of it.",
    Kind.BROKEN: "The wait told at joining has run out and nobody has turned to the shopper.",
    Kind.ALARM: "The wait will pass the limit, see `crosses_at`, and what one more person would change.",
    Kind.ALARM_OVER: "That alarm has ended.",
    Kind.TEST: "Somebody pressed the test button.",
}
GRACE_S: Final = 30.0  # past the promise before it counts as broken, as the phone's own words have it
Body = dict[str, Any]


def happenings_of(before: StoreDay, event: ev.Event, after: StoreDay) -> list[tuple[Kind, Body]]:
    """What one event is to the outside; nothing for most."""
    match event:
        case ev.TicketJoined():
            return [(Kind.ISSUED, _ticket(after.tickets[event.ticket]) | {"promise_s": event.promise_s})]
        case ev.ShopperCalled():
            ticket = after.tickets[event.ticket]
            return [(Kind.CALLED, _ticket(ticket) | {"wait_s": _s(event.at - ticket.queued_at), "desk": event.desk})]
        case ev.VisitStarted():
            ticket = after.tickets[event.ticket]
            return [(Kind.BROKEN, broken(ticket, event.at))] if is_broken(ticket, event.at) else []
        case ev.ShopperBalked():
            return [(Kind.UNANSWERED, {"outcome": "balked", "service": event.service, "shown_s": event.wait_s})]
    return [told for effect in effects_of(before, event, after) if (told := _ended(effect, after)) is not None]


def _ended(effect: Any, after: StoreDay) -> tuple[Kind, Body] | None:
    match effect:
        case KeepFact(outcome=Outcome.VOID):
            return None
        case KeepFact(outcome=Outcome.ANSWERED):
            ticket = after.ticket(effect.ticket)
            wait = None if effect.called_at is None else _s(effect.called_at - effect.joined_at)
            took = None if effect.started_at is None or effect.finished_at is None else _s(effect.finished_at - effect.started_at)
            last = ticket is None or ticket.phase is Phase.ENDED
            return Kind.ANSWERED, _fact(effect) | {"wait_s": wait, "service_s": took, "last": last, "estimated": effect.estimated}
        case KeepFact():
            gone = effect.left_at or effect.joined_at
            return Kind.UNANSWERED, _fact(effect) | {"outcome": str(effect.outcome), "wait_s": _s(gone - effect.joined_at)}
        case DropFact():
            ticket = after.ticket(effect.ticket)
            return Kind.UNDONE, {"ticket": effect.ticket, "number": ticket.number if ticket else None, "step": effect.step}
    return None


def is_broken(ticket: Ticket, at: float) -> bool:
    """Whether the promise of a ticket, which is of its first step, has run out at ``at`` with the shopper not served before."""
    return ticket.step == 0 and ticket.promise_s is not None and at > ticket.joined_at + ticket.promise_s + GRACE_S


def broken(ticket: Ticket, at: float) -> Body:
    """A promise that was not kept, as of ``at``."""
    return _ticket(ticket) | {"promise_s": ticket.promise_s, "waited_s": _s(at - ticket.joined_at)}


def _ticket(ticket: Ticket) -> Body:
    return {
        "ticket": ticket.id, "number": ticket.number, "service": ticket.service, "step": ticket.step + 1,
        "joined_at": iso(ticket.joined_at), "card": ticket.card, "appointment_at": iso(ticket.appointment_at),
    }  # fmt: skip


def _fact(fact: KeepFact) -> Body:
    return {"ticket": fact.ticket, "number": fact.number, "service": fact.service, "step": fact.step, "joined_at": iso(fact.joined_at)}


def _s(seconds: float) -> float:
    return round(max(0.0, seconds), 1)
