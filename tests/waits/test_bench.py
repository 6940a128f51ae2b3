"""The bench of wait estimates in small: a few hundred shoppers keep it honest, 20,000 are for ``avous bench waits``."""

import json
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from server.cli import app
from simulation.bench import scores, waits_days

pytestmark = pytest.mark.one_sample

RUSH = """
name = "small rush"
horizon_min = 300
seed = 11
[services.advice]
arrivals_per_hour = [[0, 14], [60, 34], [180, 14]]
service_time = {kind = "lognormal", mean_min = 9, cv = 0.8}
patience = {kind = "lognormal", mean_min = 25, cv = 0.7}
[salespeople.ana]
skills = ["advice"]
speed = 1.3
[salespeople.ben]
skills = ["advice"]
shifts = [[0, 90], [120, 300]]
[salespeople.eva]
skills = ["advice"]
speed = 0.8
"""
DRIFT = '[drift]\nfrom_min = 120\nservice_factor = 1.3\nabsent = ["eva"]\nabsent_from_min = 100\n'


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A few days of a rush on which one goes home and visits take longer, by the command itself."""
    file = tmp_path_factory.mktemp("bench") / "rush.toml"
    file.write_text(RUSH + DRIFT, encoding="utf-8")
    arguments = ["bench", "waits", "--scenario", str(file), "--shoppers", "240", "--rollouts", "50", "--workers", "1", "--json"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waits_days, "HISTORIES", 2)
        result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)["cases"][0]
    return found


def test_a_small_case_says_what_a_large_one_says(case: dict[str, Any]) -> None:
    found, against = case["estimators"], case["against_oracle"]
    assert {"avous", "oracle", "naive", "last10", "gap", "les", "ql", "qla"} <= set(found)
    assert all(one["n"] == found["avous"]["n"] >= 240 for one in found.values())
    ratio = against["avous"]["mse"]
    assert ratio["ci95"][0] <= ratio["ratio"] <= ratio["ci95"][1]
    assert 0.9 < ratio["ratio"] < 1.6, "learned from fourteen days, and a drift nobody announced"
    assert ratio["ratio"] < min(against[name]["mse"]["ratio"] for name in ("last10", "les"))
    assert found["oracle"]["coverage_p50"] == pytest.approx(0.5, abs=0.15)
    assert set(case["avous_coverage"]) == set(case["oracle_coverage"]) == {"p80", "p90"}


def test_a_drift_is_judged_from_half_an_hour_later_on(case: dict[str, Any]) -> None:
    late = case["after_drift"]
    assert late["from_min"] == 150
    assert 0 < late["estimators"]["avous"]["n"] < case["estimators"]["avous"]["n"]
    assert late["against_oracle"]["avous"]["mse"]["ratio"] > 0.8


def test_scores_know_a_perfect_forecast_from_a_biased_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    waits = rng.exponential(300.0, 4000)
    exact = np.tile([300.0, *(-300.0 * np.log1p(-np.array([0.1, 0.5, 0.8, 0.9])))], (4000, 1))
    table = scores.Table(waits, np.arange(4000) // 100, np.arange(4000) % 8, np.ones(4000, bool), {"oracle": exact, "avous": exact * 1.3})
    assert scores.figures(table, "oracle")["coverage_p90"] == pytest.approx(0.9, abs=0.03)
    ratio = scores.ratios(table, "avous", "oracle")
    assert ratio["mse"]["ratio"] == pytest.approx(1.09, abs=0.06), "bias squared over variance"
    assert all(float(str(found["ratio"])) > 1.0 for found in ratio.values())


def test_the_luck_of_a_few_days_is_told_from_a_bias(seed: int) -> None:
    """In 20 days of 50 shoppers each a whole hour may be unlucky: its interval says so, and the oracle shares the luck."""
    rng = np.random.default_rng(seed)
    luck = np.repeat(rng.normal(1.0, 0.3, 20).clip(0.3), 50)
    waits = rng.exponential(300.0, 1000) * luck
    exact = np.tile([300.0, *(-300.0 * np.log1p(-np.array([0.1, 0.5, 0.8, 0.9])))], (1000, 1))
    hour = np.zeros(1000, int)
    table = scores.Table(
        waits, np.arange(1000) // 50, hour, np.ones(1000, bool), {"oracle": exact, "avous": exact * 1.02, "bad": exact * 1.4}
    )
    (cell,) = scores.conditional(table, "avous", 3, 0.8, other="oracle")["hour"]
    (bad,) = scores.conditional(table, "bad", 3, 0.8, other="oracle")["hour"]
    assert cell["days"] == 20
    assert cell["ci95"][0] <= cell["coverage"] <= cell["ci95"][1]
    assert cell["ci95"][1] - cell["ci95"][0] > 0.04
    assert abs(cell["beyond"]) < 0.03
    assert bad["beyond_ci95"][0] > 0.0
