"""What the sender of a command is told: pure, so that a repeated command can be given the very same answer."""

from collections.abc import Sequence
from typing import Any

from server.rules import commands as c
from server.rules import events as ev
from server.rules.state import StoreDay
from server.rules.views import phone_view


def answer(command: c.Command, day: StoreDay, events: Sequence[ev.Event]) -> dict[str, Any]:
    """The body of a successful answer, true at ``seq``; ``day`` is the state the answer speaks of.

    A join gets its number and first view; whatever a shopper asks gets their view; a salesperson's tap
    gets the ticket it concerned, if any.
    """
    match command:
        case c.Join(ticket=ticket):
            view = phone_view(day, ticket, day.at)
            return {"seq": day.version, "ticket": ticket, "number": view["number"], "view": view}
        case (
            c.Leave(ticket=ticket) | c.StepAway(ticket=ticket) | c.ComeBack(ticket=ticket) | c.AcknowledgeCall(ticket=ticket)
            | c.SayOnMyWay(ticket=ticket) | c.ChangeService(ticket=ticket) | c.SeeContent(ticket=ticket) | c.Rate(ticket=ticket)
        ):  # fmt: skip
            return {"seq": day.version, "view": phone_view(day, ticket, day.at)}
        case c.ClaimNext() | c.Undo():
            return {"seq": day.version, **_concerned(day, events)}
    ticket_id = getattr(command, "ticket", None)
    ticket_now = day.ticket(ticket_id) if ticket_id else None
    return {"seq": day.version, **({"ticket": ticket_now.id, "number": ticket_now.number} if ticket_now else {})}


def _concerned(day: StoreDay, events: Sequence[ev.Event]) -> dict[str, str]:
    """The ticket claimed, or brought back by an undo."""
    for event in events:
        if isinstance(event, ev.TicketClaimed | ev.TapUndone):
            ticket = day.ticket(event.ticket)
            return {"ticket": event.ticket, "number": ticket.number} if ticket else {}
    return {}
