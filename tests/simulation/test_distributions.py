"""Every family: what it says of itself is what its samples and its survival function show."""

from math import sqrt

import numpy as np
import pytest

from simulation.scenario.distributions import Distribution
from simulation.scenario.law_tables import DistributionError, parse, parse_interarrival, table_of

TABLES = [
    {"kind": "exponential", "mean_min": 9},
    {"kind": "deterministic", "mean_min": 4},
    {"kind": "erlang", "mean_min": 12, "k": 3},
    {"kind": "gamma", "mean_min": 5, "cv": 1.4},
    {"kind": "lognormal", "mean_min": 9, "cv": 0.8},
    {"kind": "weibull", "mean_min": 12, "shape": 0.7},
    {"kind": "uniform", "low_min": 4, "high_min": 12},
    {"kind": "hyperexponential", "weights": [0.8, 0.2], "means_min": [6, 36]},
    {"kind": "empirical", "values_min": [1, 2, 2, 7]},
]


@pytest.fixture(params=TABLES, ids=lambda t: t["kind"])
def law(request: pytest.FixtureRequest) -> Distribution:
    return parse(request.param)


def test_samples_have_the_mean_and_cv_it_says(law: Distribution) -> None:
    values = law.sample(np.random.default_rng(7), 200_000)
    assert float(values.mean()) == pytest.approx(law.mean_s, rel=0.02)
    assert float(values.std()) / law.mean_s == pytest.approx(law.cv, rel=0.05, abs=1e-9)


def test_survival_is_the_share_of_samples_above(law: Distribution) -> None:
    values = law.sample(np.random.default_rng(8), 100_000)
    for at_s in (0.5 * law.mean_s, law.mean_s * 1.1, 2 * law.mean_s):
        assert float(law.survival(at_s)) == pytest.approx(float((values > at_s).mean()), abs=0.01)
    assert float(law.survival(-1.0)) == 1.0


def test_scaling_multiplies_the_same_draws(law: Distribution) -> None:
    plain, double = (x.sample(np.random.default_rng(9), 1000) for x in (law, law.scaled(2.0)))
    np.testing.assert_allclose(double, 2 * plain, rtol=1e-12)


def test_written_tables_are_read_back(law: Distribution) -> None:
    again = parse(table_of(law))
    assert (again.mean_s, again.cv) == pytest.approx((law.mean_s, law.cv))


@pytest.mark.parametrize("table", [{"kind": "exponential"}, {"kind": "erlang", "k": 2}, {"kind": "hyperexponential", "cv": 1.5},
                                   {"kind": "hyperexponential", "weights": [0.5, 0.5], "means_min": [1, 3]}])  # fmt: skip
def test_interarrival_laws_have_mean_one(table: dict[str, object]) -> None:
    assert parse_interarrival(table).mean_s == pytest.approx(1.0)


def test_balanced_hyperexponential_has_the_cv_asked() -> None:
    assert parse_interarrival({"kind": "hyperexponential", "cv": 2.0}).cv == pytest.approx(2.0)
    assert parse({"kind": "hyperexponential", "weights": [0.8, 0.2], "means_min": [6, 36]}).cv == pytest.approx(sqrt(3))


@pytest.mark.parametrize(
    "table, key",
    [
        ({"kind": "expo", "mean_min": 1}, "kind"),
        ({"kind": "exponential"}, ""),
        ({"kind": "exponential", "mean_min": 0}, "mean_min"),
        ({"kind": "exponential", "mean_min": True}, "mean_min"),
        ({"kind": "exponential", "mean_min": float("nan")}, "mean_min"),
        ({"kind": "erlang", "mean_min": 3, "k": 1.5}, "k"),
        ({"kind": "lognormal", "mean_min": 3, "cv": -1}, "cv"),
        ({"kind": "uniform", "low_min": 5, "high_min": 4}, "high_min"),
        ({"kind": "hyperexponential", "weights": [0.5], "means_min": [1, 2]}, "weights"),
        ({"kind": "hyperexponential", "weights": [0.5, 0.6], "means_min": [1, 2]}, "weights"),
        ({"kind": "empirical", "values_min": []}, "values_min"),
        ({"kind": "exponential", "mean_min": 1, "cv": 1}, "cv"),
    ],
)
def test_nonsense_names_the_entry(table: dict[str, object], key: str) -> None:
    with pytest.raises(DistributionError) as caught:
        parse(table)
    assert caught.value.key == key
