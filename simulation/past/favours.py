"""Who was taken first although somebody else had waited longer: head starts read from a recorded history.

A log shows no rule, only whom each salesperson took and who else was waiting whom they could have taken.
Every such choice says on which side of the true head start it lies; the value that agrees with most
choices is taken, first for priorities (within a service), then for services against the commonest one.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence

from simulation.past.recorded import Visit

STEPS_S = (0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0, 105.0, 120.0, 150.0, 180.0, 240.0, 300.0, 450.0, 600.0)
EVIDENCE_MIN = 40  # choices; with fewer nobody is favoured
GAIN_MIN = 0.02  # share of choices that must agree better than without any favour
SKILLED = 0.02  # share of somebody's day from which on they can be said to serve a service

Choice = tuple[float, bool]
"""(how much later the favoured one joined, whether they were taken first)"""


def favours(days: Sequence[Sequence[Visit]]) -> tuple[dict[str, float], dict[str, float]]:
    """(head start of each priority, head start of each service), in seconds; a service's may be negative."""
    usual = Counter(v.service for visits in days for v in visits if v.began is not None)
    plain = {"", "0"}
    pairs: dict[str, list[Choice]] = {}
    for visits in days:
        for taken, other in _choices(visits):
            if taken.service == other.service and (taken.priority in plain) != (other.priority in plain):
                _note(pairs, taken, other, taken if taken.priority not in plain else other, 0.0)
    classes = {priority: _best(seen, STEPS_S) for priority, seen in _named(pairs).items()}
    if len(usual) < 2:
        return classes, {}
    common = usual.most_common(1)[0][0]
    between: dict[str, list[Choice]] = {}
    for visits in days:
        for taken, other in _choices(visits):
            if taken.service != other.service and common in (taken.service, other.service):
                lead = classes.get(taken.priority, 0.0) - classes.get(other.priority, 0.0)
                _note(between, taken, other, taken if taken.service != common else other, lead, by_service=True)
    both = tuple(sorted({-s for s in STEPS_S} | set(STEPS_S)))
    return classes, {service: _best(seen, both) for service, seen in between.items()}


def _named(pairs: dict[str, list[Choice]]) -> dict[str, list[Choice]]:
    return dict(sorted(pairs.items()))


def _note(pairs: dict[str, list[Choice]], taken: Visit, other: Visit, favoured: Visit, lead: float, *, by_service: bool = False) -> None:
    later = taken.joined - other.joined - lead  # of the one taken, head starts known so far taken off
    name = favoured.service if by_service else favoured.priority
    pairs.setdefault(name, []).append((later, True) if favoured is taken else (-later, False))


def _choices(visits: Sequence[Visit]) -> Iterable[tuple[Visit, Visit]]:
    """(who was taken, the first of each other service or priority waiting whom that salesperson serves too)."""
    serves: dict[str, Counter[str]] = {}
    for visit in visits:
        if visit.person and visit.began is not None:
            serves.setdefault(visit.person, Counter())[visit.service] += 1
    by_join = sorted(visits, key=lambda v: v.joined)
    for taken in (v for v in by_join if v.person and v.began is not None and v.began > v.joined):
        assert taken.began is not None
        known, seen = serves[taken.person], set()
        for other in _waiting_at(by_join, taken.began):
            kind = (other.service, other.priority)
            if other is taken or kind in seen or known[other.service] < SKILLED * known.total():
                continue
            seen.add(kind)
            yield taken, other


def _waiting_at(by_join: Sequence[Visit], at: float, span_s: float = 1800.0) -> Iterable[Visit]:
    start = bisect_left(by_join, at - span_s, key=lambda v: v.joined)
    end = bisect_left(by_join, at, key=lambda v: v.joined)
    return (v for v in by_join[start:end] if v.waited_until > at)


def _best(seen: Sequence[Choice], values: Sequence[float]) -> float:
    """The middle of the run of values that agree with most choices; 0 unless the gain is worth it."""
    if len(seen) < EVIDENCE_MIN:
        return 0.0
    agree = {h: sum((later < h) == first for later, first in seen) / len(seen) for h in values}
    best = max(values, key=lambda h: (agree[h], -abs(h)))
    return best if agree[best] - agree[0.0] >= GAIN_MIN else 0.0
