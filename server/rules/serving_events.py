"""What ticket and salesperson are after an event between the two: offered, called, served, passed on, taken back."""

from collections.abc import Callable
from typing import Any

from server.rules import events as ev
from server.rules.changes import counted, freed, person_with, put, queued, tapped
from server.rules.dispatch import place
from server.rules.plan import DayPlan
from server.rules.state import Duty, Outcome, Phase, StoreDay, Ticket
from server.rules.waiting import Overtaking

CALLS_SHOWN_MAX = 12
OVERTAKEN_KEPT_MAX = 4


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
    day = tapped(day, "decline", event.at, day.tickets[event.ticket], event.salesperson, (Phase.WAITING, None))
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
        wanted=None, passed=(), escalated=False, shown=None, invited_at=None,
    )  # fmt: skip


def _transferred(day: StoreDay, event: ev.TicketTransferred) -> StoreDay:
    ticket = day.tickets[event.ticket]
    if event.by is not None and ticket.salesperson == event.by:
        day = tapped(day, "transfer", event.at, ticket, event.by, (Phase.WAITING, None))
        day = freed(day, event.by, event.at)
    steps = (*ticket.steps[: ticket.step], event.service, *ticket.steps[ticket.step + 1 :])
    moved: dict[str, Any] = {"steps": steps, "wanted": event.to, "tier": event.tier, "ranked_at": event.ranked_at}
    ticket = ticket._replace(**moved, passed=(), escalated=False, shown=None, invited_at=None)
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
    if ticket.phase is Phase.OFFERED:  # an offer accepted by mistake is not made to the same person again, one declined by mistake is
        ticket = queued(ticket, event.at, passed=ticket.passed if tap.kind == "decline" else (*ticket.passed, person.id))
        back = back._replace(duty=Duty.IDLE, since=event.at, ticket=None)
    return put(person_with(day, back), ticket._replace(shown=now.shown, seen=now.seen, stars=now.stars))


APPLY: dict[type, Callable[[StoreDay, Any], StoreDay]] = {
    ev.OfferMade: _offered,
    ev.OfferDeclined: _declined,
    ev.OfferExpired: _expired,
    ev.OfferWithdrawn: _withdrawn,
    ev.OfferEscalated: _escalated,
    ev.OffersReopened: _reopened,
    ev.TicketClaimed: _claimed,
    ev.ShopperCalled: _called,
    ev.ShopperRecalled: _recalled,
    ev.CallSeen: _call_seen,
    ev.ShopperOnTheWay: _coming,
    ev.TicketParked: _parked,
    ev.VisitStarted: _started,
    ev.FinishDoubted: _doubted,
    ev.ServingConfirmed: _confirmed,
    ev.StepFinished: _finished,
    ev.TicketTransferred: _transferred,
    ev.TicketHandedBack: _handed_back,
    ev.TicketEnded: _ended,
    ev.TapUndone: _undone,
}
