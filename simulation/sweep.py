"""One verb for many stores: each scenario is a job of its own, on processes or on a Dask cluster.

What is finished is kept as one file per store; the same sweep again goes on where it stopped. A store whose job
fails, or even takes its process down, is told at the end and sinks nobody else.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

Verb = Literal["simulate", "whatif", "staff"]
Report = dict[str, Any]

FORMAT = 1  # of the kept files: part of their key


class SweepError(ValueError):
    """The sweep cannot begin; the text says why."""


@dataclass(frozen=True, slots=True)
class Job:
    """One store: the scenario's text (the worker may be on another machine) and what is to be done with it."""

    name: str
    text: str
    verb: Verb
    replications: int = 100
    seed: int | None = None
    target: float = 0.05
    changes: tuple[tuple[str, str], ...] = ()
    hourly_cost: float = 25.0

    @property
    def key(self) -> str:
        """The same for the same question, whatever the file is called."""
        asked = (FORMAT, self.text, self.verb, self.replications, self.seed, self.target, self.changes, self.hourly_cost)
        return hashlib.sha256(repr(asked).encode()).hexdigest()[:24]


@dataclass(slots=True)
class Swept:
    """What came of it: reports by store, which of them had been kept from before, and one sentence for each that failed."""

    reports: dict[str, Report] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def jobs_of(files: Sequence[Path], verb: Verb, **options: Any) -> list[Job]:
    """A job per file. ``SweepError`` when one cannot be read or two would be kept under one name; ``StaffError`` for a target
    that no store can have."""
    if verb == "staff":
        from simulation.staffing.problem import must_be_share

        must_be_share(options["target"])
    jobs: dict[str, Job] = {}
    for file in files:
        if file.stem in jobs:
            raise SweepError(f"{file}: another scenario is called {file.stem} too; results are kept by that name")
        try:
            jobs[file.stem] = Job(file.stem, file.read_text(encoding="utf-8"), verb, **options)
        except (OSError, UnicodeDecodeError) as trouble:
            raise SweepError(f"{file}: cannot be read ({trouble})") from None
    return list(jobs.values())


def run(job: Job) -> Report:
    """The report of one store, as its own verb would give it. Raises what that verb raises."""
    from simulation.scenario import reading
    from simulation.twin import simulate

    scenario = reading.loads(job.text, f"{job.name}.toml")
    seed = scenario.seed if job.seed is None else job.seed
    if job.verb == "simulate":
        return simulate.simulate(scenario, job.replications, seed, workers=1)
    return _whatif(job, scenario, seed) if job.verb == "whatif" else _staff(job, scenario, seed)


def attempt(job: Job) -> Report | str:
    """The report, or one sentence about what went wrong: said in the worker, for not every exception can travel."""
    try:
        return run(job)
    except ValueError as impossible:
        return str(impossible)
    except Exception as error:  # whatever it was, the other stores go on
        return f"{type(error).__name__}: {error}"


def _whatif(job: Job, scenario: Any, seed: int) -> Report:
    from simulation import changes, whatif

    ways: dict[str, Callable[[changes.Case, str], changes.Case]] = {
        "add": changes.add, "remove": changes.remove, "head-start": changes.head_start, "arrivals": changes.arrivals,
    }  # fmt: skip
    before = after = changes.case_of(scenario)
    for option, words in job.changes:
        after = ways[option](after, words)
    days = whatif.compare(before, after, job.replications, seed)
    return whatif.report(before, after, days, [f"--{option} {words}" for option, words in job.changes], seed, job.hourly_cost)


def _staff(job: Job, scenario: Any, seed: int) -> Report:
    from simulation.staffing import problem, roster, shifts

    setting = problem.setting_of(scenario, job.target, 1800.0, seed)
    return roster.staff(problem.Tester(setting, None), shifts.ShiftRules())


def sweep(
    jobs: Sequence[Job], into: Path | None, executor: Callable[[], AbstractContextManager[Executor]],
    done: Callable[[int], None] | None = None,
) -> Swept:  # fmt: skip
    """Run every job that ``into`` does not have yet. ``executor`` opens where they run; ``done`` hears how many are finished."""
    if into is not None and into.exists() and not into.is_dir():
        raise SweepError(f"--into must be a folder; {into} is none, the nearest possible is --into {into.stem}")
    swept, todo = Swept(), []
    for job in jobs:
        kept = _kept(into, job)
        if kept is None:
            todo.append(job)
        else:
            swept.reports[job.name] = kept
            swept.kept.append(job.name)
    if done is not None:
        done(len(swept.reports))
    for name, outcome in _outcomes(todo, executor):
        if isinstance(outcome, str):
            swept.failed[name] = outcome
        else:
            swept.reports[name] = outcome
            _keep(into, next(job for job in jobs if job.name == name), outcome)
        if done is not None:
            done(len(swept.reports) + len(swept.failed))
    return swept


def _outcomes(jobs: Sequence[Job], executor: Callable[[], AbstractContextManager[Executor]]) -> Iterator[tuple[str, Report | str]]:
    """(name, report or what went wrong) as they come in. A broken pool loses nobody: the rest go one by one, each alone."""
    if not jobs:
        return
    left = {job.name: job for job in jobs}
    try:
        with executor() as pool:
            futures = {pool.submit(attempt, job): job.name for job in jobs}
            for future in as_completed(futures):
                error = future.exception()
                if isinstance(error, BrokenExecutor):
                    raise error
                del left[futures[future]]
                yield futures[future], future.result() if error is None else f"{type(error).__name__}: {error}"
    except BrokenExecutor:
        for name, job in left.items():
            yield name, _alone(job)


def _alone(job: Job) -> Report | str:
    """In a process of its own: should it die again, it was this store."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(attempt, job).result()
        except BrokenExecutor:
            return "its process died (out of memory, or killed)"


def _file(into: Path, job: Job) -> Path:
    return into / f"{job.name}.{job.verb}.json"


def _kept(into: Path | None, job: Job) -> Report | None:
    """The report of an earlier sweep, if it answered the same question."""
    if into is None:
        return None
    try:
        kept = json.loads(_file(into, job).read_text(encoding="utf-8"))
        return kept["report"] if kept["key"] == job.key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not there, or cut off in the middle: done again


def _keep(into: Path | None, job: Job, report: Report) -> None:
    """Whole or not at all: an interrupted sweep leaves no half file under the name."""
    if into is None:
        return
    into.mkdir(parents=True, exist_ok=True)
    target = _file(into, job)
    draft = target.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(
        json.dumps({"key": job.key, "verb": job.verb, "report": report}, ensure_ascii=False, allow_nan=False), encoding="utf-8"
    )
    draft.replace(target)
