"""The verbs of the simulation: ``avous simulate``, ``avous replay``, ``avous whatif`` (``avous staff``: ``cli_staff``).

``server/cli.py`` registers these functions by name; what a verb needs is imported when it runs. Reports go to
stdout (``--json``: one JSON document), progress to stderr. Bad input raises ``ValueError`` with one sentence,
which the command line prints with exit code 2.
"""

import json
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from math import inf, isfinite
from pathlib import Path
from typing import Annotated, Any

import typer


class UsageError(ValueError):
    """An option cannot be used; the text says what was expected."""


def within(low: float, high: float = inf) -> Callable[[typer.CallbackParam, float | None], float | None]:
    """A check for a number on the command line, in one sentence with the nearest possible number."""

    def check(option: typer.CallbackParam, value: float | None) -> float | None:
        if value is None or (low <= value <= high and isfinite(value)):
            return value
        most = f" and at most {high:,.12g}" if high < inf else ""
        nearest = low if not value > high else high
        raise UsageError(f"{option.opts[0]} must be at least {low:g}{most}; it is {value:g}, the nearest possible is {nearest:.12g}")

    return check


Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
Seed = Annotated[int | None, typer.Option(callback=within(0), help="Seed of all randomness. Else the scenario's.", show_default=False)]
Replications = Annotated[int, typer.Option(callback=within(1, 1_000_000), help="How many days are played, up to a million.")]
Workers = Annotated[int | None, typer.Option(callback=within(1, 1024), help="Processes; one per core if left out.", show_default=False)]
Chart = Annotated[Path | None, typer.Option(help="Write the pictures: .svg, .png or .html.", show_default=False)]
ScenarioFile = Annotated[Path, typer.Argument(help="A scenario in TOML.", show_default=False)]


class Engine(StrEnum):
    """What decides who is served next."""

    auto = "auto"
    rules = "rules"
    kernel = "kernel"


def simulate(
    scenario: ScenarioFile,
    replications: Replications = 30,
    seed: Seed = None,
    engine: Annotated[
        Engine, typer.Option(help="rules: the store's own; kernel: the same order, faster; auto: kernel if it can.")
    ] = Engine.auto,
    workers: Workers = None,
    chart: Chart = None,
    as_json: Json = False,
) -> None:
    """Play a scenario many times and report its waits, with 95 % confidence intervals."""
    from simulation import changes, pages, progress
    from simulation.scenario import reading
    from simulation.twin import simulate

    day, paper = reading.load(scenario), picture(chart)
    seed = day.seed if seed is None else seed
    with progress.bar("Days", replications) as done:
        days = simulate.played(day, replications, seed, engine.value, workers, done=done)
    report = simulate.report(day, replications, seed, days)
    if paper is not None:
        from simulation.charts import sheets

        case = changes.case_of(day)
        paper(sheets.simulated(report, simulate.fans(day, days), case.on_duty(), case.opens_at_s))
    if as_json:
        _print_json(report)
    else:
        pages.show_simulation(report)


def replay(
    visits: Annotated[Path, typer.Argument(help="Recorded visits (CSV).", show_default=False)],
    day: Annotated[list[str] | None, typer.Option(help="Only this day (2026-11-21); may be repeated.", show_default=False)] = None,
    head_start: Annotated[
        list[str] | None, typer.Option(help="CLASS=SECONDS a priority of the log is ahead; may be repeated.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(callback=within(0), help="For the service times of shoppers who were not served.")] = 1,
    as_json: Json = False,
) -> None:
    """Put recorded days through the store's rules, and compare with what really happened."""
    from simulation import pages, progress
    from simulation.past import replay as replays
    from simulation.past import visits as files

    log = files.read(visits)
    days = [_day(text, str(visits), log) for text in day] if day else None
    starts = dict(_class_seconds(text) for text in head_start or ())
    with progress.bar("Days", len(days) if days else len(log.days())) as done:
        report = replays.replay(log, days, starts, seed, done)
    if as_json:
        _print_json(report)
    else:
        pages.show_replay(report)


def whatif(  # noqa: PLR0913  # typer makes each option of a verb from one argument
    *,
    scenario: Annotated[Path | None, typer.Argument(help="A scenario in TOML; or give --day.", show_default=False)] = None,
    add: Annotated[list[str] | None, typer.Option(help='One more salesperson: "16:00-18:00 advice".', show_default=False)] = None,
    remove: Annotated[list[str] | None, typer.Option(help="One less: NAME, or one of a pool.", show_default=False)] = None,
    train: Annotated[tuple[str, str], typer.Option(help="NAME SKILL: somebody learns a service.", show_default=False)] = ("", ""),
    head_start: Annotated[list[str] | None, typer.Option(help="CLASS or SERVICE is ahead: members=5m.", show_default=False)] = None,
    arrivals: Annotated[list[str] | None, typer.Option(help="More or fewer shoppers: advice=+20%.", show_default=False)] = None,
    day: Annotated[Path | None, typer.Option(help="Recorded visits (CSV): yesterday again.", show_default=False)] = None,
    date: Annotated[str | None, typer.Option(help="Which day of --day; else its last.", show_default=False)] = None,
    replications: Annotated[int, typer.Option(callback=within(2, 100_000), help="At most this many pairs of days.")] = 200,
    seed: Seed = None,
    hourly_cost: Annotated[float, typer.Option(callback=within(0), help="What an hour of a salesperson costs.")] = 25.0,
    workers: Workers = None,
    chart: Chart = None,
    as_json: Json = False,
) -> None:
    """Compare a day with changes to it, with the very same shoppers; the difference comes with its uncertainty."""
    from simulation import changes, pages, progress, whatif
    from simulation.executors import processes

    (before, default_seed), paper = _case(scenario, day, date), picture(chart)
    steps = [("--add", changes.add, add), ("--remove", changes.remove, remove), ("--head-start", changes.head_start, head_start),
             ("--arrivals", changes.arrivals, arrivals)]  # fmt: skip
    after, words = before, list[str]()
    for option, change, texts in steps:
        for text in texts or ():
            after, words = change(after, text), [*words, f"{option} {text}"]
    if train[0]:
        after, words = changes.train(after, *train), [*words, f"--train {' '.join(train)}"]
    if not words:
        raise UsageError('whatif needs a change: --add "16:00-18:00 advice", --remove, --train, --head-start or --arrivals')
    seed = default_seed if seed is None else seed
    with progress.bar("Days", replications) as done, processes(workers) as executor:
        days = whatif.compare(before, after, replications, seed, executor, done)
    report = whatif.report(before, after, days, words, seed, hourly_cost)
    if paper is not None:
        from simulation.charts import sheets

        paper(sheets.changed(report, after.on_duty(), before.opens_at_s))
    if as_json:
        _print_json(report)
    else:
        pages.show_whatif(report, before.opens_at_s)


def picture(path: Path | None) -> Callable[[dict[str, Any]], None] | None:
    """What writes a specification to the file of ``--chart``; None without one. Refused before the work: an ending that is no picture's,
    a folder that is not there, or the extra that is missing."""
    if path is None:
        return None
    try:
        from simulation.charts import pictures
    except ModuleNotFoundError:
        raise UsageError("pictures need the extra [charts]: pip install 'avous[charts]'") from None
    pictures.possible(path)
    return partial(pictures.save, path=path)


def _case(scenario: Path | None, day: Path | None, date: str | None) -> tuple[Any, int]:
    """The day to be changed, and its own seed."""
    from simulation import changes
    from simulation.past import replay as replays
    from simulation.past import visits as files
    from simulation.scenario import reading

    if (scenario is None) == (day is None):
        raise UsageError("give either a scenario file, or --day with recorded visits")
    if scenario is not None and date is not None:
        raise UsageError(f"--date chooses among the days of --day; {scenario} is one day and has no date")
    if scenario is not None:
        loaded = reading.load(scenario)
        return changes.case_of(loaded), loaded.seed
    log = files.read(str(day))
    days = log.days()
    if not days:
        raise UsageError(f"{day} has no usable rows")
    wanted = list(days)[-1] if date is None else _day(date, str(day), log)
    return changes.case_of_day(replays.recorded(wanted, days[wanted], replays.usual(log))), 1


def _day(text: str, file: str, log: Any) -> Any:
    from datetime import date

    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"the day must be a date like 2026-11-21; it is {text}") from None
    if day not in log.days():
        have = list(log.days())
        raise UsageError(f"the day {text} is not in {file}, which has {have[0]} to {have[-1]}" if have else f"{file} has no usable rows")
    return day


def _class_seconds(text: str) -> tuple[str, float]:
    name, _, seconds = text.partition("=")
    try:
        value = float(seconds)
    except ValueError:
        value = -1.0
    if not name or not 0 <= value <= 86_400:
        raise UsageError(f"--head-start must be CLASS=SECONDS like 1=90, with 0 to 86400 seconds; it is {text}")
    return name, value


def _print_json(report: dict[str, Any]) -> None:
    typer.echo(json.dumps(report, ensure_ascii=False, allow_nan=False))
