"""What the lab's processes compute: pure functions of plain values, each a job of the pool."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import date
from functools import partial
from importlib.util import find_spec
from typing import Any

from simulation import lab
from simulation.charts.words import Words
from simulation.past.learn import Known
from simulation.past.visits import Visits, visits_of
from staff_app.lab.runs import Result, Run

REPLICATIONS = 200
SUGGEST_TOTAL = 60  # looks at a plan, about: for the progress bar
HEAT_DAYS = 28

Names = Mapping[str, str]
"""What people are called, and services (under "service:" and their id), in the reader's language."""


def pictures() -> bool:
    """Whether the extra for pictures is installed."""
    return find_spec("altair") is not None


def desk(visits: Visits, day: date, recorded: bool, known: Known | None, country: str) -> lab.Desk:
    """The day on the table. Raises LabError with one sentence (of our own: not every exception can travel between processes)."""
    from simulation.past.forecast import public_holidays

    try:
        if recorded:
            return lab.as_it_was(visits, day)
        return lab.planned(visits, day, known, public_holidays([*visits.days(), day], country))
    except ValueError as impossible:
        raise lab.LabError(str(impossible)) from None


def week(visits: Visits, days: Sequence[str], words: Words) -> dict[str, Any] | None:
    """Unanswered shares of the last weeks by weekday and hour; ``days`` are the names of the weekdays."""
    if not pictures():
        return None
    from simulation.charts import plots

    came: dict[tuple[int, int], list[int]] = {}
    for day, rows in list(visits.days().items())[-HEAT_DAYS:]:
        for visit in visits_of(rows):
            cell = came.setdefault((day.weekday(), visit[0].joined_at.hour), [0, 0])
            cell[0] += visit[-1].outcome in ("left", "vanished", "closed")
            cell[1] += visit[-1].outcome != "void"
    cells = [
        {"day": days[weekday], "hour": hour, "value": 100 * lost / all_}
        for (weekday, hour), (lost, all_) in sorted(came.items()) if all_
    ]  # fmt: skip
    return plots.week(cells, words)


def trial(table: lab.Desk, counts: lab.Counts, hourly_cost: float, words: Words, names: Names, pool: Executor, run: Run) -> Result:
    """A plan tried, with pictures; answers on the way as soon as there are any."""

    def seen(report: Result) -> None:
        run.seen(_with_pictures(pool, table, report, words, names, lab.shifts_of(table, counts)))

    report = lab.tried(table, counts, REPLICATIONS, pool, run.told, seen, hourly_cost)
    return _with_pictures(pool, table, report, words, names, lab.shifts_of(table, counts))


def suggestion(table: lab.Desk, target: float, hourly_cost: float, words: Words, names: Names, pool: Executor, run: Run) -> Result:
    """The fewest hours that hold the target, and what they change."""
    found = lab.suggested(table, target, pool, run.told)
    counts = lab.checked(table, found["counts"])
    report = lab.tried(table, counts, REPLICATIONS, pool, None, None, hourly_cost)
    return {**_with_pictures(pool, table, report, words, names, found["shifts"]), "suggested": found}


def _with_pictures(pool: Executor, table: lab.Desk, report: Result, words: Words, names: Names, shifts: list[dict[str, Any]]) -> Result:
    called = [
        {**s, "name": names.get(s["name"], s["name"]), "skills": [names.get(f"service:{k}", k) for k in s["skills"]]} for s in shifts
    ]  # fmt: skip
    specs = pool.submit(drawn, report, called, table.case.opens_at_s, words).result() if pictures() else None
    return {**report, "shifts": shifts, "charts": specs}


def drawn(report: Mapping[str, Any], shifts: Sequence[Mapping[str, Any]], opens_at_s: float, words: Words) -> dict[str, Any]:
    """Every picture of a report."""
    from simulation.charts import plots

    return {
        "waits": plots.waits(report["intervals"], opens_at_s, words),
        "unanswered": plots.unanswered(report["intervals"], opens_at_s, words),
        "demand": plots.demand_and_staff(report["intervals"], report["staff"], opens_at_s, words),
        "roster": plots.roster(shifts, opens_at_s, words),
    }


def compared(points: Iterable[Mapping[str, Any]], words: Words) -> dict[str, Any] | None:
    """Plans by cost and loss."""
    if not pictures():
        return None
    from simulation.charts import plots

    return plots.cost(list(points), words)


def job(what: str, table: lab.Desk, counts: lab.Counts, target: float, hourly_cost: float, words: Words, names: Names) -> Any:
    """The work of a run."""
    if what == "try":
        return partial(trial, table, counts, hourly_cost, words, names)
    return partial(suggestion, table, target, hourly_cost, words, names)
