"""Writing one ticket, salesperson or count into the day: the few ways the state ever changes.

Tickets are written through ``put``, which keeps the lines in step with the tickets' phases and keys, so
a line is right by construction: it holds exactly the waiting tickets.
"""

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from server.rules.dispatch import APPOINTMENT_TIER, line_of
from server.rules.state import Duty, Key, Phase, Salesperson, StoreDay, Tap, Ticket

_UNCALLED: dict[str, Any] = {
    "phase": Phase.WAITING, "deadline": None, "salesperson": None, "called_at": None, "park_at": None,
    "seen_at": None, "coming_at": None, "started_at": None, "doubted": False, "recalls": 0,
}  # fmt: skip


def _standing(ticket: Ticket | None) -> tuple[str, Key] | None:
    """Line and key of a ticket that stands in a line."""
    return (line_of(ticket), ticket.key) if ticket is not None and ticket.phase is Phase.WAITING else None


def put(day: StoreDay, ticket: Ticket) -> StoreDay:
    """The day with this ticket, open or ended, and its line brought up to date."""
    was, now = _standing(day.tickets.get(ticket.id)), _standing(ticket)
    lines = day.lines if was == now else _moved(day.lines, was, now)
    if ticket.phase is not Phase.ENDED:
        return day._replace(lines=lines, tickets={**day.tickets, ticket.id: ticket})
    still_open = dict(day.tickets)
    still_open.pop(ticket.id, None)
    return day._replace(lines=lines, tickets=still_open, ended=day.ended.put(ticket))


def _moved(lines: Mapping[str, tuple[Key, ...]], was: tuple[str, Key] | None, now: tuple[str, Key] | None) -> Mapping[str, tuple[Key, ...]]:
    """The lines without the place that ``was``, and with the one that is ``now``; an empty line is none."""
    moved = dict(lines)
    if was:
        name, key = was
        line = moved.pop(name)
        place = bisect_left(line, key)
        if len(line) > 1:
            moved[name] = line[:place] + line[place + 1 :]
    if now:
        name, key = now
        line = moved.get(name, ())
        place = bisect_left(line, key)
        moved[name] = (*line[:place], key, *line[place:])
    return moved


def person_with(day: StoreDay, person: Salesperson, **changes: Any) -> StoreDay:
    """The day with this salesperson, changed."""
    return day._replace(salespeople=day.salespeople.put(person._replace(**changes)))


def queued(ticket: Ticket, at: float, **changes: Any) -> Ticket:
    """The ticket waiting in line (or in the phase given), with nothing left of an earlier call."""
    ticket = ticket._replace(**{**_UNCALLED, "since": at, **changes})
    if ticket.appointment_at is None or ticket.phase is not Phase.WAITING:
        return ticket
    return ticket._replace(deadline=_slot_deadline(ticket))


def _slot_deadline(ticket: Ticket) -> float | None:
    """When an appointment that counts moves up to its tier; None once it has, or when there is none."""
    pending = ticket.step == 0 and not ticket.card and ticket.tier != APPOINTMENT_TIER
    return ticket.appointment_at if pending else None


def freed(day: StoreDay, person_id: str | None, at: float, **changes: Any) -> StoreDay:
    """The day with this salesperson idle again, if anybody."""
    if person_id is None:
        return day
    person = day.salespeople[person_id]
    return person_with(day, person, duty=Duty.IDLE, since=at, ticket=None, **changes)


def tapped(day: StoreDay, kind: str, event_at: float, ticket: Ticket, by: str, leaves: tuple[Phase, str | None]) -> StoreDay:
    """Remember what a tap is about to change, so that it can be taken back for a few seconds."""
    person = day.salespeople[by]
    tap = Tap(kind, event_at + day.plan.timings.undo_s, ticket, person._replace(tap=None), leaves)
    return person_with(day, person, tap=tap)


def counted(day: StoreDay, name: str, by: int = 1) -> StoreDay:
    """The day with one more (or ``by`` more) in this count."""
    return day._replace(counts=day.counts._replace(**{name: getattr(day.counts, name) + by}))
