"""Random small scenarios: every feature of the file format turns up, alone and together with others."""

from random import Random
from typing import Any

from simulation.scenario.model import Scenario
from simulation.scenario.reading import loads

HORIZON_MIN = 120
SERVICES = ("advice", "payment", "repair")


def law(rng: Random, mean: float) -> str:
    kind = rng.choice(["exponential", "deterministic", "erlang", "lognormal", "uniform", "hyperexponential", "weibull"])
    extra = {
        "exponential": f"mean_min = {mean}",
        "deterministic": f"mean_min = {round(mean)}",  # whole minutes: many events at one instant
        "erlang": f"mean_min = {mean}, k = 2",
        "lognormal": f"mean_min = {mean}, cv = 0.8",
        "uniform": f"low_min = {mean / 2}, high_min = {mean * 1.5}",
        "hyperexponential": f"weights = [0.7, 0.3], means_min = [{mean / 2}, {mean * 2}]",
        "weibull": f"mean_min = {mean}, shape = 0.8",
    }[kind]
    return f'{{kind = "{kind}", {extra}}}'


def day(rng: Random, *, appointments: bool = False) -> Scenario:
    """One scenario of up to three services and a handful of people."""
    services = SERVICES[: rng.randint(1, 3)]
    cut = rng.random() < 0.4
    lines: list[Any] = [f"horizon_min = {HORIZON_MIN}", f'close = "{"cut" if cut else "drain"}"']
    if rng.random() < 0.3:
        lines.append(f"max_in_system = {rng.randint(2, 8)}")
    if rng.random() < 0.3:
        lines += ["card_share = 0.1", "[classes.member]", "share = 0.3", "head_start_min = 4"]
    for name in services:
        lines += [f"[services.{name}]", f"arrivals_per_hour = {rng.choice([6, 10, '[[0, 5], [30, 24], [90, 8]]'])}"]
        lines += [
            f'interarrival = {{kind = "{rng.choice(["exponential", "deterministic"])}"}}',
            f"service_time = {law(rng, rng.choice([3, 8]))}",
        ]
        if rng.random() < 0.6:
            lines.append(f"patience = {law(rng, rng.choice([4, 12]))}")
        if rng.random() < 0.3:
            lines.append(f"walking = {law(rng, 1)}")
        lines += [f"rank = {rng.randint(1, 2)}", f"head_start_min = {rng.choice([0, 0, 3])}"]
        if len(services) > 1 and rng.random() < 0.4:
            lines.append(f"next = {{{rng.choice([s for s in services if s != name])} = 0.5}}")
        if appointments and name == services[0]:
            lines += [f"[services.{name}.appointments]", "every_min = 15", "show_up = 0.9", "early_min = 3", "early_sd_min = 6"]
    lines += people(rng, services)
    return loads("\n".join(map(str, lines)))


def people(rng: Random, services: tuple[str, ...]) -> list[str]:
    """A pool that can do everything, so that the scenario is possible, and some specialists with shifts."""
    everything = "[" + ", ".join(f'"{s}"' for s in services) + "]"
    lines = ["[pools.all]", f"count = {rng.choice(['1', '2', '[[0, 2], [40, 1], [80, 3]]'])}", f"skills = {everything}"]
    for name in ("lea", "max")[: rng.randint(0, 2)]:
        skills = rng.sample(services, rng.randint(1, len(services)))
        lines += [f"[salespeople.{name}]", f"skills = [{', '.join(repr(s) for s in skills)}]", f"speed = {rng.choice([0.8, 1.0, 1.3])}"]
        lines.append(f"shifts = {rng.choice(['[[0, 120]]', '[[10, 50], [60, 120]]', '[[20, 70]]'])}")
    return lines
