"""What only makes roll-outs quick or small changes no number."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from server.waits import rollouts
from server.waits.estimator import futures
from server.waits.parameters import Stream, steady
from server.waits.sampling import asking
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
