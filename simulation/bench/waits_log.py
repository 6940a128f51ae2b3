"""The wait benchmark on a recorded log: learn from the days before, forecast each day as it is told.

Scored are those who had to wait and were served in the end (what leavers would have waited, nobody knows), so
every forecast is of the wait *given that the shopper stays for it*: each future counts with the chance that
their own patience lasts so long. Forecasts are made day by day, anywhere; the refinements, which learn from
outcomes, are applied afterwards in the order of time, each from outcomes known by then.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from server.rules.plan import DayPlan
from server.waits import baselines
from server.waits.curves import Floats
from server.waits.estimator import futures
from server.waits.forecast import LONGEST_S, Forecast, Refiner
from server.waits.models import Models
from server.waits.parameters import Parameters
from server.waits.situation import Waiter
from simulation.past import visits as visits_csv
from simulation.past.recorded import RecordedDay, Rota, Visit, log_plan
from simulation.past.skilled import Skills

DAY_S = 86400.0
REFINE_DAYS = 6  # of history on which refinements are learned
FEATURES = 4
REPORTED = (0.10, 0.50, 0.80, 0.90)
BASELINES = ("naive", "last10", "gap", "les", "hol", "ql", "qlm", "qlms", "qla")
TYPICAL_S, SHIFT_S = 120.0, 30.0


class Told(NamedTuple):
    """One forecast, before refinement, and what became of it."""

    at: float
    service: str
    raw: Forecast
    features: tuple[float, ...]
    said: tuple[float, ...]  # by the baselines
    wait_s: float
    served: bool


class DayJob(NamedTuple):
    """One day to forecast with what came before."""

    days: tuple[tuple[Visit, ...], ...]  # history, then the day itself
    number: int
    futures: int
    seed: int


@dataclass(slots=True)
class History:
    """What the days before teach."""

    plan: DayPlan
    models: Models
    skills: Skills = field(default_factory=Skills)
    rota: Rota = field(default_factory=Rota)


def read(path: Path) -> dict[date, tuple[Visit, ...]]:
    """The days of a log; steps that were void, or have no times, are left out."""
    days: dict[date, tuple[Visit, ...]] = {}
    for day, rows in visits_csv.read(path).days().items():
        found = [visit for row in rows if (visit := _visit(row)) is not None]
        days[day] = tuple(sorted(found, key=lambda v: v.joined))
    return {day: rows for day, rows in days.items() if rows}


def _visit(row: visits_csv.Row) -> Visit | None:
    began, finished, left = _seconds(row.started_at), _seconds(row.finished_at), _seconds(row.left_at)
    joined = _seconds(row.joined_at)
    assert joined is not None
    if row.outcome == "void" or (began is None and left is None):
        return None
    if began is not None and finished is None:
        finished = began  # nobody knows when it ended
    outcome = "answered" if began is not None else row.outcome
    return Visit(row.service, row.priority, joined, began, finished, left if began is None else None, outcome, row.salesperson)


def _seconds(at: datetime | None) -> float | None:
    """Local wall time as if it were UTC: days of a log are compared by their clock on the wall."""
    return None if at is None else at.replace(tzinfo=UTC).timestamp()


def learned(days: Sequence[Sequence[Visit]], services: Collection[str] = ()) -> History:
    """Everything the history says: order, lengths, patience, pauses, skills, usual beginnings. ``services``: today's, by name."""
    plan = log_plan("log", days, services)
    history = History(plan, Models(plan, gap_max_s=0.0))
    pauses: list[tuple[float, bool, bool]] = []
    for visits in days:
        RecordedDay(plan, visits, history.skills, history.rota, rested=lambda *pause: pauses.append(pause)).run()
        history.rota.learn(visits)
    history.models = history.models.learn(visit.fact() for visits in days for visit in visits)
    for seconds, ended, away in pauses:
        history.models.rested(seconds, ended=ended, away=away)
    return history


def forecast_day(job: DayJob) -> list[Told]:
    """Everybody who has to wait that day, in order."""
    history = learned(job.days[:-1], {visit.service for visit in job.days[-1]})
    told: list[Told] = []

    def watch(sim: RecordedDay, visit: Visit, me: Waiter) -> None:
        situation, beliefs = sim.situation(), history.models.parameters(sim.now)
        seed = job.seed * 1_000_003 + job.number * 100_003 + len(told)
        lanes = np.minimum(futures(situation, beliefs, job.futures, seed, [me])[-1], LONGEST_S)
        raw = Forecast.of(lanes, _stays(beliefs, me, lanes))
        starts = [baselines.Start(*start) for start in sim.starts.get(me.service, [])]
        said = baselines.predict(situation, beliefs, me, starts)
        wait_s = visit.waited_until - visit.joined
        told.append(
            Told(sim.now, me.service, raw, _features(raw, said), tuple(said[n] for n in BASELINES), wait_s, visit.began is not None)
        )

    models = history.models
    RecordedDay(
        history.plan, job.days[-1], history.skills, history.rota, watch, models.observe, models.joined,
        lambda seconds, ended, away: models.rested(seconds, ended=ended, away=away),
    ).run()  # fmt: skip
    return told


def _stays(beliefs: Parameters, me: Waiter, lanes: Floats) -> Floats:
    curve = beliefs.patience_of(me.service, me.kind)
    return np.ones_like(lanes) if curve is None else np.maximum(curve.survival(lanes), 1e-9)


def _features(raw: Forecast, said: dict[str, float]) -> tuple[float, ...]:
    base = raw.mean_s + SHIFT_S
    others = (float(np.log((said[name] + SHIFT_S) / base)) for name in ("les", "hol"))
    return (1.0, float(np.log(base / (TYPICAL_S + SHIFT_S))), *others)


def log_case(path: Path, from_day: date | None, rollouts: int, seed: int, workers: int | None) -> dict[str, Any]:
    """The report of one log; without ``from_day`` the second half of its days is scored."""
    from simulation.bench.waits import describe

    days = read(path)
    if not days:
        raise visits_csv.VisitsError(f"{path}: no row says that somebody was served, or left: there is nothing to forecast")
    first = first_scored(path, list(days), from_day)
    told = forecasts(path.name, list(days.values()), first, rollouts, seed, workers)
    table = table_of(told, midnight(list(days)[first]))
    report = {"case": path.name, "days": len(days) - first, "history_days": first}
    return report | (describe(table) if len(table.waits_s) else {"estimators": {}, "note": "nobody who was served had to wait"})


def first_scored(path: Path, dates: Sequence[date], from_day: date | None) -> int:
    """The index of the first day that is scored."""
    if from_day is None:
        return len(dates) // 2
    first = next((i for i, day in enumerate(dates) if day >= from_day), None)
    if first is None:
        raise visits_csv.VisitsError(f"{path}: --from-day must be a day of the log, at the latest {dates[-1]}; it is {from_day}")
    return first


def midnight(day: date) -> float:
    """Its instant."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def forecasts(name: str, days: Sequence[tuple[Visit, ...]], first: int, rollouts: int, seed: int, workers: int | None) -> list[Told]:
    """Of the scored days, and of the REFINE_DAYS before them."""
    from simulation import executors, progress

    begin = max(first - REFINE_DAYS, min(1, first))
    jobs = [DayJob(tuple(days[: i + 1]), i, rollouts, seed) for i in range(begin, len(days))]
    with executors.processes(workers) as executor, progress.bar(name, len(jobs)) as done:
        return [one for day in executors.run_all(forecast_day, jobs, executor, done) for one in day]


def table_of(told: list[Told], start: float) -> Any:
    """Forecasts and outcomes (``scores.Table``) of those who joined from ``start`` on and were served."""
    from simulation.bench import scores

    refined = refine(told)
    residuals = {n: _quantiles([t.wait_s - t.said[k] for t in told if t.served and t.at < start]) for k, n in enumerate(BASELINES)}
    rows = [(t, f) for t, f in zip(told, refined, strict=True) if t.served and t.at >= start]
    said = {"avous": np.array([(f.mean_s, *(f.at(level) for level in REPORTED)) for _, f in rows])}
    for k, name in enumerate(BASELINES):
        said[name] = np.array([(t.said[k], *np.maximum(t.said[k] + residuals[name], 0.0)) for t, _ in rows])
    return scores.Table(
        np.array([t.wait_s for t, _ in rows]), np.array([int(t.at // DAY_S) for t, _ in rows]),
        np.array([int(t.at % DAY_S // 3600) for t, _ in rows]), np.ones(len(rows), bool), said,
    )  # fmt: skip


def _quantiles(errors: list[float]) -> Floats:
    return np.quantile(errors, REPORTED) if errors else np.zeros(len(REPORTED))


def refine(told: Sequence[Told]) -> list[Forecast]:
    """Every forecast with the refinements that outcomes known at its moment had taught."""
    refiner, pending, out = Refiner(FEATURES), sorted(told, key=lambda t: t.at + t.wait_s), []
    known = 0
    for one in sorted(told, key=lambda t: t.at):
        while known < len(pending) and pending[known].at + pending[known].wait_s < one.at:
            over = pending[known]
            refiner.learn(over.service, over.raw, over.features, over.wait_s, happened=over.served)
            known += 1
        out.append(refiner.refine(one.service, one.raw, one.features))
    return out
