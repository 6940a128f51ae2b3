"""The staffing lab: a day on the table, people per quarter hour to be moved about, and what the twin says of it.

A ``Desk`` is a day to come (learned from the days before it, with the salespeople of the last one like it) or a recorded
day as it was. Both plans, the one found and the one tried, are people per kind and quarter hour: what changes is only what
somebody moved. A kind is a set of skills.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from math import inf
from typing import Any

import numpy as np

from simulation import whatif
from simulation.changes import Case, case_of, case_of_day
from simulation.past import learn
from simulation.past.forecast import ForecastError, history_of
from simulation.past.replay import recorded, usual
from simulation.past.visits import Visits
from simulation.scenario import clock, reading
from simulation.scenario.distributions import Floats
from simulation.scenario.model import Pool, cumulated
from simulation.twin.crew import Crew, Member, crew_of, on_duty

STEP_S = 900.0
PEOPLE_MAX = 30  # of one kind at a time
SEED = 1
SEARCH_ROUNDS, CHECK_SHOPPERS = 2, 400_000  # of the roster search: somebody is waiting for it

Counts = Mapping[str, tuple[int, ...]]
"""Per kind, people in each quarter hour of the desk."""


class LabError(ValueError):
    """The plan cannot be tried; the text says why and what could be."""


@dataclass(frozen=True, slots=True)
class Kind:
    """People with the same skills: who they are, and their usual paces."""

    id: str
    skills: tuple[str, ...]
    speeds: dict[str, float]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """A day on the table. ``first_s``: where its quarter hours begin, in seconds of the case; ``arrivals`` expected in each."""

    case: Case
    first_s: float
    kinds: tuple[Kind, ...]
    counts: Counts
    arrivals: dict[str, tuple[float, ...]]
    notes: tuple[str, ...] = ()
    volume: tuple[float, float] | None = None  # nine days in ten

    @property
    def starts_min(self) -> list[float]:
        """Beginning of each quarter hour, minutes of the case."""
        return [(self.first_s + k * STEP_S) / 60 for k in range(len(next(iter(self.counts.values()), ())))]

    def plan(self, counts: Counts) -> Case:
        """The day with these people; nobody before the desk begins, those of the last quarter hour until the day is over."""
        pools = {}
        for kind in self.kinds:
            row = counts[kind.id]
            steps = [(self.first_s + k * STEP_S, n) for k, n in enumerate(row) if k == 0 or n != row[k - 1]]
            if steps[0][0] > 0:
                steps.insert(0, (0.0, 0))
            pools[kind.id] = Pool(kind.id, kind.skills, kind.speeds, tuple(steps))
        return replace(self.case, crew=crew_of(replace(self.case.scenario, salespeople={}, pools=pools)))

    def paid_hours(self, counts: Counts) -> float:
        """Hours of everybody on the desk."""
        return sum(map(sum, counts.values())) * STEP_S / 3600


def planned(visits: Visits, day: date, known: learn.Known | None = None, holidays: Iterable[date] = ()) -> Desk:
    """A day to come. ``ForecastError`` when there is nothing to learn from, or the store is closed."""
    lesson = learn.learn(visits, day, known, holidays)
    scenario = reading.loads(learn.text_of(lesson), f"learned of {day}")
    case = case_of(scenario)
    steps = int(-(-scenario.horizon_s // STEP_S))
    starts = [k * STEP_S for k in range(steps)]
    arrivals = {
        name: tuple(cumulated(s.rates, min(t + STEP_S, scenario.horizon_s)) - cumulated(s.rates, t) for t in starts)
        for name, s in scenario.services.items() if s.arrives
    }  # fmt: skip
    kinds = kinds_of(case.crew)
    return Desk(case, 0.0, kinds, _counts(case.crew, kinds, starts), arrivals, lesson.outlook.notes, lesson.outlook.total_interval())


def as_it_was(visits: Visits, day: date) -> Desk:
    """A recorded day: its own shoppers, and the people who served them as far as the log shows. ``ForecastError`` without it."""
    rows = visits.days().get(day)
    if not rows:
        raise ForecastError(f"there is no visit on {day}")
    case = case_of_day(recorded(day, rows, usual(visits)))
    assert case.past is not None
    came = history_of(Visits(rows, [])).counts
    joined = [legs[0].served.joined for legs in case.past.visits]
    first = STEP_S * (min([*joined, *(s for m in case.crew.members for s, _ in m.shifts)]) // STEP_S)
    starts = list(np.arange(first, case.scenario.horizon_s, STEP_S).tolist())
    quarters = [int(t // STEP_S) for t in starts]
    arrivals = {name: tuple(float(c[0][q]) if q < c.shape[1] else 0.0 for q in quarters) for name, c in came.items()}
    kinds = kinds_of(case.crew)
    return Desk(case, first, kinds, _counts(case.crew, kinds, starts), arrivals)


def kinds_of(crew: Crew) -> tuple[Kind, ...]:
    """The sets of skills people have, fewest first; speeds are the mean of theirs."""
    groups: dict[tuple[str, ...], list[Member]] = {}
    for member in crew.members:
        groups.setdefault(tuple(sorted(member.skills)), []).append(member)
    return tuple(
        Kind("+".join(skills), skills, {s: float(np.mean([m.speeds[s] for m in members])) for s in skills},
             tuple(dict.fromkeys(m.pool or m.id for m in members)))
        for skills, members in sorted(groups.items(), key=lambda group: (len(group[0]), group[0]))
    )  # fmt: skip


def _counts(crew: Crew, kinds: tuple[Kind, ...], starts: list[float]) -> dict[str, tuple[int, ...]]:
    """People on duty per kind, rounded over each quarter hour."""
    duty = on_duty(crew, starts, STEP_S)
    return {kind.id: tuple(int(n + 0.5) for n in duty[kind.skills].tolist()) for kind in kinds}


# -- what the page sees, and what it sends -----------------------------------------------------------------


def shown(desk: Desk) -> dict[str, Any]:
    """The desk as JSON."""
    return {
        "opens_at_s": desk.case.opens_at_s + desk.first_s,
        "step_min": STEP_S / 60,
        "starts": [clock.show(desk.case.opens_at_s + 60 * t) for t in desk.starts_min],
        "kinds": [{"id": k.id, "skills": list(k.skills), "people": list(k.people), "counts": list(desk.counts[k.id])} for k in desk.kinds],
        "services": {name: [round(n, 2) for n in row] for name, row in desk.arrivals.items()},
        "expected": round(sum(map(sum, desk.arrivals.values())), 1),
        "interval": list(desk.volume) if desk.volume else None,
        "paid_hours": desk.paid_hours(desk.counts),
        "notes": list(desk.notes),
        "recorded": desk.case.past is not None,
    }


def checked(desk: Desk, asked: Mapping[str, list[int]]) -> Counts:
    """The plan somebody made. ``LabError`` names what cannot be."""
    quarters = len(desk.starts_min)
    known = {kind.id for kind in desk.kinds}
    for name, row in asked.items():
        if name not in known:
            raise LabError(f'nobody has the skills "{name}"; there are {", ".join(sorted(known))}')
        if len(row) != quarters:
            raise LabError(f"the day has {quarters} quarter hours; the plan for {name} has {len(row)}")
        if any(not 0 <= n <= PEOPLE_MAX for n in row):
            raise LabError(f"a quarter hour has 0 to {PEOPLE_MAX} people of one kind")
    return {name: tuple(asked.get(name, desk.counts[name])) for name in desk.counts}


def tried(
    desk: Desk, counts: Counts, replications: int, executor: Executor | None = None, done: Callable[[int], None] | None = None,
    seen: Callable[[dict[str, Any]], None] | None = None, hourly_cost: float = 25.0,
) -> dict[str, Any]:  # fmt: skip
    """The report of a what-if: the desk as it was found against these people, with the same shoppers.

    ``seen`` gets the report of the days played so far, after every batch.
    """
    before, after = desk.plan(desk.counts), desk.plan(counts)

    def told(days: Floats) -> None:
        if seen is not None:
            seen(_report(desk, counts, before, after, days, hourly_cost))

    return _report(desk, counts, before, after, whatif.compare(before, after, replications, SEED, executor, done, told), hourly_cost)


def _report(desk: Desk, counts: Counts, before: Case, after: Case, days: Floats, hourly_cost: float) -> dict[str, Any]:
    report = whatif.report(before, after, days, [], SEED, hourly_cost)
    hours = desk.paid_hours(counts) - desk.paid_hours(desk.counts)
    first, last = desk.starts_min[0], desk.starts_min[-1]
    saved = -report["difference"]["unanswered"]["mean"]
    return {
        **report, "intervals": [i for i in report["intervals"] if first - 1e-6 <= i["start_min"] <= last + 1e-6],
        "opens_at_s": desk.case.opens_at_s, "cost": hours * hourly_cost,
        "cost_per_shopper_saved": hours * hourly_cost / saved if saved > 0 and hours > 0 else None,
        "paid_hours": {"before": desk.paid_hours(desk.counts), "after": desk.paid_hours(counts)},
        "staff": [{"start_min": t, "people": sum(row[k] for row in counts.values())} for k, t in enumerate(desk.starts_min)],
    }  # fmt: skip


def suggested(desk: Desk, target: float, executor: Executor | None = None, told: Callable[[int], None] | None = None) -> dict[str, Any]:
    """People per quarter hour, and the shifts they make, for the fewest paid hours that hold ``target`` in every interval."""
    if desk.case.past is not None:
        raise LabError("a recorded day has one set of shoppers: suggestions are made for days to come")
    from simulation.staffing import problem, roster, shifts

    setting = problem.setting_of(desk.case.scenario, target, 2 * STEP_S, SEED)
    check_days = setting.days_of(CHECK_SHOPPERS, 500, 2_000)
    found = roster.quick(problem.Tester(setting, executor, check_days, told=told), shifts.ShiftRules(), SEARCH_ROUNDS)
    verdict, per = problem.verdict(setting, found.days), round(setting.step_s / STEP_S)
    rows = {kind.name: row for kind, row in zip(setting.kinds, found.plan, strict=True)}
    counts = {kind.id: [int(n) for n in rows[kind.id] for _ in range(per)][: len(desk.starts_min)] for kind in desk.kinds}
    each = [roster.told(kind.name, kind.skills, s) for kind, row in zip(setting.kinds, found.shifts, strict=True) for s in row]
    return {
        "counts": counts, "shifts": named(desk, each, once=True), "paid_hours": found.hours, "holds": verdict["holds"],
        "unanswered_share": verdict["unanswered_share"], "target": target,
    }  # fmt: skip


# -- shifts ------------------------------------------------------------------------------------------------


def shifts_of(desk: Desk, counts: Counts) -> list[dict[str, Any]]:
    """The spans that make up a plan drawn by hand: first come, first gone, named after the people there are.

    Spans of presence, not checked against working time rules; a suggestion gives shifts that are.
    """
    spans = []
    for kind in desk.kinds:
        row = [*counts[kind.id], 0]
        open_since: list[float] = []
        for k, n in enumerate(row):
            at = (desk.first_s + k * STEP_S) / 60
            while len(open_since) > n:
                start = open_since.pop(0)
                spans.append({"kind": kind.id, "skills": list(kind.skills), "start_min": start, "end_min": at, "break_min": None,
                              "paid_hours": (at - start) / 60})  # fmt: skip
            open_since += [at] * (n - len(open_since))
    return named(desk, spans)


def named(desk: Desk, shifts: list[dict[str, Any]], *, once: bool = False) -> list[dict[str, Any]]:
    """Each shift with the name of somebody of its kind who is free then; who is missing is numbered.

    ``once``: shifts that keep the rules about working time, so nobody has two of them.
    """
    people = {kind.id: kind.people for kind in desk.kinds}
    until: dict[str, float] = {}
    result = []
    for shift in sorted(shifts, key=lambda s: (s["start_min"], s["end_min"])):
        free = [name for name in people.get(shift["kind"], ()) if until.get(name, -1.0) <= shift["start_min"]]
        name = free[0] if free else _extra(until, shift["start_min"])
        until[name] = inf if once else shift["end_min"]
        result.append({**shift, "name": name})
    return sorted(result, key=lambda s: (s["kind"], s["name"], s["start_min"]))


def _extra(until: Mapping[str, float], start: float) -> str:
    return next(name for k in range(1, len(until) + 2) if until.get(name := f"+{k}", -1.0) <= start)
