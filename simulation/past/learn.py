"""A scenario of a day to come, learned from a store's own history: ``avous scenario from-facts``.

The file it writes is an ordinary scenario, made to be read and changed: every table says from what it was learned. Rates
come from ``forecast`` (quarter hours, weekday, trend, holidays), the day's spread too; times from ``law_fits`` (who left is
censored, never dropped); speeds are shrunk to everybody's; who is there when is taken from the last day like it (``duty``).
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from simulation.past import law_fits
from simulation.past.favours import favours
from simulation.past.forecast import QUARTER_S, QUARTERS, ForecastError, History, Outlook, history_of, outlook
from simulation.past.law_fits import Learned
from simulation.past.paces import Paces, paces_of
from simulation.past.recorded import Visit
from simulation.past.replay import CARD, NO_PRIORITY, Leg, Recorded, recorded, usual
from simulation.past.visits import Visits
from simulation.scenario import clock
from simulation.scenario.law_tables import MINUTE_S
from simulation.scenario.model import HOUR_S
from simulation.twin.crew import Member
from simulation.twin.log import ANSWERED, LEFT

DAYS_MAX = 84  # before the day in question: older ones say little of it
GAP_S, STAY_S = 180.0, 60.0  # a shorter absence is not written down, nor a shorter stay
STRAGGLERS = 0.001  # share of the day's shoppers before it opens and after it closes
SKILL_SHARE = 0.25  # of everybody's share of a service: who serves it more rarely did somebody a favour
UNKNOWN = "unknown"
VANISHED_WORTH_SAYING = 0.01
FAVOUR_DAYS = 21  # who was taken before whom is looked at in the last days only: it takes long


@dataclass(frozen=True, slots=True)
class Known:
    """What a store says of itself and no log can: opening hours of the day (seconds after midnight), ranks, head starts, skills."""

    name: str = ""
    opens_at_s: float | None = None
    closes_at_s: float | None = None
    ranks: Mapping[str, int] = field(default_factory=dict)
    head_starts_s: Mapping[str, float] = field(default_factory=dict)
    classes_s: Mapping[str, float] = field(default_factory=dict)
    skills: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the days before ``day`` teach of it. ``like``: the last one like it, whose salespeople are taken."""

    day: date
    outlook: Outlook
    past: tuple[Recorded, ...]
    like: Recorded
    paces: Paces
    known: Known
    served: dict[str, Counter[str]]  # visits by salesperson and service

    @property
    def span_s(self) -> tuple[float, float]:
        """When shoppers come, in seconds after midnight: the opening hours, else the quarter hours without a few stragglers."""
        reached = np.cumsum(sum(self.outlook.mean.values(), np.zeros(QUARTERS)))
        first = float(np.argmax(reached > STRAGGLERS * reached[-1]) * QUARTER_S)
        last = float((np.argmax(reached >= (1 - STRAGGLERS) * reached[-1]) + 1) * QUARTER_S)
        opens, closes = self.known.opens_at_s, self.known.closes_at_s
        return (first if opens is None else opens), (last if closes is None else closes)

    @property
    def services(self) -> tuple[str, ...]:
        """Everything that somebody came for, first or later."""
        return tuple(dict.fromkeys([*self.outlook.mean, *(leg.served.service for leg in self.legs())]))

    def legs(self) -> Iterator[Leg]:
        """Every step of every day."""
        return (leg for past in self.past for visit in past.visits for leg in visit)


def learn(visits: Visits, day: date, known: Known | None = None, holidays: Iterable[date] = ()) -> Lesson:
    """What a log says of a day. ``ForecastError`` when nothing comes before it, or the store is closed then."""
    days = [(d, rows) for d, rows in visits.days().items() if d < day][-DAYS_MAX:]
    if not days:
        raise ForecastError(f"there is no day before {day} to learn from")
    kept = Visits([row for _, rows in days for row in rows], [])
    history = history_of(kept, holidays)
    told = outlook(history, day)
    if not any(mean.any() for mean in told.mean.values()):
        raise ForecastError(f"{day}: {told.notes[0]}" if told.notes else f"nobody is expected on {day}")
    usually = usual(kept)
    past = tuple(recorded(d, rows, usually) for d, rows in days)
    return Lesson(day, told, past, _like(past, history, day), paces_of(past), known or Known(), _served(past))


def _served(past: tuple[Recorded, ...]) -> dict[str, Counter[str]]:
    served: dict[str, Counter[str]] = {}
    for leg in (leg for one in past for visit in one.visits for leg in visit):
        if leg.served.began is not None:
            served.setdefault(leg.served.salesperson, Counter())[leg.served.service] += 1
    return served


def _like(past: tuple[Recorded, ...], history: History, day: date) -> Recorded:
    like = history.last_like(day) or history.days[-1]
    return next(one for one in past if one.day == like)


# -- as a file ---------------------------------------------------------------------------------------------


def text_of(lesson: Lesson) -> str:
    """The scenario file, with comments that say from what each entry was learned."""
    parts = [_head(lesson), *(_service(lesson, name) for name in lesson.services), _classes(lesson), _people(lesson)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(lesson: Lesson) -> str:
    opens, closes = lesson.span_s
    first, last, told = lesson.past[0].day, lesson.past[-1].day, lesson.outlook
    low, high = told.total_interval()
    expected = sum(float(mean.sum()) for mean in told.mean.values())
    lines = [
        f"# {lesson.day:%A} {lesson.day}, learned from {len(lesson.past)} days, {first} to {last}. Change what you like.",
        f"# Expected: {expected:.0f} shoppers; nine days in ten like it have {low:.0f} to {high:.0f}.",
        *(f"# Note: {note}." for note in told.notes),
    ]
    vanished = Counter(visit[-1].outcome for past in lesson.past for visit in past.visits)
    if vanished["vanished"] > VANISHED_WORTH_SAYING * vanished.total():
        lines.append(f"# Note: {100 * vanished['vanished'] / vanished.total():.1f} % did not come when called; here everybody comes.")
    name = f"{lesson.known.name}, {lesson.day:%A}" if lesson.known.name else f"{lesson.day:%A}, learned"
    lines += [
        f"name = {_text(name)}",
        f'opens_at = "{clock.show(opens)}"',
        f"horizon_min = {(closes - opens) / MINUTE_S:g}",
        f"day_cv = {min(told.store_cv, 5.0):.3f}  # how much a day's volume surprises",
    ]
    cards = sum(1 for past in lesson.past for visit in past.visits if visit[0].priority == CARD)
    if cards:
        lines.append(f"card_share = {cards / vanished.total():.4f}  # {cards} of {vanished.total()} had a priority card")
    return "\n".join(lines)


def _service(lesson: Lesson, name: str) -> str:
    legs = [leg for leg in lesson.legs() if leg.served.service == name]
    lines = [f"[services.{_key(name)}]", *_rates(lesson, name)]
    work = lesson.paces.work_s.get(name, np.empty(0))
    served = law_fits.service_law(work if len(work) else lesson.paces.all_work_s())
    lines.append(_law("service_time", served, "at the pace of everybody together" if len(work) else "nobody was served: as all services"))
    waited = [(leg.served.ended if leg.served.began is None else leg.served.began) - leg.served.joined for leg in _waits(legs)]
    patience = law_fits.patience_law(np.array(waited), np.array([leg.outcome == LEFT for leg in _waits(legs)]))
    lines.append(_law("patience", patience) if patience else "# nobody left before being served: patience without end")
    walks = np.array([leg.walking_s for leg in legs if leg.served.began is not None])
    if len(walks) and walks.mean() >= 1.0:
        lines.append(_law("walking", law_fits.service_law(walks), "from the call to the start"))
    lines += _standing(lesson, name)
    follow = _followers(lesson, name)
    if follow:
        lines.append(f"next = {{{', '.join(f'{_key(to)} = {share:g}' for to, share in follow.items())}}}")
    return "\n".join(lines)


def _waits(legs: list[Leg]) -> list[Leg]:
    return [leg for leg in legs if leg.outcome in (LEFT, ANSWERED) and not leg.guessed]


def _rates(lesson: Lesson, name: str) -> Iterator[str]:
    """Steps of a quarter hour; neighbours that are equal are one."""
    opens, closes = lesson.span_s
    mean = lesson.outlook.mean.get(name)
    if mean is None or not mean.any():
        yield "arrivals_per_hour = 0  # only as a later step of a visit"
        return
    steps: list[tuple[float, float]] = []
    for start in np.arange(opens, closes, QUARTER_S):
        rate = round(float(mean[int(start // QUARTER_S)]) * HOUR_S / QUARTER_S, 2) if start // QUARTER_S < len(mean) else 0.0
        if not steps or steps[-1][1] != rate:
            steps.append(((start - opens) / MINUTE_S, rate))
    low, high = lesson.outlook.interval(name)
    busiest = int(np.argmax(mean))
    yield (f"# {float(mean.sum()):.0f} expected; busiest from {clock.show(busiest * QUARTER_S)}: "
           f"{low[busiest]:.0f} to {high[busiest]:.0f} in a quarter hour, nine times in ten")  # fmt: skip
    cells = [f"[{minute:g}, {rate:g}]" for minute, rate in steps]
    rows = [", ".join(cells[i : i + 8]) for i in range(0, len(cells), 8)]
    yield "arrivals_per_hour = [\n" + "".join(f"    {row},\n" for row in rows) + "]"


def _law(entry: str, law: Learned, more: str = "") -> str:
    cells = ", ".join(f"{key} = {_value(value)}" for key, value in law.table.items())
    return f"{entry} = {{{cells}}}  # {law.about}{'; ' + more if more else ''}"


def _standing(lesson: Lesson, name: str) -> Iterator[str]:
    if lesson.known.ranks.get(name, 1) != 1:
        yield f"rank = {lesson.known.ranks[name]}"
    if lesson.known.head_starts_s.get(name, 0.0) > 0:
        yield f"head_start_min = {lesson.known.head_starts_s[name] / MINUTE_S:g}"


def _followers(lesson: Lesson, name: str) -> dict[str, float]:
    """Share of the visits served with ``name`` that go on with each service."""
    after: Counter[str] = Counter()
    served = 0
    for visit in (visit for past in lesson.past for visit in past.visits):
        for here, then in zip(visit, (*visit[1:], None), strict=True):
            if here.served.service == name and here.served.began is not None:
                served += 1
                after.update([then.served.service] if then is not None else [])
    return {to: share for to, n in sorted(after.items()) if (share := float(f"{n / served:.3f}")) > 0}


def _classes(lesson: Lesson) -> str:
    """Priorities of the log that are no cards; the head start is the store's own, else the one that explains whom they took first."""
    seen = Counter(visit[0].priority for past in lesson.past for visit in past.visits)
    named = {name: n for name, n in sorted(seen.items()) if name not in (*NO_PRIORITY, CARD)}
    if not named:
        return ""
    learned: dict[str, float] = {}
    if set(named) - set(lesson.known.classes_s):
        learned = favours([[_as_visit(leg) for visit in past.visits for leg in visit] for past in lesson.past[-FAVOUR_DAYS:]])[0]
    parts = []
    for name, n in named.items():
        head = lesson.known.classes_s.get(name, learned.get(name, 0.0))
        why = "the store's own" if name in lesson.known.classes_s else "what explains best who was taken first"
        parts.append(f"[classes.{_key(name)}]\nshare = {n / seen.total():.4f}  # {n} of {seen.total()}\n"
                     f"head_start_min = {head / MINUTE_S:g}  # {why}")  # fmt: skip
    return "\n\n".join(parts)


def _as_visit(leg: Leg) -> Visit:
    s = leg.served
    began = s.began
    return Visit(
        s.service, leg.priority, s.joined, began, None if began is None else s.ended, s.ended if began is None else None, leg.outcome,
        s.salesperson,
    )  # fmt: skip


# -- who serves --------------------------------------------------------------------------------------------


def _people(lesson: Lesson) -> str:
    known = [m for m in lesson.like.crew.members if not _is_unknown(m, lesson)]
    weekday = f"the last {lesson.like.day:%A}" if lesson.like.day.weekday() == lesson.day.weekday() else "the last day"
    head = f"# Who was there on {lesson.like.day}, {weekday} of the log; when, as far as visits show it."
    parts = [part for member in known if (part := _person(lesson, member))]
    return "\n\n".join([head, *parts, *_unknown_pool(lesson)])


def _is_unknown(member: Member, lesson: Lesson) -> bool:
    return not any(leg.served.salesperson == member.id for visit in lesson.like.visits for leg in visit)


def _person(lesson: Lesson, member: Member) -> str:
    shifts = _shifts(member.shifts, lesson.span_s)
    if not shifts:
        return ""
    skills = lesson.known.skills.get(member.id) or skills_of(lesson, member)
    skills = tuple(s for s in skills if s in lesson.services) or member.skills
    speeds = {s: round(lesson.paces.speed(member.id, s), 2) for s in skills}
    speed = _value(next(iter(speeds.values()))) if len(set(speeds.values())) == 1 else \
        "{" + ", ".join(f"{_key(s)} = {v:g}" for s, v in speeds.items()) + "}"  # fmt: skip
    spans = ", ".join(f"[{start / MINUTE_S:g}, {end / MINUTE_S:g}]" for start, end in shifts)
    visits = lesson.paces.visits(member.id)
    return (f"[salespeople.{_key(member.id)}]\nskills = [{', '.join(map(_text, skills))}]\n"
            f"speed = {speed}  # {visits} visits, shrunk to everybody's pace\nshifts = [{spans}]")  # fmt: skip


def skills_of(lesson: Lesson, member: Member) -> tuple[str, ...]:
    """What somebody serves about as often as everybody, and at least once; else what they served that day."""
    own = lesson.served.get(member.id, Counter())
    everybody = sum(lesson.served.values(), Counter[str]())
    often = {s for s, n in own.items() if n / own.total() >= SKILL_SHARE * everybody[s] / everybody.total()}
    return tuple(sorted(often)) or member.skills


def _shifts(spans: Iterable[tuple[float, float]], inside: tuple[float, float]) -> list[tuple[float, float]]:
    """Spans on duty in whole minutes of the day, without gaps and stays too short to be written down."""
    opens, closes = inside
    kept: list[tuple[float, float]] = []
    for begin, end in spans:
        start, until = (60.0 * round((min(max(t, opens), closes) - opens) / 60) for t in (begin, end))
        if kept and start - kept[-1][1] < GAP_S:
            kept[-1] = (kept[-1][0], max(until, kept[-1][1]))
        elif until - start >= STAY_S:
            kept.append((start, until))
    return kept


def _unknown_pool(lesson: Lesson) -> Iterator[str]:
    """Visits whose salesperson is not in the log were served by somebody: as many as were busy at a time, per half hour."""
    spans = [m.shifts[0] for m in lesson.like.crew.members if _is_unknown(m, lesson)]
    if not spans:
        return
    opens, closes = lesson.span_s
    skills = sorted({s for m in lesson.like.crew.members if _is_unknown(m, lesson) for s in m.skills})
    steps: list[str] = []
    before = -1
    for start in np.arange(opens, closes, 1800.0):
        busy = sum(max(0.0, min(end, start + 1800.0) - max(begin, start)) for begin, end in spans) / 1800.0
        count = round(busy)
        if count != before:
            steps.append(f"[{(start - opens) / MINUTE_S:g}, {count}]")
            before = count
    if any(not step.endswith(" 0]") for step in steps) or not any(not _is_unknown(m, lesson) for m in lesson.like.crew.members):
        yield (f"[pools.{UNKNOWN}]\n# {len(spans)} visits of that day do not say who served them; as many as were busy with them\n"
               f"count = [{', '.join(steps)}]\nskills = [{', '.join(map(_text, skills))}]")  # fmt: skip


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else _text(name)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _value(value: object) -> str:
    return _text(value) if isinstance(value, str) else f"{value:g}"
