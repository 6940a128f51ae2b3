"""What the outside world must be told: data, never a call.

Effects are a function of the event and of the state after it. The driver stores them with the events in
one transaction and delivers them at least once; ``key`` makes a repeat harmless.
"""

from dataclasses import dataclass

from server.rules import events as ev
from server.rules.state import Outcome, Phase, StoreDay, Ticket


@dataclass(frozen=True, slots=True)
class Ring:
    """Make the shopper's phone (and the board) call: salesperson and place. ``tries`` counts from 1."""

    ticket: str
    salesperson: str
    desk: str
    tries: int


@dataclass(frozen=True, slots=True)
class OfferPing:
    """Tell a salesperson who may not be looking that a ticket is offered until ``expires_at``."""

    ticket: str
    salesperson: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class PrintSlip:
    """A kiosk may print this ticket."""

    ticket: str
    number: str


@dataclass(frozen=True, slots=True)
class KeepFact:
    """One finished step, for the store's own statistics; a repeat of (ticket, step) replaces the row."""

    ticket: str
    number: str
    step: int
    service: str
    priority: str
    joined_at: float
    called_at: float | None
    started_at: float | None
    finished_at: float | None
    left_at: float | None
    outcome: str
    salesperson: str | None
    estimated: bool
    promise_s: float | None


@dataclass(frozen=True, slots=True)
class DropFact:
    """The finish was taken back: the step is open again."""

    ticket: str
    step: int


@dataclass(frozen=True, slots=True)
class EraseContact:
    """The visit is over: what the shopper told us about themselves goes, after the store's delay."""

    ticket: str


Effect = Ring | OfferPing | PrintSlip | KeepFact | DropFact | EraseContact

WITH_EFFECTS = frozenset({
    ev.TicketJoined, ev.OfferMade, ev.ShopperCalled, ev.ShopperRecalled, ev.StepFinished, ev.TicketEnded, ev.TapUndone,
})  # fmt: skip
"""The events that have any: most have none, and asking this first is ten times cheaper."""


def effects_of(before: StoreDay, event: ev.Event, after: StoreDay) -> tuple[Effect, ...]:
    """The effects of one event, in order; none for most."""
    match event:
        case ev.TicketJoined():
            return (PrintSlip(event.ticket, event.number),)
        case ev.OfferMade():
            return (OfferPing(event.ticket, event.salesperson, event.expires_at),)
        case ev.ShopperCalled():
            return (Ring(event.ticket, event.salesperson, event.desk, 1),)
        case ev.ShopperRecalled():
            ticket = after.tickets[event.ticket]
            person = after.salespeople[ticket.salesperson or ""]
            return (Ring(ticket.id, person.id, person.desk, 1 + event.recalls),)
        case ev.StepFinished():
            kept = _finished(before.tickets[event.ticket], event)
            return (kept,) if event.steps else (kept, EraseContact(event.ticket))
        case ev.TicketEnded():
            return (_unfinished(before.tickets[event.ticket], event), EraseContact(event.ticket))
        case ev.TapUndone():
            return _undone(before, event, after)
    return ()


def _fact(ticket: Ticket, outcome: str, finished_at: float | None, left_at: float | None, estimated: bool) -> KeepFact:
    return KeepFact(
        ticket=ticket.id, number=ticket.number, step=ticket.step + 1, service=ticket.service,
        priority="card" if ticket.card else ticket.standing or "", joined_at=ticket.queued_at, called_at=ticket.called_at,
        started_at=ticket.started_at, finished_at=finished_at, left_at=left_at, outcome=outcome,
        salesperson=ticket.salesperson, estimated=estimated, promise_s=ticket.promise_s if ticket.step == 0 else None,
    )  # fmt: skip


def _finished(ticket: Ticket, event: ev.StepFinished) -> KeepFact:
    return _fact(ticket, Outcome.ANSWERED, event.finished_at, None, event.estimated)


def _unfinished(ticket: Ticket, event: ev.TicketEnded) -> KeepFact:
    return _fact(ticket, event.outcome, None, event.at, estimated=False)


def _undone(before: StoreDay, event: ev.TapUndone, after: StoreDay) -> tuple[Effect, ...]:
    """Facts the undone tap had produced are withdrawn: the step it ended is open again."""
    ticket = after.tickets[event.ticket]
    was = before.ticket(event.ticket)
    reopened = was is not None and (was.phase is Phase.ENDED or was.step != ticket.step)
    return (DropFact(event.ticket, ticket.step + 1),) if reopened else ()
