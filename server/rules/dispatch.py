"""Who is served next, and by whom: two pure functions that live dispatch, estimates and twin all call.

The order of waiting tickets is one ranking that can be said in a sentence: **priority cards first (a
legal right in France), then appointments from their slot time, then everybody by the time they joined
minus the head start of their class.** Inside a tier the head start works like ageing: nobody starves,
and because the key of a ticket never changes while it waits, the order of two waiting tickets never
flips by itself.

A salesperson's next ticket is the first in that order that their skills can serve. Whoever came earlier
and was passed is written down with the rule that did it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain

from server.rules.plan import DayPlan
from server.rules.state import Duty, Key, Salesperson, StoreDay, Ticket
from server.rules.waiting import Overtaking

CARD_TIER, APPOINTMENT_TIER, FIRST_TIER = 0, 1, 2
Standing = tuple[int, int, int]
"""How many go before a ticket, in its own line and in other lines of the same people, and how many stand behind it in its own."""
OVERTAKINGS_MAX = 16  # recorded per claim, nearest in the order first


def tier(*, card: bool, appointment_due: bool, rank: int) -> int:
    """The strict part of the ranking: card holders 0, due appointments 1, then 1 + the service's rank."""
    if card:
        return CARD_TIER
    return APPOINTMENT_TIER if appointment_due else FIRST_TIER + rank - 1


def head_start_s(plan: DayPlan, service: str, standing: str | None) -> float:
    """Seconds by which this shopper is served as if they had come earlier."""
    return plan.services[service].head_start_s + (plan.classes.get(standing, 0.0) if standing else 0.0)


def place(
    plan: DayPlan, service: str, joined_at: float, *, card: bool, standing: str | None, slot_at: float | None, now: float
) -> tuple[int, float]:
    """(tier, ranked_at) of a ticket: all that its order depends on.

    ``slot_at`` is the appointment that still counts (None when there is none, or the shopper is too late
    for it). An early appointment waits among everybody, behind all who came before its slot, until due.
    """
    rank = plan.services[service].rank
    if slot_at is not None:
        return tier(card=card, appointment_due=now >= slot_at, rank=rank), joined_at if card else slot_at
    return tier(card=card, appointment_due=False, rank=rank), joined_at - (0.0 if card else head_start_s(plan, service, standing))


def eligible(salesperson: str, skills: Collection[str], service: str, wanted: str | None) -> bool:
    """Whether this salesperson may serve a ticket for ``service`` that asks for ``wanted`` (or anybody)."""
    return service in skills if wanted is None else wanted == salesperson


def preference(skills: int, idle_since: float, salesperson: str, order: int = 0) -> tuple[int, int, float, str]:
    """Sort key of idle salespeople for one ticket: fewest other skills, the store's order, idle longest, then id."""
    return (skills, order, idle_since, salesperson)


def line_of(ticket: Ticket) -> str:
    """The name of the line a waiting ticket stands in: its service, or "@" and the person it waits for."""
    return f"@{ticket.wanted}" if ticket.wanted else ticket.service


def lines_of(person: Salesperson) -> tuple[str, ...]:
    """The lines this salesperson serves."""
    return (*person.skills, f"@{person.id}")


def waiting_for(day: StoreDay, person: Salesperson) -> Iterator[Ticket]:
    """Waiting tickets this salesperson can serve, in order."""
    lines = [line for name in lines_of(person) if (line := day.lines.get(name))]
    return (day.tickets[key[3]] for key in (lines[0] if len(lines) == 1 else merge(*lines)))


def next_ticket(day: StoreDay, person: Salesperson) -> Ticket | None:
    """The first ticket in the one order that this salesperson can serve."""
    heads = [line[0] for name in lines_of(person) if (line := day.lines.get(name))]
    return day.tickets[min(heads)[3]] if heads else None


def idle(day: StoreDay) -> list[Salesperson]:
    """Salespeople an offer can be made to: idle, and not taking their breather."""
    return [p for p in day.salespeople.with_duty(Duty.IDLE) if p.ready_at is None]


def best_salesperson(people: Iterable[Salesperson], ticket: Ticket) -> Salesperson | None:
    """The idle salesperson this ticket goes to, by ``preference``. None if nobody can."""
    able = [p for p in people if eligible(p.id, p.skills, ticket.service, ticket.wanted)]
    return min(able, key=lambda p: preference(len(p.skills), p.since, p.id, p.order), default=None)


def all_waiting(day: StoreDay) -> list[Ticket]:
    """Every waiting ticket, in order."""
    return [day.tickets[key[3]] for key in sorted(chain.from_iterable(day.lines.values()))]


def overtakings(day: StoreDay, person: Salesperson, chosen: Ticket) -> tuple[Overtaking, ...]:
    """Waiting tickets that ``person`` passes by taking ``chosen``, with the reason.

    Passed is who joined earlier, and who ranks before it among those the person could have taken.
    """
    mine, key, joined_at, tickets = lines_of(person), chosen.key, chosen.joined_at, day.tickets
    passed: list[Key] = []
    for name, line in day.lines.items():
        before = bisect_left(line, key) if name in mine else 0
        passed += line[:before]
        passed += [k for k in line[before:] if tickets[k[3]].joined_at < joined_at]
    passed.sort()
    return tuple([Overtaking(k[3], reason(person, chosen, tickets[k[3]])) for k in passed[:OVERTAKINGS_MAX] if k[3] != chosen.id])


def reason(person: Salesperson, chosen: Ticket, passed: Ticket) -> str:
    """The rule by which ``chosen`` goes before ``passed``, who came earlier."""
    if not eligible(person.id, person.skills, passed.service, passed.wanted):
        return "wanted" if passed.wanted else "skill"
    if chosen.key > passed.key:
        return "picked"
    if chosen.tier == passed.tier:
        return "head_start"
    return {CARD_TIER: "card", APPOINTMENT_TIER: "appointment"}.get(chosen.tier, "rank")


def ahead(day: StoreDay, ticket: Ticket) -> tuple[int, int]:
    """How many go before this ticket: (in its own line, in other lines of the same people).

    The first is what a shopper counts ("3 ahead for phones"); both together decide who is really next.
    """
    mine, others = before(day, ticket)
    return bisect_left(mine, ticket.key), sum([bisect_left(line, ticket.key) for line in others])


def before(day: StoreDay, ticket: Ticket) -> tuple[Sequence[Key], Sequence[Sequence[Key]]]:
    """Where those stand who go before this ticket, the same for all of its line: (its own line, other lines of the same people).

    Whoever is being offered to somebody still stands there.
    """
    own, lines, crew = line_of(ticket), day.lines, day.salespeople
    reach = crew.reach(ticket.service, ticket.wanted)
    if offered := [day.tickets[person.ticket or ""] for person in crew.with_duty(Duty.OFFERED)]:
        lines = dict(lines)
        for other in offered:
            lines[line_of(other)] = tuple(sorted((*lines.get(line_of(other), ()), other.key)))
    return lines.get(own, ()), [line for name, line in lines.items() if line and name != own and name in reach]


def standing(day: StoreDay, ticket: Ticket) -> Standing:
    """Where this ticket stands, or would if it came back now."""
    line, key = day.lines.get(line_of(ticket), ()), ticket.key
    return *ahead(day, ticket), len(line) - bisect_right(line, key)


def standings(day: StoreDay, ticket: Ticket) -> dict[str, Standing]:
    """Where everybody stands who is in this ticket's line: ``standing`` of them all at the price of a few."""
    (mine, others), line = before(day, ticket), day.lines.get(line_of(ticket), ())
    rank = {key[3]: n for n, key in enumerate(sorted(chain(mine, *others)))}
    last = len(line) - 1
    if mine is line:  # nobody of it is being offered to anybody
        return {key[3]: (n, rank[key[3]] - n, last - n) for n, key in enumerate(mine)}
    return {key[3]: (n, rank[key[3]] - n, len(line) - bisect_right(line, key)) for n, key in enumerate(mine)}


def serving(day: StoreDay, service: str) -> int:
    """How many are being served with this service."""
    return sum([day.tickets[p.ticket or ""].service == service for p in day.salespeople.with_duty(Duty.SERVING)])
