"""A week's roster: the shifts every day needs, and who works them within the rules about working time.

A week file names a scenario per weekday and, if it likes, the people with their contracts::

    name = "Electronics, an ordinary week"
    scenario = "store.toml"              # of every open day that does not name its own
    [days.monday]
    arrivals = 0.8                       # times the arrivals of the scenario
    [days.saturday]
    scenario = "saturday.toml"
    [people.lea]
    skills = ["advice", "payment"]
    contract_h = 35
    days_off = ["sunday", "monday"]

Days that are not named are closed. Without people the report says how many contracts the week takes.
"""

import tomllib
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any

from simulation.changes import case_of
from simulation.executors import run_chains
from simulation.scenario import reading
from simulation.scenario.checks import Trouble
from simulation.scenario.model import Scenario
from simulation.scenario.toml_node import Node
from simulation.staffing import problem, roster
from simulation.staffing.labour import Labour
from simulation.staffing.problem import Late, Setting, verdict
from simulation.staffing.rota import Duty, Person, assign
from simulation.staffing.search import Found
from simulation.staffing.shifts import ShiftRules

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ROUNDS, ROUNDS_BEGUN, CHECK_SHOPPERS = 8, 5, 600_000  # of one day: a week is wanted within a minute
CHAINS = 2  # rows of days in which each begins where the one before it ended


class WeekError(ValueError):
    """The week cannot be planned; one sentence with file, entry and what was expected."""


@dataclass(frozen=True, slots=True)
class Week:
    """The scenario of every open day, Monday 0, and the people there are (none: as many as it takes)."""

    name: str
    days: dict[int, Scenario]
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of every day."""

    target: float
    step_s: float
    late: Late | None
    rules: ShiftRules


def load(path: Path) -> Week:
    """The week in a file; a plain scenario is the same day from Monday to Saturday. Raises ``WeekError`` or ``ScenarioError``."""
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WeekError(f"{path}: the week cannot be read: {error}") from error
    if "services" in tables:
        day = reading.load(path)
        return Week(day.name, dict.fromkeys(range(6), day), ())
    try:
        root = Node((), tables)
        root.only("name", "scenario", "days", "people")
        days = dict(_day(node, tables.get("scenario"), path.parent) for node in root.children("days"))
        if not days:
            raise root.fail("days", "must have at least one table like [days.monday]")
        known = {skill for day in days.values() for skill in day.services}
        people = tuple(_person(node, known) for node in root.children("people"))
    except Trouble as trouble:
        raise WeekError(f"{path}: {'.'.join(trouble.path)} {trouble.expected}") from trouble
    return Week(str(tables.get("name", path.stem)), days, people)


def _day(node: Node, usual: object, folder: Path) -> tuple[int, Scenario]:
    node.only("scenario", "arrivals")
    if node.path[-1] not in DAYS:
        raise node.fail("", f"is no weekday; there are {', '.join(DAYS)}")
    name = node.table.get("scenario", usual)
    if not isinstance(name, str):
        raise node.fail("scenario", 'must be the name of a scenario file like "store.toml", here or for all days')
    factor = node.number("arrivals", 1.0, high=100, above=True)
    day = reading.load(folder / name)
    services = {key: replace(s, rates=tuple((at, rate * factor) for at, rate in s.rates)) for key, s in day.services.items()}
    return DAYS.index(node.path[-1]), replace(day, services=services)


def _person(node: Node, known: set[str]) -> Person:
    node.only("skills", "contract_h", "days_off")
    skills, name = node.names("skills"), node.path[-1]
    for skill in skills:
        if skill not in known:
            raise node.fail("skills", f'has "{skill}", which is not one of the services {", ".join(sorted(known))}')
    off = node.names("days_off") if "days_off" in node.table else ()
    for day in off:
        if day not in DAYS:
            raise node.fail("days_off", f'has "{day}", which is no weekday; there are {", ".join(DAYS)}')
    return Person(name, frozenset(skills), node.number("contract_h", 35.0, high=48, above=True), frozenset(map(DAYS.index, off)))


@dataclass(frozen=True, slots=True)
class _Job:
    setting: Setting
    rules: ShiftRules


def _best(job: _Job, like: tuple[Setting, Found] | None) -> tuple[Setting, Found]:
    """One day, begun where the one before it in its chain ended if that has the same kinds of people and intervals."""
    setting, begin = job.setting, None
    if like is not None and (like[0].kinds, like[0].starts_s) == (setting.kinds, setting.starts_s):
        begin = like[1].moved(like[0], setting)
    tester = problem.Tester(setting, check_days=setting.days_of(CHECK_SHOPPERS, 1000, 10_000))
    return setting, roster.soon(tester, job.rules, ROUNDS if begin is None else ROUNDS_BEGUN, begin)


def _chains(jobs: list[_Job]) -> list[list[_Job]]:
    """Days like each other in a row. As many rows whatever the machine has, so that every machine finds the same."""
    like = sorted(jobs, key=lambda job: job.setting.shoppers)
    each = ceil(len(like) / CHAINS)
    return [like[i : i + each] for i in range(0, len(like), each)]


def plan(week: Week, asked: Asked, labour: Labour, executor: Executor | None, done: Callable[[int], None] | None = None) -> dict[str, Any]:
    """The report of ``avous staff --week``: every day's shifts, checked, and who works them. Equal days are planned once."""
    settings = {d: problem.setting_of(s, asked.target, asked.step_s, s.seed, asked.late) for d, s in week.days.items()}
    different = [_Job(setting, asked.rules) for setting in {repr(setting): setting for setting in settings.values()}.values()]
    found = {repr(setting): answer for chain in run_chains(_best, _chains(different), executor, done) for setting, answer in chain}
    days = {d: found[repr(setting)] for d, setting in settings.items()}
    duties = [duty for d, answer in days.items() for duty in _duties(d, settings[d], answer)]
    people = week.people or needed(duties, labour)
    rota = assign(duties, people, labour)
    return {
        "week": week.name, "target_unanswered": asked.target, "paid_hours": sum(answer.hours for answer in days.values()),
        "days": [_told(d, settings[d], days[d]) for d in sorted(days)],
        "people": [rota.told(person, DAYS) for person in people],
        "uncovered": [duty.told(DAYS) for duty in rota.uncovered],
        "holds": all(verdict(settings[d], days[d].days)["holds"] for d in days) and not rota.uncovered,
    }  # fmt: skip


def _told(day: int, setting: Setting, found: Found) -> dict[str, Any]:
    shifts = [roster.told(kind.name, kind.skills, s) for k, kind in enumerate(setting.kinds) for s in found.shifts[k]]
    plan = [
        {"start_min": start / 60, "people": {kind.name: found.plan[k][i] for k, kind in enumerate(setting.kinds)}}
        for i, start in enumerate(setting.starts_s)
    ]  # fmt: skip
    return {"day": DAYS[day], "scenario": setting.scenario.name, "paid_hours": found.hours, "plan": plan, "shifts": shifts,
            **verdict(setting, found.days)}  # fmt: skip


def _duties(day: int, setting: Setting, found: Found) -> list[Duty]:
    opens_s = case_of(setting.scenario).opens_at_s
    return [
        Duty(day, frozenset(kind.skills), kind.name, opens_s, shift) for k, kind in enumerate(setting.kinds) for shift in found.shifts[k]
    ]


def needed(duties: list[Duty], labour: Labour) -> tuple[Person, ...]:
    """As many contracts of each kind as the week takes: by hours, by days a week, and by the fullest day."""
    people = []
    for kind in dict.fromkeys(duty.kind for duty in duties):
        own = [duty for duty in duties if duty.kind == kind]
        hours = sum(duty.shift.paid_hours for duty in own)
        fullest = max(sum(1 for duty in own if duty.day == d) for d in range(len(DAYS)))
        number = max(fullest, ceil(hours / labour.full_time_h), ceil(len(own) / (labour.days_a_week - 1)))
        contract = min(labour.full_time_h, max(labour.part_time_least_h, ceil(hours / number)))
        people += [Person(f"{kind}-{n:02d}", own[0].skills, contract, frozenset()) for n in range(1, number + 1)]
    return tuple(people)
