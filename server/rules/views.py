"""What each screen shows: pure functions of the state, ready for JSON, with the sequence number they are true at.

A view holds facts, never sentences: screens put them in words and in the viewer's language. Instants are
ISO 8601 in UTC; durations end in ``_s``. Nothing in a view depends on the clock, so the view pushed at
sequence number n is the view fetched at n.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, wraps
from typing import Any, TypeVar

from server.rules import dispatch
from server.rules.state import Duty, Phase, Salesperson, StoreDay, Ticket
from server.rules.waiting import Range

View = dict[str, Any]
Part = TypeVar("Part")

ROWS_MAX = 40
FLOOR_ROWS_MAX = 100
CALLS_MAX = 5
NEXT_MAX = 8
REMEMBERED_MAX = 20_000  # tickets of which a part of a view is kept
WAITS = frozenset({Phase.WAITING, Phase.OFFERED, Phase.AWAY})


def remembered(part: Callable[[Ticket], Part]) -> Callable[[Ticket], Part]:
    """What a ticket alone decides, made once for each state of the ticket: most events change another one."""
    kept: dict[str, tuple[Ticket, Part]] = {}

    @wraps(part)
    def of(ticket: Ticket) -> Part:
        known = kept.get(ticket.id)
        if known is None or known[0] is not ticket:
            if len(kept) >= REMEMBERED_MAX:
                kept.clear()
            known = kept[ticket.id] = (ticket, part(ticket))
        return known[1]

    return of


@lru_cache(4096)  # the same few instants stand in the views of everybody who waits
def iso(at: float | None) -> str | None:
    """The instant in ISO 8601, UTC, milliseconds; None stays None."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def range_view(shown: Range | None) -> View | None:
    """A range as screens get it."""
    if shown is None:
        return None
    return {"low_s": shown.low_s, "high_s": shown.high_s, "as_of": iso(shown.as_of), "why": shown.why}


def head(day: StoreDay) -> View:
    """What every view begins with."""
    return {"seq": day.version, "at": iso(day.at), "store": day.plan.store}


def phone_view(day: StoreDay, ticket_id: str, now: float) -> View:
    """The shopper's own ticket, under 1 KB. Raises KeyError for a ticket this day does not know."""
    ticket = day.ticket(ticket_id)
    if ticket is None:
        raise KeyError(ticket_id)
    return {**head(day), **of_ticket(ticket), **Around(day).of(ticket)}


def of_ticket(ticket: Ticket) -> View:
    """The part of a phone's view that its ticket alone decides."""
    waits = ticket.phase in WAITS
    return {
        "number": ticket.number, "phase": _public(ticket.phase), "service": ticket.service, "language": ticket.language,
        "steps": _steps(ticket), "range": range_view(ticket.shown) if waits else None,
        "promise_s": ticket.promise_s, "joined_at": iso(ticket.joined_at), "card": ticket.card,
        "appointment_at": iso(ticket.appointment_at), "until": _until(ticket), "overtaken": _overtaken(ticket),
        "outcome": ticket.outcome and ticket.outcome.value, "reason": ticket.reason, "stars": ticket.stars,
        "waited_s": _waited_s(ticket), "seen": list(ticket.seen[-8:]), "closer": iso(ticket.invited_at) if waits else None,
    }  # fmt: skip


class Around:
    """The rest of a phone's view, what others move, for all phones of a day: what those of one line share is worked out once."""

    def __init__(self, day: StoreDay) -> None:
        self._day = day
        self._places: dict[str, dispatch.Standing] = {}  # of everybody who stands in a line that was asked for
        self._lines: set[str] = set()
        self._serving: dict[str, int] = {}

    def of(self, ticket: Ticket) -> View:
        """What this ticket's phone shows of it."""
        day, waits = self._day, ticket.phase in WAITS
        ahead, others, serving, behind, moment, aways_left = self.counts(ticket)
        return {
            "ahead": ahead, "others": others, "serving": serving, "behind": behind, "moment": moment,
            "call": None if waits else _call(day, ticket), "by": None if waits else _by(day, ticket), "aways_left": aways_left,
        }  # fmt: skip

    def counts(self, ticket: Ticket) -> tuple[int, int, int, int, str, int]:
        """(ahead, others, serving, behind, moment, aways_left): of somebody who waits all that ``of`` has, for call and by are None."""
        waits, aways_left = ticket.phase in WAITS, self._day.plan.timings.aways_max - ticket.aways
        ahead, others, behind = self._place(ticket) if waits else (0, 0, 0)
        return ahead, others, self._served(ticket.service), behind, _moment(ticket, ahead + others), aways_left

    def sign(self, ticket: Ticket) -> object:
        """Equal signs, equal views: of somebody who waits, all that ``of`` looks at. None for others, whose views move rarely."""
        if ticket.phase not in WAITS:
            return None
        if (line := dispatch.line_of(ticket)) not in self._lines:
            self._lines.add(line)
            self._places.update(dispatch.standings(self._day, ticket))
        return ticket, self._place(ticket), self._served(ticket.service), self._day.plan.timings.aways_max

    def _served(self, service: str) -> int:
        if service not in self._serving:
            self._serving[service] = dispatch.serving(self._day, service)
        return self._serving[service]

    def _place(self, ticket: Ticket) -> dispatch.Standing:
        return self._places.get(ticket.id) or dispatch.standing(self._day, ticket)  # who is away stands in no line


def _public(phase: Phase) -> str:
    """An offer is between the server and a salesperson; the shopper is waiting."""
    return Phase.WAITING.value if phase is Phase.OFFERED else phase.value


def _until(ticket: Ticket) -> str | None:
    """When somebody who is away, or did not come, loses the place."""
    return iso(ticket.deadline) if ticket.phase in (Phase.AWAY, Phase.PARKED) else None


def _steps(ticket: Ticket) -> list[View]:
    over = ticket.phase is Phase.ENDED
    return [
        {"service": s, "state": "done" if n < ticket.step or over else "now" if n == ticket.step else "next"}
        for n, s in enumerate(ticket.steps)
    ]


def _moment(ticket: Ticket, ahead: int) -> str:
    if ticket.phase in (Phase.WAITING, Phase.OFFERED):
        return "next" if ahead == 0 else "two_ahead" if ahead <= 2 else "wait"
    return ticket.phase.value


def _call(day: StoreDay, ticket: Ticket) -> View | None:
    if ticket.phase is not Phase.CALLED or ticket.salesperson is None:
        return None
    person = day.salespeople[ticket.salesperson]
    return {
        "name": person.name, "desk": person.desk, "at": iso(ticket.called_at), "seen": ticket.seen_at is not None,
        "coming": ticket.coming_at is not None, "recalls": ticket.recalls, "park_at": iso(ticket.park_at),
    }  # fmt: skip


def _by(day: StoreDay, ticket: Ticket) -> View | None:
    if ticket.phase not in (Phase.SERVING, Phase.ENDED) or (person := day.salespeople.get(ticket.salesperson or "")) is None:
        return None
    return {"name": person.name, "desk": person.desk}


def _overtaken(ticket: Ticket) -> View | None:
    return {"count": len(ticket.overtaken), "reason": ticket.overtaken[0].reason} if ticket.overtaken else None


def _waited_s(ticket: Ticket) -> float | None:
    """From joining to the start of the visit's last served step's wait, or to the end when there was none."""
    until = ticket.started_at if ticket.started_at is not None else ticket.ended_at
    return None if until is None else round(until - ticket.queued_at, 1)


# --- the store's own screens -----------------------------------------------------------------------------


def kiosk_view(day: StoreDay, now: float) -> View:
    """What somebody who has not joined may know: the services and the wait of each."""
    return {
        **head(day), "day": day.plan.day, "phase": day.phase.value, "opens_at": iso(day.plan.opens_at),
        "closes_at": iso(day.plan.closes_at), "languages": list(day.plan.languages), "classes": sorted(day.plan.classes),
        "services": [
            {"id": s.id, "labels": s.labels, "icon": s.icon, "letter": s.letter, "waiting": _waiting(day, s.id),
             "people": _people(day, s.id), "range": range_view(day.quotes.get(s.id))}
            for s in day.plan.services.values()
        ],
    }  # fmt: skip


def _waiting(day: StoreDay, service: str) -> int:
    return sum(1 for t in day.tickets.values() if t.phase in (Phase.WAITING, Phase.OFFERED) and t.service == service)


def _people(day: StoreDay, service: str) -> int:
    """How many serve this service and are here, on a break or not."""
    return sum(1 for p in day.salespeople.values() if p.duty is not Duty.OFF and service in p.skills)


def board_view(day: StoreDay, now: float) -> View:
    """The public screen: who is called where, who was, who is next."""
    shown = [t for key in day.called if (t := day.ticket(key)) is not None]
    calls = [t for t in shown if t.phase is Phase.CALLED][:CALLS_MAX]
    recent = [t for t in shown if t.phase is not Phase.CALLED and t.salesperson][:CALLS_MAX]
    following = [t.number for t in dispatch.all_waiting(day)[:NEXT_MAX]]
    return {
        **head(day), "phase": day.phase.value, "calls": [_board_call(day, t) for t in calls],
        "recent": [{"number": t.number, **_who(day.salespeople.get(t.salesperson or ""))} for t in recent], "next": following,
        "services": [
            {"id": s.id, "labels": s.labels, "waiting": _waiting(day, s.id), "range": range_view(day.quotes.get(s.id))}
            for s in day.plan.services.values()
        ],
    }  # fmt: skip


def _who(person: Salesperson | None) -> View:
    return {"name": person.name if person else "", "desk": person.desk if person else ""}


def _board_call(day: StoreDay, ticket: Ticket) -> View:
    return {
        "number": ticket.number, **_who(day.salespeople.get(ticket.salesperson or "")), "service": ticket.service,
        "language": ticket.language, "at": iso(ticket.called_at), "recalls": ticket.recalls, "coming": ticket.coming_at is not None,
    }  # fmt: skip


# --- the people of the store -----------------------------------------------------------------------------


def staff_view(day: StoreDay, person_id: str, now: float) -> View:
    """A salesperson's screen. Somebody not yet on duty today sees the line too."""
    lead, waiting, rest = staff_parts(day, person_id)
    return {**head(day), **lead, "waiting": [{**of_row(t), "mine": mine, "place": n} for t, mine, n in waiting], **rest}


def staff_parts(day: StoreDay, person_id: str) -> tuple[View, list[tuple[Ticket, bool, int]], View]:
    """A salesperson's screen in three: before the line, the line as (ticket, mine, place in the one order), and after it."""
    person = day.salespeople.get(person_id) or _absent(day, person_id)
    held = day.tickets.get(person.ticket) if person.ticket else None
    offered = held if person.duty is Duty.OFFERED else None
    rows = [(t, dispatch.eligible(person_id, person.skills, t.service, t.wanted), n) for n, t in enumerate(dispatch.all_waiting(day), 1)]
    aside = (t for t in day.tickets.values() if t.phase in (Phase.PARKED, Phase.AWAY))
    lead = {
        "phase": day.phase.value, "mode": day.plan.mode, "pick_allowed": day.plan.pick_allowed,
        "me": _me(person), "card": _card(held) if held and not offered else None,
        "offer": {**_card(offered), "expires_at": iso(offered.deadline)} if offered else None,
    }  # fmt: skip
    rest = {
        "waiting_total": len(rows), "parked": [_row(day, t, person) for t in aside][:ROWS_MAX],
        "colleagues": [_colleague(p) for p in day.salespeople.values() if p.id != person_id],
        "undo": _undo(person), "services": [{"id": s.id, "labels": s.labels} for s in day.plan.services.values()],
    }  # fmt: skip
    return lead, sorted(rows, key=lambda row: not row[1])[:ROWS_MAX], rest


def _absent(day: StoreDay, person_id: str) -> Salesperson:
    planned = day.plan.salespeople.get(person_id)
    return Salesperson(person_id, planned.name, planned.skills, planned.desk) if planned else Salesperson(person_id, person_id, (), "")


def _me(person: Salesperson) -> View:
    return {
        "id": person.id, "name": person.name, "desk": person.desk, "skills": list(person.skills), "duty": person.duty.value,
        "since": iso(person.since), "pause": person.pause, "back_at": iso(person.back_at), "leaving": person.leaving,
        "served": person.served, "ready_at": iso(person.ready_at),
    }  # fmt: skip


def _colleague(person: Salesperson) -> View:
    return {"id": person.id, "name": person.name, "desk": person.desk, "duty": person.duty.value, "skills": list(person.skills)}


def _undo(person: Salesperson) -> View | None:
    return {"tap": person.tap.kind, "until": iso(person.tap.until), "number": person.tap.ticket.number} if person.tap else None


def _promise_at(ticket: Ticket) -> str | None:
    """When the promise made at joining runs out; it speaks of the visit's first step only."""
    return None if ticket.promise_s is None or ticket.step > 0 else iso(ticket.joined_at + ticket.promise_s)


def _card(ticket: Ticket) -> View:
    return {
        "ticket": ticket.id, "number": ticket.number, "phase": ticket.phase.value, "service": ticket.service, "steps": _steps(ticket),
        "language": ticket.language, "card": ticket.card, "standing": ticket.standing, "companions": ticket.companions,
        "appointment_at": iso(ticket.appointment_at), "joined_at": iso(ticket.joined_at), "promise_at": _promise_at(ticket),
        "called_at": iso(ticket.called_at), "seen": ticket.seen_at is not None, "coming": ticket.coming_at is not None,
        "recalls": ticket.recalls, "park_at": iso(ticket.park_at), "started_at": iso(ticket.started_at), "doubted": ticket.doubted,
        "content": list(ticket.seen), "name": None,
    }  # fmt: skip


def _row(day: StoreDay, ticket: Ticket, person: Salesperson | None, place: int | None = None) -> View:
    """A line of a list; ``place`` counts from 1 in the one order of all who wait."""
    mine = person is not None and dispatch.eligible(person.id, person.skills, ticket.service, ticket.wanted)
    return {**_remembered_row(ticket), "mine": mine, "place": place}


def of_row(ticket: Ticket) -> View:
    """The part of a line of a list that its ticket alone decides."""
    return {
        "ticket": ticket.id, "number": ticket.number, "phase": ticket.phase.value, "service": ticket.service, "language": ticket.language,
        "card": ticket.card, "standing": ticket.standing, "appointment_at": iso(ticket.appointment_at), "joined_at": iso(ticket.joined_at),
        "promise_at": _promise_at(ticket), "range": range_view(ticket.shown), "wanted": ticket.wanted,
        "escalated": ticket.escalated, "closer": ticket.invited_at is not None, "until": _until(ticket),
    }  # fmt: skip


_remembered_row = remembered(of_row)


def floor_view(day: StoreDay, now: float) -> View:
    """The manager's floor: everything open, and the accounts so far."""
    people = list(day.salespeople.values())
    idle_able = [p for p in people if p.duty is Duty.IDLE]
    queue = any(dispatch.next_ticket(day, p) for p in idle_able)
    tickets = sorted(day.tickets.values(), key=lambda t: t.key)[:FLOOR_ROWS_MAX]
    return {
        **head(day), "phase": day.phase.value, "closes_at": iso(day.plan.closes_at), "accounts": day.accounts,
        "unanswered_share": unanswered_share(day), "services": [_lane(day, s) for s in day.plan.services],
        "salespeople": [_post(day, p) for p in people],
        "tickets": [{**_row(day, t, None), "salesperson": t.salesperson} for t in tickets], "idle_while_queue": queue,
    }  # fmt: skip


def unanswered_share(day: StoreDay) -> float | None:
    """Unanswered over all who came and whose story is over (void ones are nobody); None before the first."""
    n = day.counts
    unanswered = n.balked + n.left + n.vanished + n.closed
    over = unanswered + n.answered
    return unanswered / over if over else None


def _lane(day: StoreDay, service: str) -> View:
    waiting = [t for t in day.tickets.values() if t.phase in (Phase.WAITING, Phase.OFFERED) and t.service == service]
    plan = day.plan.services[service]
    return {
        "id": service, "labels": plan.labels, "letter": plan.letter, "waiting": len(waiting),
        "oldest_at": iso(min((t.joined_at for t in waiting), default=None)), "range": range_view(day.quotes.get(service)),
        "serving": dispatch.serving(day, service), "people": _people(day, service),
    }  # fmt: skip


def _post(day: StoreDay, person: Salesperson) -> View:
    held = day.tickets.get(person.ticket) if person.ticket else None
    return {
        **_colleague(person), "since": iso(person.since), "number": held and held.number, "service": held and held.service,
        "doubted": bool(held and held.doubted), "pause": person.pause, "back_at": iso(person.back_at), "leaving": person.leaving,
    }  # fmt: skip
