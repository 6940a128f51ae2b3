"""The samplers have the moments and the curve that ``shape`` states."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import exp, log, log2, sqrt
from random import Random
from statistics import fmean, median

import pytest

from simulation.crowd import shape
from tests.crowd import fit_shape
from tests.real_logs import real_log

pytestmark = pytest.mark.one_sample

OPENS, CLOSES = 10 * 3600.0, 20 * 3600.0


def one_day(rng: Random) -> Iterator[float]:
    at = OPENS
    while (coming := shape.next_arrival(rng, at, OPENS, CLOSES, 40.0)) is not None:
        yield (at := coming)


def test_arrivals_follow_the_profile_and_keep_the_mean(rng: Random) -> None:
    per_day = []
    by_part = [0] * len(shape.ARRIVALS)
    for _ in range(60):
        day = list(one_day(rng))
        per_day.append(len(day))
        for at in day:
            by_part[int((at - OPENS) / (CLOSES - OPENS) * len(by_part))] += 1
    assert fmean(per_day) == pytest.approx(400, rel=0.03)
    busiest, quietest = shape.ARRIVALS.index(max(shape.ARRIVALS)), len(shape.ARRIVALS) - 1
    assert by_part[busiest] / by_part[quietest] == pytest.approx(shape.ARRIVALS[busiest] / shape.ARRIVALS[quietest], rel=0.2)


def test_nobody_comes_outside_opening_hours() -> None:
    assert shape.arrival_rate(OPENS - 1, OPENS, CLOSES, 40) == 0
    assert shape.arrival_rate(CLOSES, OPENS, CLOSES, 40) == 0
    assert shape.next_arrival(Random(1), CLOSES, OPENS, CLOSES, 40) is None
    assert shape.next_arrival(Random(1), OPENS, OPENS, CLOSES, 0) is None


def test_service_times_have_the_mean_asked_for_and_the_spread_of_the_log(rng: Random) -> None:
    times = [shape.service_s(rng, 540.0) for _ in range(40_000)]
    assert fmean(times) == pytest.approx(540, rel=0.03)
    short = [t for t in times if t < 20]
    assert len(short) / len(times) == pytest.approx(shape.SHORT_SHARE, abs=0.02)
    talks = [t for t in times if t >= 20]
    spread = sqrt(fmean(t * t for t in talks) / fmean(talks) ** 2 - 1)
    assert spread == pytest.approx(sqrt(exp(shape.SIGMA**2) - 1), rel=0.1)


def test_patience_has_the_median_asked_for(rng: Random) -> None:
    assert median(shape.patience_s(rng, 900.0) for _ in range(20_000)) == pytest.approx(900, rel=0.05)


@pytest.mark.parametrize("share", [1.0, 0.99, 0.9, 0.5, 0.31, 0.3, 0.2, 0.01])
def test_the_curve_and_its_inverse_agree(share: float) -> None:
    assert shape.still_waiting(shape.patience_at(share)) == pytest.approx(share)


def test_the_hazard_of_leaving_falls() -> None:
    def hazard(start: float, end: float) -> float:
        return (1 - shape.still_waiting(end) / shape.still_waiting(start)) / (end - start)

    assert hazard(0, 0.2) > hazard(0.2, 1) > hazard(1, 3) > hazard(3, 6) * 0.9


def test_the_fit_finds_the_shape_that_made_a_log(rng: Random) -> None:
    """The fitting script on a log of known origin: it must give back what made it, censoring included."""
    rows = [made_up_call(rng) for _ in range(20_000)]
    share, length, sigma = fit_shape.service(rows)
    assert (share, length, sigma) == pytest.approx((0.06, 0.025, 0.8), rel=0.12)
    fitted = dict(zip(fit_shape.SURVIVALS, fit_shape.patience(rows), strict=True))
    for alive in (0.9, 0.75, 0.6, 0.4):  # an exponential patience: relative to its median, the curve is 2^-t
        assert fitted[alive] == pytest.approx(-log2(alive), rel=0.15)
    assert fit_shape.weibull_shape(*fit_shape.patience_sample(rows)) == pytest.approx(1.0, abs=0.05)
    assert fit_shape.arrivals(rows)[2] == pytest.approx(len(fit_shape.arrivals(rows)))  # everybody came at nine


def made_up_call(rng: Random) -> dict[str, str]:
    start = datetime(1999, 8, 2, 9, tzinfo=UTC)
    patience_s, queue_s = rng.expovariate(1 / 300), rng.uniform(0, 900)
    talk_s = 4.6 if rng.random() < 0.06 else max(rng.lognormvariate(log(180) - 0.32, 0.8), 10.5)
    row = {"day": "1999-08-02", "service": "PS", "joined_at": start.isoformat(), "left_at": "", "started_at": "", "finished_at": ""}
    if patience_s < queue_s:
        return {**row, "outcome": "left", "left_at": (start + timedelta(seconds=patience_s)).isoformat()}
    began = start + timedelta(seconds=queue_s)
    return {**row, "outcome": "answered", "started_at": began.isoformat(), "finished_at": (began + timedelta(seconds=talk_s)).isoformat()}


def test_the_numbers_are_those_of_the_log() -> None:
    rows = fit_shape.read(real_log("bank"))
    assert fit_shape.arrivals(rows) == pytest.approx(shape.ARRIVALS, abs=0.0006)
    assert fit_shape.service(rows) == pytest.approx((shape.SHORT_SHARE, shape.SHORT_LENGTH, shape.SIGMA), abs=0.0006)
    assert fit_shape.patience(rows) == pytest.approx([t for _, t in shape.PATIENCE], abs=0.0006)
