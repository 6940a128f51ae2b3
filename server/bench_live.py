"""``avous bench live``: how fast commands are decided, stored and shown, beside what this machine can do at all."""

import json
from typing import Annotated, Any

import typer

CASES = ("actor", "http", "floor", "knee", "message", "storm", "slow", "overload", "peers")


def bench_live(
    case: Annotated[list[str] | None, typer.Option(help=f"What to measure, may be repeated: {', '.join(CASES)}. Else all.")] = None,
    seconds: Annotated[float, typer.Option(min=0.2, max=3600, help="How long each measurement lasts.")] = 10.0,
    stores: Annotated[int, typer.Option(min=1, max=1000, help="Stores of the floor.")] = 200,
    phones: Annotated[int, typer.Option(min=1, max=15_000, help="Phones per store.")] = 50,
    rate: Annotated[float, typer.Option(min=0.1, max=100_000, help="Commands a second on the floor.")] = 100.0,
    rollouts: Annotated[int, typer.Option(min=1, max=5000, help="Simulated futures per wait estimate.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed sends the same commands.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Measure the live system; every figure stands beside its limit, measured in the same run."""
    from server.bench.cases import Sizes, measure
    from server.bench.figures import text

    if unknown := set(case or ()) - set(CASES):
        raise typer.BadParameter(f"{min(unknown)!r} is none of {', '.join(CASES)}")
    sizes = Sizes(seconds=seconds, stores=stores, phones=phones, rate=rate, rollouts=rollouts, seed=seed)
    figures = measure(tuple(case or CASES), sizes, lambda name: typer.echo(f"{name} …", err=True))
    report: dict[str, Any] = {"sizes": sizes.table(), "figures": [figure.table() for figure in figures]}
    typer.echo(json.dumps(report, ensure_ascii=False) if as_json else text(figures))
