"""What only makes roll-outs quick or small changes no number."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from server.rules.plan import DayPlan, ServicePlan
from server.waits import rollouts
from server.waits.curves import lognormal, weibull
from server.waits.estimator import futures
from server.waits.parameters import Parameters, Stream, steady
from server.waits.sampling import asking
from server.waits.situation import Hand, Person, Situation, Waiter
from server.waits.ticks import BITS
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
    """With very many lines and ranks the last bits of a place are cut off: here one, 1/128 s."""
    situation, believed = busy_store(Random(1)), beliefs(2.0)
    asked = [asking(situation, service) for service in NAMES]
    whole = futures(situation, believed, 60, 1, asked)
    monkeypatch.setattr(rollouts, "KEY_BITS", 32)
    for name, value in (("_KEYS", (1 << 32) - 1), ("_BELOW", 32), ("_UP", 32 - BITS)):
        monkeypatch.setattr(rollouts, name, np.array(value, np.uint64))
    assert np.array_equal(whole, futures(situation, believed, 60, 1, asked))


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
