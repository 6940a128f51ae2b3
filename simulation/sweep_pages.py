"""What a sweep found, one line per store."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.sweep import Report, Swept
from simulation.whatif import sentence


def show(verb: str, swept: Swept) -> None:
    """The stores in the order of their names, then those that failed."""
    console = Console()
    columns = {
        "simulate": ("shoppers", "unanswered", "9 in 10 wait under"),
        "whatif": ("what changes",),
        "staff": ("paid hours", "unanswered", ""),
    }
    table = Table("store", *columns[verb], box=None, pad_edge=False)
    for name, report in sorted(swept.reports.items()):
        table.add_row(name, *_cells(verb, report))
    console.print(table)
    if swept.kept:
        console.print(Text(f"kept from before: {', '.join(sorted(swept.kept))}"), soft_wrap=True)
    for name, why in sorted(swept.failed.items()):
        console.print(Text(f"{name} failed: {why}", style="bold"), soft_wrap=True)


def _cells(verb: str, report: Report) -> list[str]:
    if verb == "whatif":
        return [sentence(report)]
    if verb == "staff":
        return [
            f"{report['paid_hours']:.1f}",
            _share(report["unanswered_share"]["mean"]),
            "holds" if report["holds"] else "misses the target",
        ]
    overall = report["overall"]
    wait_s = overall["wait_p90_s"]["mean"]
    return [
        f"{overall['arrivals']['mean']:.0f}",
        _share(overall["unanswered_share"]["mean"]),
        "–" if wait_s is None else f"{wait_s / 60:.1f} min",
    ]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
