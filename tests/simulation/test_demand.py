"""Shoppers: right numbers at right times, and the same ones for every plan."""

import numpy as np
import pytest

from simulation.scenario.reading import loads
from simulation.twin.demand import Demand, draw

DAY = """
horizon_min = 600
[services.advice]
arrivals_per_hour = [[0, 10], [120, 40], [300, 20]]
service_time = {kind = "hyperexponential", weights = [0.8, 0.2], means_min = [6, 36]}
patience = {kind = "lognormal", mean_min = 15, cv = 0.7}
next = {payment = 0.6, repair = 0.1}
[services.payment]
arrivals_per_hour = 5
service_time = {kind = "gamma", mean_min = 2, cv = 0.5}
next = {repair = 0.2}
[services.repair]
service_time = {kind = "exponential", mean_min = 4}
[pools.all]
count = 9
skills = ["advice", "payment", "repair"]
"""


def test_the_same_seed_gives_the_same_shoppers_and_another_gives_others() -> None:
    day = loads(DAY)
    assert draw(day, 3, 1) == draw(day, 3, 1)
    assert draw(day, 3, 1).at != draw(day, 3, 2).at
    assert draw(day, 4, 1).at != draw(day, 3, 1).at


def test_rates_are_kept_in_every_piece() -> None:
    day = loads(DAY)
    at = np.concatenate(
        [[t for t, n in zip(d.at, d.needs, strict=True) if n.service == "advice"] for d in (draw(day, 1, k) for k in range(300))]
    )
    for lo, hi, per_hour in ((0, 120, 10), (120, 300, 40), (300, 600, 20)):
        hours = (hi - lo) / 60 * 300
        count = ((at >= lo * 60) & (at < hi * 60)).sum()
        assert count == pytest.approx(per_hour * hours, abs=4 * (per_hour * hours) ** 0.5)
    assert at.min() >= 0
    assert at.max() < 36_000


def needs_of(demand: Demand, service: str) -> list[tuple[float, float]]:
    return [(n.work_s, n.patience_s) for n in demand.needs if n.service == service]


def test_more_arrivals_bring_the_same_shoppers_closer_together() -> None:
    less, more = loads(DAY), loads(DAY.replace("[120, 40]", "[120, 60]"))
    few, many = needs_of(draw(less, 1), "advice"), needs_of(draw(more, 1), "advice")
    assert len(many) > len(few) > 100
    assert many[: len(few)] == few


def test_another_staff_or_service_changes_nothing_for_the_others() -> None:
    day, other = loads(DAY), loads(DAY.replace("count = 9", "count = 4").replace("arrivals_per_hour = 5", "arrivals_per_hour = 7"))
    assert needs_of(draw(day, 1), "advice") == needs_of(draw(other, 1), "advice")


def test_visits_follow_their_probabilities_and_end() -> None:
    day = loads(DAY)
    routes = [tuple(n.service for n in d.later.get(i, ())) for d in (draw(day, 1, k) for k in range(60)) for i, n in enumerate(d.needs)
              if n.service == "advice"]  # fmt: skip
    share = sum(1 for r in routes if r[:1] == ("payment",)) / len(routes)
    assert share == pytest.approx(0.6, abs=0.02)
    assert sum(1 for r in routes if r == ("payment", "repair")) / len(routes) == pytest.approx(0.12, abs=0.015)
    assert max(map(len, routes)) == 2


def test_deterministic_arrivals_are_evenly_spaced() -> None:
    day = loads('horizon_min = 60\n[services.a]\narrivals_per_hour = 12\ninterarrival = {kind = "deterministic"}\n'
                'service_time = {kind = "exponential", mean_min = 1}\n[pools.p]\nskills = ["a"]')  # fmt: skip
    assert draw(day, 1).at == pytest.approx([300.0 * k for k in range(1, 12)])


def test_busy_and_quiet_days_have_the_spread_asked_for() -> None:
    spread = loads("day_cv = 0.3\n" + DAY)
    counts = np.array([len(draw(spread, 1, k)) for k in range(400)])
    assert counts.std() / counts.mean() == pytest.approx(0.31, abs=0.05)


def test_cards_and_classes_are_given_out() -> None:
    day = loads("card_share = 0.05\n" + DAY + "[classes.member]\nshare = 0.3\nhead_start_min = 5\n")
    days = [draw(day, 1, k) for k in range(40)]
    shoppers = sum(map(len, days))
    assert sum(len(d.cards) for d in days) / shoppers == pytest.approx(0.05, abs=0.01)
    assert sum(len(d.standing) for d in days) / shoppers == pytest.approx(0.3, abs=0.02)


def test_appointments_come_around_their_slots() -> None:
    day = loads(DAY + "[services.repair.appointments]\nevery_min = 20\nshow_up = 0.8\nearly_min = 3\nearly_sd_min = 6\n")
    days = [draw(day, 1, k) for k in range(60)]
    early = [d.slots[i] - d.at[i] for d in days for i in d.slots]
    assert len(early) / 60 == pytest.approx(0.8 * 30, abs=1.5)
    assert np.mean(early) == pytest.approx(180, abs=40)
