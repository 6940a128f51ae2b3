"""The early call: where the way is long, the next shopper is asked to come closer before a salesperson is free.

A salesperson who serves is expected to be free once the visit has lasted as long as such visits usually do. The first
shopper they could take then is invited that much earlier as the way takes, and the store's margin more, so that neither waits
for the other. It is no call: the place in line, the order, and who serves whom stay as they are.
"""

from typing import NamedTuple

from server.rules import dispatch
from server.rules import events as ev
from server.rules.state import Duty, Salesperson, StoreDay
from server.rules.turn import Turn


class Invitation(NamedTuple):
    """``ticket`` should be asked at ``at`` to come closer: ``salesperson`` will be free at about ``free_at``."""

    at: float
    free_at: float
    ticket: str
    salesperson: str


def next_invitation(day: StoreDay) -> Invitation | None:
    """The next shopper to invite, and when; None when nobody needs to."""
    return min(_invitations(day), default=None) if _far(day) else None


def invite(turn: Turn) -> None:
    """Ask everybody whose time it is to come closer."""
    while (due := next_invitation(turn.day)) is not None and due.at <= turn.now:
        walking_s = turn.day.plan.services[turn.day.tickets[due.ticket].service].walking_s
        turn.emit(ev.ShopperInvited(turn.now, due.ticket, due.salesperson, due.free_at, walking_s))


def _far(day: StoreDay) -> bool:
    """Whether there is a service whose shoppers have a long way, and somebody waits at all."""
    least_s = day.plan.timings.early_from_s
    return bool(day.lines) and any(service.walking_s >= least_s > 0 for service in day.plan.services.values())


def _invitations(day: StoreDay) -> list[Invitation]:
    """Who will be free soonest takes the first in the order they can serve, and so on; those not yet invited of these."""
    timings, found, taken = day.plan.timings, list[Invitation](), set[str]()
    for free_at, _, person in sorted((_free_at(day, p), p.id, p) for p in day.salespeople.with_duty(Duty.SERVING)):
        following = () if person.pause is not None or person.leaving else dispatch.waiting_for(day, person)
        ticket = next((t for t in following if t.id not in taken), None)
        if ticket is None:
            continue
        taken.add(ticket.id)
        walking_s = day.plan.services[ticket.service].walking_s
        if ticket.invited_at is None and walking_s >= timings.early_from_s:
            found.append(Invitation(free_at - walking_s - timings.early_s, free_at, ticket.id, person.id))
    return found


def _free_at(day: StoreDay, person: Salesperson) -> float:
    """When the visit in hand will have lasted as long as usual."""
    held = day.tickets[person.ticket or ""]
    return (held.started_at if held.started_at is not None else person.since) + day.plan.services[held.service].typical_s
