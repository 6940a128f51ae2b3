"""``avous bench twin``: how many shoppers a second the twin plays, through the rules and through the kernel, and Ciw, in one run."""

import json
from datetime import date
from pathlib import Path
from statistics import median
from time import process_time
from typing import Annotated, Any

import typer

_CASES = {
    "one service, three people": """
horizon_min = 3000
[services.advice]
arrivals_per_hour = 15
service_time = {kind = "exponential", mean_min = 10}
[pools.advisers]
count = 3
skills = ["advice"]
""",
    "impatient shoppers, ten people": """
horizon_min = 1000
[services.advice]
arrivals_per_hour = 72
service_time = {kind = "exponential", mean_min = 10}
patience = {kind = "exponential", mean_min = 10}
[pools.advisers]
count = 10
skills = ["advice"]
""",
    "a store: two services, two steps, shifts": """
horizon_min = 600
[services.advice]
arrivals_per_hour = [[0, 12], [120, 26], [360, 34], [480, 20]]
service_time = {kind = "lognormal", mean_min = 14, cv = 0.8}
patience = {kind = "lognormal", mean_min = 18, cv = 0.7}
next = {payment = 0.5}
[services.payment]
arrivals_per_hour = 24
service_time = {kind = "gamma", mean_min = 4, cv = 0.6}
[salespeople.lea]
skills = ["advice", "payment"]
shifts = [[0, 240], [300, 480]]
[pools.advisers]
count = [[0, 5], [120, 8]]
skills = ["advice"]
[pools.cashiers]
count = 3
skills = ["payment"]
""",
}


def bench_twin(
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="Days played per case and engine; the median counts.")] = 5,
    log: Annotated[Path | None, typer.Option(help="Recorded visits: foretell their days instead.", show_default=False)] = None,
    from_day: Annotated[str | None, typer.Option(help="With --log: the first day to foretell; earlier ones are learned from.")] = None,
    replications: Annotated[int, typer.Option(min=20, max=10_000, help="With --log: simulated days per day.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Measure the twin: shoppers a second through the rules and the kernel, or how well it foretells recorded days."""
    if log is not None:
        _foretell(log, from_day, replications, as_json)
        return
    from simulation.bench import ciw_networks
    from simulation.scenario import reading

    report: dict[str, dict[str, Any]] = {name: _measure(reading.loads(text, name), rounds) for name, text in _CASES.items()}
    report |= {network.name: ciw_networks.compare(network, rounds) for network in ciw_networks.NETWORKS}
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    for name, found in report.items():
        typer.echo(f"{name}: {found['rules_per_s']:,.0f} steps/s through the rules, {found['kernel_per_s']:,.0f} through the kernel "
                   f"({found['ratio']:.0f} times){_against(found)}")  # fmt: skip
    if not ciw_networks.ciw_is_there():
        typer.echo("Ciw is not installed (pip install ciw): nothing to compare with")


def _against(found: dict[str, Any]) -> str:
    if "times_ciw" not in found:
        return ""
    verdict = "waits agree" if found["agrees"] else "waits DIFFER"
    waits = f"{found['wait_mean_s']:.1f} s, {found['ciw_wait_mean_s']:.1f} s"
    return f"; Ciw {found['ciw_per_s']:,.0f}: {found['times_ciw']:.1f} times; {verdict} ({waits})"


def _foretell(log: Path, from_day: str | None, replications: int, as_json: bool) -> None:
    from simulation import progress
    from simulation.executors import processes
    from simulation.past.fit import FitError, backtest
    from simulation.past.visits import read

    try:
        first = date.fromisoformat(from_day or "")
    except ValueError:
        raise FitError("--log needs --from-day, a date like 2026-11-21") from None
    visits = read(log)
    ahead = sum(1 for day in visits.days() if day >= first)
    with progress.bar("Days", ahead) as done, processes() as executor:
        found = backtest(visits, first, replications, executor=executor, done=done)
    if as_json:
        typer.echo(json.dumps({"days": found}, ensure_ascii=False))
        return
    for day in found:
        texts = [
            f"{words} {_told(day[key], scale)}" for key, words, scale in (("left_share", "left, %:", 100), ("wait_mean_s", "wait, s:", 1))
        ]
        typer.echo(f"{day['day']}  {';  '.join(texts)}")


def _told(found: dict[str, Any], scale: float) -> str:
    low, high = found["interval90"]
    outside = "" if found["inside"] else " (outside)"
    return f"{scale * found['recorded']:.1f} recorded, {scale * low:.1f} to {scale * high:.1f} foretold{outside}"


def _measure(scenario: Any, rounds: int) -> dict[str, float]:
    """Steps a second of one core, drawing included, both engines in turn so that they meet the same machine."""
    from simulation.twin.crew import crew_of
    from simulation.twin.demand import draw
    from simulation.twin.simulate import Engine, play_day

    crew = crew_of(scenario)
    speeds: dict[Engine, list[float]] = {"rules": [], "kernel": []}
    for seed in range(rounds):
        for engine, found in speeds.items():
            began = process_time()
            log = play_day(scenario, crew, draw(scenario, seed), engine)
            found.append(log.rows / max(process_time() - began, 1e-9))
    rules, kernel = median(speeds["rules"]), median(speeds["kernel"])
    return {"rules_per_s": rules, "kernel_per_s": kernel, "ratio": kernel / rules}
