"""``avous bench journal``: how fast commands become durable, beside one fsync per command on the same disk."""

import asyncio
import json
from typing import Annotated, Any

import typer


def bench_journal(
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="How long each measurement lasts.")] = 4.0,
    requesters: Annotated[list[int] | None, typer.Option(help="How many ask at once, may be repeated. Else 1, 10 and 100.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Measure the SQLite journal (synchronous=FULL): appends a second, and reading a day back, beside the disk alone."""
    from server.bench.durable import durable
    from server.bench.figures import text

    figures = asyncio.run(durable(seconds, tuple(requesters or (1, 10, 100))))
    report: dict[str, Any] = {"figures": [figure.table() for figure in figures]}
    typer.echo(json.dumps(report, ensure_ascii=False) if as_json else text(figures))
