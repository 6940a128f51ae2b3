"""What a verb draws into one file: the pictures of its report, one below the other (``--chart``)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simulation.charts import plots
from simulation.charts.look import WIDTH, config
from simulation.charts.words import SHEETS, Words

Spec = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]

GAP = 34
QUARTER_MIN, QUARTER_H = 15.0, 0.25
SEEN_LEAST = 0.05  # shoppers in a quarter hour: fewer are not worth the paper
SHIFTS_SEEN = 80  # rows of a Gantt: more are no picture


def foretold(told: Mapping[str, Any], words: Words = SHEETS) -> Spec:
    """``avous forecast``: a picture per service, each over all hours in which anybody is expected for any of them."""
    services = {name: {_hours(q["start"]): q for q in service["quarters"]} for name, service in told["services"].items()}
    hours = [hour for quarters in services.values() for hour, q in quarters.items() if q["mean"] >= SEEN_LEAST]
    seen = np.arange(min(hours, default=0.0), max(hours, default=0.0) + QUARTER_H, QUARTER_H).tolist()
    nobody = {"mean": 0.0, "interval": [0.0, 0.0]}
    pictures = []
    for name, quarters in services.items():
        found = [(hour, quarters.get(hour, nobody)) for hour in seen]
        rows = [{"at": hour, "mean": q["mean"], "low": q["interval"][0], "high": q["interval"][1]} for hour, q in found]
        total = told["services"][name]["total"]
        pictures.append(plots.demand(rows, words, words["foretold_service"].format(service=name, total=total)))
    low, high = told["total"]["interval"]
    return stacked(words["foretold_title"].format(day=told["day"], mean=told["total"]["mean"], low=low, high=high), *pictures)


def simulated(report: Mapping[str, Any], fans: Rows, staff: Rows, opens_at_s: float, words: Words = SHEETS) -> Spec:
    """``avous simulate``: shoppers and staff, waits from day to day, unanswered by hour. ``fans``: ``start_min`` and ``wait_after_s``."""
    came = [{"start_min": row["start_min"], "arrivals": row["arrivals"]["mean"] or 0.0} for row in report["intervals"]]
    lost = [{**row, "unanswered_after": row["arrivals"] * (found["unanswered_share"]["mean"] or 0.0)}
            for row, found in zip(came, report["intervals"], strict=True)]  # fmt: skip
    return stacked(
        report["scenario"] or "",
        plots.demand_and_staff(came, staff, opens_at_s, words, words["demand_title"]),
        plots.waits(fans, opens_at_s, words, words["waits_title"]),
        plots.unanswered(lost, opens_at_s, words, words["unanswered_title"]),
    )


def changed(report: Mapping[str, Any], staff: Rows, opens_at_s: float, words: Words = SHEETS) -> Spec:
    """``avous whatif``: unanswered and waits before and after, shoppers and the changed staff, cost against unanswered."""
    points = [_point(words[which], report[which]["paid_hours"], report[which]["unanswered_share"]) for which in ("before", "after")]
    return stacked(
        " ".join([report["scenario"] or "", *report["changes"]]),
        plots.unanswered(report["intervals"], opens_at_s, words, words["unanswered_title"]),
        plots.waits(report["intervals"], opens_at_s, words, words["waits_title"]),
        plots.demand_and_staff(report["intervals"], staff, opens_at_s, words, words["demand_title"]),
        plots.cost(points, words, words["cost_title"]),
    )


def staffed(report: Mapping[str, Any], opens_at_s: float, words: Words = SHEETS) -> Spec:
    """``avous staff``: shoppers and the people found, cost against unanswered of the alternatives, the shifts as a Gantt."""
    others = report["compared"]
    points = [
        _point(words["plan"], report["paid_hours"], report["unanswered_share"]),
        *(_point(words[key], others[key]["paid_hours"], others[key]["unanswered_share"]) for key in ("given", "erlang_a")),
    ]
    staff = [{"start_min": slot["start_min"], "people": sum(slot["people"].values())} for slot in report["plan"]]
    quarters = report["interval_min"] / QUARTER_MIN
    came = [{"start_min": row["start_min"], "arrivals": row["arrivals"] / quarters} for row in report["per_interval"]]
    return stacked(
        report["scenario"] or "",
        plots.demand_and_staff(came, staff, opens_at_s, words, words["demand_title"]),
        plots.cost(points, words, words["cost_title"]),
        plots.roster(numbered(report["shifts"]), opens_at_s, words, words["roster_title"]),
    )


def week(report: Mapping[str, Any], opens_at_s: float, words: Words = SHEETS) -> Spec:
    """``avous staff --week``: heat maps of unanswered shares and of people on duty, and every day's shifts with who works them."""
    hours = [_by_hour(day, opens_at_s) for day in report["days"]]
    lost = [{"day": day["day"], "hour": hour, "value": 100 * sums[1] / sums[0]}
            for day, cells in zip(report["days"], hours, strict=True) for hour, sums in sorted(cells.items()) if sums[0] > 0]  # fmt: skip
    duty = [{"day": day["day"], "hour": hour, "value": sums[2] / sums[3]}
            for day, cells in zip(report["days"], hours, strict=True) for hour, sums in sorted(cells.items())]  # fmt: skip
    shifts = {day["day"]: [{**duty, "name": person["name"], "skills": person["skills"]} for person in report["people"]
                           for duty in person["shifts"] if duty["day"] == day["day"]] for day in report["days"]}  # fmt: skip
    rosters = [plots.roster(own[:SHIFTS_SEEN], opens_at_s, words, name) for name, own in shifts.items() if own]
    return stacked(
        report["week"], plots.week(lost, words, words["unanswered_title"]), plots.week(duty, words, words["staff_title"], "staff"), *rosters
    )


def _by_hour(day: Mapping[str, Any], opens_at_s: float) -> dict[int, list[float]]:
    """Shoppers, unanswered, people and slots of every hour."""
    cells: dict[int, list[float]] = {}
    for slot, found in zip(day["plan"], day["per_interval"], strict=True):
        cell = cells.setdefault(int(opens_at_s / 3600 + slot["start_min"] / 60), [0.0] * 4)
        came = found["arrivals"]
        for k, value in enumerate((came, came * found["unanswered_share"]["mean"], sum(slot["people"].values()), 1)):
            cell[k] += value
    return cells


def numbered(shifts: Rows) -> list[dict[str, Any]]:
    """Shifts of nobody in particular, in the order they begin, a name for each row."""
    ordered = sorted(shifts, key=lambda s: (s["kind"], s["start_min"], s["end_min"]))
    return [{**shift, "name": f"{k:02d}"} for k, shift in enumerate(ordered[:SHIFTS_SEEN], start=1)]


def _hours(text: str) -> float:
    hour, _, minute = text.partition(":")
    return int(hour) + int(minute) / 60


def _point(name: str, paid_hours: float, share: Mapping[str, Any]) -> dict[str, Any]:
    low, high = share["ci95"]
    mean = share["mean"] or 0.0
    return {
        "name": name,
        "paid_hours": paid_hours,
        "unanswered_share": mean,
        "ci95": [mean if low is None else low, mean if high is None else high],
    }


def stacked(title: str, *pictures: Spec) -> Spec:
    """Pictures one below the other, each with its own scales, as one specification."""
    parts = [{**{k: v for k, v in p.items() if k not in ("config", "autosize", "datasets", "$schema")}, "width": WIDTH} for p in pictures]
    apart = {"color": "independent", "strokeDash": "independent"}
    return {
        "$schema": pictures[0]["$schema"], "title": {"text": title, "fontSize": 19, "offset": 18}, "vconcat": parts, "spacing": GAP,
        "resolve": {"scale": apart, "legend": apart}, "config": config(),
        "datasets": {name: rows for p in pictures for name, rows in p.get("datasets", {}).items()},
    }  # fmt: skip
