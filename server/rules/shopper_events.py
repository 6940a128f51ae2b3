"""What a waiting shopper's ticket is after an event: joined, away, back, due, content, stars."""

from collections.abc import Callable
from typing import Any

from server.rules import events as ev
from server.rules.changes import counted, freed, put, queued
from server.rules.state import Phase, StoreDay, Ticket

CONTENT_KEPT_MAX = 50


def _joined(day: StoreDay, event: ev.TicketJoined) -> StoreDay:
    ticket = Ticket(
        id=event.ticket, number=event.number, serial=event.serial, steps=event.steps, step=0, tier=event.tier,
        joined_at=event.at, ranked_at=event.ranked_at, queued_at=event.at, phase=Phase.WAITING, since=event.at,
        language=event.language, card=event.card, standing=event.standing, appointment_at=event.appointment_at,
        companions=event.companions, promise_s=event.promise_s,
    )  # fmt: skip
    letter = day.plan.services[event.steps[0]].letter
    counted_here = day.numbers.get(letter, 0) + 1
    if event.number == f"{letter}-{counted_here:03d}":  # a number that a kiosk gave out is not one of this count
        day = day._replace(numbers={**day.numbers, letter: counted_here})
    day = day._replace(serial=event.serial)
    return put(counted(day, "joined"), queued(ticket, event.at))


def _balked(day: StoreDay, event: ev.ShopperBalked) -> StoreDay:
    return counted(day, "balked")


def _appointment_due(day: StoreDay, event: ev.AppointmentDue) -> StoreDay:
    return put(day, day.tickets[event.ticket]._replace(tier=event.tier, ranked_at=event.ranked_at, deadline=None))


def _invited(day: StoreDay, event: ev.ShopperInvited) -> StoreDay:
    return put(day, day.tickets[event.ticket]._replace(invited_at=event.at))


def _stepped_away(day: StoreDay, event: ev.ShopperSteppedAway) -> StoreDay:
    ticket = day.tickets[event.ticket]
    day = freed(day, ticket.salesperson, event.at)
    return put(day, queued(ticket, event.at, phase=Phase.AWAY, deadline=event.until, aways=ticket.aways + 1, invited_at=None))


def _returned(day: StoreDay, event: ev.ShopperReturned) -> StoreDay:
    ticket = day.tickets[event.ticket]
    return put(day, queued(ticket, event.at))


def _content_seen(day: StoreDay, event: ev.ContentSeen) -> StoreDay:
    ticket = day.tickets[event.ticket]
    return put(day, ticket._replace(seen=(*ticket.seen, event.item)[-CONTENT_KEPT_MAX:]))


def _rated(day: StoreDay, event: ev.VisitRated) -> StoreDay:
    ticket = day.ended.get(event.ticket)
    return day if ticket is None else day._replace(ended=day.ended.put(ticket._replace(stars=event.stars)))


APPLY: dict[type, Callable[[StoreDay, Any], StoreDay]] = {
    ev.TicketJoined: _joined,
    ev.ShopperBalked: _balked,
    ev.AppointmentDue: _appointment_due,
    ev.ShopperInvited: _invited,
    ev.ShopperSteppedAway: _stepped_away,
    ev.ShopperReturned: _returned,
    ev.ContentSeen: _content_seen,
    ev.VisitRated: _rated,
}
