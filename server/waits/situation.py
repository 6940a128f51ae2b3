"""The store as an estimate sees it: who is here, doing what since when, who waits in which order.

A ``Situation`` holds only what is known at ``now``: the live state gives one (``situation_of``), and so
do a simulated day and a recorded log. All instants are absolute seconds.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from server.rules.dispatch import next_ticket
from server.rules.plan import DayPlan, SalespersonPlan
from server.rules.state import DayPhase, Duty, Phase, Salesperson, StoreDay, Ticket
from server.waits.curves import Floats

FOREVER = 1e15
PAUSE_GUESS_S = 900.0  # a break nobody gave an end
LATE_GUESS_S = 300.0  # planned to be here, not here: expected so much later…
LATE_MAX_S = 1200.0  # …and no longer counted on after this
ERRAND_CHANCE, ERRAND_S = 0.5, 1200.0  # who leaves the floor in the middle of a shift is on an errand, of this mean length…
COMES_BACK = 0.05  # …or has gone home, and is then hardly here for a later shift of the day
OVERTIME_S = 1200.0  # still here after the shift: expected to stay so much longer

Window = tuple[float, float]


class Waiter(NamedTuple):
    """Somebody in line. ``then``: services still to come in this visit after this one."""

    id: str
    service: str
    tier: int
    ranked_at: float
    serial: int
    queued_at: float
    kind: str = ""
    wanted: str | None = None
    ready_at: float = 0.0  # not to be called before
    due_at: float | None = None  # an early appointment moves to the appointments' tier then
    then: tuple[str, ...] = ()
    closer: bool = False  # was asked to come closer: when the call comes, part of the way is behind them
    joined_at: float | None = None  # of the visit, by which its later steps rank; None: ``queued_at``

    @property
    def key(self) -> tuple[int, float, int, str]:
        """The place in the one visible order, as in ``rules.state.Key``."""
        return (self.tier, self.ranked_at, self.serial, self.id)


class Hand(NamedTuple):
    """What a salesperson has in hand: ``stage`` "offered", "calling" or "serving" since ``since``."""

    stage: str
    service: str
    since: float
    waiter: Waiter | None = None
    doubted: bool = False
    then: tuple[str, ...] = ()


class Person(NamedTuple):
    """A salesperson. Visits can begin inside ``windows`` only (breaks and the end of the shift are outside)."""

    id: str
    skills: tuple[str, ...]
    windows: tuple[Window, ...] = ((-FOREVER, FOREVER),)
    hand: Hand | None = None
    idle_since: float = 0.0
    chance: float = 1.0  # of being there at all in these windows
    rested_s: float | None = None  # free on paper, not taking anybody: so much of the usual gap between visits is over

    away: bool = False  # with ``rested_s``: was free before anybody waited and yet does not take who waits now
    order: int = 0  # the store's, among those with as few skills
    coming: tuple[Floats, Floats] | None = None  # not seen today: (seconds from now, cumulative hazard of beginning)


class Appointment(NamedTuple):
    """A slot in the book whose shopper has not come yet."""

    service: str
    at: float


class Situation(NamedTuple):
    """The store at ``now``. ``waiting`` is in order (``Waiter.key``)."""

    now: float
    plan: DayPlan
    people: tuple[Person, ...]
    waiting: tuple[Waiter, ...]
    book: tuple[Appointment, ...] = ()
    joins_until: float = FOREVER  # nobody comes after


def kind_of(card: bool, appointment: bool, standing: str | None) -> str:
    """The kind of shopper, for patience and arrivals: "card", "appointment", the class, or ""."""
    return "card" if card else "appointment" if appointment else standing or ""


def return_chance(left_at: float, shifts: Iterable[Window], now: float) -> float:
    """The chance that somebody who left the floor during a shift comes back today: the more of it they miss, the less an errand."""
    missed_s = sum(max(min(end, now) - max(start, left_at), 0.0) for start, end in shifts)
    errand = ERRAND_CHANCE * math.exp(-missed_s / ERRAND_S)
    errand /= errand + 1.0 - ERRAND_CHANCE
    return errand + (1.0 - errand) * COMES_BACK


def situation_of(day: StoreDay, now: float, book: tuple[Appointment, ...] = ()) -> Situation:
    """What the live state says at ``now``."""
    now = max(now, day.at)
    waiting = sorted((_waiter(day, t, now) for t in day.tickets.values() if t.phase in (Phase.WAITING, Phase.AWAY)), key=lambda w: w.key)
    people = [_person(day, p, now) for p in day.salespeople.values() if p.duty is not Duty.OFF]
    here = {p.id for p in people}
    people += [expected for plan in day.plan.salespeople.values() if plan.id not in here and (expected := _expected(day, plan, now))]
    until = day.plan.closes_at if day.phase is DayPhase.OPEN else now
    return Situation(now, day.plan, tuple(_today(p, day.plan.ends_at) for p in people), tuple(waiting), book, until)


def _today(person: Person, ends_at: float) -> Person:
    """No visit begins when the day is over: who is still in line then is sent home."""
    return person._replace(windows=tuple((start, min(end, ends_at)) for start, end in person.windows if start < ends_at))


def _waiter(day: StoreDay, ticket: Ticket, now: float) -> Waiter:
    away = ticket.phase is Phase.AWAY and ticket.deadline is not None
    early = ticket.appointment_at is not None and now < ticket.appointment_at and not ticket.card
    return Waiter(
        ticket.id, ticket.service, ticket.tier, ticket.ranked_at, ticket.serial, ticket.queued_at,
        kind_of(ticket.card, ticket.appointment_at is not None, ticket.standing), ticket.wanted,
        max(ticket.deadline or 0.0, now) if away else 0.0, ticket.appointment_at if early else None, ticket.steps[ticket.step + 1 :],
        ticket.invited_at is not None, ticket.joined_at,
    )  # fmt: skip


def _person(day: StoreDay, person: Salesperson, now: float) -> Person:
    hand = _hand(day, person)
    plan = day.plan.salespeople.get(person.id)
    windows = _windows(plan, now) if plan else ((-FOREVER, FOREVER),)
    if person.leaving:
        windows = tuple(w for w in windows if w[0] > now)  # a shift to come, after the lunch they are leaving for
    elif person.duty is Duty.PAUSED or person.pause is not None:
        back = person.since + PAUSE_GUESS_S if person.back_at is None else person.back_at
        windows = _after(windows, max(back, now + 60.0))
    elif (person.ready_at or 0.0) > now:
        windows = _after(windows, person.ready_at or now)
    rested_s = _hesitating(day, person, now) if hand is None and day.plan.mode != "offer" else None
    return Person(person.id, person.skills, windows, hand, person.since if hand is None else now, rested_s=rested_s, order=person.order)


def _hesitating(day: StoreDay, person: Salesperson, now: float) -> float | None:
    """For how long somebody free has not taken a shopper they could take: where people choose, they need a moment."""
    if person.duty is not Duty.IDLE or (first := next_ticket(day, person)) is None:
        return None
    return max(now - max(person.since, first.queued_at), 0.0)


def _hand(day: StoreDay, person: Salesperson) -> Hand | None:
    ticket = day.tickets.get(person.ticket) if person.ticket else None
    if ticket is None:
        return None
    stage = {Phase.OFFERED: "offered", Phase.CALLED: "calling", Phase.SERVING: "serving"}.get(ticket.phase)
    if stage is None:
        return None
    since = {"calling": ticket.called_at, "serving": ticket.started_at}.get(stage) or ticket.since
    return Hand(stage, ticket.service, since, _waiter(day, ticket, since), ticket.doubted, ticket.steps[ticket.step + 1 :])


def _windows(plan: SalespersonPlan, now: float) -> tuple[Window, ...]:
    """What is left of the shifts for somebody who is here now."""
    if not plan.shifts:
        return ((-FOREVER, FOREVER),)
    left = tuple(shift for shift in plan.shifts if shift[1] > now)
    inside = any(start <= now for start, _ in left)
    return left if inside else ((now, min([now + OVERTIME_S, *(start for start, _ in left)])), *left)


def _after(windows: tuple[Window, ...], start: float) -> tuple[Window, ...]:
    return tuple((max(a, start), b) for a, b in windows if b > start)


def _expected(day: StoreDay, plan: SalespersonPlan, now: float) -> Person | None:
    """Somebody planned who is not here: coming, a little late, or (after a while) not to be counted on."""
    due = [(start, end) for start, end in plan.shifts if end > now and start > now - LATE_MAX_S]
    windows = tuple((now + LATE_GUESS_S if start < now else start, end) for start, end in due)
    known = day.salespeople.get(plan.id)
    went = known is not None and any(start <= known.since < end for start, end in plan.shifts)  # signed off during a shift
    windows = tuple(w for w in windows if known is None or w[0] > known.since) if went else windows
    if not windows:
        return None
    chance = return_chance(known.since, plan.shifts, now) if known is not None and went else 1.0
    return Person(plan.id, plan.skills, windows, None, now, chance, order=plan.order)
