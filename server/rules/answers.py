"""What the sender of a command is told: pure, so that a repeated command can be given the very same answer."""

from collections.abc import Sequence
from typing import Any

from server.rules import commands as c
from server.rules import events as ev
from server.rules.state import StoreDay
from server.rules.views import phone_view

SHOPPERS = frozenset({
    c.Leave, c.StepAway, c.ComeBack, c.AcknowledgeCall, c.SayOnMyWay, c.ChangeService, c.SeeContent, c.Rate,
})  # fmt: skip
"""What a shopper asks of their own ticket."""


def answer(command: c.Command, day: StoreDay, events: Sequence[ev.Event]) -> dict[str, Any]:
    """The body of a successful answer, true at ``seq``; ``day`` is the state the answer speaks of.

    A join gets its number and first view; whatever a shopper asks gets their view; a salesperson's tap
    gets the ticket it concerned, if any.
    """
    if isinstance(command, c.ClaimNext | c.Undo):
        return {"seq": day.version, **_concerned(day, events)}
    ticket_id = getattr(command, "ticket", None)
    if type(command) in SHOPPERS:
        return {"seq": day.version, "view": phone_view(day, ticket_id or "", day.at)}
    if isinstance(command, c.Join):
        view = phone_view(day, command.ticket, day.at)
        return {"seq": day.version, "ticket": command.ticket, "number": view["number"], "view": view}
    ticket_now = day.ticket(ticket_id) if ticket_id else None
    return {"seq": day.version, **({"ticket": ticket_now.id, "number": ticket_now.number} if ticket_now else {})}


def _concerned(day: StoreDay, events: Sequence[ev.Event]) -> dict[str, str]:
    """The ticket claimed, or brought back by an undo."""
    for event in events:
        if isinstance(event, ev.TicketClaimed | ev.TapUndone):
            ticket = day.ticket(event.ticket)
            return {"ticket": event.ticket, "number": ticket.number} if ticket else {}
    return {}
