"""What only makes roll-outs quick or small changes no number."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from server.rules.plan import DayPlan, ServicePlan
from server.waits import rollouts, sampling
from server.waits.curves import NEVER, lognormal, weibull
from server.waits.estimator import futures
from server.waits.parameters import Parameters, Stream, steady
from server.waits.sampling import asking
from server.waits.situation import Hand, Person, Situation, Waiter
from server.waits.ticks import NOT_EVER, TICK, Keys, Shifts, ticks_up
from tests.waits.test_cost import NAMES, beliefs, busy_store


@pytest.mark.parametrize("follows", [False, True])
@pytest.mark.parametrize("case", range(4))
def test_closing_up_changes_nothing(case: int, follows: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    situation, believed = busy_store(Random(case)), beliefs(2.0)
    believed = replace(believed, streams=(*believed.streams, *(Stream(s, steady(30 / 3600)) for s in NAMES)))
    if follows:
        believed = replace(believed, follow={"advice": {"payment": 0.5}, "repair": {"pickup": 0.3}})
    asked = [asking(situation, service) for service in NAMES]
    closed = futures(situation, believed, 60, case, asked)
    monkeypatch.setattr(rollouts, "CLOSE_UP", 0.0)
    assert np.array_equal(closed, futures(situation, believed, 60, case, asked))


def test_a_shorter_ranking_calls_the_same_shoppers(monkeypatch: pytest.MonkeyPatch) -> None:
    """With very many rows and ranks the last bits of a place are cut off: here one, 1/128 s."""
    situation, believed = busy_store(Random(1)), beliefs(2.0)
    asked = [asking(situation, service) for service in NAMES]
    whole = futures(situation, believed, 60, 1, asked)
    cut: list[bool] = []
    place = rollouts._InTime._place

    def noted(self: rollouts._InTime, key: Keys) -> rollouts.Heads:
        cut.append(self.shift < self.row_bits)
        return place(self, key)

    monkeypatch.setattr(rollouts._InTime, "_place", noted)
    monkeypatch.setattr(sampling, "TIER_STEP", 2.0**24)  # as far apart as if there were dozens of tiers
    assert np.array_equal(whole, futures(situation, believed, 60, 1, asked))
    assert any(cut)


@pytest.mark.parametrize("due_s", [600.0, 1500.0])
def test_an_appointment_whose_line_has_emptied_calls_nobody(due_s: float) -> None:
    """It was served, or left, before its time came; what then moves up must not be the guard behind the line's last."""
    now, served = 10_000.0, lognormal(600.0, 0.8)
    people = tuple(Person(f"p{i}", ("advice",), ((0.0, 20_000.0),), Hand("serving", "advice", now - 60.0 * i)) for i in range(1, 5))
    booked = Waiter("t1", "advice", 2, now + due_s, 1, now - 40.0, "appointment", due_at=now + due_s)
    store = Situation(now, DayPlan("s", "d", services={"advice": ServicePlan("advice", typical_s=600.0)}), people, (booked,))
    believed = Parameters({"advice": served}, {("advice", ""): weibull(1500.0, 0.7)}, streams=(Stream("advice", steady(20 / 3600)),))
    for seed in range(6):
        waits = futures(store, believed, 400, seed, [asking(store, "advice")])
        assert np.isfinite(waits).all()
        assert (waits >= 0).all()


@pytest.mark.parametrize("case", range(20))
def test_nobody_begins_in_a_pause(case: int) -> None:
    """Person by person and instant by instant, against the windows themselves; pauses as long as each other's and not."""
    rng = Random(case)
    inner = [sorted(rng.sample(range(60, 4000), 2 * (rng.random() < 0.8))) for _ in range(5)]
    if case % 2:
        inner = [[begin, begin + 600] for begin in rng.sample(range(60, 4000), 5)]
    edges = np.array([[0.0, *x, 5000.0, *[NEVER] * (2 - len(x))] for x in inner])
    windows = edges[:, ::2], edges[:, 1::2]
    shifts, who = Shifts(windows), np.repeat(np.arange(5), 600)
    at = np.tile(np.arange(600) * 10.0, 5)
    begin, end = (w[who] for w in windows)
    later = np.where(at[:, None] < end, np.maximum(at[:, None], begin), NOT_EVER / TICK).min(axis=1)
    moved = ticks_up(at)
    shifts.on_duty(who, moved)
    assert np.array_equal(moved, ticks_up(later))
    assert sorted(shifts.off_duty(who, ticks_up(at))) == (later > at).nonzero()[0].tolist()
