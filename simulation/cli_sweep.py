"""``avous sweep``: one verb over the scenarios of a chain of stores."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from simulation.cli import within


class Verb(StrEnum):
    """What is done with every scenario."""

    simulate = "simulate"
    whatif = "whatif"
    staff = "staff"


def sweep(  # noqa: PLR0913  # typer makes each option of a verb from one argument
    *,
    verb: Annotated[Verb, typer.Argument(help="simulate, whatif or staff.", show_default=False)],
    scenarios: Annotated[list[Path], typer.Argument(help="Scenarios in TOML, one per store.", show_default=False)],
    into: Annotated[Path | None, typer.Option(help="Keep finished stores in this folder; again goes on.", show_default=False)] = None,
    on: Annotated[str, typer.Option(help="processes; dask (a cluster on this machine); or a cluster's address, tcp://…")] = "processes",
    workers: Annotated[
        int | None, typer.Option(callback=within(1, 1024), help="Processes; one per core if left out.", show_default=False)
    ] = None,
    replications: Annotated[int, typer.Option(callback=within(2, 100_000), help="Days played (whatif: at most).")] = 100,
    seed: Annotated[int | None, typer.Option(callback=within(0), help="Seed for all; else each scenario's.", show_default=False)] = None,
    target_unanswered: Annotated[float, typer.Option(help="For staff: the largest unanswered share of any interval.")] = 0.05,
    add: Annotated[list[str] | None, typer.Option(help='For whatif: "16:00-18:00 advice".', show_default=False)] = None,
    remove: Annotated[list[str] | None, typer.Option(help="For whatif: NAME, or one of a pool.", show_default=False)] = None,
    head_start: Annotated[list[str] | None, typer.Option(help="For whatif: members=5m.", show_default=False)] = None,
    arrivals: Annotated[list[str] | None, typer.Option(help="For whatif: advice=+20%.", show_default=False)] = None,
    hourly_cost: Annotated[float, typer.Option(callback=within(0), help="For whatif: what an hour costs.")] = 25.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reports as JSON.")] = False,
) -> None:
    """Run simulate, whatif or staff for many stores; finished ones are kept, a failed one sinks nobody."""
    from simulation import executors, progress, sweep, sweep_pages

    given = {"add": add, "remove": remove, "head-start": head_start, "arrivals": arrivals}
    changes = tuple((option, words) for option, texts in given.items() for words in texts or ())
    if verb is Verb.whatif and not changes:
        raise sweep.SweepError('whatif needs a change: --add "16:00-18:00 advice", --remove, --head-start or --arrivals')
    jobs = sweep.jobs_of(
        scenarios, verb.value, replications=replications, seed=seed, target=target_unanswered, changes=changes, hourly_cost=hourly_cost
    )
    with progress.stdout_kept(), progress.bar("Stores", len(jobs)) as done:
        swept = sweep.sweep(jobs, into, lambda: executors.opened(on, workers), done)
    if as_json:
        typer.echo(json.dumps({"reports": swept.reports, "kept": swept.kept, "failed": swept.failed}, ensure_ascii=False, allow_nan=False))
    else:
        sweep_pages.show(verb.value, swept)
    raise typer.Exit(1 if swept.failed else 0)
