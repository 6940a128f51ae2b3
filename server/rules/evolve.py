"""``evolve(day, event)``: the state after one more event. No decisions here, only what the event says.

One small function per event, in the order of a visit; ``changes`` has the few ways to write the state.
"""

from collections.abc import Callable
from typing import Any

from server.rules import events as ev
from server.rules.changes import counted, freed, person_with, put, queued, tapped
from server.rules.dispatch import place
from server.rules.plan import DayPlan
from server.rules.state import DayPhase, Duty, Outcome, Phase, Salesperson, StoreDay, Ticket
from server.rules.waiting import Overtaking, Range

CALLS_SHOWN_MAX = 12
OVERTAKEN_KEPT_MAX = 4
CONTENT_KEPT_MAX = 50


def evolve(day: StoreDay, event: ev.Event) -> StoreDay:
    """The day after ``event``: version one higher, instant of the event. Events never fail to apply."""
    return _APPLY[type(event)](day, event)._replace(version=day.version + 1, at=event.at)


# --- the day ---------------------------------------------------------------------------------------------


def _day_opened(day: StoreDay, event: ev.DayOpened) -> StoreDay:
    return day._replace(plan=event.plan, phase=DayPhase.OPEN)


def _plan_changed(day: StoreDay, event: ev.PlanChanged) -> StoreDay:
    return day._replace(plan=event.plan, quotes={k: v for k, v in day.quotes.items() if k in event.plan.services})


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
    """The promise of a ticket that had none when joining is the first range it is shown, if that ends before closing."""
    if ticket.promise_s is not None or shown is None or ticket.step > 0:
        return ticket.promise_s
    promise_s = shown.as_of + shown.high_s - ticket.joined_at
    return promise_s if ticket.joined_at + promise_s <= day.plan.closes_at else None


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
    return person_with(_asked_again(day, person.id), person, duty=Duty.IDLE, since=event.at, pause=None, back_at=None, leaving=False)


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


# --- joining and waiting ---------------------------------------------------------------------------------


def _joined(day: StoreDay, event: ev.TicketJoined) -> StoreDay:
    ticket = Ticket(
        id=event.ticket, number=event.number, serial=event.serial, steps=event.steps, step=0, tier=event.tier,
        joined_at=event.at, ranked_at=event.ranked_at, queued_at=event.at, phase=Phase.WAITING, since=event.at,
        language=event.language, card=event.card, standing=event.standing, appointment_at=event.appointment_at,
        companions=event.companions, promise_s=event.promise_s,
    )  # fmt: skip
    letter = day.plan.services[event.steps[0]].letter
    day = day._replace(serial=event.serial, numbers={**day.numbers, letter: day.numbers.get(letter, 0) + 1})
    return put(counted(day, "joined"), queued(ticket, event.at))


def _balked(day: StoreDay, event: ev.ShopperBalked) -> StoreDay:
    return counted(day, "balked")


def _appointment_due(day: StoreDay, event: ev.AppointmentDue) -> StoreDay:
    return put(day, day.tickets[event.ticket]._replace(tier=event.tier, ranked_at=event.ranked_at, deadline=None))


def _stepped_away(day: StoreDay, event: ev.ShopperSteppedAway) -> StoreDay:
    ticket = day.tickets[event.ticket]
    day = freed(day, ticket.salesperson, event.at)
    return put(day, queued(ticket, event.at, phase=Phase.AWAY, deadline=event.until, aways=ticket.aways + 1))


def _returned(day: StoreDay, event: ev.ShopperReturned) -> StoreDay:
    ticket = day.tickets[event.ticket]
    return put(day, queued(ticket, event.at))


def _content_seen(day: StoreDay, event: ev.ContentSeen) -> StoreDay:
    ticket = day.tickets[event.ticket]
    return put(day, ticket._replace(seen=(*ticket.seen, event.item)[-CONTENT_KEPT_MAX:]))


def _rated(day: StoreDay, event: ev.VisitRated) -> StoreDay:
    ticket = day.ended.get(event.ticket)
    return day if ticket is None else day._replace(ended=day.ended.put(ticket._replace(stars=event.stars)))


# --- offers ----------------------------------------------------------------------------------------------


def _offered(day: StoreDay, event: ev.OfferMade) -> StoreDay:
    person, ticket = day.salespeople[event.salesperson], day.tickets[event.ticket]
    day = person_with(day, person, duty=Duty.OFFERED, since=event.at, ticket=event.ticket)
    return put(day, ticket._replace(phase=Phase.OFFERED, deadline=event.expires_at, salesperson=person.id))


def _offer_over(day: StoreDay, ticket_id: str, person_id: str, at: float, passed: bool, **changes: Any) -> StoreDay:
    """The ticket stands in line again and the salesperson is idle."""
    ticket = day.tickets[ticket_id]
    by = (*ticket.passed, person_id) if passed else ticket.passed
    day = put(day, queued(ticket, ticket.since, passed=by))
    return freed(day, person_id, at, **changes)


def _declined(day: StoreDay, event: ev.OfferDeclined) -> StoreDay:
    return _offer_over(day, event.ticket, event.salesperson, event.at, passed=True, ignored=0)


def _expired(day: StoreDay, event: ev.OfferExpired) -> StoreDay:
    ignored = day.salespeople[event.salesperson].ignored + 1
    return _offer_over(day, event.ticket, event.salesperson, event.at, passed=True, ignored=ignored)


def _withdrawn(day: StoreDay, event: ev.OfferWithdrawn) -> StoreDay:
    return _offer_over(day, event.ticket, event.salesperson, event.at, passed=False)


def _escalated(day: StoreDay, event: ev.OfferEscalated) -> StoreDay:
    again = event.again_at if day.offers_at is None else min(day.offers_at, event.again_at)
    return put(day._replace(offers_at=again), day.tickets[event.ticket]._replace(escalated=True))


def _reopened(day: StoreDay, event: ev.OffersReopened) -> StoreDay:
    tickets = {k: t._replace(escalated=False, passed=()) if t.escalated else t for k, t in day.tickets.items()}
    return day._replace(tickets=tickets, offers_at=None)


# --- calling and serving ---------------------------------------------------------------------------------


def _claimed(day: StoreDay, event: ev.TicketClaimed) -> StoreDay:
    ticket = day.tickets[event.ticket]
    day = tapped(day, "claim", event.at, ticket, event.salesperson, (Phase.CALLED, event.salesperson))
    person = day.salespeople[event.salesperson]
    day = person_with(day, person, duty=Duty.CALLING, since=event.at, ticket=ticket.id, ignored=0, ready_at=None)
    held = queued(ticket, event.at, phase=Phase.CALLED, salesperson=event.salesperson, passed=(), escalated=False)
    return _overtake(put(day, held), ticket.id, event.overtook)


def _overtake(day: StoreDay, winner: str, overtook: tuple[Overtaking, ...]) -> StoreDay:
    """Each passed shopper can be told why; being passed by somebody served elsewhere is nobody's concern."""
    concerned = {o.ticket: Overtaking(winner, o.reason) for o in overtook if o.reason not in ("skill", "wanted")}
    if not concerned:
        return day
    tickets = dict(day.tickets)
    for ticket_id, why in concerned.items():
        ticket = tickets[ticket_id]
        tickets[ticket_id] = ticket._replace(overtaken=(why, *ticket.overtaken)[:OVERTAKEN_KEPT_MAX])
    return day._replace(tickets=tickets)


def _called(day: StoreDay, event: ev.ShopperCalled) -> StoreDay:
    ticket = day.tickets[event.ticket]
    calls = (event.ticket, *(t for t in day.called if t != event.ticket))[:CALLS_SHOWN_MAX]
    day = day._replace(called=calls)
    return put(day, ticket._replace(called_at=event.at, deadline=event.recall_at, park_at=event.park_at))


def _recalled(day: StoreDay, event: ev.ShopperRecalled) -> StoreDay:
    ticket = day.tickets[event.ticket]
    calls = (event.ticket, *(t for t in day.called if t != event.ticket))[:CALLS_SHOWN_MAX]
    return put(
        day._replace(called=calls), ticket._replace(recalls=event.recalls, deadline=event.park_at, park_at=event.park_at, seen_at=None)
    )


def _call_seen(day: StoreDay, event: ev.CallSeen) -> StoreDay:
    return put(day, day.tickets[event.ticket]._replace(seen_at=event.at))


def _coming(day: StoreDay, event: ev.ShopperOnTheWay) -> StoreDay:
    ticket = day.tickets[event.ticket]
    park_at = max(ticket.park_at or event.at, event.at + day.plan.timings.hold_s)
    return put(day, ticket._replace(coming_at=event.at, seen_at=ticket.seen_at or event.at, deadline=park_at, park_at=park_at))


def _parked(day: StoreDay, event: ev.TicketParked) -> StoreDay:
    ticket = day.tickets[event.ticket]
    if event.by is not None:
        day = tapped(day, "no_show", event.at, ticket, event.by, (Phase.PARKED, None))
    day = freed(day, ticket.salesperson, event.at)
    return put(day, queued(ticket, event.at, phase=Phase.PARKED, deadline=event.until))


def _started(day: StoreDay, event: ev.VisitStarted) -> StoreDay:
    ticket = day.tickets[event.ticket]
    day = tapped(day, "start", event.at, ticket, event.salesperson, (Phase.SERVING, event.salesperson))
    day = person_with(day, day.salespeople[event.salesperson], duty=Duty.SERVING, since=event.at)
    doubt_at = event.at + day.plan.services[ticket.service].doubt_after_s
    return put(day, ticket._replace(phase=Phase.SERVING, since=event.at, started_at=event.at, deadline=doubt_at, park_at=None))


def _doubted(day: StoreDay, event: ev.FinishDoubted) -> StoreDay:
    return put(day, day.tickets[event.ticket]._replace(doubted=True, deadline=None))


def _confirmed(day: StoreDay, event: ev.ServingConfirmed) -> StoreDay:
    return put(day, day.tickets[event.ticket]._replace(doubted=False, deadline=event.doubt_at))


def _finished(day: StoreDay, event: ev.StepFinished) -> StoreDay:
    ticket = day.tickets[event.ticket]
    leaves = (Phase.WAITING, None) if event.steps else (Phase.ENDED, event.salesperson)
    day = tapped(day, "finish", event.at, ticket, event.salesperson, leaves)
    breather_s = day.plan.timings.breather_s
    served = day.salespeople[event.salesperson].served + 1
    day = freed(day, event.salesperson, event.at, served=served, ready_at=event.at + breather_s if breather_s else None)
    if not event.steps:
        done = ticket._replace(phase=Phase.ENDED, since=event.at, deadline=None, outcome=Outcome.ANSWERED, ended_at=event.finished_at)
        return counted(put(day, done), "answered")
    return put(day, _next_step(day.plan, ticket, event))


def _next_step(plan: DayPlan, ticket: Ticket, event: ev.StepFinished) -> Ticket:
    """The same visit waiting for its next service: its place follows the time of joining, nobody queues twice."""
    steps = (*ticket.steps[: ticket.step + 1], *event.steps)
    tier, ranked_at = place(plan, event.steps[0], ticket.joined_at, card=ticket.card, standing=ticket.standing, slot_at=None, now=event.at)
    return queued(
        ticket, event.at, steps=steps, step=ticket.step + 1, tier=tier, ranked_at=ranked_at, queued_at=event.finished_at,
        wanted=None, passed=(), escalated=False, shown=None,
    )  # fmt: skip


def _transferred(day: StoreDay, event: ev.TicketTransferred) -> StoreDay:
    ticket = day.tickets[event.ticket]
    if event.by is not None and ticket.salesperson == event.by:
        day = tapped(day, "transfer", event.at, ticket, event.by, (Phase.WAITING, None))
        day = freed(day, event.by, event.at)
    steps = (*ticket.steps[: ticket.step], event.service, *ticket.steps[ticket.step + 1 :])
    moved: dict[str, Any] = {"steps": steps, "wanted": event.to, "tier": event.tier, "ranked_at": event.ranked_at}
    ticket = ticket._replace(**moved, passed=(), escalated=False, shown=None)
    if ticket.phase in (Phase.AWAY, Phase.PARKED):
        return put(day, ticket)
    return put(day, queued(ticket, event.at))


def _handed_back(day: StoreDay, event: ev.TicketHandedBack) -> StoreDay:
    ticket = day.tickets[event.ticket]
    day = tapped(day, "hand_back", event.at, ticket, event.salesperson, (Phase.WAITING, None))
    day = freed(day, event.salesperson, event.at)
    return put(day, queued(ticket, event.at, passed=(event.salesperson,)))


def _ended(day: StoreDay, event: ev.TicketEnded) -> StoreDay:
    ticket = day.tickets[event.ticket]
    if event.by is not None and event.by in day.salespeople:
        day = tapped(day, "void", event.at, ticket, event.by, (Phase.ENDED, ticket.salesperson))
    day = freed(day, ticket.salesperson, event.at)
    outcome = Outcome(event.outcome)
    over = ticket._replace(phase=Phase.ENDED, since=event.at, deadline=None, outcome=outcome, ended_at=event.at, reason=event.reason)
    return counted(put(day, over), outcome.value)


def _undone(day: StoreDay, event: ev.TapUndone) -> StoreDay:
    person = day.salespeople[event.salesperson]
    tap, now = person.tap, day.ticket(event.ticket)
    if tap is None or now is None:
        return day
    if now.outcome is not None:
        day = counted(day._replace(ended=day.ended.drop(now)), now.outcome.value, -1)
    ticket, back = tap.ticket, tap.salesperson
    if tap.kind == "void" and ticket.salesperson != person.id:  # it was nobody's: the salesperson is as now
        back = person._replace(tap=None)
    if ticket.phase is Phase.CALLED and (ticket.deadline or 0.0) <= event.at:  # called anew, with time to come
        until = event.at + day.plan.timings.recall_after_s
        ticket = ticket._replace(deadline=until, park_at=until)
    if ticket.phase is Phase.OFFERED:  # an offer accepted by mistake is not made to the same person again
        ticket = queued(ticket, event.at, passed=(*ticket.passed, person.id))
        back = back._replace(duty=Duty.IDLE, since=event.at, ticket=None)
    return put(person_with(day, back), ticket._replace(shown=now.shown, seen=now.seen, stars=now.stars))


_APPLY: dict[type, Callable[[StoreDay, Any], StoreDay]] = {
    ev.DayOpened: _day_opened, ev.PlanChanged: _plan_changed, ev.DayClosed: _day_closed, ev.DayEnded: _day_ended,
    ev.SalespersonSignedOn: _signed_on, ev.PauseAsked: _pause_asked, ev.SalespersonPaused: _paused,
    ev.SalespersonResumed: _resumed, ev.SalespersonReady: _ready, ev.SignOffAsked: _sign_off_asked,
    ev.SalespersonSignedOff: _signed_off, ev.TicketJoined: _joined, ev.ShopperBalked: _balked,
    ev.AppointmentDue: _appointment_due, ev.OfferMade: _offered, ev.OfferDeclined: _declined, ev.OfferExpired: _expired,
    ev.OfferWithdrawn: _withdrawn, ev.OfferEscalated: _escalated, ev.OffersReopened: _reopened, ev.TicketClaimed: _claimed,
    ev.ShopperCalled: _called, ev.ShopperRecalled: _recalled, ev.CallSeen: _call_seen, ev.ShopperOnTheWay: _coming,
    ev.TicketParked: _parked, ev.ShopperSteppedAway: _stepped_away, ev.ShopperReturned: _returned,
    ev.VisitStarted: _started, ev.FinishDoubted: _doubted, ev.ServingConfirmed: _confirmed, ev.StepFinished: _finished,
    ev.TicketTransferred: _transferred, ev.TicketHandedBack: _handed_back, ev.TicketEnded: _ended, ev.TapUndone: _undone,
    ev.ContentSeen: _content_seen, ev.VisitRated: _rated, ev.WaitsShown: _waits_shown,
}  # fmt: skip
