"""The formulas of others, against numbers worked out by hand."""

import pytest

from server.rules.plan import DayPlan, ServicePlan
from server.waits.baselines import NAMES, Start, predict
from server.waits.curves import constant, exponential
from server.waits.parameters import Parameters, Stream, steady
from server.waits.situation import Hand, Person, Situation, Waiter

PLAN = DayPlan("s", "d", services={"advice": ServicePlan("advice"), "repair": ServicePlan("repair")})
NOW = 10_000.0


def situation(ahead: int, staff: int) -> Situation:
    """``ahead`` waiting a minute apart, ``staff`` busy, one person who serves something else."""
    waiting = tuple(Waiter(f"t{i}", "advice", 2, NOW - 60.0 * (ahead - i), i, NOW - 60.0 * (ahead - i)) for i in range(ahead))
    people = tuple(Person(f"p{i}", ("advice",), hand=Hand("serving", "advice", NOW - 100.0)) for i in range(staff))
    return Situation(NOW, PLAN, (*people, Person("x", ("repair",))), waiting)


ME = Waiter("me", "advice", 2, NOW, 99, NOW)
STARTS = [Start(NOW - 3000.0, 900.0, "advice"), Start(NOW - 400.0, 200.0, "advice"), Start(NOW - 100.0, 300.0, "advice")]


def beliefs(patience_s: float | None = 1200.0) -> Parameters:
    """Visits of 10 minutes, one shopper a minute."""
    patience = {} if patience_s is None else {("advice", ""): exponential(patience_s)}
    return Parameters({"advice": exponential(600.0)}, patience, streams=(Stream("advice", steady(1 / 60)),))


def test_every_name_is_answered() -> None:
    assert set(predict(situation(3, 2), beliefs(), ME, STARTS)) == set(NAMES)


def test_queue_lengths() -> None:
    found = predict(situation(3, 2), beliefs(), ME, STARTS)
    assert found["naive"] == pytest.approx(3 * 600 / 2, rel=0.01)
    assert found["ql"] == pytest.approx(4 * 600 / 2, rel=0.01)


def test_markov_with_patience() -> None:
    found = predict(situation(3, 2), beliefs(), ME, STARTS)
    rate, theta = 2 / 600, 1 / 1200
    assert found["qlm"] == pytest.approx(sum(1 / (rate + i * theta) for i in range(4)), rel=0.02)
    assert found["qlms"] == pytest.approx(sum(1 / (rate + (i + 1) * theta) for i in range(4)), rel=0.02)


def test_whitt_s_approximation_is_the_markov_one_for_an_exponential_patience() -> None:
    found = predict(situation(6, 2), beliefs(), ME, STARTS)
    assert found["qla"] == pytest.approx(found["qlm"], rel=0.03)


def test_nobody_leaves_before_a_certain_patience() -> None:
    """All wait exactly an hour: at ages under it the hazard is 0, and QLa is QL."""
    always = Parameters({"advice": exponential(600.0)}, {("advice", ""): constant(3600.0)}, streams=(Stream("advice", steady(1 / 60)),))
    found = predict(situation(6, 2), always, ME, STARTS)
    assert found["qla"] == pytest.approx(found["ql"], rel=0.01)


def test_delays_of_others() -> None:
    found = predict(situation(3, 2), beliefs(), ME, STARTS)
    assert found["les"] == 300.0
    assert found["hol"] == pytest.approx(180.0)
    assert found["last10"] == pytest.approx(250.0), "the two who started in the last ten minutes"
    assert found["gap"] == pytest.approx(2900.0 / 2 * 4)


def test_with_nothing_to_go_by() -> None:
    found = predict(situation(0, 1), beliefs(None), ME, [])
    assert found["les"] == found["last10"] == found["hol"] == found["naive"] == 0.0
    assert found["qlm"] == pytest.approx(600.0, rel=0.01)
