"""What the day and its salespeople are after an event about them."""

from collections.abc import Callable
from typing import Any

from server.rules import events as ev
from server.rules.changes import person_with, put
from server.rules.state import DayPhase, Duty, Salesperson, StoreDay, Ticket
from server.rules.waiting import Range

# --- the day ---------------------------------------------------------------------------------------------


def _day_opened(day: StoreDay, event: ev.DayOpened) -> StoreDay:
    return day._replace(plan=event.plan, phase=DayPhase.OPEN)


def _plan_changed(day: StoreDay, event: ev.PlanChanged) -> StoreDay:
    """Places in line stay as they are; skills and names hold at once; a store that the clock had closed may open again."""
    plan, reopened = event.plan, day.plan.closes_at <= event.at < event.plan.closes_at
    for id, person in day.salespeople.items():
        if (planned := plan.salespeople.get(id)) is not None and planned != day.plan.salespeople.get(id):
            day = person_with(day, person, name=planned.name, skills=planned.skills, order=planned.order)
    phase = DayPhase.OPEN if day.phase is DayPhase.CLOSED and reopened else day.phase
    return day._replace(plan=plan, phase=phase, quotes={k: v for k, v in day.quotes.items() if k in plan.services})


def _day_closed(day: StoreDay, event: ev.DayClosed) -> StoreDay:
    return day._replace(phase=DayPhase.CLOSED, quotes={})


def _day_ended(day: StoreDay, event: ev.DayEnded) -> StoreDay:
    return day._replace(phase=DayPhase.ENDED, offers_at=None)


def _waits_shown(day: StoreDay, event: ev.WaitsShown) -> StoreDay:
    tickets = dict(day.tickets)
    for ticket_id, shown in event.tickets.items():
        ticket = tickets[ticket_id]
        tickets[ticket_id] = ticket._replace(shown=shown, promise_s=_promise_s(day, ticket, shown))
    quotes = {service: quote for service, quote in {**day.quotes, **event.services}.items() if quote is not None}
    return day._replace(tickets=tickets, quotes=quotes, quoted=day.serial)


def _promise_s(day: StoreDay, ticket: Ticket, shown: Range | None) -> float | None:
    """The promise of a ticket that had none when joining is the first range it is shown, if that ends before closing (and overtime)."""
    if ticket.promise_s is not None or shown is None or ticket.step > 0:
        return ticket.promise_s
    promise_s = shown.as_of + shown.high_s - ticket.joined_at
    return promise_s if ticket.joined_at + promise_s <= day.plan.closes_at + day.plan.timings.overtime_s else None


# --- salespeople -----------------------------------------------------------------------------------------


def _signed_on(day: StoreDay, event: ev.SalespersonSignedOn) -> StoreDay:
    planned = day.plan.salespeople[event.salesperson]
    served = day.salespeople[event.salesperson].served if event.salesperson in day.salespeople else 0
    person = Salesperson(planned.id, planned.name, event.skills, event.desk, Duty.IDLE, event.at, served=served, order=planned.order)
    return person_with(_asked_again(day, event.salesperson), person)


def _asked_again(day: StoreDay, person_id: str) -> StoreDay:
    """Somebody who comes (back) on duty may be offered what they had passed before."""
    tickets = {k: t._replace(passed=tuple(p for p in t.passed if p != person_id)) for k, t in day.tickets.items() if person_id in t.passed}
    return day._replace(tickets={**day.tickets, **tickets}) if tickets else day


def _pause_asked(day: StoreDay, event: ev.PauseAsked) -> StoreDay:
    return person_with(day, day.salespeople[event.salesperson], pause=event.reason, back_at=event.back_at)


def _paused(day: StoreDay, event: ev.SalespersonPaused) -> StoreDay:
    person = day.salespeople[event.salesperson]
    return person_with(
        day, person, duty=Duty.PAUSED, since=event.at, ticket=None, pause=event.reason, back_at=event.back_at, ready_at=None, ignored=0
    )


def _resumed(day: StoreDay, event: ev.SalespersonResumed) -> StoreDay:
    person = day.salespeople[event.salesperson]
    if person.duty is not Duty.PAUSED:
        return person_with(day, person, pause=None, back_at=None, leaving=False)
    return_s = day.plan.timings.return_s if event.by_clock else 0.0
    back: dict[str, Any] = {"duty": Duty.IDLE, "since": event.at, "ready_at": event.at + return_s if return_s else None}
    return person_with(_asked_again(day, person.id), person, **back, pause=None, back_at=None, leaving=False)


def _ready(day: StoreDay, event: ev.SalespersonReady) -> StoreDay:
    return person_with(day, day.salespeople[event.salesperson], ready_at=None)


def _sign_off_asked(day: StoreDay, event: ev.SignOffAsked) -> StoreDay:
    return person_with(day, day.salespeople[event.salesperson], leaving=True)


def _signed_off(day: StoreDay, event: ev.SalespersonSignedOff) -> StoreDay:
    person = day.salespeople[event.salesperson]
    for ticket in day.tickets.values():
        if ticket.wanted == person.id:
            day = put(day, ticket._replace(wanted=None))
    off = Salesperson(person.id, person.name, person.skills, person.desk, Duty.OFF, event.at, served=person.served, order=person.order)
    return person_with(day, off)


APPLY: dict[type, Callable[[StoreDay, Any], StoreDay]] = {
    ev.DayOpened: _day_opened,
    ev.PlanChanged: _plan_changed,
    ev.DayClosed: _day_closed,
    ev.DayEnded: _day_ended,
    ev.SalespersonSignedOn: _signed_on,
    ev.PauseAsked: _pause_asked,
    ev.SalespersonPaused: _paused,
    ev.SalespersonResumed: _resumed,
    ev.SalespersonReady: _ready,
    ev.SignOffAsked: _sign_off_asked,
    ev.SalespersonSignedOff: _signed_off,
    ev.WaitsShown: _waits_shown,
}
