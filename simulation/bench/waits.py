"""``avous bench waits``: how good the wait estimates are, beside what others would have said.

Scenarios (S1 to S8 of the project if none is given) are simulated with ghosts, so that everybody's offered wait
is known; a log is told in the order it happened. Whoever has to wait is forecast once, at joining, by our
roll-outs with learned parameters, by every baseline, and (scenarios) by an oracle that knows the laws.
"""

import json
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

SHIPPED = Path(__file__).parents[1] / "scenarios" / "waits"
SHOPPERS = 20_000
DAYS_MAX = 5_000
FUTURES = 400
AFTER_DRIFT_S = 1800.0  # from then on an unannounced change can have been noticed
JUDGED = (("p80", 3, 0.8), ("p90", 4, 0.9))  # label, column of a forecast, level
COLUMNS = (
    ("MAE s", "mae_s"), ("RMSE s", "rmse_s"), ("bias s", "bias_s"), ("pin50 s", "pinball_p50_s"), ("pin90 s", "pinball_p90_s"),
    ("cover50", "coverage_p50"), ("cover80", "coverage_p80"), ("cover90", "coverage_p90"), ("width s", "width_s"),
)  # fmt: skip


class BadOptionError(ValueError):
    """An option cannot be used; the text says what was expected."""


def bench_waits(  # noqa: PLR0913  # typer makes each option of a verb from one argument
    *,
    scenario: Annotated[
        list[Path] | None, typer.Option(help="A scenario in TOML; may be repeated. Else S1 to S8.", show_default=False)
    ] = None,
    log: Annotated[Path | None, typer.Option(help="Recorded visits (CSV) instead of scenarios.", show_default=False)] = None,
    from_day: Annotated[
        str | None, typer.Option(help="With --log: score days from this one on (2026-11-21); those before are history.", show_default=False)
    ] = None,
    shoppers: Annotated[int, typer.Option(min=1, max=1_000_000, help="Scored shoppers per scenario, at least.")] = SHOPPERS,
    rollouts: Annotated[int, typer.Option(min=20, max=5_000, help="Futures per forecast.")] = FUTURES,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of all randomness. Else the scenario's.", show_default=False)] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=1024, help="Processes; one per core if left out.", show_default=False)] = None,
    shown: Annotated[bool, typer.Option("--shown", help="Instead: how the number on a waiting phone moves, minute by minute.")] = False,
    days: Annotated[int, typer.Option(min=1, max=1000, help="With --shown: days per scenario.")] = 10,
    cost: Annotated[bool, typer.Option("--cost", help="Instead: what one estimate of a busy store costs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """How good the wait estimates are, beside six others."""
    if cost or shown:
        return _other(scenario, rollouts, seed, workers, days if shown else None, as_json=as_json)
    if from_day is not None and log is None:
        raise BadOptionError("--from-day needs --log: it says from which day of the log on forecasts are scored")
    cases = []
    if log is not None:
        from simulation.bench.waits_log import log_case

        cases.append(log_case(log, _day(from_day), rollouts, seed or 1, workers))
    for path in scenario or (() if log is not None else sorted(SHIPPED.glob("*.toml"))):
        cases.append(_scenario_case(path, shoppers, rollouts, seed, workers))
    report = {"rollouts": rollouts, "cases": cases}
    typer.echo(json.dumps(report, indent=2) if as_json else _text(report))


def _other(scenario: list[Path] | None, rollouts: int, seed: int | None, workers: int | None, days: int | None, *, as_json: bool) -> None:
    """The number shown over ``days``, or (None) the cost."""
    from simulation.bench import waits_cost, waits_shown

    if days is None:
        report, text = waits_cost.report(), waits_cost.text
    else:
        paths = scenario or sorted(SHIPPED.glob("*.toml"))
        report = {"rollouts": rollouts, "cases": [waits_shown.case(path, days, rollouts, seed, workers) for path in paths]}
        text = waits_shown.text
    typer.echo(json.dumps(report, indent=2) if as_json else text(report))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadOptionError(f"--from-day must be a day such as 2026-11-21; it is {text!r}") from error


def _scenario_case(path: Path, shoppers: int, rollouts: int, seed: int | None, workers: int | None) -> dict[str, Any]:
    from simulation import executors, progress
    from simulation.bench.waits_days import Job, Scored, play
    from simulation.scenario import reading

    scenario = reading.load(path)
    seed = scenario.seed if seed is None else seed
    days: list[Scored] = []
    with executors.processes(workers) as executor, progress.bar(scenario.name, shoppers) as done:
        while (reached := sum(len(day.waits_s) for day in days)) < shoppers and len(days) < DAYS_MAX:
            more = _batch(len(days), reached, shoppers)
            jobs = [Job(scenario, seed, len(days) + k, rollouts) for k in range(more)]
            days += executors.run_all(play, jobs, executor, partial(_tell, done, reached, len(jobs), shoppers))
    return _case(scenario, days)


def _tell(done: Callable[[int], None], reached: int, jobs: int, wanted: int, finished: int) -> None:
    """Progress in shoppers: what was there before this batch, and the batch's share of what is missing."""
    done(min(reached + (wanted - reached) * finished // max(jobs, 1), wanted))


def _batch(days: int, reached: int, shoppers: int) -> int:
    """How many days to play next: four to begin with, then what seems to be missing."""
    if not days:
        return 4
    return max(2, min(int((shoppers - reached) / max(reached / days, 0.2) * 1.02) + 1, DAYS_MAX - days))


def _case(scenario: Any, days: list[Any]) -> dict[str, Any]:
    import numpy as np

    from simulation.bench import scores
    from simulation.bench.waits_days import HISTORIES, TRAINING_DAYS, merged

    whole, day_of = merged(days)
    if not whole.waits_s:
        return {"case": scenario.name, "estimators": {}, "note": "nobody had to wait"}
    forecasts = {n: np.array(columns) for n, columns in whole.forecasts.items()}
    at = np.array(whole.at_s)
    table = scores.Table(np.array(whole.waits_s), np.array(day_of), (at // 3600).astype(int), np.array(whole.served, bool), forecasts)
    report = {"case": scenario.name, "days": len(days), "history_days": TRAINING_DAYS, "histories": min(HISTORIES, len(days))}
    report |= describe(table)
    if scenario.drift is not None:
        late = scores.chosen(table, at >= scenario.drift.from_s + AFTER_DRIFT_S)
        report["after_drift"] = {"from_min": (scenario.drift.from_s + AFTER_DRIFT_S) / 60} | describe(late)
    return report


def describe(table: Any) -> dict[str, Any]:
    """The part of the report that follows from forecasts and outcomes."""
    from simulation.bench import scores

    report: dict[str, Any] = {"estimators": {n: scores.figures(table, n) for n in table.forecasts}}
    if not table.served.all():
        served = scores.chosen(table, table.served)
        report["served_only"] = {n: scores.figures(served, n) for n in table.forecasts}
    if "oracle" in table.forecasts:
        report["against_oracle"] = {n: scores.ratios(table, n, "oracle") for n in table.forecasts if n != "oracle"}
    for name in ("avous", "oracle"):
        if name in table.forecasts:
            other = "oracle" if name == "avous" and "oracle" in table.forecasts else ""
            report[f"{name}_coverage"] = {
                label: scores.conditional(table, name, column, level, other=other) for label, column, level in JUDGED
            }
    return report


def _text(report: dict[str, Any]) -> str:
    """A table per case, minutes where it says so."""
    lines = []
    for case in report["cases"]:
        lines.append(case["case"])
        if not case["estimators"]:
            lines += [f"  {case['note']}", ""]
            continue
        lines.append("  " + " ".join(f"{label:>8}" for label in ("", "n", *(label for label, _ in COLUMNS))) + "  squared error / oracle")
        for name, found in case["estimators"].items():
            ratio = case.get("against_oracle", {}).get(name, {}).get("mse")
            against = f"{ratio['ratio']:.3f} ({ratio['ci95'][0]:.3f} to {ratio['ci95'][1]:.3f})" if ratio else ""
            numbers = " ".join(f"{found[key]:8.3f}" if "cov" in key else f"{found[key]:8.1f}" for _, key in COLUMNS)
            lines.append(f"  {name:>8} {found['n']:8.0f} {numbers}  {against}")
        lines.append("")
    return "\n".join(lines)
