"""Reports in a terminal: tables a manager can read, minutes and per cents, intervals beside every figure."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.scenario import clock
from simulation.whatif import sentence

Report = dict[str, Any]

PROBLEMS_SHOWN = 20
_WORDS = {
    "arrivals": ("shoppers", "count"), "answered_share": ("answered", "share"), "unanswered_share": ("unanswered", "share"),
    "left_share": ("  left", "share"), "balked_share": ("  did not join", "share"), "p_wait": ("had to wait", "share"),
    "wait_mean_s": ("wait, mean", "minutes"), "wait_answered_mean_s": ("wait of the answered, mean", "minutes"),
    "wait_p50_s": ("  half wait under", "minutes"), "wait_p90_s": ("  nine in ten wait under", "minutes"),
    "queue_mean": ("waiting, on average", "number"), "utilisation": ("salespeople busy", "share"),
}  # fmt: skip
_ROWS = 24  # of a table that goes through the day
_BAR = 32  # characters of the longest bar


def show_simulation(report: Report) -> None:
    """The report of ``avous simulate``."""
    console = Console()
    console.print(Text(f"{report['scenario'] or 'scenario'}: {report['replications']} days, seed {report['seed']}", style="bold"))
    table = Table("", "all", *report["services"], box=None, pad_edge=False)
    for metric, (words, kind) in _WORDS.items():
        cells = [estimate(m[metric], kind) for m in (report["overall"], *report["services"].values())]
        table.add_row(words, *cells)
    console.print(table)
    _by_interval(console, report["intervals"])
    people = "   ".join(f"{name} {value(m['utilisation']['mean'], 'share')}" for name, m in report["salespeople"].items())
    console.print(Text(f"busy: {people}"))


def _by_interval(console: Console, intervals: list[Report]) -> None:
    """Unanswered shoppers through the day, as bars."""
    shares = [(i["start_min"], i["unanswered_share"]["mean"], i["arrivals"]["mean"]) for i in intervals]
    worst = max((share for _, share, _ in shares if share is not None), default=0.0)
    if worst <= 0:
        return
    table = Table("from", "shoppers", "unanswered", "", box=None, pad_edge=False)
    for start_min, share, arrivals in shares:
        if share is not None:
            bar = "█" * round(_BAR * share / worst)
            table.add_row(f"{start_min // 60:.0f} h {start_min % 60:02.0f}", f"{arrivals:.1f}", value(share, "share"), bar)
    console.print(table)


def show_replay(report: Report) -> None:
    """The report of ``avous replay``: what really happened → what the rules decided."""
    console = Console()
    table = Table(
        "day", "visits", "people", "answered", "unanswered, %", "wait, min", "9 in 10, min",
        box=None, pad_edge=False, title="recorded → decided by the rules", title_justify="left",
    )  # fmt: skip
    for day in report["days"]:
        unknown = f"+{day['unknown_salespeople_visits']}" if day["unknown_salespeople_visits"] else ""
        table.add_row(day["day"], str(day["visits"]), f"{day['salespeople']}{unknown}", *_both(day))
    total = report["total"]
    table.add_row("all", str(total["recorded"]["joined"]), "", *_both(total), style="bold")
    console.print(table)
    for name in ("recorded", "decided"):
        console.print(Text(f"{name}: {_shares(total[name])}"), soft_wrap=True)
    if report["extra_columns"]:
        console.print(Text(f"columns left out: {', '.join(report['extra_columns'])}"), soft_wrap=True)
    for problem in report["problems"][:PROBLEMS_SHOWN]:
        console.print(Text(f"line {problem['line']}: {problem['reason']}{'' if problem['kept'] else ' (left out)'}"), soft_wrap=True)
    more = len(report["problems"]) - PROBLEMS_SHOWN
    if more > 0:
        console.print(Text(f"… and {more} more such lines (--json lists them all)"))


def show_whatif(report: Report, opens_at_s: float) -> None:
    """The report of ``avous whatif``: the sentence, then before and after."""
    console = Console()
    console.print(Text(sentence(report), style="bold"), soft_wrap=True)
    console.print(Text(f"{'; '.join(report['changes'])}: {report['replications']} pairs of days, seed {report['seed']}"), soft_wrap=True)
    table = Table("", "before", "after", box=None, pad_edge=False)
    for metric in ("arrivals", "answered_share", "unanswered_share", "wait_mean_s", "wait_p90_s", "utilisation"):
        words, kind = _WORDS[metric]
        table.add_row(words.strip(), *(estimate(report[side][metric], kind) for side in ("before", "after")))
    table.add_row("paid hours", *(f"{report[side]['paid_hours']:.1f}" for side in ("before", "after")))
    console.print(table)
    table = Table("from", "unanswered before", "", "after", "", box=None, pad_edge=False)
    rows = _coarser(report["intervals"])
    worst = max(max(before, after) for _, before, after in rows)
    for start_min, before, after in rows:
        bars = ["█" * round(_BAR / 2 * value / worst) if worst else "" for value in (before, after)]
        table.add_row(clock.show(opens_at_s + 60 * start_min), f"{before:.2f}", bars[0], f"{after:.2f}", bars[1])
    console.print(table)


def _coarser(intervals: list[Report]) -> list[tuple[float, float, float]]:
    """(start, before, after) for at most ``_ROWS`` rows: neighbouring intervals are added up."""
    by = -(-len(intervals) // _ROWS)
    parts = [intervals[i : i + by] for i in range(0, len(intervals), by)]
    return [(p[0]["start_min"], sum(i["unanswered_before"] for i in p), sum(i["unanswered_after"] for i in p)) for p in parts]


def _both(pair: Report) -> list[str]:
    was, now = pair["recorded"], pair["decided"]
    cells = [f"{was['answered']} → {now['answered']}"]
    for name, scale in (("unanswered_share", 100.0), ("wait_mean_s", 1 / 60), ("wait_p90_s", 1 / 60)):
        cells.append(" → ".join("–" if side[name] is None else f"{scale * side[name]:.1f}" for side in (was, now)))
    return cells


def _shares(account: Report) -> str:
    """Every outcome; they add up to 100 %."""
    return ", ".join(f"{name} {account[name]} ({100 * share:.1f} %)" for name, share in account["shares"].items())


def estimate(found: Report, kind: str) -> str:
    """A figure with half the width of its interval."""
    low, high = found["ci95"]
    if low is None:
        return value(found["mean"], kind)
    return f"{value(found['mean'], kind)} ± {value((high - low) / 2, kind).split()[0]}"


def value(number: float | None, kind: str) -> str:
    """A figure in its unit."""
    if number is None:
        return "–"
    match kind:
        case "share":
            return f"{100 * number:.1f} %"
        case "minutes":
            return f"{number / 60:.1f} min"
        case "count":
            return f"{number:.0f}"
    return f"{number:.2f}"
