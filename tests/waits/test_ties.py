"""Two things at one instant: the bench's day and the roll-outs have them as the rules have."""

from dataclasses import replace

import pytest

from server.rules import commands as c
from server.rules.plan import DayPlan, SalespersonPlan, ServicePlan, Timings
from server.waits.curves import constant
from server.waits.estimator import futures
from server.waits.parameters import Parameters
from server.waits.situation import situation_of
from simulation.bench.offered import OfferedDay, Shopper
from simulation.scenario import reading
from simulation.twin.crew import crew_of, plan_of
from simulation.twin.demand import Demand, Need, draw
from tests.waits.exact import FAR, Store

LUNCH = """
name = "lunch until a slot"
horizon_min = 200
[services.advice]
arrivals_per_hour = 1
service_time = {kind = "deterministic", mean_min = 10}
[services.advice.appointments]
every_min = 20
from_min = 20.37
to_min = 160
show_up = 0.9
early_min = 3
early_sd_min = 6
[salespeople.lea]
skills = ["advice"]
shifts = [[0, 30], [60, 200]]
"""
JOINS = ((40.0, None), (50.0, 60.0), (52.0, None), (55.0, 60.0))  # minutes, and the slot


def by_the_rules() -> tuple[list[float], list[float]]:
    """Minutes at which each of JOINS starts: through the rules, and as a roll-out says just before Léa's lunch ends."""
    timings = Timings(offer_s=FAR, recall_after_s=FAR, hold_s=FAR, undo_s=0.0, return_s=0.0)
    services, people = {"advice": ServicePlan("advice", doubt_after_s=FAR)}, {"lea": SalespersonPlan("lea", "Léa", ("advice",))}
    store = Store(DayPlan("s", "d", "UTC", 0.0, FAR, FAR, services, people, {}, timings, "offer"), {("lea", "advice"): 600.0})
    store.do(c.SignOn("lea"), 0.0)
    store.do(c.Pause("lea", "lunch", 30.0), 1800.0)
    for i, (at, slot) in enumerate(JOINS):
        store.do(c.Join(str(i), "advice", appointment_at=None if slot is None else slot * 60.0), at * 60.0)
    now = 3500.0
    situation = situation_of(store.day, now)
    forecast = futures(situation, Parameters({"advice": constant(600.0)}), 2, 1)[:, 0] + now
    store.do(c.Tick(), 3600.0)
    store.run_until(FAR / 2)
    rolled = {w.id: at / 60.0 for w, at in zip(situation.waiting, forecast.tolist(), strict=True)}
    return [store.started[str(i)] / 60.0 for i in range(len(JOINS))], [rolled[str(i)] for i in range(len(JOINS))]


def test_an_appointment_is_due_before_a_break_ends_at_the_same_instant() -> None:
    """Léa is back at 60:00, the slot is at 60:00: she takes the appointments, in the rules, the bench's day and the roll-out."""
    scenario = reading.loads(LUNCH)
    crew = crew_of(scenario)
    need = Need("advice", 600.0, float("inf"), 0.0)
    slots = {i: slot * 60.0 for i, (_, slot) in enumerate(JOINS) if slot is not None}
    demand = Demand([at * 60.0 for at, _ in JOINS], [need] * len(JOINS), slots=slots)
    day = OfferedDay(scenario, replace(plan_of(scenario, crew), closes_at=FAR), crew, demand)
    begun = [(shopper.joined_at + (shopper.offered_s or 0.0)) / 60.0 for shopper in day.run()]
    rules, rolled = by_the_rules()
    assert rules == [80.0, 60.0, 90.0, 70.0]
    assert begun == rules
    assert rolled == pytest.approx(rules, abs=0.01)


def test_who_came_is_not_expected_any_more_wherever_the_slot_lies() -> None:
    """Slots at fractions of a second are the same numbers in the book and in the demand."""
    scenario = reading.loads(LUNCH)
    crew = crew_of(scenario)
    seen: list[float] = []

    def watch(sim: OfferedDay, shopper: Shopper) -> None:
        if shopper.slot is not None:
            seen.append(min([abs(a.at - shopper.slot) for a in sim.situation().book], default=FAR))

    for number in range(20):
        OfferedDay(scenario, replace(plan_of(scenario, crew), closes_at=FAR), crew, draw(scenario, 1, number), watch=watch).run()
    assert len(seen) > 20
    assert min(seen) > 1000.0
