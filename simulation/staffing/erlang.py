"""Textbook staffing: offered load that moves with time, and how many salespeople a formula asks for.

It is where the search of ``staffing`` starts, and what its result is compared with. Stores break its assumptions
(demand moves, people differ, skills overlap), which is why it is not the answer.
"""

from dataclasses import dataclass

import numpy as np

from simulation.scenario.distributions import Floats
from simulation.scenario.model import Scenario, value_at

GRID_S = 60.0
TAIL = 1e-12
SERVERS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Load:
    """One group of services on a grid of minutes: arrivals per second, offered load (people busy if nobody waited), patience."""

    rate: Floats
    offered: Floats
    patience_s: float


def arrival_rates(scenario: Scenario) -> dict[str, Floats]:
    """Arrivals per second of every service on the grid, next steps included (each a mean service time later)."""
    cells = max(1, round(scenario.horizon_s / GRID_S))
    rates = {name: np.array([value_at(s.rates, (k + 0.5) * GRID_S) for k in range(cells)]) for name, s in scenario.services.items()}
    for name, book in scenario.appointments.items():
        inside = (np.arange(cells) * GRID_S >= book.between[0]) & (np.arange(cells) * GRID_S < book.between[1])
        rates[name] = rates[name] + np.where(inside, book.show_up / book.every_s, 0.0)
    for cell in range(cells):
        for name, service in scenario.services.items():
            later = cell + max(1, round(service.service_time.mean_s / GRID_S))
            if later < cells:
                for following, chance in service.next.items():
                    rates[following][later] += rates[name][cell] * chance
    return rates


def load_of(scenario: Scenario, services: tuple[str, ...], speeds: dict[str, float], rule: str) -> Load:
    """The load of some services together, by one of the rules of ``textbook``.

    "MOL": who came earlier is still busy now (modified offered load: Jagerman 1975; Massey and Whitt 1994). "SIPP": rate times
    service time of the moment. "lag": the same with the rate a mean service time ago (Green, Kolesar and Soares 2001).
    """
    rates, cells = arrival_rates(scenario), max(1, round(scenario.horizon_s / GRID_S))
    offered, together, patience = np.zeros(cells), np.zeros(cells), 0.0
    for name in services:
        law = scenario.services[name].service_time.scaled(1 / speeds[name])
        if rule == "MOL":
            lasting = law.survival(np.asarray((np.arange(cells) + 0.5) * GRID_S, dtype=np.float64))
            offered += np.convolve(rates[name], lasting)[:cells] * GRID_S
        else:
            late = round(law.mean_s / GRID_S) if rule == "lag" else 0
            offered += np.concatenate([np.zeros(late), rates[name]])[:cells] * law.mean_s
        wait = scenario.services[name].patience
        patience += float(rates[name].sum()) * (wait.mean_s if wait is not None else 100 * law.mean_s)
        together += rates[name]
    total = float(together.sum())
    return Load(together, offered, patience / total if total > 0 else 1.0)


def leaving_share(offered: float, servers: int, service_s: float, patience_s: float) -> float:
    """Share who leave M/M/n+M (Erlang-A) in steady state: theta E[waiting] / lambda."""
    if offered <= 0:
        return 0.0
    if servers == 0:
        return 1.0
    weight, total = 1.0, 1.0  # relative to n busy and nobody waiting
    for busy in range(servers, 0, -1):
        weight *= busy / offered
        total += weight
        if weight < TAIL * total:
            break
    weight, waiting, number = 1.0, 0.0, 0
    while weight > TAIL * total and number < 100 * (servers + 10):
        number += 1
        weight *= (offered / service_s) / (servers / service_s + number / patience_s)
        total += weight
        waiting += number * weight
    return (waiting / total) / patience_s / (offered / service_s)


def servers_for(offered: float, service_s: float, patience_s: float, target: float) -> int:
    """Fewest salespeople for which the leaving share is within the target."""
    servers = 0
    while leaving_share(offered, servers, service_s, patience_s) > target and servers < SERVERS_MAX:
        servers += 1
    return servers


def required(load: Load, starts_s: tuple[float, ...], step_s: float, target: float) -> list[int]:
    """Per interval, the most that any minute of it asks for."""
    asked = []
    for start in starts_s:
        cells = slice(int(start // GRID_S), max(int(start // GRID_S) + 1, int((start + step_s) // GRID_S)))
        offered = load.offered[cells]
        mean_s = float(load.offered.sum() / load.rate.sum()) if load.rate.sum() > 0 else 1.0
        worst = float(offered.max()) if len(offered) else 0.0
        asked.append(servers_for(worst, mean_s, load.patience_s, target))
    return asked
