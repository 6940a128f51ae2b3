"""The demand forecast as a report, and in a terminal: a table, a bar picture, and how well it would have gone."""

from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.past.forecast import QUARTER_S, Outlook
from simulation.scenario import clock
from simulation.scenario.distributions import Floats

Report = dict[str, Any]

_ROWS = 24
NOBODY = 0.05  # expected shoppers: a row with fewer is left out
_BAR = 40  # characters of the longest bar


def report(told: Outlook, level: float = 0.9) -> Report:
    """The report of ``avous forecast``: per service and quarter hour the expected count and the interval of ``level``."""
    total = sum(told.mean.values(), np.zeros(0) if not told.mean else np.zeros_like(next(iter(told.mean.values()))))
    low, high = told.total_interval(level)
    return {
        "day": told.day.isoformat(), "level": level, "notes": list(told.notes),
        "total": {"mean": float(total.sum()), "interval": [low, high]},
        "services": {name: _service(told, name, level) for name in told.mean},
    }  # fmt: skip


def _service(told: Outlook, name: str, level: float) -> Report:
    mean = told.mean[name]
    low, high = told.interval(name, level)
    return {
        "total": float(mean.sum()),
        "quarters": [
            {"start": clock.show(q * QUARTER_S), "mean": round(float(mean[q]), 3), "interval": [float(low[q]), float(high[q])]}
            for q in _span(mean)
        ],
    }


def _span(mean: Floats) -> range:
    seen = np.flatnonzero(mean > 0)
    return range(int(seen[0]), int(seen[-1]) + 1) if len(seen) else range(0)


def show(told: Report) -> None:
    """A day to come, through the day."""
    console = Console()
    total, (low, high) = told["total"]["mean"], told["total"]["interval"]
    console.print(Text(f"{told['day']}: {total:.0f} shoppers expected, {low:.0f} to {high:.0f} nine times in ten", style="bold"))
    for note in told["notes"]:
        console.print(Text(note), soft_wrap=True)
    by_start: dict[str, dict[str, float]] = {}
    for name, service in told["services"].items():
        for quarter in service["quarters"]:
            by_start.setdefault(quarter["start"], {})[name] = quarter["mean"]
    starts = sorted(by_start)
    by = max(1, -(-len(starts) // _ROWS))
    table = Table("from", *told["services"], "all", "", box=None, pad_edge=False)
    rows = [
        (starts[i], [sum(by_start[s].get(n, 0.0) for s in starts[i : i + by]) for n in told["services"]]) for i in range(0, len(starts), by)
    ]
    rows = [row for row in rows if sum(row[1]) >= NOBODY]
    most = max((sum(cells) for _, cells in rows), default=0.0)
    for start, cells in rows:
        table.add_row(start, *(f"{c:.1f}" for c in cells), f"{sum(cells):.1f}", "█" * round(_BAR * sum(cells) / most) if most else "")
    console.print(table)


def show_backtest(found: Report) -> None:
    """How well it would have gone, against the same day of the week before."""
    console = Console()
    console.print(Text(f"{found['days']} days from {found['from_day']}, each foretold {found['ahead']} days ahead", style="bold"))
    table = Table("", "error", "last week's", "ratio", "of the volume", "in 50 %", "in 90 %", box=None, pad_edge=False)
    for name, s in found["services"].items():
        table.add_row(name, f"{s['mae']:.3f}", f"{s['mae_naive']:.3f}", f"{s['ratio']:.2f}" if s["ratio"] is not None else "–",
                      f"{100 * s['wape']:.0f} %", f"{100 * s['coverage_p50']:.0f} %", f"{100 * s['coverage_p90']:.0f} %")  # fmt: skip
    console.print(table)
    if found["left_out"]:
        console.print(Text(f"left out, no day like them before: {', '.join(found['left_out'])}"))
