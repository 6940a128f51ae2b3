"""What the store's own visits teach, and what a new store is believed to be."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from server.rules.effects import KeepFact
from server.rules.plan import DayPlan, ServicePlan
from server.waits.models import Fact, FactRow, Models
from server.waits.pace import CALM, WILD, Pace
from simulation.bench.offered import OfferedDay
from simulation.scenario.reading import loads
from simulation.twin.crew import crew_of, plan_of
from simulation.twin.demand import draw

pytestmark = pytest.mark.one_sample

TEXT = """
name = "learning"
horizon_min = 600
[services.advice]
arrivals_per_hour = 24
service_time = {kind = "lognormal", mean_min = 8, cv = 0.8}
patience = {kind = "exponential", mean_min = 15}
rank = 2
[services.payment]
arrivals_per_hour = 12
service_time = {kind = "exponential", mean_min = 3}
rank = 1
[salespeople.fast]
skills = ["advice", "payment"]
speed = 1.5
[salespeople.slow]
skills = ["advice"]
speed = 0.75
[salespeople.usual]
skills = ["advice", "payment"]
"""
PLAN = DayPlan("s", "d", "UTC", services={"advice": ServicePlan("advice", typical_s=480.0)})


@pytest.fixture(scope="module")
def facts() -> list[Fact]:
    """Twelve days."""
    scenario = loads(TEXT)
    found: list[Fact] = []
    crew = crew_of(scenario)
    for day in range(12):
        OfferedDay(scenario, plan_of(scenario, crew), crew, draw(scenario, 5, day), day * 86400.0, learn=found.append).run()
    return found


def fact(**changes: Any) -> Fact:
    """A visit of 8 minutes after 2 of waiting."""
    return Fact("advice", "", 0.0, 120.0, 120.0, 600.0, None, "answered", "lea")._replace(**changes)


def test_a_new_store_starts_from_stated_priors_and_says_so() -> None:
    models = Models.prior(PLAN)
    assert models.sureness == {"advice": 0}
    beliefs = models.parameters(0.0)
    assert beliefs.service_of("advice").mean_s == pytest.approx(480.0, rel=0.05)
    assert beliefs.patience_of("advice", "") is not None
    assert beliefs.factor_of("anybody", "advice") == 1.0


def test_it_learns_lengths_speeds_and_patience(facts: list[Fact]) -> None:
    scenario = loads(TEXT)
    models = Models(plan_of(scenario, crew_of(scenario))).learn(facts)
    beliefs = models.parameters(12 * 86400.0)
    factors = {p: beliefs.factor_of(p, "advice") for p in ("fast", "usual", "slow")}
    assert factors["fast"] < factors["usual"] < factors["slow"]
    assert factors["slow"] / factors["fast"] == pytest.approx(2.0, rel=0.2)
    assert beliefs.service_of("advice").mean_s * factors["usual"] == pytest.approx(480.0, rel=0.1)
    assert beliefs.service_of("payment").mean_s * beliefs.factor_of("usual", "payment") == pytest.approx(180.0, rel=0.1)
    patience = beliefs.patience_of("advice", "")
    assert patience is not None
    assert patience.survival(np.array([300.0, 900.0])) == pytest.approx(np.exp([-1 / 3, -1.0]), abs=0.06)
    never = beliefs.patience_of("payment", "")
    assert never is not None
    assert never.survival(np.array([300.0]))[0] > 0.97


def test_arrivals_by_the_hour(facts: list[Fact]) -> None:
    scenario = loads(TEXT)
    models = Models(plan_of(scenario, crew_of(scenario))).learn(facts)
    start = 12 * 86400.0 + 3600.0
    streams = {s.service: s for s in models.parameters(start).streams}
    assert streams["advice"].rate(start, start + 7200.0)[1].sum() == pytest.approx(48.0, rel=0.15)
    assert streams["payment"].rate(start, start + 7200.0)[1].sum() == pytest.approx(24.0, rel=0.15)
    night = 12 * 86400.0 + 20 * 3600.0
    assert models.parameters(night).streams[0].rate(night, night + 3600.0)[1].sum() < 0.5


def test_the_order_of_facts_does_not_matter(facts: list[Fact]) -> None:
    one, other = Models(PLAN).learn(facts), Models(PLAN).learn(list(reversed(facts)))
    now = 12 * 86400.0
    assert one.parameters(now).service_of("advice").table == pytest.approx(other.parameters(now).service_of("advice").table)


def test_observing_today_moves_what_is_believed() -> None:
    models = Models.prior(PLAN)
    before = models.parameters(0.0).service_of("advice").mean_s
    for i in range(200):
        models.observe(fact(joined_at=i * 60.0, called_at=i * 60.0, started_at=i * 60.0, finished_at=i * 60.0 + 240.0))
    assert models.parameters(1e4).service_of("advice").mean_s < 0.7 * before


def test_a_forgotten_finish_and_an_estimated_one_are_not_service_times() -> None:
    models = Models.prior(PLAN)
    for i in range(50):
        models.observe(fact(joined_at=i * 60.0, started_at=i * 60.0 + 1, finished_at=i * 60.0 + 481))
    usual = models.parameters(1e4).service_of("advice").mean_s
    models.observe(fact(finished_at=9 * 3600.0))
    models.observe(fact(finished_at=3000.0, estimated=True))
    assert models.parameters(1e4).service_of("advice").mean_s == pytest.approx(usual, rel=0.05)
    assert models.visits["advice"].mean_s == pytest.approx(480.0, rel=0.05)


def lengths(*many: tuple[int, float]) -> Models:
    """What visits of these minutes teach, so many of each, evenly mixed."""
    ends = [(k / number, minutes) for number, minutes in many for k in range(number)]
    visits = [fact(joined_at=i * 60.0, started_at=i * 60.0 + 1, finished_at=i * 60.0 + 1 + 60 * m) for i, (_, m) in enumerate(sorted(ends))]
    return Models.prior(PLAN).learn(visits)


def test_a_long_tail_is_believed_and_forgotten_finishes_are_not() -> None:
    """Nine visits of a thousand last beyond eight means, which is what two kinds of visit look like; or nobody pressed Finish."""
    tail = lengths((800, 5.0), (150, 20.0), (40, 50.0), (9, 90.0)).visits["advice"]
    assert tail.mean_s / 60 == pytest.approx((800 * 5 + 150 * 20 + 40 * 50 + 9 * 90 + 5 * 8) / (999 + 5))
    for gone in (90.0, 400.0):
        forgotten = lengths((900, 5.0), (91, 10.0), (9, gone)).visits["advice"]
        assert forgotten.mean_s / 60 == pytest.approx((900 * 5 + 91 * 10 + 5 * 8) / (991 + 5)), "nothing leads up to them"


def test_a_long_tail_is_in_the_curve() -> None:
    """Of visits of 4 minutes and (three of ten) of 20, a hundredth lasts longer than eight means, and is a tenth of all the time."""
    rng = np.random.default_rng(1)
    minutes = rng.exponential(np.where(rng.random(4000) < 0.3, 20.0, 4.0)).tolist()
    beliefs = lengths(*((1, m) for m in minutes)).parameters(1e5)
    assert beliefs.service_of("advice").mean_s * beliefs.factor_of("lea", "advice") == pytest.approx(60 * np.mean(minutes), rel=0.03)


def test_later_steps_are_no_new_shoppers() -> None:
    """Who goes on to the till has been counted at joining; the till's own shoppers are those who come for it."""
    steps = [fact(ticket=f"t{i}", step=step, joined_at=i * 60.0, service=s) for i in range(40) for step, s in ((1, "advice"), (2, "till"))]
    models = Models.prior(PLAN).learn(steps)
    assert {stream.service for stream in models.parameters(86400.0).streams} == {"advice"}
    assert "till" in models.sureness


def test_hang_ups_are_visits_of_a_few_seconds() -> None:
    models = Models.prior(PLAN)
    for i in range(400):
        length = 5.0 if i % 10 == 0 else 480.0
        models.observe(fact(joined_at=i * 600.0, called_at=i * 600.0, started_at=i * 600.0, finished_at=i * 600.0 + length))
    assert models.parameters(3e5).service_of("advice").survival(np.array([30.0]))[0] == pytest.approx(0.9, abs=0.03)


def test_the_rules_own_facts_fit() -> None:
    kept: FactRow = KeepFact("t", "A-1", 1, "advice", "card", 0.0, 60.0, 90.0, 600.0, None, "answered", "lea", False, 300.0)
    models = Models.prior(PLAN)
    models.observe(kept)
    assert ("advice", "card") in models.patience
    assert models.walking["advice"].weight == 1.0


def test_punctuality_is_learned() -> None:
    models = Models.prior(PLAN)
    for k in range(300):
        models.slot("advice", None if k % 10 == 0 else -180.0 + 60.0 * (k % 3 - 1))
    found = models.parameters(0.0).punctuality["advice"]
    assert found.show_up == pytest.approx(0.9, abs=0.02)
    assert found.mean_s == pytest.approx(-180.0, rel=0.1)
    assert found.sd_s < 200.0


def test_a_slow_day_is_noticed_and_a_usual_one_costs_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hazard = np.full(104, 1 / 480.0)
    days = [(Pace(CALM, 0.01), Pace(WILD, 0.01)) for _ in range(5)]
    for usual, slow in days:
        for i in range(150):
            length = float(rng.exponential(480.0))
            usual.observe(length, hazard, i * 60.0)
            slow.observe(length * 1.5, hazard, i * 60.0)
        assert usual.drawn_from()[1].sum() == pytest.approx(1.0)
    assert np.median([usual.mean for usual, _ in days]) == pytest.approx(1.0, abs=0.06)  # one day in some hundred is unlucky
    assert np.median([slow.mean for _, slow in days]) > 1.2


def test_a_store_whose_days_jump_is_told_from_a_calm_one(facts: list[Fact]) -> None:
    scenario = loads(TEXT)
    plan = plan_of(scenario, crew_of(scenario))
    assert Models(plan).learn(facts).temper == CALM
    jumpy = [
        f._replace(finished_at=f.started_at + (f.finished_at - f.started_at) * (1.6 if int(f.joined_at // 10800) % 2 else 0.7))
        if f.started_at is not None and f.finished_at is not None else f
        for f in facts
    ]  # fmt: skip
    assert Models(plan).learn(jumpy).temper != CALM


def test_other_zones_have_their_own_hours() -> None:
    models = Models(replace(PLAN, zone="Europe/Paris"))
    day, second = models.arrivals.local.of(1_700_000_000.0)  # 2023-11-14 22:13:20 UTC
    assert second == pytest.approx(23 * 3600 + 13 * 60 + 20)
    assert day == 1_700_003_600 // 86400
