"""What people are told: ranges that are true when said, that mostly improve, and that never move later without a reason.

* **Rounded so that it stays true**: the lower end down, the upper end up, to 1 minute below 10 minutes and
  to 5 minutes above.
* **Only improves or stays**: the upper end is a time of day ("by 15:42"). First it is the P90. It is said
  anew when it can be said earlier with more certainty than at first (P95: who is told something better
  should not have to be told worse again); a somewhat worse estimate changes nothing.
* **Later only for a reason**: when what was said is no longer likely (under ``TRUST``), it is
  corrected upwards once, with the same certainty, and the reason goes with it: a card holder, an
  appointment, a service or a member who ranks ahead, a break, somebody who left the floor, or visits
  that take longer than usual.

The promise kept with a ticket for ever is the upper end (P90) of the quote shown when it joined.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from server.rules.commands import ShowWaits
from server.rules.dispatch import APPOINTMENT_TIER, eligible
from server.rules.state import Duty, Phase, StoreDay, Ticket
from server.rules.waiting import Range
from server.waits.estimator import Quantiles, Waits

FINE_S, COARSE_S, FINE_BELOW_S = 60.0, 300.0, 600.0
TRUST = 0.3  # what was said is corrected when it holds with less than this
WHY_STAYS_S = 120.0  # a reason is shown at least this long, also when the number has improved a little since
FLICKER_S = 20.0  # a quote's rounded end may come down only when it would still hold with this to spare
ROUNDING_S = 0.01  # instants are floats
LONGEST_S = 4 * 3600.0  # nothing longer is said


def up(seconds: float) -> float:
    """The next step at or above."""
    step = FINE_S if seconds <= FINE_BELOW_S else COARSE_S
    return math.ceil(max(seconds, 1.0) / step) * step


def down(seconds: float) -> float:
    """The next step at or below."""
    step = FINE_S if seconds < FINE_BELOW_S else COARSE_S
    return max(math.floor(seconds / step) * step, 0.0)


def show(day: StoreDay, waits: Waits, now: float) -> ShowWaits | None:
    """What must be said anew at ``now``, or None when everything said still stands."""
    tickets: dict[str, Range | None] = {}
    arrived = latest(day)
    for name, wait in waits.tickets.items():
        ticket = day.tickets.get(name)
        if ticket is None:
            continue
        if ticket.shown is not None and told(wait, now) is None:
            tickets[name] = None  # nobody is there to serve: better nothing than a number that was true once
        elif (said := retell(day, arrived, ticket, wait, now)) is not None:
            tickets[name] = said
    services = _quotes(day.quotes, waits.services, now)
    return ShowWaits(tickets, services) if tickets or services else None


def told(wait: Quantiles, now: float, why: str = "") -> Range | None:
    """The range for this wait; None when it is too long or too unsure to be said."""
    if not wait.p90_s <= LONGEST_S:
        return None
    high = up(wait.p90_s)
    return Range(min(down(wait.p10_s), high), high, now, why)


def latest(day: StoreDay) -> list[Ticket]:
    """Open tickets, who took their place in the order last first."""
    return sorted(day.tickets.values(), key=_came, reverse=True)


def retell(day: StoreDay, arrived: Sequence[Ticket], ticket: Ticket, wait: Quantiles, now: float) -> Range | None:
    """The new range of a waiting ticket, or None when the one it has still stands; ``arrived`` are the ``latest`` of the day."""
    before = ticket.shown
    fresh = told(wait, now) if before is None else told(wait._replace(p90_s=wait.p95_s), now)
    if before is None:
        again = ticket.promise_s is not None and now > ticket.queued_at + WHY_STAYS_S  # something was said, and taken back
        why = reason(day, arrived, ticket, ticket.queued_at) if again else ""
        return fresh and replace(fresh, why=why) if ticket.phase in (Phase.WAITING, Phase.AWAY, Phase.OFFERED) else None
    if fresh is None:
        return None
    left = before.as_of + before.high_s - now
    if fresh.high_s <= left + ROUNDING_S:
        narrower = fresh.low_s > before.as_of + before.low_s - now + FINE_S
        why = before.why if now < before.as_of + WHY_STAYS_S else ""
        return replace(fresh, why=why) if fresh.high_s < up(left - ROUNDING_S) or narrower else None
    if holds(wait, left) >= TRUST:
        return None
    return replace(fresh, why=reason(day, arrived, ticket, max(before.as_of - WHY_STAYS_S, ticket.queued_at)))


def holds(wait: Quantiles, within_s: float) -> float:
    """The chance that the visit starts within so many seconds, between the quantiles by straight lines."""
    points = [
        (0.0, 0.0),
        (wait.p10_s, 0.1),
        (wait.p25_s, 0.25),
        (wait.p50_s, 0.5),
        (wait.p75_s, 0.75),
        (wait.p90_s, 0.9),
        (wait.p95_s, 0.95),
    ]
    below = (0.0, 0.0)
    for at, chance in points:
        if at > within_s:
            share = (within_s - below[0]) / (at - below[0]) if math.isfinite(at) and at > below[0] else 0.0
            return below[1] + (chance - below[1]) * max(share, 0.0)
        below = (at, chance)
    return below[1]


def reason(day: StoreDay, arrived: Sequence[Ticket], ticket: Ticket, since: float) -> str:
    """What happened after ``since`` that makes this ticket wait longer, the weightiest first."""
    able = [p for p in day.salespeople.values() if eligible(p.id, p.skills, ticket.service, ticket.wanted)]
    shared = {skill for p in able for skill in p.skills}
    lately_here = takewhile(lambda t: _came(t) >= since, arrived)  # all of a long line for each of it would be its square
    ahead = [t for t in lately_here if t.key < ticket.key and t.service in shared]
    if any(t.card for t in ahead):
        return "card"
    if any(t.tier == APPOINTMENT_TIER for t in ahead):
        return "appointment"
    if any(t.joined_at > ticket.joined_at for t in ahead):
        return "rank" if any(t.tier < ticket.tier for t in ahead) else "head_start"
    lately = [p for p in able if p.since >= since]
    if any(p.duty is Duty.OFF or p.leaving for p in lately):
        return "left_floor"
    if any(p.duty is Duty.PAUSED or p.pause for p in lately):
        return "break"
    return "slower"


def _came(ticket: Ticket) -> float:
    """When a ticket took its place in the order: at joining, or when its appointment was due."""
    return max(ticket.joined_at, ticket.appointment_at or 0.0) if ticket.tier == APPOINTMENT_TIER else ticket.joined_at


def _quotes(before: Mapping[str, Range], waits: Mapping[str, Quantiles], now: float) -> dict[str, Range | None]:
    """Quotes of services that must change: at once when they got longer, with a margin when shorter.

    None takes a quote back: nobody can be told a wait now (nobody on duty serves it).
    """
    quotes: dict[str, Range | None] = {}
    for service, wait in waits.items():
        fresh, old = told(wait, now), before.get(service)
        if fresh is None:
            quotes.update({service: None} if old else {})
            continue
        same = old is not None and (fresh.low_s, fresh.high_s) == (old.low_s, old.high_s)
        shorter = old is not None and fresh.high_s < old.high_s and up(wait.p90_s + FLICKER_S) >= old.high_s
        if not same and not shorter:
            quotes[service] = fresh
    return quotes
