"""Five networks written twice: as scenarios of ours, and for Ciw, another simulator, which shares no code with us.

Ciw (``pip install ciw``) is wanted by the tests and by ``avous bench twin`` only, so it is loaded by name when it is there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from time import process_time
from typing import Any

import numpy as np

from simulation.scenario.reading import loads
from simulation.twin.crew import crew_of
from simulation.twin.demand import draw
from simulation.twin.metrics import student
from simulation.twin.simulate import Engine, play_day

HORIZON_MIN, WARMUP_MIN = 2000, 200


@dataclass(frozen=True, slots=True)
class Network:
    """A scenario without its horizon, and the same network for the module ``ciw``."""

    name: str
    scenario: str
    build: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One day: mean wait of the steps after the warm-up, steps simulated, seconds of processor time (drawing included)."""

    wait_min: float
    steps: int
    took_s: float


def _exponential(ciw: Any, mean: float) -> Any:
    return ciw.dists.Exponential(1 / mean)


def _lognormal(ciw: Any, mean: float, cv: float) -> Any:
    spread = np.log(1 + cv * cv)
    return ciw.dists.Lognormal(np.log(mean) - spread / 2, spread**0.5)


def _service(name: str, per_hour: float, mean: float, more: str = "") -> str:
    return f'[services.{name}]\narrivals_per_hour = {per_hour}\nservice_time = {{kind = "exponential", mean_min = {mean}}}\n{more}\n'


def _pool(count: int, *skills: str) -> str:
    return f"[pools.p{count}]\ncount = {count}\nskills = [{', '.join(repr(s) for s in skills)}]\n"


NETWORKS = [
    Network("M/M/3", _service("a", 15, 10) + _pool(3, "a"),
            lambda ciw: ciw.create_network(arrival_distributions=[_exponential(ciw, 4)], service_distributions=[_exponential(ciw, 10)],
                                           number_of_servers=[3])),
    Network("M/M/10+M", _service("a", 72, 10, 'patience = {kind = "exponential", mean_min = 10}') + _pool(10, "a"),
            lambda ciw: ciw.create_network(arrival_distributions=[_exponential(ciw, 60 / 72)], number_of_servers=[10],
                                           service_distributions=[_exponential(ciw, 10)],
                                           reneging_time_distributions=[_exponential(ciw, 10)])),
    Network("M/G/4, lognormal",
            _service("a", 20, 10).replace('"exponential", mean_min = 10', '"lognormal", mean_min = 10, cv = 0.8') + _pool(4, "a"),
            lambda ciw: ciw.create_network(arrival_distributions=[_exponential(ciw, 3)], number_of_servers=[4],
                                           service_distributions=[_lognormal(ciw, 10, 0.8)])),
    Network("two priorities, M/M/5", _service("a", 6, 12) + _service("b", 14, 12, "rank = 2") + _pool(5, "a", "b"),
            lambda ciw: ciw.create_network(arrival_distributions={"a": [_exponential(ciw, 10)], "b": [_exponential(ciw, 60 / 14)]},
                                           service_distributions={"a": [_exponential(ciw, 12)], "b": [_exponential(ciw, 12)]},
                                           number_of_servers=[5], priority_classes={"a": 0, "b": 1})),
    Network("advice, then payment", _service("a", 24, 6, "next = {b = 0.6}") + _service("b", 6, 4) + _pool(3, "a") + _pool(2, "b"),
            lambda ciw: ciw.create_network(arrival_distributions=[_exponential(ciw, 2.5), _exponential(ciw, 10)], number_of_servers=[3, 2],
                                           service_distributions=[_exponential(ciw, 6), _exponential(ciw, 4)],
                                           routing=[[0.0, 0.6], [0.0, 0.0]])),
]  # fmt: skip


def ciw_is_there() -> bool:
    """Whether Ciw is installed."""
    return find_spec("ciw") is not None


def ours(network: Network, seed: int, engine: Engine = "kernel") -> Run:
    """A day of the network in our twin: its shoppers are drawn and played."""
    day = loads(f"horizon_min = {HORIZON_MIN}\n" + network.scenario)
    crew = crew_of(day)
    began = process_time()
    log = play_day(day, crew, draw(day, seed), engine)
    took_s = process_time() - began
    waits = [end - queued for end, queued in zip(log.ended_at, log.queued_at, strict=True) if queued >= 60 * WARMUP_MIN]
    return Run(float(np.mean(waits)) / 60, log.rows, took_s)


def theirs(network: Network, seed: int) -> Run:
    """The same from Ciw, its statistics collected after the clock has stopped."""
    ciw = import_module("ciw")
    built = network.build(ciw)
    ciw.seed(seed)
    began = process_time()
    simulation = ciw.Simulation(built)
    simulation.simulate_until_max_time(HORIZON_MIN)
    took_s = process_time() - began
    records = [r for r in simulation.get_all_records() if r.record_type in ("service", "renege")]
    return Run(float(np.mean([r.waiting_time for r in records if r.arrival_date >= WARMUP_MIN])), len(records), took_s)


def compare(network: Network, runs: int) -> dict[str, Any]:
    """Speeds (steps a second of one core, the median of the runs, taken in turn) and mean waits, with what divides them.

    ``agrees``: the means differ by no more than their 99.9 % confidence allows (five networks are looked at).
    """
    found: dict[str, list[Run]] = {"rules": [], "kernel": [], "ciw": []}
    for seed in range(runs):
        found["rules"].append(ours(network, seed, "rules"))
        found["kernel"].append(ours(network, seed, "kernel"))
        if ciw_is_there():
            found["ciw"].append(theirs(network, seed))
    report: dict[str, Any] = {f"{name}_per_s": float(np.median([r.steps / r.took_s for r in days])) for name, days in found.items() if days}
    report["ratio"] = report["kernel_per_s"] / report["rules_per_s"]
    if not found["ciw"]:
        return report
    waits, other = (np.array([run.wait_min for run in found[name]]) for name in ("kernel", "ciw"))
    allowed = student(2 * runs - 2, 0.9995) * float(np.sqrt((waits.var(ddof=1) + other.var(ddof=1)) / runs)) if runs > 1 else float("inf")
    return {
        **report, "times_ciw": report["kernel_per_s"] / report["ciw_per_s"], "wait_mean_s": 60 * float(waits.mean()),
        "ciw_wait_mean_s": 60 * float(other.mean()), "agrees": bool(abs(waits.mean() - other.mean()) <= allowed),
    }  # fmt: skip
