"""Corrections learned from outcomes, and the manager's figures."""

import math

import numpy as np
import pytest

from server.waits.calibration import Calibration, Figures, Track, correct, news, quantile, rank
from server.waits.estimator import LEVELS, NOBODY, Quantiles, summaries
from server.waits.forecast import Forecast

pytestmark = pytest.mark.one_sample


def exponential(mean: float) -> Quantiles:
    """A forecast of exponential waits."""
    return Quantiles(mean, *(-mean * math.log1p(-level) for level in LEVELS))


def test_rank_is_the_inverse_of_quantile() -> None:
    wait = exponential(600.0)
    for level in (0.03, 0.1, 0.4, 0.77, 0.9, 0.95, 0.97, 0.995):
        assert rank(wait, quantile(wait, level)) == pytest.approx(level, abs=1e-6)
    assert quantile(wait, 0.99) == pytest.approx(600 * math.log(100), rel=0.1)
    assert rank(wait, 1e9) < 1.0


def test_a_drift_is_corrected_within_the_day(seed: int) -> None:
    """Waits turn out 40 % longer than the futures say: P90 holds 76 % of the time, and near 90 % after the correction."""
    rng, calibration, held = np.random.default_rng(seed), Calibration(), []
    for _ in range(1500):
        raw = exponential(float(rng.uniform(200, 900)))
        told = correct(raw, calibration.levels("advice"))
        waited = float(rng.exponential(raw.mean_s * 1.4))
        held.append(waited <= told.p90_s)
        calibration.add("advice", rank(raw, waited), happened=True)
    assert np.mean(held[:150]) < 0.9
    assert np.mean(held[700:]) > 0.84


def test_right_ranges_are_left_alone(seed: int) -> None:
    rng, calibration = np.random.default_rng(seed), Calibration()
    for _ in range(1000):
        calibration.add("advice", float(rng.random()), happened=True)
    assert np.abs(np.array(calibration.levels("advice")) - LEVELS).max() < 0.06
    assert calibration.levels("payment") == LEVELS, "nothing is known of another service"


def test_who_left_is_censored_and_not_dropped(seed: int) -> None:
    """Half leave at a random moment of a right forecast: nothing to correct."""
    rng, calibration = np.random.default_rng(seed), Calibration()
    for _ in range(2000):
        u, left = rng.random(2)
        calibration.add("advice", float(min(u, left)), happened=u < left)
    assert np.abs(np.array(calibration.levels("advice")) - LEVELS).max() < 0.08


@pytest.mark.parametrize("stages", [1, 4, 20])
def test_an_outcome_counts_for_what_is_new_in_it(stages: int) -> None:
    waits = np.random.default_rng(1).gamma(stages, 600.0, 100_000)
    counted = news(float(waits.mean()), *(float(q) for q in np.quantile(waits, (0.1, 0.9))))
    assert counted == pytest.approx(1 / stages, rel=0.3)


def test_one_long_line_is_not_taken_for_hundreds_of_outcomes() -> None:
    """Forty neighbours in a line were all called late: that is one piece of bad luck, and the levels hardly move."""
    apart, together = Calibration(), Calibration()
    for _ in range(40):
        apart.add("advice", 0.97, happened=True)
        together.add("advice", 0.97, happened=True, weight=1 / 20)
    assert together.level("advice", 0.8) < 0.81 < apart.level("advice", 0.8)
    assert news(0.0, 0.0, float("inf")) == 1.0


def test_what_cannot_be_told_stays() -> None:
    assert correct(NOBODY, [0.5] * len(LEVELS)) == NOBODY


def test_figures_of_a_day_and_of_a_month() -> None:
    track = Track()
    track.promised("2026-11-20", 600.0, 540.0)
    track.promised("2026-11-21", 600.0, 720.0)
    track.promised("2026-11-21", 600.0, 600.0)
    track.forecast("2026-11-21", exponential(600.0), 300.0)
    today, month = track.report("2026-11-21", "2026-11-21"), track.report("2026-11-01", "2026-11-30")
    assert (today["promises"], today["kept"], today["kept_share"], today["broken_excess_s"]) == (2, 1, 0.5, 120.0)
    assert (month["promises"], month["kept"]) == (3, 2)
    assert today["coverage_p90"] == 1.0
    assert today["pinball_p50_s"] == pytest.approx(0.5 * (600 * math.log(2) - 300), abs=0.06)
    assert Figures().report()["kept_share"] is None


def test_quantiles_of_a_few_futures_hold_as_often_as_they_say(seed: int) -> None:
    """Of 39 futures and what happens, all alike, P90 is above nine of ten."""
    rng = np.random.default_rng(seed)
    lanes, happened = rng.exponential(300.0, (6000, 39)), rng.exponential(300.0, 6000)
    rows = summaries(lanes)
    assert np.mean(happened <= [row.p90_s for row in rows]) == pytest.approx(0.9, abs=0.02)
    assert np.mean(happened <= [row.p10_s for row in rows]) == pytest.approx(0.1, abs=0.02)
    weighted = [Forecast.of(row, np.ones(39)) for row in lanes[:500]]
    assert [f.at(0.9) for f in weighted] == pytest.approx([row.p90_s for row in rows[:500]])
