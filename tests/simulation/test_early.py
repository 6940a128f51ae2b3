"""The early call in the twin: salespeople wait less for a called shopper, and the same shoppers come either way."""

from server.rules.plan import Timings
from simulation.bench import early
from simulation.scenario.reading import loads

SMALL = """
horizon_min = 90
[services.advice]
arrivals_per_hour = 24
service_time = {kind = "lognormal", mean_min = 6, cv = 0.3}
walking = {kind = "deterministic", mean_min = 2}
[pools.advisers]
count = 3
skills = ["advice"]
"""


def test_salespeople_wait_less_for_who_was_asked_to_come_closer() -> None:
    scenario = loads(SMALL)
    off, on = (early.day(scenario, timings, 1, 0) for timings in (early.OFF, Timings(early_from_s=1.0, early_s=30.0)))
    assert off["salesperson_waits_s"] == 120.0
    assert on["salesperson_waits_s"] < 110.0
    assert on["wait_mean_s"] < off["wait_mean_s"]


def test_the_comparison_has_an_interval() -> None:
    report = early.compared(loads(SMALL), [30.0], 3, 1)
    low, high = report["30"]["difference"]["salesperson_waits_s"][1:]
    assert low < high
