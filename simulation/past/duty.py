"""Who was on duty on a recorded day, inferred from who served.

A log says when somebody began and finished with a shopper, not when they were there. Three rules fill the gaps:

* Between their first start and last finish people are on duty, except when there is **evidence of absence**:
  somebody they could have served had been waiting for ``GRACE_S``, and they did not take them. The absence
  lasts from the first to the last such moment of the gap. Gaps of over ``QUIET_S`` with nobody waiting are breaks.
* An absence of up to ``WRAP_S`` right after the last step of a visit (notes, a coffee) goes with that visit, whenever it
  takes place now: kept at the time of day it had, it would be lost as often as the salesperson is then busy.
* Who served when the log does not say is an **unknown** salesperson of their own for exactly that visit.

Skills are the services somebody served that day. A visit that had not been finished when its salesperson
began with the next one ends there: nobody pressed Finish.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from simulation.twin.crew import Member

GRACE_S = 10.0
WRAP_S = 900.0
QUIET_S = 1800.0
MISSED_S = 60.0  # how long somebody unknown is there to call a shopper who does not come

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Served:
    """One step as recorded, in seconds of the day; ``began`` None: never served. ``salesperson`` "" when unknown.

    ``goes_on``: the visit has another step after it.
    """

    service: str
    joined: float
    began: float | None
    ended: float  # of the service, or of the wait when never served; always finite
    salesperson: str
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Inferred:
    """The crew, how long each served step kept its salesperson busy, and which finishes had been forgotten."""

    members: tuple[Member, ...]
    work_s: dict[int, float]  # by position in the steps given
    forgotten: dict[int, float]  # position -> when the visit is taken to have ended
    unknown: int


def infer(steps: list[Served], vanished: Iterable[Served] = ()) -> Inferred:
    """The salespeople of a day from its steps; ``vanished`` are those who were called and did not come."""
    waiting = _waiting(steps)
    members: list[Member] = []
    work: dict[int, float] = {}
    forgotten: dict[int, float] = {}
    for name in sorted({s.salesperson for s in steps if s.salesperson and s.began is not None}):
        own = sorted((s.began, i) for i, s in enumerate(steps) if s.salesperson == name and s.began is not None)
        ends = _ends(steps, own, forgotten)
        skills = tuple(sorted({steps[i].service for _, i in own}))
        visits = [(began, end, steps[i].goes_on) for (began, i), end in zip(own, ends, strict=True)]
        shifts, extra = _shifts(visits, _union(waiting[s] for s in skills))
        members.append(Member(name, skills, dict.fromkeys(skills, 1.0), shifts))
        work |= {i: end - began + more for (began, i), end, more in zip(own, ends, extra, strict=True)}
    known = {skill for member in members for skill in member.skills}
    names = _free_names({member.id for member in members})
    unknown = [(i, s) for i, s in enumerate(steps) if s.began is not None and not s.salesperson]
    for i, step in unknown:
        assert step.began is not None
        end = max(step.ended, step.began + 1.0)
        members.append(Member(next(names), (step.service,), {step.service: 1.0}, ((step.began, end),)))
        work[i] = step.ended - step.began
    missed = [step for step in vanished if step.service not in known]
    for step in missed:  # somebody must have called them
        members.append(Member(next(names), (step.service,), {step.service: 1.0}, ((step.ended, step.ended + MISSED_S),)))
    return Inferred(tuple(members), work, forgotten, len(unknown) + len(missed))


def _free_names(taken: set[str]) -> Iterator[str]:
    """unknown-001, unknown-002, …, without those that somebody in the log really has."""
    return (name for name in map("unknown-{:03d}".format, count(1)) if name not in taken)


def _waiting(steps: Iterable[Served]) -> dict[str, list[Span]]:
    """Per service, when somebody had been waiting longer than the grace."""
    spans: dict[str, list[Span]] = {}
    for step in steps:
        until = step.ended if step.began is None else step.began
        spans.setdefault(step.service, [])
        if until - step.joined > GRACE_S:
            spans[step.service].append((step.joined + GRACE_S, until))
    return spans


def _union(lists: Iterable[list[Span]]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(span for spans in lists for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _ends(steps: list[Served], own: list[tuple[float, int]], forgotten: dict[int, float]) -> list[float]:
    """When each visit of one salesperson ended, at the latest when the next began."""
    ends = []
    for k, (_, i) in enumerate(own):
        end = steps[i].ended
        if k + 1 < len(own) and own[k + 1][0] < end:
            end = forgotten[i] = own[k + 1][0]
        ends.append(end)
    return ends


def _shifts(visits: list[tuple[float, float, bool]], waiting: list[Span]) -> tuple[tuple[Span, ...], list[float]]:
    """Spans on duty, and the seconds of work after each visit."""
    shifts, extra, since = [], [0.0] * len(visits), visits[0][0]
    for k in range(len(visits) - 1):
        (_, end, goes_on), again = visits[k], visits[k + 1][0]
        gone = _absence(end, again, waiting)
        if gone is None:
            continue
        if not goes_on and gone[0] - end < 1.0 and gone[1] - gone[0] <= WRAP_S:
            extra[k] = gone[1] - end
        elif gone[1] > gone[0]:
            if gone[0] > since:
                shifts.append((since, gone[0]))
            since = gone[1]
    shifts.append((since, max(visits[-1][1], since + 1.0)))
    return tuple(shifts), extra


def _absence(end: float, again: float, waiting: list[Span]) -> Span | None:
    """The part of a gap between two visits in which this salesperson cannot have been there."""
    first = bisect_right(waiting, end, key=lambda span: span[1])
    last = bisect_left(waiting, again, key=lambda span: span[0]) - 1
    if first <= last:
        return max(end, waiting[first][0]), min(again, waiting[last][1])
    return (end, again) if again - end > QUIET_S else None
