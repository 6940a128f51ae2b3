"""A period in one dict, ready for JSON: who came, who was answered, how long it took, and who was not."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from math import ceil
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

from server.reports.survival import kaplan_meier, thinned
from server.reports.visits import Balked, Period, Visit, by, hour_of, service_s, visits, wait_s, walking_s
from server.rules.state import Outcome

Figures = dict[str, Any]

WITHIN_S = (120, 300, 600, 900, 1200, 1800)
CURVE_POINTS = 120
GROUP_MIN = 5  # visits: what fewer people did could be told of one of them
UNANSWERED = ("left", "vanished", "closed", "balked")
ENDED = (*(outcome.value for outcome in Outcome), "balked")


def report(period: Period) -> Figures:
    """The whole report. Counts are of visits (a ticket with all its steps); a balked shopper counts as one who came.

    Times are in seconds. Void tickets (duplicates, tests) are counted and left out of everything else.
    """
    zone = ZoneInfo(period.zone)
    known = visits(period.facts)
    real = [v for v in known if v.outcome != Outcome.VOID]
    return {
        "days": list(period.days),
        "accounts": accounts(known, period.balked),
        "unanswered_share": unanswered_share(known, period.balked),
        "waits": waits(real), "promise": promise(real), "walking": spread(walking_s(s) for v in real for s in v.steps),
        "services": _services(real, period.balked),
        "hours": _cells(real, period.balked, lambda at, _: str(hour_of(at, zone))),
        "weekdays": _cells(real, period.balked, lambda at, day: f"{_weekday(day)} {hour_of(at, zone)}"),
        "by_day": _cells(real, period.balked, lambda _, day: day),
        "rating": _rating(period), "content": _content(period, real), "doors": _doors(period, known),
    }  # fmt: skip


def accounts(known: Sequence[Visit], balked: Sequence[Balked] = ()) -> dict[str, int]:
    """Every shopper in exactly one place; the numbers add up to all who came."""
    counts = dict.fromkeys(ENDED, 0) | {"balked": len(balked)}
    for visit in known:
        counts[visit.outcome] += 1
    return counts


def unanswered_share(known: Sequence[Visit], balked: Sequence[Balked] = ()) -> float | None:
    """Of all who came and are no duplicates; None when nobody did."""
    counts = accounts(known, balked)
    unanswered = sum(counts[reason] for reason in UNANSWERED)
    return unanswered / (unanswered + counts["answered"]) if unanswered + counts["answered"] else None


def waits(real: Sequence[Visit]) -> Figures:
    """Waits for the first call, from joining: of all, those who gave up as "at least so long" (Kaplan-Meier).

    ``within``: the share of all who joined that were called in time, leavers counted as not.
    """
    seen = [seen for v in real if (seen := _seen(v)) is not None]
    curve = kaplan_meier(seen)
    called = [s for s, was_called in seen if was_called]
    return {
        "joined": len(seen), "called": len(called), "mean_s": fmean(called) if called else None,
        "p50_s": curve.quantile(0.5), "p80_s": curve.quantile(0.8), "p90_s": curve.quantile(0.9),
        "within": {str(limit): _share(sum(s <= limit for s in called), len(seen)) for limit in WITHIN_S},
        "curve": [[round(t, 1), round(still, 4)] for t, still in thinned(curve, CURVE_POINTS)],
    }  # fmt: skip


def _seen(visit: Visit) -> tuple[float, bool] | None:
    """How long the shopper waited for the first call, and whether it came; None where the record does not say."""
    if (called := wait_s(visit.first)) is not None:
        return called, True
    return (max(0.0, visit.first.left_at - visit.first.joined_at), False) if visit.first.left_at is not None else None


def promise(real: Sequence[Visit]) -> Figures:
    """What became of the promises: told, decided (met by somebody, or still not when it ran out), kept, and the excess of the broken.

    A promise speaks of the moment somebody turns to the shopper, walking included. Who left before it ran out was not
    let down by it, nor was it kept: that promise is not decided.
    """
    decided = [late for v in real if (late := _late(v)) is not None]
    broken = [late for late in decided if late > 0.0]
    return {
        "told": sum(v.first.promise_s is not None for v in real), "decided": len(decided), "kept": len(decided) - len(broken),
        "kept_share": _share(len(decided) - len(broken), len(decided)), "excess_s": fmean(broken) if broken else None,
    }  # fmt: skip


def _late(visit: Visit) -> float | None:
    """Seconds past the promise, 0 when kept, None when there was none or it was never put to the test."""
    step = visit.first
    end = step.started_at if step.started_at is not None else step.left_at
    if step.promise_s is None or end is None:
        return None
    late = end - step.joined_at - step.promise_s
    return max(0.0, late) if step.started_at is not None or late > 0.0 else None


def spread(values: Iterable[float | None]) -> Figures:
    """How many, their mean and their 50th and 90th percentile (the smallest value that so many do not exceed)."""
    known = sorted(v for v in values if v is not None)
    return {"n": len(known), "mean_s": fmean(known) if known else None, "p50_s": _rank(known, 0.5), "p90_s": _rank(known, 0.9)}


def _rank(ordered: Sequence[float], share: float) -> float | None:
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


def salespeople(period: Period) -> Figures:
    """All together, and one row a salesperson with at least ``GROUP_MIN`` finished steps; whom it is shown to decides the web."""
    steps = [s for v in visits(period.facts) for s in v.steps if s.salesperson is not None and s.outcome == Outcome.ANSWERED]
    people = sorted({s.salesperson or "" for s in steps})
    mine = {p: [s for s in steps if s.salesperson == p] for p in people}
    return {
        "people": len(people), "steps": len(steps), "service": spread(map(service_s, steps)),
        "each": {p: {"steps": len(own), "service": spread(map(service_s, own))} for p, own in mine.items() if len(own) >= GROUP_MIN},
    }  # fmt: skip


def _services(real: Sequence[Visit], balked: Sequence[Balked]) -> Figures:
    groups = by((v.service, v) for v in real)
    names = sorted({*groups, *(b.service for b in balked), *(s.service for v in real for s in v.steps)})
    found = {}
    for name in names:
        mine, seen = groups.get(name, []), [b for b in balked if b.service == name]
        steps = [s for v in real for s in v.steps if s.service == name]
        found[name] = _cell(mine, seen) | {"waits": waits(mine), "promise": promise(mine), "service": spread(map(service_s, steps))}
    return found


def _cells(real: Sequence[Visit], balked: Sequence[Balked], key: Callable[[float, str], str]) -> Figures:
    groups = by((key(v.first.joined_at, v.day), v) for v in real)
    seen: dict[str, list[Balked]] = {}
    for b in balked:
        seen.setdefault(key(b.at, b.day), []).append(b)
    return {name: _cell(groups.get(name, []), seen.get(name, ())) for name in sorted({*groups, *seen}, key=_natural)}


def _cell(mine: Sequence[Visit], balked: Sequence[Balked]) -> Figures:
    counts = accounts(mine, balked)
    del counts["void"]
    called = [s for v in mine if (s := wait_s(v.first)) is not None]
    return {"came": sum(counts.values()), **counts, "unanswered_share": unanswered_share(mine, balked),
            "wait_mean_s": fmean(called) if called else None}  # fmt: skip


def _rating(period: Period) -> Figures:
    stars = [r.stars for r in period.ratings]
    return {"n": len(stars), "mean": fmean(stars) if stars else None, "stars": {str(n): stars.count(n) for n in range(1, 6)}}


def _content(period: Period, real: Sequence[Visit]) -> Figures:
    """What was opened, finished and answered, and leaving among those who opened something and who did not.

    That is a comparison of people who chose, no proof of an effect. In the journal "cables" was finished, "cables:open"
    opened, and "sort:2" is an answer to the poll "sort", which finishes it.
    """
    opened = {(r.day, r.ticket, r.item.split(":")[0]) for r in period.read}
    finished = {(r.day, r.ticket, r.item.split(":")[0]) for r in period.read if not r.item.endswith(":open")}
    given = [r.item.split(":") for r in period.read if r.item.rpartition(":")[2].isdecimal() and ":" in r.item]
    readers = {(r.day, r.ticket) for r in period.read}
    read = [v for v in real if (v.day, v.first.ticket) in readers]
    others = [v for v in real if (v.day, v.first.ticket) not in readers]
    return {
        "opened": _counted(item for *_, item in opened), "finished": _counted(item for *_, item in finished),
        "answers": {poll: _counted(option for name, option in given if name == poll) for poll in sorted({name for name, _ in given})},
        "readers": _leaving(read), "others": _leaving(others),
    }  # fmt: skip


def _counted(names: Iterable[str]) -> dict[str, int]:
    """How often each name comes, in order of name."""
    return dict(sorted(Counter(names).items()))


def _leaving(group: Sequence[Visit]) -> Figures:
    left = sum(v.outcome in (Outcome.LEFT, Outcome.VANISHED) for v in group)
    return {"n": len(group), "left": left, "left_share": _share(left, len(group)) if len(group) >= GROUP_MIN else None}


def _doors(period: Period, known: Sequence[Visit]) -> Figures | None:
    """With door counts: of who came in, those who never took a ticket nor declined one. None where nobody counted."""
    if not period.doors:
        return None
    counted = {d.day for d in period.doors}
    came = sum(d.came for d in period.doors)
    asked = sum(v.day in counted and v.outcome != Outcome.VOID for v in known) + sum(b.day in counted for b in period.balked)
    return {"days": len(counted), "came": came, "asked": asked, "never_asked": max(0, came - asked)}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _weekday(day: str) -> int:
    return date.fromisoformat(day).isoweekday()


def _natural(name: str) -> tuple[float, ...] | tuple[str]:
    try:
        return tuple(float(part) for part in name.split())
    except ValueError:
        return (name,)
