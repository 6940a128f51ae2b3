"""Shoppers who are not here yet but may be called before somebody who is.

Only those who can matter are drawn: a stream counts when it ranks ahead of somebody in line whom the same
people serve, or when it can keep busy a salesperson whom such a stream would then miss.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from server.rules import dispatch
from server.waits.curves import NEVER, Floats
from server.waits.parameters import Punctuality, Stream
from server.waits.sampling import Draws, Group, Line, Places, score
from server.waits.situation import Waiter, kind_of
from server.waits.ticks import NEVER_TICKS, Codes, keys, ticks

HORIZON_MIN_S, HORIZON_MAX_S = 600.0, 4 * 3600.0
SOON_S = 3600.0  # who will be free within this counts as staff for that span
MARGIN = 2.5  # times the wait for whoever is free first
CHANCE = 1.5  # visits that vary by their mean take so many times longer by chance, over the root of their number
LEFT_MIN = 0.15  # of a person's time is left at least, whoever ranks ahead
COMERS_MAX = 250  # shoppers to come, per stream and future
MOST_SD = 2.5  # no more of a stream come in its span than its mean and so many standard deviations
INSTANTS = 2048  # cells of the time at which they come: 1 to 7 s
DIVERTERS_MIN = 0.05  # who keeps busy whom so few others will miss (this share of those in line) need not be drawn
_USUAL = Punctuality()
Place = tuple[int, float]
Last = dict[Group, Place]
"""The lowest place of anybody in line, per group of people who may serve them."""
_HALVES = np.arange(INSTANTS) + 0.5


def comers(d: Draws, free: Floats, waiting: Sequence[Waiter]) -> list[Line]:
    """Lines of those to come, over a span in which nearly every future calls everybody in line."""
    if not waiting:
        return []
    booked = {slot.service for slot in d.situation.book}  # those come by the book, not by their usual rate
    last = _last(d, waiting)
    span = _span(d, free, waiting, last)
    coming = [(s, 0.0, *_expected(d, s, span)) for s in d.beliefs.streams] + _next_steps(d, waiting, span)
    many = [s for s, _, _, expected in coming if expected.sum() > DIVERTERS_MIN * len(waiting)]
    lines = [
        _stream(d, stream, late_s, edges, expected) for stream, late_s, edges, expected in coming
        if expected.any() and not (stream.appointment and stream.service in booked) and _matters(d, stream, last, many)
    ]  # fmt: skip
    return lines + _book(d, span)


def _span(d: Draws, free: Floats, waiting: Sequence[Waiter], last: Last) -> float:
    """For how long shoppers may come before nearly every future has called everybody in line."""
    serves = np.array([any(one) for one in zip(*last, strict=True)])  # who serves nobody in line calls nobody of it
    if not serves.any():
        return HORIZON_MIN_S
    middle = (d.futures - 1) // 2, d.futures // 2
    typical = np.minimum(np.partition(free, middle, axis=1)[:, middle].mean(axis=1), HORIZON_MAX_S)  # np.median, but quicker
    soon = float(np.minimum(free[serves], HORIZON_MAX_S).min(axis=1).min())
    last_s = max(max(w.ready_at for w in waiting) - d.now, 0.0)  # who is asked about an hour ahead meets those who come until then
    drain = _drain(d, (typical < SOON_S).tolist(), waiting, last, tuple(serves.tolist()))
    return min(max(drain + MARGIN * float(typical[serves].min()) + soon, HORIZON_MIN_S + last_s), HORIZON_MAX_S)


def _drain(d: Draws, here: Sequence[bool], waiting: Sequence[Waiter], last: Last, everybody: Group) -> float:
    """How long those in line may take everybody, or the people of one service whose shoppers nobody else serves.

    The work per person, over the share of a person's time that those who rank ahead leave, and something for chance: the fewer
    the visits, the more their sum varies.
    """
    lines = Counter((d.group(w.service, w.wanted), w.service) for w in waiting)
    work = [(group, number, number * d.beliefs.service_of(service).mean_s) for (group, service), number in lines.items()]
    taken, longest = _taken(d, last), 0.0
    for crew in {*last, everybody}:
        mine = [(number, seconds) for group, number, seconds in work if _within(group, crew)]
        staff = max(sum(a and b for a, b in zip(crew, here, strict=True)), 1)
        left = 1.0 - sum(share for group, share in taken if _within(group, crew)) / staff
        chance = 1.0 + CHANCE / math.sqrt(sum(number for number, _ in mine))
        longest = max(longest, sum(seconds for _, seconds in mine) / staff / max(left, LEFT_MIN) * chance)
    return longest


def _taken(d: Draws, last: Last) -> list[tuple[Group, float]]:
    """How many people those keep busy who come within the hour and rank ahead, and who may serve them."""
    usual = [
        (mine, float(_expected(d, stream, SOON_S)[1].sum()) * d.beliefs.service_of(stream.service).mean_s / SOON_S)
        for stream in d.beliefs.streams if _ahead(_place(d, stream), mine := d.group(stream.service), last)
    ]  # fmt: skip
    booked = [slot.service for slot in d.situation.book if d.now <= slot.at < d.now + SOON_S]
    return usual + [(d.group(service), d.beliefs.service_of(service).mean_s / SOON_S) for service in booked]


def _place(d: Draws, stream: Stream) -> Place:
    slot = d.now if stream.appointment else None
    return dispatch.place(d.plan, stream.service, d.now, card=stream.card, standing=stream.standing, slot_at=slot, now=d.now)


def _share(one: Group, other: Group) -> bool:
    return any(a and b for a, b in zip(one, other, strict=True))


def _expected(d: Draws, stream: Stream, span: float) -> tuple[Floats, Floats]:
    """Edges of steps of time, and how many come in each."""
    return stream.rate(d.now, max(min(d.now + span, d.situation.joins_until), d.now))


def _next_steps(d: Draws, waiting: Sequence[Waiter], span: float) -> list[tuple[Stream, float, Floats, Floats]]:
    """The (likeliest) next steps of those to come, as streams: so much later as the first step takes, with the line for it."""
    found = []
    for stream in d.beliefs.streams:
        usual = d.beliefs.follow.get(stream.service)
        if not usual:
            continue
        service, lasts = max(usual, key=lambda s: usual[s]), d.beliefs.service_of(stream.service).mean_s
        ahead = sum(w.service == stream.service for w in waiting if w.ready_at <= d.now)
        late_s = lasts * (1.0 + ahead / max(sum(d.group(stream.service)), 1))
        edges, expected = _expected(d, stream, max(span - late_s, 0.0))
        found.append((replace(stream, service=service, appointment=False), late_s, edges + late_s, expected * usual[service]))
    return found


def _ahead(place: Place, mine: Group, last: Last) -> bool:
    """Whether somebody at this place ranks ahead of anybody in line whom the same people serve."""
    return any(place < key and _share(mine, group) for group, key in last.items())


def _within(one: Group, other: Group) -> bool:
    return not any(a and not b for a, b in zip(one, other, strict=True))


def _matters(d: Draws, stream: Stream, last: Last, many: Sequence[Stream]) -> bool:
    mine, place = d.group(stream.service), _place(d, stream)
    if _ahead(place, mine, last):
        return True
    return any(_diverts(d, mine, other, last) for other in many if other is not stream)


def _last(d: Draws, waiting: Sequence[Waiter]) -> Last:
    last: Last = {}
    for w in waiting:
        group = d.group(w.service, w.wanted)
        last[group] = max(last.get(group, (w.tier, w.ranked_at)), (w.tier, w.ranked_at))
    return last


def _diverts(d: Draws, mine: Group, other: Stream, last: Last) -> bool:
    """Some of my people serve ``other``, who outranks somebody in line whom those cannot serve."""
    theirs, place = d.group(other.service), _place(d, other)
    if not _share(mine, theirs):
        return False
    return any(
        place < key and _share(theirs, group) and any(a and b and not c for a, b, c in zip(mine, theirs, group, strict=True))
        for group, key in last.items()
    )


def _stream(d: Draws, stream: Stream, late_s: float, edges: Floats, expected: Floats) -> Line:
    """A stream's line; it ranks as if it had come ``late_s`` earlier, by when the visit began."""
    total = float(expected.sum())
    most = min(int(total + MOST_SD * math.sqrt(total + (total * stream.spread) ** 2) + 2), COMERS_MAX)
    counted = d.exponentials(most)
    for before, row in pairwise(counted):  # quicker than cumsum down the columns
        row += before
    pace: Floats | float = INSTANTS / total
    if stream.spread > 0:
        shape = 1.0 / stream.spread**2
        pace /= np.maximum(d.rng.gamma(shape, 1.0 / shape, d.futures), 1e-3)
    counted *= pace
    ready = _instants(expected, edges - d.now).take(counted.astype(np.intp), mode="clip")
    kind = kind_of(stream.card, stream.appointment, stream.standing)
    return _line(d, stream.service, kind, ready, score(_place(d, stream), d.now) - late_s)


def _instants(expected: Floats, edges_s: Floats) -> Codes:
    """When so many INSTANTS-ths of those expected will have come, in ticks; all of them: NEVER is the next."""
    cumulative = np.concatenate(([0.0], np.cumsum(expected)))
    middles = _HALVES * (cumulative[-1] / INSTANTS)
    return ticks(np.concatenate((np.interp(middles, cumulative, edges_s), [NEVER])))


def _line(d: Draws, service: str, kind: str, ready: Codes, key_now: float) -> Line:
    """Their place is that of somebody joining now, later by when they come."""
    curve = d.beliefs.patience_of(service, kind)
    leave = np.broadcast_to(NEVER_TICKS, ready.shape) if curve is None else ready + d.moments(curve, len(ready))
    return d.line(d.group(service), service, Places(ready, np.full(len(ready), keys(np.array(key_now))), leave, comes=True))


def _book(d: Draws, span: float) -> list[Line]:
    """Appointments in the book: they come or not, early or late, and count from their slot on."""
    slots: dict[str, list[Floats]] = {}
    for slot in d.situation.book:
        if d.now - d.plan.timings.appointment_late_s < slot.at < d.now + span:
            slots.setdefault(slot.service, []).append(_coming(d, slot.service, slot.at - d.now))
    lines = []
    for service, rows in slots.items():
        place = dispatch.place(d.plan, service, d.now, card=False, standing=None, slot_at=d.now, now=d.now)
        lines.append(_line(d, service, "appointment", np.sort(ticks(np.array(rows)), axis=0), score(place, d.now)))
    return lines


def _coming(d: Draws, service: str, slot_s: float) -> Floats:
    """Seconds until this shopper counts as an appointment, given that they are not here yet; NEVER if they do not come."""
    belief = d.beliefs.punctuality.get(service, _USUAL)
    late = slot_s + belief.mean_s + belief.sd_s * d.rng.standard_normal(4 * d.futures)
    comes = d.rng.random(4 * d.futures) < belief.show_up
    possible = np.where(comes, late, NEVER)[(late > 0.0) | ~comes]  # who comes and would be here by now, is not
    if len(possible) < d.futures // 20:
        return np.full(d.futures, NEVER)
    return np.maximum(possible[d.rng.integers(len(possible), size=d.futures)], slot_s)
