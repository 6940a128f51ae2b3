"""Kaplan-Meier by hand, and where it must agree with plain counting."""

import random

import pytest

from server.reports.survival import kaplan_meier, thinned


def test_the_textbook_example() -> None:
    """Freireich et al. 1963, treated group (weeks of remission): the published estimate to three digits."""
    calls, leavers = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curve = kaplan_meier([*((float(t), True) for t in calls), *((float(t), False) for t in leavers)])
    assert curve.times_s == (6, 7, 10, 13, 16, 22, 23)
    assert [round(s, 3) for s in curve.still] == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert (curve.quantile(0.5), curve.end_s) == (23, 35)
    assert curve.quantile(0.6) is None, "the record does not reach that far"
    assert curve.within(40) is None
    assert curve.within(22) == pytest.approx(1 - 0.538, abs=5e-4)


@pytest.mark.parametrize("seed", range(20))
def test_without_leavers_it_is_the_plain_share(seed: int) -> None:
    rng = random.Random(seed)
    waits = [round(rng.expovariate(1 / 300), rng.choice((-2, 0))) for _ in range(rng.randint(1, 60))]
    curve = kaplan_meier((w, True) for w in waits)
    for limit in (0.0, 60.0, 300.0, *waits):
        assert curve.within(limit) == pytest.approx(sum(w <= limit for w in waits) / len(waits)), seed


def test_leavers_make_the_wait_longer_never_shorter() -> None:
    called = [(60.0, True), (120.0, True), (300.0, True)]
    plain, honest = kaplan_meier(called), kaplan_meier([*called, (90.0, False), (200.0, False)])
    assert all(a <= b for a, b in zip(plain.still, honest.still, strict=True))


def test_nobody_and_few_points() -> None:
    assert kaplan_meier([]).quantile(0.5) is None
    curve = kaplan_meier((float(t), True) for t in range(1, 1001))
    points = thinned(curve, 50)
    assert len(points) == 50
    assert points[0] == (0.0, 1.0)
    assert points[-1][0] == 1000.0
    assert points[-1][1] == pytest.approx(0.0, abs=1e-9)
