"""Timers are state: what is due next, and what happens then.

``next_deadline`` tells any driver (the live clock, the twin, a fault simulator) when to send ``Tick``;
``Tick`` does everything that is due, in order of time. A tick that comes late (a machine that slept) does
not make shoppers pay for it: who is called late still gets the full time to come.
"""

from server.rules import commands as c
from server.rules import dispatch, early
from server.rules import events as ev
from server.rules.floor_rules import close, end
from server.rules.offers import expire
from server.rules.refusals import Code, Refusal
from server.rules.serving_rules import park, recall
from server.rules.state import DayPhase, Duty, Outcome, Phase, StoreDay, Ticket
from server.rules.turn import Turn, no


def next_deadline(day: StoreDay) -> float | None:
    """The instant at which the next ``Tick`` has something to do; None when nothing is pending."""
    due = [t.deadline for t in day.tickets.values() if t.deadline is not None]
    due += [p.ready_at for p in day.salespeople.values() if p.ready_at is not None]
    due += [p.back_at for p in day.salespeople.values() if p.back_at is not None and p.duty is Duty.PAUSED]
    if day.offers_at is not None:
        due.append(day.offers_at)
    if (invite := early.next_invitation(day)) is not None:
        due.append(invite.at)
    if day.phase is DayPhase.OPEN:
        due.append(day.plan.closes_at)
    elif day.phase is DayPhase.CLOSED:
        due.append(day.plan.ends_at)
    return min(due, default=None)


def tick(turn: Turn, command: c.Tick) -> Refusal | None:
    """Do everything that is due at ``turn.now``."""
    if turn.day.phase is DayPhase.NEW:
        return no(Code.STORE_NOT_OPEN)
    while due := _due(turn.day, turn.now):
        _act(turn, turn.day.tickets[min(due)[2]])
    for person in tuple(turn.day.salespeople.values()):
        if person.ready_at is not None and person.ready_at <= turn.now:
            turn.emit(ev.SalespersonReady(turn.now, person.id))
        if person.duty is Duty.PAUSED and person.back_at is not None and person.back_at <= turn.now:
            turn.emit(ev.SalespersonResumed(turn.now, person.id, by_clock=True))
    if turn.day.offers_at is not None and turn.day.offers_at <= turn.now:
        turn.emit(ev.OffersReopened(turn.now))
    early.invite(turn)
    _doors(turn)
    return None


def _due(day: StoreDay, now: float) -> list[tuple[float, int, str]]:
    return [(t.deadline, t.serial, t.id) for t in day.tickets.values() if t.deadline is not None and t.deadline <= now]


def _doors(turn: Turn) -> None:
    if turn.day.phase is DayPhase.OPEN and turn.day.plan.closes_at <= turn.now:
        close(turn)
    if turn.day.phase is DayPhase.CLOSED and turn.day.plan.ends_at <= turn.now:
        end(turn)


def _act(turn: Turn, ticket: Ticket) -> None:
    """What the clock does to one ticket; every branch moves its deadline, so that ``tick`` ends."""
    match ticket.phase:
        case Phase.OFFERED:
            expire(turn, ticket, turn.day.salespeople[ticket.salesperson or ""])
        case Phase.CALLED if ticket.recalls == 0 and turn.now < (ticket.park_at or 0.0):
            recall(turn, ticket, by_hand=False)
        case Phase.CALLED:
            park(turn, ticket, None)
        case Phase.AWAY:
            turn.emit(ev.ShopperReturned(turn.now, ticket.id, by_clock=True))
        case Phase.PARKED:
            turn.emit(ev.TicketEnded(turn.now, ticket.id, Outcome.VANISHED, "no_show", None))
        case Phase.SERVING:
            turn.emit(ev.FinishDoubted(turn.now, ticket.id, ticket.salesperson or ""))
        case _:
            _slot_has_come(turn, ticket)


def _slot_has_come(turn: Turn, ticket: Ticket) -> None:
    tier, ranked_at = dispatch.place(
        turn.day.plan, ticket.service, ticket.joined_at,
        card=ticket.card, standing=ticket.standing, slot_at=ticket.appointment_at, now=turn.now,
    )  # fmt: skip
    turn.emit(ev.AppointmentDue(turn.now, ticket.id, tier, ranked_at))
