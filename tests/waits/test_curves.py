"""Curves: draws, what is left after a while, learning with censoring."""

import math

import numpy as np
import pytest

from server.waits.curves import (
    NEVER,
    Curve,
    Exponentials,
    Floats,
    Tally,
    constant,
    exponential,
    from_inverse,
    hazard_of,
    lognormal,
    of_hazard,
    weibull,
)

pytestmark = pytest.mark.one_sample

DRAWS = 200_000


def draws(seed: int, n: int = DRAWS) -> Floats:
    """Standard exponentials."""
    return np.random.default_rng(seed).standard_exponential(n)


@pytest.mark.parametrize("curve, mean_s, sd_s", [
    (exponential(600.0), 600.0, 600.0),
    (lognormal(600.0, 0.8), 600.0, 480.0),
    (constant(300.0), 300.0, 0.0),
    (weibull(1200.0, 1.5), 1200.0, 1200.0 * math.sqrt(math.gamma(1 + 2 / 1.5) / math.gamma(1 + 1 / 1.5) ** 2 - 1)),
])  # fmt: skip
def test_draws_have_the_law_s_moments(curve: Curve, mean_s: float, sd_s: float, seed: int) -> None:
    found = curve.at(draws(seed))
    assert found.mean() == pytest.approx(mean_s, rel=0.02)
    assert found.std() == pytest.approx(sd_s, rel=0.05, abs=1e-9)
    assert curve.mean_s == pytest.approx(mean_s, rel=0.01)


def test_what_is_left_of_an_exponential_is_the_same_exponential(seed: int) -> None:
    left = exponential(600.0).left(900.0, draws(seed))
    assert left.mean() == pytest.approx(600.0, rel=0.02)


def test_what_is_left_of_a_known_length_is_the_rest_and_never_negative(seed: int) -> None:
    assert constant(300.0).left(100.0, draws(seed, 10)) == pytest.approx(200.0)
    assert (constant(300.0).left(400.0, draws(seed, 10)) == 0.0).all()


def test_what_is_left_matches_long_draws(seed: int) -> None:
    """The distribution given that it lasted 15 minutes, once by conditioning, once by waiting for such draws."""
    curve = lognormal(600.0, 0.8)
    every = curve.at(draws(seed, 2_000_000))
    waited = every[every > 900.0] - 900.0
    left = curve.left(900.0, draws(seed + 1))
    assert np.quantile(left, [0.25, 0.5, 0.9]) == pytest.approx(np.quantile(waited, [0.25, 0.5, 0.9]), rel=0.03)


def test_survival_is_right(seed: int) -> None:
    ages = np.array([0.0, 300.0, 600.0, 1800.0])
    assert exponential(600.0).survival(ages) == pytest.approx(np.exp(-ages / 600.0), abs=0.003)


def test_learned_from_draws_it_is_the_law_again(seed: int) -> None:
    truth, tally = lognormal(600.0, 0.8), Tally()
    for duration in truth.at(draws(seed, 6000)).tolist():
        tally.add(duration, ended=True)
    found = of_hazard(tally.hazard(hazard_of(lognormal(600.0, 1.0)), 0.5))
    assert found.mean_s == pytest.approx(600.0, rel=0.05)
    ages = np.array([120.0, 300.0, 600.0, 1200.0, 2400.0])
    assert found.survival(ages) == pytest.approx(truth.survival(ages), abs=0.025)


def test_censored_durations_are_not_lost(seed: int) -> None:
    """Half of the shoppers are served before their patience ends: dropping them would halve the patience."""
    tally, dropped = Tally(), []
    patience, turn = exponential(1200.0).at(draws(seed, 8000)), exponential(1200.0).at(draws(seed + 1, 8000))
    for p, t in zip(patience.tolist(), turn.tolist(), strict=True):
        tally.add(min(p, t), ended=p < t)
        dropped += [p] if p < t else []
    found = of_hazard(tally.hazard(hazard_of(weibull(1800.0, 0.7)), 0.3))
    assert np.mean(dropped) < 700.0
    assert found.survival(np.array([600.0, 1200.0])) == pytest.approx(np.exp([-0.5, -1.0]), abs=0.02)


def test_who_never_leaves_is_believed(seed: int) -> None:
    tally = Tally()
    for wait in np.random.default_rng(seed).exponential(600.0, 3000).tolist():
        tally.add(wait, ended=False)
    found = of_hazard(tally.hazard(hazard_of(weibull(1800.0, 0.7)), 0.3) * 1.0)
    assert found.survival(np.array([1200.0]))[0] > 0.98


def test_a_defective_law_goes_on_for_ever() -> None:
    curve = from_inverse(lambda s: np.where(s > 0.5, 100.0, np.inf))
    assert curve.table.max() == NEVER
    assert (curve.at(np.array([5.0])) == NEVER).all()


def test_fading_and_merging_are_linear() -> None:
    one, other = Tally(), Tally()
    one.add(100.0, ended=True)
    other.add(50.0, ended=False)
    both = one.copy()
    both.merge(other)
    both.fade(0.5)
    assert both.events.sum() == pytest.approx(0.5)
    assert both.exposure.sum() == pytest.approx(75.0)


def test_draws_of_one_future_are_as_good_as_independent(seed: int) -> None:
    """Rows share a pool: sums over a future's rows must vary as sums of independent draws do."""
    sums = np.concatenate([Exponentials(500, np.random.default_rng([seed, i])).rows(20).sum(axis=0) for i in range(400)])
    assert sums.mean() == pytest.approx(20.0, rel=0.01)
    assert sums.var() == pytest.approx(20.0, rel=0.05)
    erlang = np.random.default_rng(seed).gamma(20.0, 1.0, 1_000_000)
    assert np.quantile(sums, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(erlang, [0.1, 0.5, 0.9]), rel=0.01)


def test_cells_are_those_of_the_draws(seed: int) -> None:
    curve = exponential(300.0)
    draws, cells = (Exponentials(50, np.random.default_rng(seed)) for _ in range(2))
    assert np.array_equal(curve.at(draws.rows(3)), curve.drawn(cells.cells(3)))
