"""The formula against published values, and the textbook's rules against what they say."""

import pytest

from simulation.scenario.reading import loads
from simulation.staffing import erlang, problem, textbook
from tests.simulation.test_staffing import SHOP


@pytest.mark.parametrize(
    "per_hour, servers, service_min, patience_min, left",
    [
        (20, 4, 12, 10, 0.2038047), (30, 6, 12, 15, 0.1519159), (60, 10, 10, 10, 0.1251100), (120, 50, 30, 20, 0.1753114),
        (840, 100, 10, 10, 0.2857179),
    ],
)  # fmt: skip
def test_erlang_a_has_the_published_values(per_hour: float, servers: int, service_min: float, patience_min: float, left: float) -> None:
    offered = per_hour * service_min / 60
    assert erlang.leaving_share(offered, servers, service_min * 60, patience_min * 60) == pytest.approx(left, abs=1e-6)
    assert erlang.servers_for(offered, service_min * 60, patience_min * 60, left + 1e-6) == servers


def test_moving_load_lags_behind_the_demand_and_steps_add_to_it() -> None:
    day = loads(SHOP)
    moving, still = (erlang.load_of(day, ("advice",), {"advice": 1.0}, rule) for rule in ("MOL", "SIPP"))
    assert moving.offered[65] < still.offered[65]
    assert moving.offered[170] == pytest.approx(still.offered[170], rel=0.01)
    payment = '[services.payment]\nservice_time = {kind = "exponential", mean_min = 3}\n[pools.cashiers]\nskills = ["payment"]\n'
    two = loads(SHOP.replace("patience =", "next = {payment = 0.5}\npatience =") + payment)
    assert erlang.arrival_rates(two)["payment"][150] == pytest.approx(8 / 3600)


def test_the_rules_take_the_worst_of_an_interval() -> None:
    setting = problem.setting_of(loads(SHOP), 0.1, 5400.0, 1)  # 90 minutes: the step at 60 is inside the first interval
    sipp, lag, mol = (textbook.plan_of(setting, rule)[0] for rule in textbook.RULES)
    most = erlang.servers_for(16 / 6, 600, 720, 0.1)
    assert sipp == (most, most, erlang.servers_for(8 / 6, 600, 720, 0.1))
    assert lag == (most, most, most)  # the busy hours end at 180, felt until 190
    assert mol[2] >= sipp[2]
    assert max(mol) <= most


def test_lag_max_is_felt_a_mean_service_time_later() -> None:
    setting = problem.setting_of(loads(SHOP), 0.1, 600.0, 1)
    sipp, lag = (textbook.plan_of(setting, rule)[0] for rule in ("SIPP max", "lag max"))
    assert lag[1:] == sipp[:-1]
