"""The strongest rival we know, for comparison only: gradient boosting on the state of a recorded store, day by day.

Everybody who has to wait is described by what was known at that moment (who is ahead by the store's own order, who is
busy with what since when, what the last waits were, what simple formulas say; also what our own filter believes about
who can serve whom). For every scored day, scikit-learn's histogram boosting is trained anew on all the days before, once
for the mean and once per quantile, and put beside the estimates of ``avous bench waits --log``.

    python -m tests.waits.boosting LOG.csv --from-day 2026-11-21
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from server.waits import baselines
from server.waits.situation import Waiter
from simulation import executors
from simulation.bench import scores
from simulation.bench.waits import describe
from simulation.bench.waits_log import BASELINES, DAY_S, first_scored, forecasts, learned, midnight, read, table_of
from simulation.past.recorded import RecordedDay, Visit

Floats = NDArray[np.float64]
SPANS_S = (300.0, 900.0, 1800.0)
LEVELS = ((scores.P50, 0.5), (scores.P80, 0.8), (scores.P90, 0.9))
SETTINGS = {"learning_rate": 0.06, "max_iter": 150, "max_leaf_nodes": 15, "min_samples_leaf": 30, "l2_regularization": 1.0}


class Described:
    """The rows of one day: instant, features, wait, whether it ended in a visit."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.features: list[list[float]] = []
        self.waits_s: list[float] = []
        self.served: list[bool] = []


def described(days: Sequence[Sequence[Visit]]) -> Described:
    """Everybody who has to wait on the last of these days; the order of the line is learned from the others."""
    history, rows = learned(days[:-1], {visit.service for visit in days[-1]}), Described()
    services = sorted({v.service for visits in days for v in visits})
    events = _Events()

    def watch(sim: RecordedDay, visit: Visit, me: Waiter) -> None:
        situation, beliefs = sim.situation(), history.models.parameters(sim.now)
        starts = [baselines.Start(*start) for start in sim.starts.get(me.service, [])]
        said = baselines.predict(situation, beliefs, me, starts)
        rows.at.append(sim.now)
        rows.features.append([*_state(sim, me, services), *events.counts(sim.now), *(said[name] for name in BASELINES)])
        rows.waits_s.append(visit.waited_until - visit.joined)
        rows.served.append(visit.began is not None)

    models = history.models
    day = RecordedDay(history.plan, days[-1], history.skills, history.rota, watch, models.observe, events.joined)
    events.day = day
    day.run()
    return rows


class _Events:
    """How many came and were called lately, and how long the last waits and visits were."""

    day: RecordedDay

    def __init__(self) -> None:
        self.joins: list[float] = []

    def joined(self, _service: str, _kind: str, at: float) -> None:
        self.joins.append(at)

    def counts(self, now: float) -> list[float]:
        starts = sorted(start for begun in self.day.starts.values() for start in begun[-60:])
        lately = [wait for _, wait, _ in starts[-20:]] or [0.0]
        rates = [float(sum(at > now - span for at in self.joins[-200:])) for span in SPANS_S]
        rates += [float(sum(at > now - span for at, _, _ in starts)) for span in SPANS_S]
        return [*rates, lately[-1], float(np.mean(lately[-5:])), float(np.mean(lately))]


def _state(sim: RecordedDay, me: Waiter, services: list[str]) -> list[float]:
    """The line and the floor in numbers."""
    ahead = [visit for key, visit in sim.line if key < me.key]
    busy = [(name, state.hand) for name, state in sim.people.items() if state.hand is not None]
    free = [state.rested_s for state in sim.people.values() if state.hand is None]
    able = [1 for name, _ in busy if sim.skills.chance(name, me.service, sim.now) >= 0.5]
    ages = [sim.now - (hand.began or sim.now) for _, hand in busy] or [0.0]
    first = min((visit.joined for _, visit in sim.line), default=sim.now)
    return [
        float(services.index(me.service)), float(me.kind not in ("", "0")), me.queued_at - me.ranked_at, sim.now % DAY_S,
        sim.now // DAY_S % 7,
        float(len(ahead)), float(sum(v.service == me.service for v in ahead)), float(len(sim.line)), sim.now - first,
        float(len(busy)), float(len(able)), len(ahead) / max(len(able), 1), (len(ahead) + 1) / max(len(busy), 1),
        float(sum(f < 30.0 for f in free)), float(sum(f < 300.0 for f in free)), float(np.mean(ages)), float(np.max(ages)),
        float(np.median(ages)), *(float(sum(v.service == s for v in ahead)) for s in services),
        *(float(sum(hand.service == s for _, hand in busy)) for s in services),
    ]  # fmt: skip


def boosted(days: Sequence[Described], scored: int, *, seed: int = 0) -> Floats:
    """(shoppers, 5): mean, P10 (not forecast: 0), P50, P80, P90 of those served on day ``scored``, learned from the days before."""
    width = len(days[scored].features[0])
    before = [d for d in days[:scored] if d.features and len(d.features[0]) == width]
    x = np.concatenate([np.array(d.features)[d.served] for d in before])
    y = np.concatenate([np.array(d.waits_s)[d.served] for d in before])
    now = np.array(days[scored].features)[days[scored].served]
    out = np.zeros((len(now), 5))
    out[:, scores.MEAN] = HistGradientBoostingRegressor(random_state=seed, **SETTINGS).fit(x, y).predict(now)
    for column, level in LEVELS:
        model = HistGradientBoostingRegressor(loss="quantile", quantile=level, random_state=seed, **SETTINGS)
        out[:, column] = model.fit(x, y).predict(now)
    return np.maximum(out, 0.0)


def main(
    log: Annotated[Path, typer.Argument(help="Recorded visits (CSV).")],
    from_day: Annotated[datetime | None, typer.Option(help="Days from this one on are scored.", formats=["%Y-%m-%d"])] = None,
    rollouts: Annotated[int, typer.Option(help="Futures per forecast of ours.")] = 400,
    seed: int = 1,
    workers: int | None = None,
) -> None:
    """Our estimates, the simple formulas and boosting, for the same shoppers."""
    days = read(log)
    first, visits = first_scored(log, list(days), from_day and from_day.date()), list(days.values())
    table = table_of(forecasts(log.name, visits, first, rollouts, seed, workers), midnight(list(days)[first]))
    with executors.processes(workers) as executor:
        rows = executors.run_all(described, [visits[: i + 1] for i in range(1, len(visits))], executor, lambda _: None)
    table.forecasts["boosting"] = np.concatenate([boosted(rows, i - 1) for i in range(first, len(visits))])
    report: dict[str, Any] = {"case": log.name, "days": len(days) - first, "history_days": first, **describe(table)}
    report["against_boosting"] = {name: scores.ratios(table, name, "boosting") for name in table.forecasts if name != "boosting"}
    typer.echo(json.dumps({"rollouts": rollouts, "cases": [report]}, indent=2))


if __name__ == "__main__":
    typer.run(main)
