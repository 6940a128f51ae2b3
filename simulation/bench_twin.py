"""``avous bench twin``: how many shoppers a second the twin plays, through the rules and through the kernel, in one run."""

import json
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Measure shoppers a second of processor time: the twin through the rules, and through the lean kernel."""
    from simulation import scenario_file

    report = {name: _measure(scenario_file.loads(text, name), rounds) for name, text in _CASES.items()}
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    for name, found in report.items():
        typer.echo(f"{name}: {found['rules_per_s']:,.0f} shoppers/s through the rules, {found['kernel_per_s']:,.0f} through the kernel "
                   f"({found['ratio']:.0f} times)")  # fmt: skip


def _measure(scenario: Any, rounds: int) -> dict[str, float]:
    """Shoppers a second, demand drawn beforehand, both engines in turn so that they meet the same machine."""
    from simulation.crew import crew_of
    from simulation.demand import draw
    from simulation.simulate import Engine, play_day

    crew = crew_of(scenario)
    speeds: dict[Engine, list[float]] = {"rules": [], "kernel": []}
    for seed in range(rounds):
        demand = draw(scenario, seed)
        for engine, found in speeds.items():
            began = process_time()
            play_day(scenario, crew, demand, engine)
            found.append(len(demand) / max(process_time() - began, 1e-9))
    rules, kernel = median(speeds["rules"]), median(speeds["kernel"])
    return {"rules_per_s": rules, "kernel_per_s": kernel, "ratio": kernel / rules}
