"""A day through the rules with a person looking at every phone: how the shown numbers move."""

import sys
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from server.rules import commands as c
from server.rules.effects import KeepFact
from server.rules.plan import DayPlan, SalespersonPlan, ServicePlan, Timings
from server.rules.state import Phase
from server.waits.estimator import Estimator
from server.waits.models import Models
from server.waits.promise import show
from tests.waits.exact import FAR, Store

LOOK_S = 15.0
LATER_S = 60.0
RATES = ((0, 12), (60, 30), (105, 40), (150, 20), (195, 30), (240, 14))  # shoppers per hour from minute on
SPEEDS = (1.3, 1.1, 1.0, 0.9, 0.75)
MEAN_S, SIGMA = 600.0, 0.703  # lognormal, cv 0.8


@dataclass
class Tally:
    """``minutes``: a phone was looked at, once a minute. ``anew``: a number already shown was said anew.

    ``true`` of ``checked`` looks at the shown number turned out to be true: the visit began by then.
    """

    minutes: int = 0
    anew: int = 0
    later: int = 0
    unexplained: int = 0
    promises: int = 0
    kept: int = 0
    checked: int = 0
    true: int = 0


class _Shop(Store):
    def __init__(self, plan: DayPlan, rng: np.random.Generator) -> None:
        self.rng = rng
        self.bounds: list[tuple[str, float]] = []
        super().__init__(plan, {})

    def length(self, person: str, service: str) -> float:
        speed = SPEEDS[int(person[1:])]
        return float(np.exp(self.rng.normal(-(SIGMA**2) / 2, SIGMA)) * MEAN_S / speed)


def plan() -> DayPlan:
    people = {f"p{i}": SalespersonPlan(f"p{i}", f"P{i}", ("advice",)) for i in range(len(SPEEDS))}
    timings = Timings(offer_s=FAR, recall_after_s=FAR, hold_s=FAR, undo_s=0.0)
    services = {"advice": ServicePlan("advice", typical_s=MEAN_S, doubt_after_s=FAR)}
    return DayPlan("s", "d", "UTC", 0.0, FAR, FAR, services, people, {}, timings, "offer")


def _events(rng: np.random.Generator, until_s: float) -> list[tuple[float, str, str]]:
    """Joins, leavings (patience lognormal, mean 22 minutes), a break and a card now and then."""
    events: list[tuple[float, str, str]] = []
    now, number = 0.0, 0
    while now < until_s:
        rate = [r for start, r in RATES if start * 60 <= now][-1] / 3600.0
        now += float(rng.exponential(1 / rate))
        number += 1
        heappush(events, (now, "card" if rng.random() < 0.04 else "join", f"t{number}"))
        patience = float(np.exp(rng.normal(-0.2, 0.63)) * 22 * 60)
        heappush(events, (now + patience, "leave", f"t{number}"))
    for i in range(len(SPEEDS)):
        start = float(rng.uniform(0.2, 0.6) * until_s)
        heappush(events, (start, "pause", f"p{i}"))
        heappush(events, (start + 1800.0, "resume", f"p{i}"))
    return events


def watch_day(seed: int, until_s: float = 5 * 3600.0, rollouts: int = 200, models: Models | None = None) -> Tally:
    """Play the day, say what must be said, and count. ``models`` go on learning."""
    rng, tally = np.random.default_rng(seed), Tally()
    shop = _Shop(plan(), rng)
    models = Models.prior(shop.day.plan) if models is None else models
    estimator = Estimator(models, rollouts)
    for i in range(len(SPEEDS)):
        shop.do(c.SignOn(f"p{i}"), 0.0)
    events, now = _events(rng, until_s), 0.0
    while now < until_s:
        now += LOOK_S
        while events and events[0][0] <= now:
            _happen(shop, *heappop(events))
        shop.run_until(now)
        for effect in shop.effects:
            if isinstance(effect, KeepFact):
                models.observe(effect)
                if effect.started_at is not None and effect.promise_s is not None:
                    tally.promises += 1
                    tally.kept += effect.started_at - effect.joined_at <= effect.promise_s
        shop.effects.clear()
        _look(shop, estimator, now, tally)
    for name, bound in shop.bounds:
        if name in shop.started:
            tally.checked += 1
            tally.true += shop.started[name] <= bound
    return tally


def _happen(shop: _Shop, at: float, what: str, name: str) -> None:
    shop.run_until(at)
    if what in ("join", "card"):
        shop.do(c.Join(name, "advice", card=what == "card"), at)
    elif what == "leave":
        if name in shop.day.tickets and shop.day.tickets[name].phase is Phase.WAITING:
            shop.do(c.Leave(name), at)
    elif what == "pause":
        shop.do(c.Pause(name, "break", 30.0), at)
    elif shop.day.salespeople[name].pause is not None:
        shop.do(c.Resume(name), at)


def _look(shop: _Shop, estimator: Estimator, now: float, tally: Tally) -> None:
    if now % 60.0 == 0.0:
        tally.minutes += len(shop.waiting())
        for name in shop.waiting():
            if (said_so := shop.day.tickets[name].shown) is not None:
                shop.bounds.append((name, said_so.as_of + said_so.high_s))
    said = show(shop.day, estimator.estimate(shop.day, now, shop.day.version), now)
    if said is None:
        return
    for name, new in said.tickets.items():
        old = shop.day.tickets[name].shown
        if old is not None and new is not None:
            moved = (new.as_of + new.high_s) - (old.as_of + old.high_s)
            tally.anew += 1
            tally.later += moved > LATER_S
            tally.unexplained += moved > 1e-6 and not new.why
    shop.do(said, now)


if __name__ == "__main__":  # python -m tests.waits.shown DAYS: the figures of docs/topics/waits.md
    learned = Models.prior(plan())
    total = Tally()
    for day in range(int(sys.argv[1])):
        one = watch_day(day, models=learned)
        if day >= 3:  # the first days teach
            total = Tally(*(a + b for a, b in zip(vars(total).values(), vars(one).values(), strict=True)))
    sys.stdout.write(f"{total}\n")
