"""Five networks written twice: as scenarios of ours, and for Ciw, which shares no code with us."""

from collections.abc import Callable
from dataclasses import dataclass
from time import process_time
from typing import Any

import ciw
import numpy as np

from simulation.crew import crew_of
from simulation.demand import draw
from simulation.scenario_file import loads
from simulation.simulate import Engine, play_day

HORIZON_MIN, WARMUP_MIN = 2000, 200


@dataclass(frozen=True)
class Network:
    """``waits(records)`` picks the waits that our ``service`` log rows stand for."""

    name: str
    scenario: str
    build: Callable[[], Any]


def _exponential(mean: float) -> Any:
    return ciw.dists.Exponential(1 / mean)


def _service(name: str, per_hour: float, mean: float, more: str = "") -> str:
    return f'[services.{name}]\narrivals_per_hour = {per_hour}\nservice_time = {{kind = "exponential", mean_min = {mean}}}\n{more}\n'


def _pool(count: int, *skills: str) -> str:
    return f"[pools.p{count}]\ncount = {count}\nskills = [{', '.join(repr(s) for s in skills)}]\n"


NETWORKS = [
    Network("M/M/3", _service("a", 15, 10) + _pool(3, "a"),
            lambda: ciw.create_network(arrival_distributions=[_exponential(4)], service_distributions=[_exponential(10)],
                                       number_of_servers=[3])),
    Network("M/M/10+M", _service("a", 72, 10, 'patience = {kind = "exponential", mean_min = 10}') + _pool(10, "a"),
            lambda: ciw.create_network(arrival_distributions=[_exponential(60 / 72)], service_distributions=[_exponential(10)],
                                       number_of_servers=[10], reneging_time_distributions=[_exponential(10)])),
    Network("M/G/4, lognormal",
            _service("a", 20, 10).replace('"exponential", mean_min = 10', '"lognormal", mean_min = 10, cv = 0.8') + _pool(4, "a"),
            lambda: ciw.create_network(arrival_distributions=[_exponential(3)], number_of_servers=[4],
                                       service_distributions=[ciw.dists.Lognormal(np.log(10) - np.log(1.64) / 2, np.log(1.64) ** 0.5)])),
    Network("two priorities, M/M/5", _service("a", 6, 12) + _service("b", 14, 12, "rank = 2") + _pool(5, "a", "b"),
            lambda: ciw.create_network(arrival_distributions={"a": [_exponential(10)], "b": [_exponential(60 / 14)]},
                                       service_distributions={"a": [_exponential(12)], "b": [_exponential(12)]},
                                       number_of_servers=[5], priority_classes={"a": 0, "b": 1})),
    Network("advice, then payment", _service("a", 24, 6, "next = {b = 0.6}") + _service("b", 6, 4) + _pool(3, "a") + _pool(2, "b"),
            lambda: ciw.create_network(arrival_distributions=[_exponential(2.5), _exponential(10)], number_of_servers=[3, 2],
                                       service_distributions=[_exponential(6), _exponential(4)], routing=[[0.0, 0.6], [0.0, 0.0]])),
]  # fmt: skip


def ours(network: Network, seed: int, engine: Engine = "kernel") -> tuple[float, float]:
    """Mean wait in minutes of the steps after the warm-up, and steps simulated per second of processor time."""
    day = loads(f"horizon_min = {HORIZON_MIN}\n" + network.scenario)
    crew = crew_of(day)
    began = process_time()
    log = play_day(day, crew, draw(day, seed), engine)
    took_s = process_time() - began
    waits = [end - queued for end, queued in zip(log.ended_at, log.queued_at, strict=True) if queued >= 60 * WARMUP_MIN]
    return float(np.mean(waits)) / 60, log.rows / took_s


def theirs(network: Network, seed: int) -> tuple[float, float]:
    """The same from Ciw."""
    ciw.seed(seed)
    began = process_time()
    simulation = ciw.Simulation(network.build())
    simulation.simulate_until_max_time(HORIZON_MIN)
    took_s = process_time() - began
    records = [r for r in simulation.get_all_records() if r.record_type in ("service", "renege")]
    return float(np.mean([r.waiting_time for r in records if r.arrival_date >= WARMUP_MIN])), len(records) / took_s
