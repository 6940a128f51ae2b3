"""Distributions as they are written in scenario files, in minutes, and what is wrong with one that cannot be."""

from collections.abc import Callable
from difflib import get_close_matches
from math import isfinite, sqrt
from typing import Any

from simulation.scenario.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Hyperexponential,
    Lognormal,
    Uniform,
    Weibull,
)  # fmt: skip

Table = dict[str, Any]

MINUTE_S = 60.0
EMPIRICAL_MAX = 100_000  # values in one empirical distribution
PHASES_MAX = 1_000  # k of an Erlang
NUMBER_MAX = 1e9  # of any mean, cv or value: a patience of that many minutes is for ever, and no sum of such times overflows


class DistributionError(ValueError):
    """The table does not describe a distribution; ``key`` is the entry at fault ("" for the whole table)."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


KINDS: dict[str, tuple[str, ...]] = {
    "exponential": ("mean_min",),
    "deterministic": ("mean_min",),
    "erlang": ("mean_min", "k"),
    "gamma": ("mean_min", "cv"),
    "lognormal": ("mean_min", "cv"),
    "weibull": ("mean_min", "shape"),
    "uniform": ("low_min", "high_min"),
    "hyperexponential": ("weights", "means_min"),
    "empirical": ("values_min",),
}
"""Every kind with the entries it needs."""


def parse(table: Table) -> Distribution:
    """The distribution a table like ``{kind = "lognormal", mean_min = 9, cv = 0.8}`` describes.

    Raises ``DistributionError`` naming the entry at fault and what was expected.
    """
    kind = table.get("kind")
    if kind not in KINDS:
        near = get_close_matches(str(kind), KINDS, 1, 0)[0]
        raise DistributionError("kind", f"must be one of {', '.join(KINDS)}; it is {shown(kind)}, the nearest possible is {near}")
    wanted = ("kind", *KINDS[kind])
    for key in table:
        if key not in wanted:
            raise DistributionError(key, f"is not an entry of {kind}, which has {' and '.join(KINDS[kind])}")
    for key in wanted:
        if key not in table:
            raise DistributionError("", f"needs {key} for kind {kind}")
    return _BUILD[kind](table)


def parse_interarrival(table: Table) -> Distribution:
    """The law of the time between arrivals, with mean 1 (the rate is given apart).

    Takes the same tables without the mean; a hyperexponential may say ``cv`` (balanced means) instead of
    ``weights`` and ``means_min``, which are then only proportions.
    """
    table = dict(table)
    if table.get("kind") == "hyperexponential" and "cv" in table:
        return _balanced(table)
    if table.get("kind") in ("uniform", "empirical"):
        raise DistributionError("kind", f"cannot be {table['kind']}: exponential, deterministic, erlang, gamma, lognormal, "
                                        "weibull or hyperexponential")  # fmt: skip
    if "mean_min" in table:
        raise DistributionError("mean_min", "must be left out: the mean follows from arrivals_per_hour")
    if table.get("kind") != "hyperexponential":
        table["mean_min"] = 1.0
    law = parse(table)
    return law.scaled(1 / law.mean_s)


_BUILD: dict[str, Callable[[Table], Distribution]] = {
    "exponential": lambda t: Exponential(_mean(t)),
    "deterministic": lambda t: Deterministic(_minutes(t, "mean_min", allow_zero=True)),
    "erlang": lambda t: Gamma(_mean(t), _phases(t)),
    "gamma": lambda t: Gamma(_mean(t), 1 / _number(t, "cv") ** 2),
    "lognormal": lambda t: Lognormal(_mean(t), _number(t, "cv")),
    "weibull": lambda t: Weibull(_mean(t), _number(t, "shape")),
    "uniform": lambda t: _uniform(t),
    "hyperexponential": lambda t: _hyperexponential(t),
    "empirical": lambda t: Empirical(tuple(sorted(_list(t, "values_min", MINUTE_S, allow_zero=True)))),
}


def _balanced(table: Table) -> Distribution:
    """Two phases with balanced means: p1/m1 = p2/m2 (Whitt, "Approximating a point process", 1982)."""
    if set(table) != {"kind", "cv"}:
        raise DistributionError("", "needs either cv, or weights and means_min")
    cv = _number(table, "cv")
    if cv <= 1:
        raise DistributionError("cv", f"of a hyperexponential must be more than 1; it is {cv:g}")
    p = (1 + sqrt((cv**2 - 1) / (cv**2 + 1))) / 2
    return Hyperexponential((p, 1 - p), (1 / (2 * p), 1 / (2 * (1 - p))))


def _uniform(table: Table) -> Distribution:
    low, high = _minutes(table, "low_min", allow_zero=True), _minutes(table, "high_min")
    if high < low:
        raise DistributionError("high_min", f"must be at least low_min = {table['low_min']}; it is {table['high_min']}")
    return Uniform(low, high)


def _hyperexponential(table: Table) -> Distribution:
    weights = _list(table, "weights", 1.0, allow_zero=True)
    means = _list(table, "means_min", MINUTE_S)
    if len(weights) != len(means):
        raise DistributionError("weights", f"must have as many entries as means_min ({len(means)}); it has {len(weights)}")
    total = sum(weights)
    if abs(total - 1) > 1e-6:
        raise DistributionError("weights", f"must add up to 1; they add up to {total:g}")
    return Hyperexponential(tuple(w / total for w in weights), means)


def _mean(table: Table) -> float:
    return _minutes(table, "mean_min")


def _minutes(table: Table, key: str, *, allow_zero: bool = False) -> float:
    return _positive(table[key], key, allow_zero=allow_zero) * MINUTE_S


def _number(table: Table, key: str) -> float:
    return _positive(table[key], key)


def _phases(table: Table) -> float:
    k = table["k"]
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= PHASES_MAX:
        raise DistributionError("k", f"must be a whole number from 1 to {PHASES_MAX}; it is {shown(k)}")
    return float(k)


def _list(table: Table, key: str, unit: float, *, allow_zero: bool = False) -> tuple[float, ...]:
    values = table[key]
    if not isinstance(values, list) or not 1 <= len(values) <= EMPIRICAL_MAX:
        raise DistributionError(key, f"must be a list of 1 to {EMPIRICAL_MAX} numbers; it is {shown(values)}")
    numbers = tuple(_positive(v, key, allow_zero=allow_zero) * unit for v in values)
    if not any(numbers):
        raise DistributionError(key, "must have at least one number above 0")
    return numbers


def _positive(value: object, key: str, *, allow_zero: bool = False) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value) or value < 0 or not (value or allow_zero):
        least, nearest = ("of 0 or more", "0") if allow_zero else ("above 0", "just above 0")
        raise DistributionError(key, f"must be a number {least}; it is {shown(value)}, the nearest possible is {nearest}")
    if value > NUMBER_MAX:
        raise DistributionError(key, f"must be at most {NUMBER_MAX:,.0f}; it is {shown(value)}, the nearest possible is {NUMBER_MAX:,.0f}")
    return float(value)


def shown(value: object) -> str:
    """A value of a file as an error message quotes it: short."""
    text = f'"{value}"' if isinstance(value, str) else "missing" if value is None else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= 60 else text[:57] + "..."


def describe(law: Distribution) -> str:
    """The law in words a manager reads: "lognormal, mean 9 min, cv 0.8"."""
    return f"{law.kind}, mean {law.mean_s / MINUTE_S:g} min, cv {law.cv:.2g}"


def table_of(law: Distribution) -> Table:
    """The scenario table that ``parse`` turns into this law again."""
    if isinstance(law, Uniform):
        return {"kind": law.kind, "low_min": law.low / MINUTE_S, "high_min": law.high / MINUTE_S}
    if isinstance(law, Hyperexponential):
        return {"kind": law.kind, "weights": list(law.weights), "means_min": [m / MINUTE_S for m in law.means]}
    if isinstance(law, Empirical):
        return {"kind": law.kind, "values_min": [v / MINUTE_S for v in law.values]}
    table: Table = {"kind": law.kind, "mean_min": law.mean_s / MINUTE_S}
    if isinstance(law, Gamma | Lognormal):
        table["cv"] = law.cv
    if isinstance(law, Weibull):
        table["shape"] = law.shape
    return table
