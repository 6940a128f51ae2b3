"""``avous bench alarms``: are alarms on the future right, and in time?

Days run through the real rules; once a minute the store looks ahead with what it has learned. A crossing is real
when the 90th percentile of the wait of who joins now, by the scenario's true laws, reaches the limit and stays there
for three minutes; it is over when it has been under 80 % of it for five. A crossing is announced when an alarm
raised at least eight minutes before it is still up; an alarm is false when no crossing is on, or begins within
``SOON_S`` after it. Beside the share of the time in alarm stands that in which the limit really is passed.
"""

import json
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from server.waits.alarms import AHEAD_S, LEVEL, Watch
from server.waits.estimator import futures
from server.waits.forecaster import Forecaster
from server.waits.outlook import outlook
from server.waits.sampling import asking
from server.waits.situation import situation_of
from simulation.bench.true_beliefs import TrueBeliefs
from simulation.bench.waits_days import DAY_S, trained
from simulation.bench.waits_shown import Job as ShownJob
from simulation.bench.waits_shown import Store, WatchedDay, live_plan
from simulation.scenario.model import Scenario
from simulation.twin.crew import crew_of
from simulation.twin.demand import draw

EARLY_S = 480.0
SOON_S = 2100.0  # half an hour and five minutes
UP_LOOKS, DOWN_LOOKS, DOWN = 3, 5, 0.8
FIRST_DAY = 3000  # replication numbers of the days looked at
LOOK_S = 60.0

Span = tuple[float, float]


class Job(NamedTuple):
    """A day to look at."""

    scenario: Scenario
    seed: int
    number: int
    limit_s: float
    rollouts: int


class Case(NamedTuple):
    """A scenario's days."""

    name: str
    limit_s: float
    counted: "Count"


@dataclass
class Count:
    """Of some days: crossings, those announced in time, alarms, false ones, minutes, those in alarm and those over the limit."""

    days: int = 0
    crossings: int = 0
    announced: int = 0
    alarms: int = 0
    false: int = 0
    minutes: int = 0
    minutes_in_alarm: int = 0
    minutes_over: int = 0
    lead_s: list[float] = field(default_factory=list)

    def add(self, other: "Count") -> None:
        """Add other days."""
        for f in fields(self):
            setattr(self, f.name, getattr(self, f.name) + getattr(other, f.name))


class _Watched(Store):
    """The rules, with a watch beside them."""

    def __init__(self, job: Job) -> None:
        scenario = job.scenario
        self.job, self.watch, self.day_name = job, Watch(), f"day-{job.number:04d}"
        known = deepcopy(trained(scenario, job.seed).beliefs)
        forecaster = Forecaster(known.models, job.rollouts, follow=known.follow, day=self.day_name)
        self.truth = TrueBeliefs(scenario, crew_of(scenario), DAY_S)
        self.limits = dict.fromkeys(scenario.services, job.limit_s)
        self.real: dict[str, list[float]] = {s: [] for s in scenario.services}
        self.times: list[float] = []
        self.alarms: dict[str, list[list[float]]] = {s: [] for s in scenario.services}
        self.shoppers = draw(scenario, job.seed, FIRST_DAY + job.number)
        self.shown = ShownJob(scenario, job.seed, job.number, job.rollouts)
        super().__init__(live_plan(scenario, self.day_name), self.shown, self.shoppers, forecaster)

    def speak(self, now: float) -> None:
        """Nobody is told anything: shoppers wait as they would."""

    def look(self, now: float) -> None:
        """One look ahead, and one at the truth."""
        if now > self.job.scenario.horizon_s:
            return
        situation = situation_of(self.day, max(now, self.day.at))
        seed = self.job.number * 100_000 + int(now)
        ahead = outlook(situation, self.forecaster.beliefs.parameters(situation.now), AHEAD_S, self.job.rollouts, seed)
        raised, over = self.watch.look(ahead, self.limits)
        for alarm in raised:
            self.alarms[alarm.service].append([now, float("inf")])
        for alarm in over:
            self.alarms[alarm.service][-1][1] = now
        asked = [asking(situation, service) for service in self.limits]
        true = futures(situation, self.truth.parameters(situation.now), 2 * self.job.rollouts, seed, asked)[len(situation.waiting) :]
        self.times.append(now)
        for service, waits in zip(self.limits, true, strict=True):
            self.real[service].append(float(np.quantile(waits, LEVEL)))


def crossings(times: Sequence[float], waits: Sequence[float], limit_s: float) -> list[Span]:
    """From when to when the wait was over the limit, without the flicker."""
    found: list[Span] = []
    begun, ups, downs = None, 0, 0
    for i, wait in enumerate(waits):
        ups = ups + 1 if wait >= limit_s else 0
        downs = downs + 1 if wait < DOWN * limit_s else 0
        if begun is None and ups >= UP_LOOKS:
            begun = times[i - UP_LOOKS + 1]
        elif begun is not None and downs >= DOWN_LOOKS:
            found.append((begun, times[i]))
            begun = None
    return found if begun is None else [*found, (begun, float("inf"))]


def count(alarms: Sequence[Span], real: Sequence[Span], times: Sequence[float]) -> Count:
    """One service's day."""
    found = Count(crossings=len(real), alarms=len(alarms), minutes=len(times))
    for begun, _ in real:
        leads = [begun - raised for raised, over in alarms if raised <= begun - EARLY_S and over >= begun - LOOK_S]
        found.announced += bool(leads)
        found.lead_s += leads[-1:]
    for raised, _ in alarms:
        on = any(begun <= raised <= over for begun, over in real)
        found.false += not on and not any(raised < begun <= raised + SOON_S for begun, _ in real)
    found.minutes_in_alarm = sum(any(raised <= t < over for raised, over in alarms) for t in times)
    found.minutes_over = sum(any(begun <= t < over for begun, over in real) for t in times)
    return found


def play(job: Job) -> Count:
    """One day, all services."""
    store = _Watched(job)
    WatchedDay(store, store.shown, store.shoppers).run()
    whole = Count(days=1)
    for service in store.limits:
        alarms = [(raised, over) for raised, over in store.alarms[service]]
        whole.add(count(alarms, crossings(store.times, store.real[service], job.limit_s), store.times))
    return whole


def case(path: Path, days: int, limit_s: float, rollouts: int, seed: int | None, workers: int | None) -> Case:
    """A scenario's days, on several processes."""
    from simulation import executors, progress
    from simulation.scenario import reading

    scenario = reading.load(path)
    jobs = [Job(scenario, scenario.seed if seed is None else seed, number, limit_s, rollouts) for number in range(days)]
    whole = Count()
    with executors.processes(workers) as executor, progress.bar(scenario.name, days) as done:
        for found in executors.run_all(play, jobs, executor, done):
            whole.add(found)
    return Case(scenario.name, limit_s, whole)


def figures(whole: Count) -> dict[str, Any]:
    """Counts as shares and per day."""
    return {
        "days": whole.days, "crossings": whole.crossings, "announced": whole.announced,
        "announced_share": round(whole.announced / whole.crossings, 3) if whole.crossings else None,
        "lead_median_min": round(float(np.median(whole.lead_s)) / 60, 1) if whole.lead_s else None,
        "alarms_per_day": round(whole.alarms / whole.days, 2), "false_per_day": round(whole.false / whole.days, 2),
        "in_alarm_share": round(whole.minutes_in_alarm / max(whole.minutes, 1), 3),
        "over_limit_share": round(whole.minutes_over / max(whole.minutes, 1), 3),
    }  # fmt: skip


SHIPPED = ("s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8")
_COLUMNS = (
    "days", "crossings", "announced_share", "lead_median_min", "alarms_per_day", "false_per_day", "in_alarm_share", "over_limit_share",
)  # fmt: skip


def bench_alarms(
    scenario: Annotated[list[Path] | None, typer.Option(help="Scenario files; those shipped if none is named.", show_default=False)] = None,
    days: Annotated[int, typer.Option(min=1, max=1000, help="Simulated days per scenario.")] = 20,
    limit_min: Annotated[float, typer.Option(min=1, max=120, help="The limit that nine waits in ten should stay under.")] = 10,
    rollouts: Annotated[int, typer.Option(min=20, max=2000, help="Futures per look.")] = 200,
    seed: Annotated[int | None, typer.Option(help="Instead of the scenario's own.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes; one per core if not said.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Whether alarms on the future are right and in time: crossings announced eight minutes ahead, false alarms a day."""
    files = scenario or [Path(__file__).parents[1] / "scenarios" / "waits" / f"{name}.toml" for name in SHIPPED]
    cases = [case(path, days, 60 * limit_min, rollouts, seed, workers) for path in files]
    rows, together = [{"case": one.name, "limit_s": one.limit_s, **figures(one.counted)} for one in cases], Count()
    for one in cases:
        together.add(one.counted)
    last = {"case": "all together", **figures(together)}
    typer.echo(json.dumps({"cases": rows, "together": last}, indent=2) if as_json else text([*rows, last]))


def text(cases: Sequence[dict[str, Any]]) -> str:
    """A row per scenario."""
    lines = [f"{'':24}" + "".join(f"{name.replace('_', ' '):>17}" for name in _COLUMNS)]
    lines += [f"{found['case']:24}" + "".join(f"{'-' if found[name] is None else found[name]:>17}" for name in _COLUMNS) for found in cases]
    return "\n".join(lines)
