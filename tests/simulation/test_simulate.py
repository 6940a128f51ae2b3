"""The report of ``avous simulate``: its shape, its numbers against theory, and the same on any number of processes."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from simulation.executors import run_chains
from simulation.scenario.reading import loads
from simulation.twin import metrics
from simulation.twin.crew import crew_of
from simulation.twin.demand import draw
from simulation.twin.simulate import Job, play, play_day, simulate

ERLANG_A = """
name = "M/M/6+M"
horizon_min = 3000
warmup_min = 300
[services.any]
arrivals_per_hour = 30
service_time = {kind = "exponential", mean_min = 12}
patience = {kind = "exponential", mean_min = 15}
[pools.p]
count = 6
skills = ["any"]
"""
THEORY = {
    "p_wait": 0.5784803,
    "left_share": 0.1519159,
    "wait_mean_s": 136.724296,
    "wait_answered_mean_s": 124.823744,
    "queue_mean": 1.139369,
}
"""Offered-wait density of M/M/s+M (Baccelli and Hebuterne; Zeltyn and Mandelbaum 2005)."""


def test_the_report_has_the_published_shape() -> None:
    report = simulate(loads(ERLANG_A.replace("3000", "400")), 3, 1)
    assert list(report) == ["scenario", "replications", "seed", "overall", "services", "intervals", "salespeople"]
    assert set(report["overall"]) == set(metrics.METRICS) == set(report["services"]["any"])
    assert report["overall"]["left_share"].keys() == {"mean", "ci95"}
    assert [i["start_min"] for i in report["intervals"]] == [15.0 * k for k in range(27)]
    assert set(report["salespeople"]) == {"p"}
    json.dumps(report, allow_nan=False)


def test_the_same_seed_gives_the_same_report_on_any_number_of_processes() -> None:
    day = loads(ERLANG_A)
    alone = simulate(day, 20, 5, workers=1)
    assert alone == simulate(day, 20, 5, workers=2)
    with ThreadPoolExecutor(3) as threads:
        assert alone == simulate(day, 20, 5, executor=threads)


def test_the_interval_covers_erlang_a() -> None:
    overall = simulate(loads(ERLANG_A), 40, 11, workers=1)["overall"]
    outside = [name for name, exact in THEORY.items() if not overall[name]["ci95"][0] <= exact <= overall[name]["ci95"][1]]
    assert len(outside) <= 1, outside  # five intervals of 95 %
    for name, exact in THEORY.items():
        assert overall[name]["mean"] == pytest.approx(exact, rel=0.08)


def test_shares_add_up_and_intervals_sum_to_the_day() -> None:
    report = simulate(loads(ERLANG_A), 4, 2)
    overall = report["overall"]
    assert overall["answered_share"]["mean"] + overall["unanswered_share"]["mean"] == pytest.approx(1)
    assert sum(i["arrivals"]["mean"] for i in report["intervals"]) == pytest.approx(overall["arrivals"]["mean"])


def test_little_holds_between_the_report_and_the_clock() -> None:
    day = loads(ERLANG_A.replace("warmup_min = 300", "warmup_min = 0"))
    crew = crew_of(day)
    log = play_day(day, crew, draw(day, 1))
    row = metrics.summarise(day, crew, log, metrics.groups_of(day))[0]
    assert row[metrics.SUMS.index("wait_s")] == pytest.approx(log.queue_area_s, rel=1e-9)


def test_ratio_estimates_weigh_days_by_their_size() -> None:
    estimate = metrics.of_ratio(np.array([1.0, 90.0]), np.array([10.0, 100.0]))
    assert estimate["mean"] == pytest.approx(91 / 110)
    assert metrics.of_ratio(np.array([1.0]), np.array([2.0])) == {"mean": 0.5, "ci95": [None, None]}
    assert metrics.of_ratio(np.zeros(3), np.zeros(3)) == {"mean": None, "ci95": [None, None]}
    assert metrics.student(9) == pytest.approx(2.2621571628)


def test_a_job_is_a_pure_function() -> None:
    job = Job(loads(ERLANG_A.replace("3000", "400")), 1, 3)
    np.testing.assert_array_equal(play(job), play(job))


def told(job: int, before: str | None) -> str:
    return f"{before or ''}{job}"


def test_in_a_chain_each_job_knows_the_one_before_it() -> None:
    chains, done = [[1, 2, 3], [7, 8]], list[int]()
    expected = [["1", "12", "123"], ["7", "78"]]
    assert run_chains(told, chains, None, done.append) == expected
    assert done == [1, 2, 3, 4, 5]
    with ThreadPoolExecutor(2) as pool:
        assert run_chains(told, chains, pool) == expected
