"""Rosters in a terminal: the plan as bars, the shifts, and what the alternatives would cost."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.pages import Report, estimate, value
from simulation.scenario import clock


def show_staff(report: Report, opens_at_s: float) -> None:
    """The report of ``avous staff``: hours, the plan as bars, the shifts, and what the alternatives would cost."""
    console = Console()
    share = estimate(report["unanswered_share"], "share")
    verdict = "every interval within" if report["holds"] else "NOT every interval within"
    console.print(
        Text(f"{report['paid_hours']:.1f} paid hours; {share} unanswered, {verdict} {100 * report['target_unanswered']:g} %", style="bold")
    )
    kinds = list(report["plan"][0]["people"])
    table = Table("from", *kinds, "", "unanswered", box=None, pad_edge=False)
    for slot, found in zip(report["plan"], report["per_interval"], strict=True):
        counts = [slot["people"][kind] for kind in kinds]
        start = clock.show(opens_at_s + 60 * slot["start_min"])
        table.add_row(start, *map(str, counts), "█" * sum(counts), value(found["unanswered_share"]["mean"], "share"))
    console.print(table)
    table = Table("shift", "skills", "break", "paid", box=None, pad_edge=False)
    for shift in report["shifts"]:
        span, pause = (shift["start_min"], shift["end_min"]), shift["break_min"]
        texts = ["-".join(clock.show(opens_at_s + 60 * t) for t in part) if part else "" for part in (span, pause)]
        table.add_row(texts[0], ", ".join(shift["skills"]), texts[1], f"{shift['paid_hours']:.1f} h")
    console.print(table)
    _outlook(console, report, opens_at_s)
    for name, words in (("erlang_a", "Erlang-A per interval"), ("given", "the plan in the file")):
        other = report["compared"][name]
        holds = "holds" if other["holds"] else f"misses the target: {100 * other['worst_interval']:.1f} % in its worst interval"
        console.print(
            Text(f"{words}: {other['paid_hours']:.1f} paid hours, {estimate(other['unanswered_share'], 'share')} unanswered, {holds}"),
            soft_wrap=True,
        )


def _outlook(console: Console, report: Report, opens_at_s: float) -> None:
    """The bad day, and where one more hour helps most."""
    bad, euro = report["bad_day"], report["next_euro"]
    console.print(Text(f"a bad day ({bad['arrivals']:.0f} shoppers instead of {bad['usual_arrivals']:.0f}): "
                       f"{estimate(bad['unanswered_share'], 'share')} unanswered, "
                       f"{value(bad['worst_interval'], 'share')} in the worst interval"))  # fmt: skip
    if euro["cost_per_shopper_saved"] is not None:
        console.print(Text(f"one more hour helps most at {clock.show(opens_at_s + 60 * euro['start_min'])} ({euro['kind']}): "
                           f"{euro['saved_per_hour']:.2f} unanswered fewer, {euro['cost_per_shopper_saved']:.0f} € per shopper"),
                      soft_wrap=True)  # fmt: skip


def show_week(report: Report, opens_at_s: float) -> None:
    """The report of ``avous staff --week``: a line per person, a column per day."""
    console = Console()
    verdict = "every interval of every day within" if report["holds"] else "NOT every interval within"
    console.print(
        Text(f"{report['week']}: {report['paid_hours']:.1f} paid hours, {verdict} {100 * report['target_unanswered']:g} %", style="bold")
    )
    days = [day["day"] for day in report["days"]]
    table = Table("", *[day[:3] for day in days], "hours", "contract", box=None, pad_edge=False)  # start above end
    for person in report["people"]:
        work = {duty["day"]: duty for duty in person["shifts"]}
        cells = [_span(work[day], opens_at_s).replace("-", "\n") if day in work else "–" for day in days]
        table.add_row(person["name"], *cells, f"{person['hours']:.1f}", f"{person['contract_h']:g}")
    console.print(table)
    for duty in report["uncovered"]:
        console.print(Text(f"nobody can work {duty['day']} {_span(duty, opens_at_s)} ({duty['kind']})"))
    for day in report["days"]:
        share = estimate(day["unanswered_share"], "share")
        console.print(Text(f"{day['day']}: {day['paid_hours']:.1f} paid hours, {share} unanswered, "
                           f"{value(day['worst_interval'], 'share')} in the worst interval"))  # fmt: skip


def _span(duty: Report, opens_at_s: float) -> str:
    return "-".join(clock.show(opens_at_s + 60 * duty[end]) for end in ("start_min", "end_min"))
