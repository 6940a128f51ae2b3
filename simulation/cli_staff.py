"""``avous staff``: whom a store needs when, for a day or for a week."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from simulation.cli import Chart, Json, ScenarioFile, Seed, UsageError, Workers, picture, within

LATE_EXAMPLE = '--target-wait must be like "10m:0.1": at most a tenth wait longer than 10 minutes'


def staff(  # noqa: PLR0913  # typer makes each option of a verb from one argument
    *,
    scenario: ScenarioFile,
    target_unanswered: Annotated[float, typer.Option(help="The largest unanswered share any interval may have.")] = 0.05,
    target_wait: Annotated[
        str | None, typer.Option(help='Also: at most this share of any interval waits longer, "10m:0.1".', show_default=False)
    ] = None,
    interval: Annotated[int, typer.Option(callback=within(15, 240), help="Minutes of one interval, 15 to 240.")] = 30,
    shortest: Annotated[
        float | None, typer.Option(callback=within(0.25, 12), help="Hours of the shortest shift.", show_default=False)
    ] = None,
    longest: Annotated[
        float | None, typer.Option(callback=within(0.25, 12), help="Hours of work of the longest shift.", show_default=False)
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="Rules about working time (TOML); else French law as shipped.", show_default=False)
    ] = None,
    week: Annotated[bool, typer.Option("--week", help="SCENARIO is a week file; or the same day, Monday to Saturday.")] = False,
    hourly_cost: Annotated[float, typer.Option(callback=within(0), help="What an hour of a salesperson costs.")] = 25.0,
    seed: Seed = None,
    workers: Workers = None,
    chart: Chart = None,
    as_json: Json = False,
) -> None:
    """Find the fewest paid hours that keep the unanswered share under a target in every interval, and shifts for them."""
    from simulation.staffing import labour

    law, paper = labour.load(rules), picture(chart)
    shift_rules, late = law.shift_rules(shortest, longest), late_of(target_wait)
    if week:
        from simulation.staffing.week import Asked

        _week(scenario, Asked(target_unanswered, interval * 60.0, late, shift_rules), law, shortest, workers, paper, as_json)
    from simulation.scenario import reading
    from simulation.staffing import problem

    day = reading.load(scenario)
    _fits(shortest, [day])
    setting = problem.setting_of(day, target_unanswered, interval * 60.0, day.seed if seed is None else seed, late)
    _day(setting, shift_rules, hourly_cost, workers, paper, as_json)


def _fits(shortest_h: float | None, days: Iterable[Any]) -> None:
    """``UsageError`` when the shortest shift asked for is longer than a day."""
    least_h = min(day.horizon_s for day in days) / 3600
    if shortest_h is not None and shortest_h > least_h:
        raise UsageError(
            f"--shortest {shortest_h:g} is longer than a day of {least_h:g} hours; the nearest possible is --shortest {least_h:g}"
        )


def _week(path: Path, asked: Any, law: Any, shortest_h: float | None, workers: int | None, paper: Any, as_json: bool) -> NoReturn:
    from simulation import progress
    from simulation.changes import case_of
    from simulation.executors import processes
    from simulation.staffing import pages, week

    plan = week.load(path)
    _fits(shortest_h, plan.days.values())
    with progress.stdout_kept(), progress.bar("Days planned", len(plan.days)) as done, processes(workers) as executor:
        report = week.plan(plan, asked, law, executor, done)
    opens_at_s = case_of(next(iter(plan.days.values()))).opens_at_s
    if paper is not None:
        from simulation.charts import sheets

        paper(sheets.week(report, opens_at_s))
    _tell(report, as_json, pages.show_week, opens_at_s)


def _day(setting: Any, shift_rules: Any, hourly_cost: float, workers: int | None, paper: Any, as_json: bool) -> NoReturn:
    from simulation import progress
    from simulation.changes import case_of
    from simulation.executors import processes
    from simulation.staffing import pages, problem, roster

    with progress.stdout_kept(), progress.bar("Plans tried", None) as done, processes(workers) as executor:
        report = roster.staff(problem.Tester(setting, executor, told=done), shift_rules, hourly_cost)
    opens_at_s = case_of(setting.scenario).opens_at_s
    if paper is not None:
        from simulation.charts import sheets

        paper(sheets.staffed(report, opens_at_s))
    _tell(report, as_json, pages.show_staff, opens_at_s)


def late_of(text: str | None) -> Any:
    """The target of ``--target-wait``; None when it was not given."""
    from simulation.changes import duration
    from simulation.staffing.problem import Late

    if text is None:
        return None
    limit, colon, share = text.partition(":")
    after_s = duration(limit)
    try:
        most = float(share)
    except ValueError:
        most = -1.0
    if not colon or after_s is None or not 0 < most < 1:
        raise UsageError(f'{LATE_EXAMPLE}; it is "{text}"')
    return Late(after_s, most)


def _tell(report: dict[str, Any], as_json: bool, show: Any, opens_at_s: float) -> NoReturn:
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, allow_nan=False))
    else:
        show(report, opens_at_s)
    raise typer.Exit(0 if report["holds"] else 1)
