"""``avous bench waits --cost``: what one estimate of a busy store costs, on one core.

40 waiting, 12 salespeople with breaks planned, 4 services, 500 roll-outs: everybody in line and "if I joined now"
for each service, from the live state to the ranges, with learned beliefs. The state is made by the rules.
"Undisturbed" is the least of QUIET_REPEATS measurements of each of QUIET_SEEDS estimates, by processor time: what is left
when other programs, which only ever add, are taken away; its p99 is that of the estimates.
"""

import gc
from collections.abc import Callable
from random import Random
from time import perf_counter, process_time
from typing import Any

import numpy as np

from server.rules import commands as c
from server.rules.decide import decide
from server.rules.plan import DayPlan, SalespersonPlan, ServicePlan, Timings
from server.rules.refusals import Refusal
from server.rules.state import StoreDay, new_day
from server.waits.estimator import Estimator
from server.waits.models import Fact, Models

WAITING, PEOPLE, ROLLOUTS, TIMES, WARM = 40, 12, 500, 300, 20
QUIET_SEEDS, QUIET_REPEATS = 60, 8
NAMES = ("advice", "payment", "repair", "pickup")
TYPICAL_S = {"advice": 600.0, "payment": 240.0, "repair": 900.0, "pickup": 300.0}
RANKS = {"advice": 2, "payment": 1, "repair": 2, "pickup": 1}
HOUR_S, DAY_S = 3600.0, 86_400.0
CASES = {"one tier": (0.0, False), "priority cards": (0.03, False), "services that rank ahead": (0.03, True)}


def plan(*, ranked: bool) -> DayPlan:
    """Four services, twelve people with one to three skills, a break each in the afternoon."""
    rng = Random(5)
    services = {n: ServicePlan(n, typical_s=TYPICAL_S[n], rank=RANKS[n] if ranked else 1, doubt_after_s=DAY_S) for n in NAMES}
    people = {}
    for i in range(PEOPLE):
        skills = tuple(sorted({NAMES[i % 4], *rng.sample(NAMES, rng.randint(0, 2))}))
        lunch = (13.0 + i % 4 / 2) * HOUR_S
        people[f"p{i:02}"] = SalespersonPlan(f"p{i:02}", f"P{i}", skills, shifts=((9 * HOUR_S, lunch), (lunch + HOUR_S / 2, 19 * HOUR_S)))
    timings = Timings(offer_s=DAY_S, recall_after_s=DAY_S, hold_s=DAY_S, undo_s=0.0)
    return DayPlan("s", "d", "UTC", 0.0, 20 * HOUR_S, DAY_S, services, people, {}, timings, "offer")


def busy_day(plan: DayPlan, cards: float, seed: int = 1) -> StoreDay:
    """Half an hour past noon: everybody serves, WAITING wait."""
    rng, day, now = Random(seed), new_day(plan), 9 * HOUR_S
    day = _do(day, c.OpenDay(plan), now)
    for person in plan.salespeople:
        day = _do(day, c.SignOn(person), now)
    now = 12 * HOUR_S
    while sum(map(len, day.lines.values())) < WAITING:
        now += rng.expovariate(1 / 20)
        day = _do(day, c.Join(f"t{day.serial}", rng.choice(NAMES), card=rng.random() < cards), now)
        for one in [p for p in day.salespeople.values() if p.duty == "offered" and p.ticket]:
            day = _do(_do(day, c.Accept(one.id, one.ticket or ""), now), c.Start(one.id, one.ticket or ""), now)
    return day


def _do(day: StoreDay, command: c.Command, now: float) -> StoreDay:
    step = decide(day, command, now)
    if isinstance(step, Refusal):
        raise AssertionError(f"the rules refused {command}: {step}")
    return step.day


def learned(plan: DayPlan, cards: float, days: int = 10) -> Models:
    """What a store of this kind knows: some thousand visits, waits that ended in leaving, arrivals all day."""
    rng, facts = Random(7), []
    for day in range(days):
        for _ in range(400):
            at = (day - days) * DAY_S + rng.uniform(9, 19) * HOUR_S
            service, person = rng.choice(NAMES), f"p{rng.randrange(PEOPLE):02}"
            kind, waited = "card" if rng.random() < cards else "", rng.expovariate(1 / 500)
            if rng.random() < 0.15:
                facts.append(Fact(service, kind, at, None, None, None, at + waited, "left", None))
            else:
                end = at + waited + rng.lognormvariate(0, 0.7) * TYPICAL_S[service]
                facts.append(Fact(service, kind, at, at + waited, at + waited, end, None, "answered", person))
    return Models.prior(plan).learn(facts)


def undisturbed(estimate: Callable[[int], object], seeds: int = QUIET_SEEDS) -> list[float]:
    """Milliseconds of each estimate, the least of some measurements."""
    least = []
    for seed in range(seeds):
        took = []
        for _ in range(QUIET_REPEATS):
            worked = process_time()
            estimate(seed)
            took.append((process_time() - worked) * 1e3)
        least.append(min(took))
    return least


def measure(cards: float, *, ranked: bool, times: int = TIMES) -> dict[str, float]:
    """Milliseconds per estimate, by the wall and of this process's own time; the collector is as in the server."""
    today = plan(ranked=ranked)
    day, estimator = busy_day(today, cards), Estimator(learned(today, cards), ROLLOUTS)
    for seed in range(WARM):
        estimator.estimate(day, day.at, seed)
    gc.collect()
    gc.freeze()
    wall, own = [], []
    for seed in range(times):
        began, worked = perf_counter(), process_time()
        estimator.estimate(day, day.at, seed)
        own.append((process_time() - worked) * 1e3)
        wall.append((perf_counter() - began) * 1e3)
    quiet = undisturbed(lambda seed: estimator.estimate(day, day.at, seed), min(times, QUIET_SEEDS))
    gc.unfreeze()
    return {
        "p50_ms": _at(wall, 50), "p99_ms": _at(wall, 99), "max_ms": _at(wall, 100), "cpu_p50_ms": _at(own, 50), "cpu_p99_ms": _at(own, 99),
        "quiet_p50_ms": _at(quiet, 50), "quiet_p99_ms": _at(quiet, 99),
    }  # fmt: skip


def _at(found: list[float], percentile: float) -> float:
    return round(float(np.percentile(found, percentile)), 2)


def report(times: int = TIMES) -> dict[str, Any]:
    """Every case."""
    cases = [{"case": name, **measure(cards, ranked=ranked, times=times)} for name, (cards, ranked) in CASES.items()]
    return {"waiting": WAITING, "people": PEOPLE, "services": len(NAMES), "rollouts": ROLLOUTS, "estimates": times, "cases": cases}


def text(report: dict[str, Any]) -> str:
    """A row per case."""
    lines = [f"{WAITING} waiting, {PEOPLE} salespeople, {len(NAMES)} services, {ROLLOUTS} roll-outs; ms per estimate"]
    lines.append(f"{'':28}" + "".join(f"{key.removesuffix('_ms'):>10}" for key in report["cases"][0] if key != "case"))
    lines += [f"{case['case']:28}" + "".join(f"{value:>10}" for key, value in case.items() if key != "case") for case in report["cases"]]
    return "\n".join(lines)
