"""A report adds up, agrees with an independent count of the exported file, and tells nothing about few people."""

import csv
import io
import random
from collections import Counter
from statistics import fmean
from typing import Any

import pytest

from server.journal.facts import VISIT_COLUMNS, visit_rows
from server.reports.report import UNANSWERED, report, salespeople
from server.reports.visits import Balked, Doors, Period, Rated, Read
from server.rules.effects import KeepFact
from simulation.past import visits as log
from tests.real_logs import real_log
from tests.reports.recount import recount

ZONE = "Europe/Paris"
NOON = 1_795_000_000.0  # in November 2026
Facts = list[tuple[str, KeepFact]]


def fact(ticket: str, joined: float, called: float | None, *, outcome: str = "answered", step: int = 1, service: str = "advice",
         left: float | None = None, who: str | None = "lea", minutes: float = 8.0, promise_s: float | None = None) -> KeepFact:  # fmt: skip
    served = outcome == "answered" and called is not None
    start = None if called is None or not served else called + 20.0
    return KeepFact(ticket, ticket, step, service, "", NOON + joined, None if called is None else NOON + called,
                    None if start is None else NOON + start, None if start is None else NOON + start + 60 * minutes,
                    None if served else NOON + (left if left is not None else joined + 300), outcome, who if called is not None else None,
                    False, promise_s)  # fmt: skip


def random_facts(rng: random.Random) -> Facts:
    """Some days of visits with all outcomes, several steps, missing calls and forgotten finishes."""
    found: Facts = []
    for number in range(rng.randint(1, 120)):
        day, joined = f"2026-11-{rng.randint(16, 21)}", rng.uniform(0, 9 * 3600)
        steps = rng.choice((1, 1, 1, 2, 3))
        for step in range(1, steps + 1):
            outcome = "answered" if step < steps else rng.choice(("answered",) * 5 + ("left", "vanished", "closed", "void"))
            called = joined + rng.expovariate(1 / 400) if outcome in ("answered", "vanished") else None
            service = rng.choice(("advice", "payment", "kitchens"))
            found.append((day, fact(f"A{number}", joined, called, outcome=outcome, step=step, service=service,
                                    left=joined + rng.expovariate(1 / 300), who=rng.choice(("lea", "max")),
                                    promise_s=rng.choice((None, 300.0, 600.0)) if step == 1 else None)))  # fmt: skip
            joined = (called or joined) + 500
    return found


def agree(facts: Facts, zone: str = ZONE) -> dict[str, Any]:
    """The report, after holding it against the recount of the exported file."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([VISIT_COLUMNS, *visit_rows(facts, zone)])
    counted = recount(text.getvalue().splitlines())
    found = report(Period(zone, tuple(sorted({day for day, _ in facts})), facts))
    assert Counter(found["accounts"]) == counted["outcomes"]
    assert found["unanswered_share"] == counted["unanswered_share"]
    for cells, other in ((found["hours"], counted["by_hour"]), (found["services"], counted["by_service"])):
        assert {name for name, cell in cells.items() if cell["came"]} == set(other)
        for name, outcomes in other.items():
            assert Counter({reason: cells[name][reason] for reason in ("answered", *UNANSWERED)}) == outcomes
    waits = found["waits"]
    assert (waits["joined"], waits["called"]) == (counted["joined"], counted["called"])
    assert waits["within"]["600"] * waits["joined"] == pytest.approx(counted["within_600"])
    assert waits["mean_s"] == pytest.approx(counted["wait_mean_s"], abs=1e-3)
    services = [cell["service"] for cell in found["services"].values()]
    assert sum(cell["n"] for cell in services) == counted["served"]
    assert sum(cell["n"] * cell["mean_s"] for cell in services if cell["n"]) / counted["served"] == pytest.approx(
        counted["service_mean_s"], abs=1e-3
    )
    return found


@pytest.mark.parametrize("seed", range(30))
def test_it_is_what_the_exported_file_says(seed: int) -> None:
    facts = random_facts(random.Random(seed))
    if any(f.started_at for _, f in facts) and any(f.outcome not in ("void",) for _, f in facts):
        found = agree(facts)
        assert sum(found["accounts"].values()) == len({(day, f.ticket) for day, f in facts}), seed
        for cells in (found["hours"], found["weekdays"], found["by_day"], found["services"]):
            assert sum(cell["came"] for cell in cells.values()) == sum(found["accounts"].values()) - found["accounts"]["void"]


def test_the_bank_is_what_its_exported_file_says() -> None:
    agree(list(log.facts(log.read(real_log("bank")), "UTC")), "UTC")


def test_the_balked_count_as_unanswered_and_the_void_not_at_all() -> None:
    facts = [("2026-11-21", fact("A1", 0, 60)), ("2026-11-21", fact("A2", 0, None, outcome="void"))]
    found = report(Period(ZONE, ("2026-11-21",), facts, balked=[Balked("2026-11-21", NOON, "advice")]))
    assert found["accounts"] == {"answered": 1, "left": 0, "vanished": 0, "closed": 0, "void": 1, "balked": 1}
    assert found["unanswered_share"] == 0.5
    assert found["services"]["advice"]["came"] == 2


def test_a_promise_is_kept_broken_or_was_never_put_to_the_test() -> None:
    rows = [fact("A1", 0, 250, promise_s=300), fact("A2", 0, 400, promise_s=300), fact("A3", 0, None, outcome="left", left=100,
            promise_s=300),
            fact("A4", 0, None, outcome="left", left=360, promise_s=300), fact("A5", 0, 10)]  # fmt: skip
    found = report(Period(ZONE, ("2026-11-21",), [("2026-11-21", row) for row in rows]))["promise"]
    assert found == {"told": 4, "decided": 3, "kept": 1, "kept_share": pytest.approx(1 / 3), "excess_s": fmean((120.0, 60.0))}


def test_readers_and_others_and_stars_and_doors() -> None:
    facts = [("2026-11-21", fact(f"A{n}", n, None if n < 3 else 100 + n, outcome="left" if n < 3 else "answered")) for n in range(12)]
    found = report(
        Period(
            ZONE,
            ("2026-11-21",),
            facts,
            read=[
                *(Read("2026-11-21", f"A{n}", "quiz") for n in range(2, 11)),
                Read("2026-11-21", "A2", "quiz:open"),
                Read("2026-11-21", "A11", "film:open"),
                Read("2026-11-21", "A3", "sort:1"),
                Read("2026-11-21", "A4", "sort:0"),
            ],
            ratings=[Rated("2026-11-21", "A5", 4), Rated("2026-11-21", "A6", 5)],
            doors=[Doors("2026-11-21", 12, 40)],
        )
    )
    assert found["content"]["opened"] == {"film": 1, "quiz": 9, "sort": 2}
    assert found["content"]["finished"] == {"quiz": 9, "sort": 2}
    assert found["content"]["answers"] == {"sort": {"0": 1, "1": 1}}
    assert found["content"]["readers"] == {"n": 10, "left": 1, "left_share": 0.1}
    assert found["content"]["others"] == {"n": 2, "left": 2, "left_share": None}, "two people are no group"
    assert (found["rating"]["mean"], found["rating"]["stars"]["5"]) == (4.5, 1)
    assert found["doors"] == {"days": 1, "came": 40, "asked": 12, "never_asked": 28}


def test_a_salesperson_with_few_visits_is_only_in_the_sum() -> None:
    facts = [("2026-11-21", fact(f"A{n}", n, 100.0 + n, who="max" if n < 4 else "lea")) for n in range(12)]
    found = salespeople(Period(ZONE, ("2026-11-21",), facts))
    assert set(found["each"]) == {"lea"}
    assert (found["people"], found["steps"]) == (2, 12)


def test_nothing_recorded_is_said_as_nothing() -> None:
    found = report(Period(ZONE, ("2026-11-21",), ()))
    assert found["unanswered_share"] is None
    assert found["waits"]["p50_s"] is None
    assert found["doors"] is None
