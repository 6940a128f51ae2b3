"""The rival is a fair one: it learns what there is to learn, from the days before and from nothing else."""

import numpy as np
import pytest

from simulation.bench import scores
from tests.waits import boosting

pytestmark = pytest.mark.one_sample


def days(rng: np.random.Generator, number: int, factor: float = 1.0) -> list[boosting.Described]:
    """The wait is 60 s per shopper ahead and some chance; the other feature says nothing."""
    found = []
    for _ in range(number):
        day = boosting.Described()
        for k in range(250):
            ahead = float(rng.integers(0, 8))
            day.at.append(float(k))
            day.features.append([ahead, float(rng.random())])
            day.waits_s.append(factor * 60.0 * ahead + float(rng.exponential(20.0)))
            day.served.append(k % 5 > 0)
        found.append(day)
    return found


def test_it_learns_from_the_days_before_only(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # On a busy machine its threads wait for each other a hundred times longer than they work.
    monkeypatch.setattr("sklearn.ensemble._hist_gradient_boosting.gradient_boosting._openmp_effective_n_threads", lambda *_: 1)
    monkeypatch.setattr(boosting, "SETTINGS", boosting.SETTINGS | {"max_iter": 25, "learning_rate": 0.15})
    rng = np.random.default_rng(seed)
    history = days(rng, 3)
    found = boosting.boosted(history, 2)
    later = boosting.boosted([*history, *days(rng, 2, factor=9.0)], 2)
    assert len(found) == sum(history[2].served)
    waits = np.array(history[2].waits_s)[history[2].served]
    assert np.sqrt(((found[:, scores.MEAN] - waits) ** 2).mean()) < 40.0
    assert np.mean(waits <= found[:, scores.P90]) == pytest.approx(0.9, abs=0.1)
    assert (later == found).all(), "what comes after changes nothing"
