"""Laws of a scenario file learned from recorded times: how long services last, how long people wait before they leave.

Patience is seen only of who left; who was served had at least as much (right-censored, never dropped). Numbers are rounded
as a person would write them.
"""

from dataclasses import dataclass
from math import gamma as gamma_function
from math import lgamma

import numpy as np

from simulation.scenario.distributions import Floats
from simulation.scenario.law_tables import MINUTE_S

SHAPES = (0.2, 5.0)  # of a Weibull law that is believed
SHAPE_LEAVERS = 30  # with fewer a shape cannot be told from chance: exponential
LAST_LEAST_S = 1.0  # a time of nothing has no logarithm
ROUNDS = 60

Table = dict[str, object]


@dataclass(frozen=True, slots=True)
class Learned:
    """A law as a table of the file, and the words that say from what."""

    table: Table
    about: str


def service_law(lasted_s: Floats) -> Learned:
    """The likeliest of lognormal, gamma and exponential with the recorded mean and spread. Needs one time at least."""
    times = np.maximum(np.asarray(lasted_s, dtype=np.float64), LAST_LEAST_S)
    mean, about = float(times.mean()), f"{len(times)} visits"
    if len(times) < 2:
        return Learned({"kind": "exponential", "mean_min": _minutes(mean)}, about)
    cv = round(float(times.std(ddof=1)) / mean, 2)
    if cv == 0.0:  # equal but for rounding
        return Learned({"kind": "deterministic", "mean_min": _minutes(mean)}, about)
    logs = np.log(times)
    likely = {"lognormal": _lognormal(mean, cv, logs), "gamma": _gamma(mean, cv, times, logs), "exponential": -np.log(mean) - 1.0}
    kind = max(likely, key=lambda name: likely[name])
    table: Table = {"kind": kind, "mean_min": _minutes(mean)}
    return Learned(table if kind == "exponential" else {**table, "cv": cv}, f"{about}, half of them under {np.median(times) / 60:.1f} min")


def _lognormal(mean: float, cv: float, logs: Floats) -> float:
    """Mean log likelihood with this mean and spread."""
    variance = np.log1p(cv**2)
    centre = np.log(mean) - variance / 2
    return float((-logs - np.log(2 * np.pi * variance) / 2 - (logs - centre) ** 2 / (2 * variance)).mean())


def _gamma(mean: float, cv: float, times: Floats, logs: Floats) -> float:
    shape = 1 / cv**2
    return float(((shape - 1) * logs - times * shape / mean + shape * np.log(shape / mean) - lgamma(shape)).mean())


def patience_law(waited_s: Floats, left: Floats) -> Learned | None:
    """Patience from waits, of which those with ``left`` 1 ended by leaving; None when nobody left.

    Weibull by maximum likelihood with right censoring (its shape is the root of the profile likelihood's derivative, which rises
    monotonically: Kalbfleisch and Prentice 2002, 3.6), exponential with few leavers.
    """
    waited, leavers = np.asarray(waited_s, dtype=np.float64), float(np.sum(left))
    if leavers == 0 or waited.sum() <= 0:
        return None
    about = f"{leavers:.0f} who left, {len(waited) - leavers:.0f} who were served first"
    times = np.maximum(waited, LAST_LEAST_S)
    if leavers < SHAPE_LEAVERS:
        return Learned({"kind": "exponential", "mean_min": _minutes(float(times.sum()) / leavers)}, about)
    shape = round(_shape(times, np.asarray(left, dtype=bool)), 2)
    scale = float((times**shape).sum() / leavers) ** (1 / shape)
    return Learned({"kind": "weibull", "mean_min": _minutes(scale * gamma_function(1 + 1 / shape)), "shape": shape}, about)


def _shape(times: Floats, left: Floats) -> float:
    logs = np.log(times / times.max())  # the scale does not matter, and powers stay small
    seen = float(logs[left.astype(bool)].mean())
    low, high = SHAPES
    for _ in range(ROUNDS):
        shape = (low + high) / 2
        weights = np.exp(shape * logs)
        if float((weights * logs).sum() / weights.sum()) - 1 / shape - seen > 0:
            high = shape
        else:
            low = shape
    return (low + high) / 2


def _minutes(seconds: float) -> float:
    """Three significant figures."""
    return float(f"{seconds / MINUTE_S:.3g}")
