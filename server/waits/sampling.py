"""From what is known and what is believed to the numbers a roll-out needs: draws, lines, who may serve whom.

Draws are made in a fixed order from the generator given, so the same situation, beliefs and seed give the
same futures. Ranking and eligibility are ``rules.dispatch``'s own functions, never a copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from server.rules import dispatch
from server.waits.curves import NEVER, Curve, Exponentials, Floats, Ints
from server.waits.parameters import Parameters
from server.waits.situation import Hand, Person, Situation, Waiter
from server.waits.ticks import NEVER_TICKS, SPAN_MAX, TICK, Codes, Keys, Spans, keys, ticks

HALF = 0.5  # ticks
TIER_STEP = 2.0**18  # a tier is worth more than any time of a day (three days)
DOUBT_OVER = 0.7  # a doubted visit is really over with this chance…
DOUBT_NOTICE_S = 300.0  # …and is noticed after about this long
LATER_ON = "?"  # the line of those asked about who are not here yet
FORGOTTEN = 0.03  # chance that a visit that lasts beyond belief says nothing about others: nobody pressed Finish

Group = tuple[bool, ...]
"""Who may serve a line, person by person."""


def score(place: tuple[int, float], now: float) -> float:
    """(tier, ranked_at) of the ranking as one number, lower first."""
    return place[0] * TIER_STEP + (place[1] - now)


def asking(situation: Situation, service: str) -> Waiter:
    """Somebody who joins for ``service`` now, at the place dispatch would give."""
    tier, ranked_at = dispatch.place(situation.plan, service, situation.now, card=False, standing=None, slot_at=None, now=situation.now)
    return Waiter(f"?{service}", service, tier, ranked_at, 1 << 40, situation.now)


@dataclass(slots=True)
class Places:
    """When the shoppers of a line are there, how they rank and when they will have left, as in ``Problem``.

    ``closer``: those of them who have been asked to come closer.
    """

    ready: Codes
    key: Keys
    leave: Codes
    comes: bool = False
    closer: Sequence[int] = ()


@dataclass(slots=True)
class Line:
    """Places that fill in order; arrays are (places, futures), in ticks, but ``key`` and ``comes`` are (places,), as in
    ``Problem``. ``names`` are ids of those whose start is asked."""

    group: Group
    service: str
    ready: Codes
    key: Keys
    leave: Codes
    work: Spans
    extra: Spans
    comes: NDArray[np.bool_]
    names: list[str] = field(default_factory=list)
    pool: bool = False


@dataclass(slots=True)
class Follow:
    """A next step: for ``service`` with this key, ready at ``ready``, or once ``after`` has been served."""

    service: str
    key: float
    ready: Floats
    happens: Floats
    after: str | None = None


class Draws:
    """The generator with what every draw needs."""

    def __init__(self, situation: Situation, beliefs: Parameters, futures: int, rng: np.random.Generator) -> None:
        self.situation, self.beliefs, self.futures, self.rng = situation, beliefs, futures, rng
        self._exponentials = Exponentials(futures, rng)
        self.now, self.plan = situation.now, situation.plan
        self.people = sorted(situation.people, key=lambda p: dispatch.preference(len(p.skills), p.idle_since, p.id, p.order))
        self.paces, chances = beliefs.pace
        self.which = np.zeros(futures, np.intp)  # of the paces
        self._hazards: dict[str, Floats] = {}
        if len(self.paces) > 1:
            likely = np.cumsum(chances * self._lasting())
            self.which = np.searchsorted(likely[:-1], rng.random(futures) * likely[-1])
        self.pace: Floats = self.paces[self.which]
        self._slowness = self.pace.astype(np.float32)
        self.never: Floats = np.full(futures, NEVER)
        self.follows: list[Follow] = []
        self._groups: dict[tuple[str, str | None], Group] = {}

    def _lasting(self) -> Floats:
        """How likely each pace makes it that the visits in hand have lasted so long: they say so before they end."""
        likely = np.ones(len(self.paces))
        for person, hand in ((p, p.hand) for p in self.people if p.hand is not None):
            if hand.stage == "serving" and not hand.doubted:
                likely *= np.exp(-self.begun(person, hand)) + FORGOTTEN
        return likely

    def begun(self, person: Person, hand: Hand) -> Floats:
        """The cumulative hazard that the visit in hand has come through, for each of the paces."""
        known = self._hazards.get(person.id)
        if known is None:
            scale = self.beliefs.factor_of(person.id, hand.service) * self.paces
            known = self._hazards[person.id] = self.beliefs.service_of(hand.service).hazards_until((self.now - hand.since) / scale)
        return known

    def exponentials(self, rows: int) -> Floats:
        """Standard exponentials (rows, futures)."""
        return self._exponentials.rows(rows)

    def exponential(self) -> Floats:
        """One per future; not to be changed."""
        return self._exponentials.row()

    def cells(self, rows: int) -> Ints:
        """The same, as cells of a curve's table."""
        return self._exponentials.cells(rows)

    def durations(self, curve: Curve) -> Floats:
        """One whole duration per future."""
        return curve.drawn(self._exponentials.cells(1)[0])

    def spans(self, curve: Curve, rows: int) -> Spans:
        """Whole durations (rows, futures) in ticks."""
        return self._exponentials.of(curve, rows, "span", _in_ticks)

    def moments(self, curve: Curve, rows: int) -> Codes:
        """The same as a time from now."""
        return self._exponentials.of(curve, rows, "moment", ticks)

    def group(self, service: str, wanted: str | None = None) -> Group:
        """Who may serve such a ticket."""
        known = self._groups.get((service, wanted))
        if known is None:
            known = tuple(dispatch.eligible(p.id, p.skills, service, wanted) for p in self.people)
            self._groups[service, wanted] = known
        return known

    def line(self, group: Group, service: str, places: Places) -> Line:
        """A line whose service times, walks, gaps and no-shows are drawn here."""
        beliefs, rows = self.beliefs, len(places.ready)
        work = self.spans(beliefs.service_of(service), rows)
        work *= self._slowness
        if beliefs.gap is None:
            extra = np.full((rows, self.futures), HALF, np.float32)
        else:
            extra = self._exponentials.of(beliefs.gap, rows, "gap", _and_a_half)
        if service in beliefs.walking:
            walks = self.spans(beliefs.walking[service], rows)
            if places.closer:
                walks[places.closer] = self.spans(beliefs.walk_of(service, closer=True), len(places.closer))
            extra += walks
        if chance := beliefs.no_show.get(service, 0.0):
            absent = self.rng.random((rows, self.futures)) < chance
            work[absent], extra[absent] = 0.0, beliefs.hold_s * TICK
        return Line(group, service, places.ready, places.key, places.leave, work, extra, np.full(rows, places.comes))

    def next_step(self, waiter: Waiter, then: tuple[str, ...], ready: Floats, after: str | None) -> None:
        """Remember the step that follows, announced or (the likeliest) usual."""
        usual = self.beliefs.follow.get(waiter.service, {})
        if not then and not usual:
            return
        service = then[0] if then else max(usual, key=lambda s: usual[s])
        happens = np.ones(self.futures) if then else (self.rng.random(self.futures) < usual[service]).astype(float)
        card = waiter.kind == "card"
        standing = waiter.kind if waiter.kind in self.plan.classes else None
        joined_at = waiter.queued_at if waiter.joined_at is None else waiter.joined_at
        place = dispatch.place(self.plan, service, joined_at, card=card, standing=standing, slot_at=None, now=self.now)
        self.follows.append(Follow(service, score(place, self.now), np.where(happens > 0, ready, NEVER), happens, after))


def _in_ticks(seconds: Floats) -> Spans:
    return np.minimum(seconds * TICK, SPAN_MAX).astype(np.float32)


def _and_a_half(seconds: Floats) -> Spans:
    return np.float32(HALF) + _in_ticks(seconds)


# --- salespeople


def free_times(d: Draws) -> Floats:
    """Seconds until each salesperson can call somebody: (people, futures)."""
    free = np.zeros((len(d.people), d.futures))
    for i, person in enumerate(d.people):
        free[i] = _into_windows(person, _free_again(d, person), d.now)
        if person.chance < 1.0:
            free[i, d.rng.random(d.futures) >= person.chance] = NEVER
    return free


def _free_again(d: Draws, person: Person) -> Floats:
    gap = d.beliefs.gap
    if person.hand is not None:
        end = _hand_over(d, person, person.hand)
        who = person.hand.waiter or Waiter("", person.hand.service, 0, d.now, 0, person.hand.since)
        d.next_step(who, person.hand.then, end, None)
        return end if gap is None else end + d.durations(gap)
    if person.rested_s is not None and gap is not None:
        curve = d.beliefs.away if person.away and d.beliefs.away is not None else gap
        return curve.left(person.rested_s, d.exponential())
    if person.coming is not None:
        edges, hazard = person.coming
        draw = d.exponential()
        return np.where(draw < hazard[-1], np.interp(draw, hazard, edges), NEVER)
    return np.zeros(d.futures)


def _hand_over(d: Draws, person: Person, hand: Hand) -> Floats:
    """Seconds until the visit in hand is over; a doubted one may be over already, and nobody tapped."""
    curve, age, draw = d.beliefs.service_of(hand.service), d.now - hand.since, d.exponential()
    scale = d.beliefs.factor_of(person.id, hand.service) * d.pace
    if hand.stage == "serving":
        begun = d.begun(person, hand).take(d.which)
        left = np.maximum(curve.at(begun + draw) * scale - age, 0.0)
        over = d.rng.random(d.futures)  # drawn for everybody, so that a doubt changes nobody else's draws
        return np.where(over < DOUBT_OVER, draw * DOUBT_NOTICE_S, left) if hand.doubted else left
    closer = hand.waiter is not None and hand.waiter.closer
    walk = d.beliefs.walk_of(hand.service, closer=closer).left(age if hand.stage == "calling" else 0.0, d.exponential())
    return np.asarray(walk + curve.at(draw) * scale, dtype=np.float64)


def _into_windows(person: Person, at: Floats, now: float) -> Floats:
    """Moved to the next instant at which this person may begin a visit."""
    begin: Floats | float = NEVER
    for start, end in reversed(person.windows):
        begin = np.where(at < end - now, at if start <= now else np.maximum(at, start - now), begin)
    return np.asarray(np.minimum(begin, NEVER), dtype=np.float64)


def windows_of(d: Draws) -> tuple[Floats, Floats]:
    """Starts and ends of everybody's windows in seconds from now, padded with NEVER."""
    width = max([len(p.windows) for p in d.people] or [0]) or 1
    begins, ends = np.full((len(d.people), width), NEVER), np.full((len(d.people), width), NEVER)
    for i, person in enumerate(d.people):
        for j, (start, end) in enumerate(person.windows):
            begins[i, j], ends[i, j] = max(start - d.now, -NEVER), min(end - d.now, NEVER)
    return begins, ends


# --- those in line


def present_lines(d: Draws, asked: Sequence[Waiter]) -> list[Line]:
    """One line per service (or person waited for), away tickets and early appointments apart.

    Who is asked about at later instants is a line: the later they are there, the lower they rank.
    """
    ghosts = {a.id for a in asked}
    lines: dict[tuple[str, ...], list[Waiter]] = {}
    for waiter in sorted([*d.situation.waiting, *asked], key=lambda w: w.key):
        apart = waiter.ready_at > d.now or waiter.due_at is not None
        name = "" if not apart else LATER_ON if waiter.id in ghosts else waiter.id
        lines.setdefault((waiter.service, waiter.wanted or "", name), []).append(waiter)
    return [_present(d, waiters, ghosts) for waiters in lines.values()]


def _present(d: Draws, waiters: list[Waiter], ghosts: set[str]) -> Line:
    first = waiters[0]
    leave = _leaving(d, waiters)
    for i, waiter in enumerate(waiters):
        if waiter.id in ghosts:
            leave[i] = 0
        else:
            d.next_step(waiter, waiter.then, d.never, waiter.id)
    wide = (len(waiters), d.futures)
    ready = np.broadcast_to(ticks(np.array([[w.ready_at - d.now] for w in waiters])), wide)
    key = keys(np.array([score((w.tier, w.ranked_at), d.now) for w in waiters]))
    places = Places(ready, key, leave, closer=[i for i, w in enumerate(waiters) if w.closer])
    line = d.line(d.group(first.service, first.wanted), first.service, places)
    line.names = [w.id for w in waiters]
    return line


def _leaving(d: Draws, waiters: list[Waiter]) -> Codes:
    """When each will have left, given how long they have waited; those with the same patience at a time."""
    leave = np.full((len(waiters), d.futures), NEVER_TICKS)
    kinds: dict[tuple[str, str], list[int]] = {}
    for i, waiter in enumerate(waiters):
        kinds.setdefault((waiter.service, waiter.kind), []).append(i)
    cells = d.cells(len(waiters))
    for kind, rows in kinds.items():
        curve = d.beliefs.patience_of(*kind)
        if curve is not None:
            ages = np.array([[d.now - waiters[i].queued_at] for i in rows])
            ends = curve.converted("moment", ticks).take(cells[rows] + curve.table.searchsorted(ages), mode="clip")
            waited = ticks(ages)
            leave[rows] = np.maximum(ends, waited) - waited
    return leave


def pool_lines(d: Draws) -> tuple[list[Line], list[Follow]]:
    """Next steps, one line per service, and the same in the order of their rows."""
    ordered = sorted(d.follows, key=lambda f: f.service)
    lines = []
    for service in dict.fromkeys(f.service for f in ordered):
        mine = [f for f in ordered if f.service == service]
        wide = (len(mine), d.futures)
        key = keys(np.array([f.key for f in mine]))
        stay = np.broadcast_to(NEVER_TICKS, wide)
        line = d.line(d.group(service), service, Places(ticks(np.array([f.ready for f in mine])), key, stay))
        line.pool = True
        lines.append(line)
    return lines, ordered


__all__ = ["Draws", "Follow", "Group", "Line", "Places", "asking", "free_times", "pool_lines", "present_lines", "score", "windows_of"]
