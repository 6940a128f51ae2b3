"""The figures of a report once more, from the exported CSV alone: other code, no import of the report's.

Counts must agree to the last digit, times to the milliseconds the file has.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from statistics import mean
from typing import Any

Row = dict[str, str]


def recount(lines: Iterable[str]) -> dict[str, Any]:
    """What a suspicious accountant gets out of the file."""
    found = _visits(lines)
    outcomes = Counter(steps[-1]["outcome"] for steps in found)
    real = [steps for steps in found if steps[-1]["outcome"] != "void"]
    return {
        "outcomes": outcomes,
        "unanswered_share": _unanswered(outcomes),
        "by_hour": _hours(real),
        "by_service": _services(real),
        **_waits(real),
    }


def _visits(lines: Iterable[str]) -> list[list[Row]]:
    """The rows of each visit; a number that begins again with step 1 is another visit (old logs count round)."""
    tickets: dict[tuple[str, str], list[list[Row]]] = defaultdict(list)
    for row in sorted(csv.DictReader(lines), key=lambda row: (row["joined_at"], int(row["step"]))):
        same = tickets[row["day"], row["ticket"]]
        if row["step"] == "1" or not same:
            same.append([])
        same[-1].append(row)
    return [steps for same in tickets.values() for steps in same]


def _unanswered(outcomes: Counter[str]) -> float:
    lost = outcomes["left"] + outcomes["vanished"] + outcomes["closed"]
    return lost / (lost + outcomes["answered"])


def _hours(real: list[list[Row]]) -> dict[str, Counter[str]]:
    hours: dict[str, Counter[str]] = defaultdict(Counter)
    for steps in real:
        hours[str(int(steps[0]["joined_at"][11:13]))][steps[-1]["outcome"]] += 1
    return hours


def _services(real: list[list[Row]]) -> dict[str, Counter[str]]:
    services: dict[str, Counter[str]] = defaultdict(Counter)
    for steps in real:
        last = steps[-1]
        services[steps[0]["service"] if last["outcome"] == "answered" else last["service"]][last["outcome"]] += 1
    return services


def _waits(real: list[list[Row]]) -> dict[str, Any]:
    waits, joined = [], 0
    for steps in real:
        first = steps[0]
        called = first["called_at"] or first["started_at"]
        if called:
            waits.append(_between(first["joined_at"], called))
        joined += bool(called or first["left_at"])
    served = [_between(s["started_at"], s["finished_at"]) for steps in real for s in steps if s["started_at"] and s["finished_at"]]
    return {"joined": joined, "called": len(waits), "wait_mean_s": mean(waits), "within_600": sum(w <= 600 for w in waits),
            "service_mean_s": mean(served), "served": len(served)}  # fmt: skip


def _between(first: str, second: str) -> float:
    return max(0.0, (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds())
