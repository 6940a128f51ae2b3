"""Reading typed entries out of a TOML table, with errors that name the entry and what was expected of it."""

from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from math import isfinite
from typing import Any, TypeGuard, cast

from simulation.scenario import law_tables
from simulation.scenario.checks import Trouble
from simulation.scenario.distributions import Distribution, Exponential
from simulation.scenario.law_tables import MINUTE_S, DistributionError, Table, shown
from simulation.scenario.model import Steps

STEPS_MAX = 10_000  # steps of one rate or count


@dataclass(frozen=True, slots=True)
class Node:
    """A table of the file with the path that leads to it."""

    path: tuple[str, ...]
    table: Table

    def fail(self, key: str, expected: str) -> Trouble:
        """The error about ``key`` of this table ("": the table itself)."""
        return Trouble((*self.path, key) if key else self.path, expected)

    def only(self, *known: str) -> None:
        """Refuse entries that nobody reads, with the name that was probably meant."""
        for key in self.table:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                raise self.fail(key, f"is not known here; did you mean {near[0]}?" if near else f"is not one of {', '.join(known)}")

    def child(self, key: str) -> "Node | None":
        """The table under ``key``, or None."""
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.fail(key, f"must be a table; it is {shown(value)}")
        return Node((*self.path, key), value)

    def children(self, key: str) -> "list[Node]":
        """The tables inside the table under ``key``."""
        node = self.child(key)
        return [] if node is None else [cast(Node, node.child(name)) for name in node.table]

    def number(self, key: str, default: float | None = None, low: float = 0.0, high: float = float("inf"), above: bool = False) -> float:
        """A finite number from ``low`` (``above``: not itself) to ``high``; missing without default is an error."""
        value = self.table.get(key, default)
        if not is_number(value) or not (low < value if above else low <= value) or value > high:
            bound = f"above {low:g}" if above else f"of {low:g} or more" if high == float("inf") else f"from {low:g} to {high:g}"
            raise self.fail(
                key, f"must be a number {bound}; it is {shown(value)}, the nearest possible is {_nearest(value, low, high, above)}"
            )
        return float(value)

    def whole(self, key: str, default: int | None, low: int, high: int) -> int | None:
        """A whole number between two bounds; None when it is missing and has no default."""
        value = self.table.get(key, default)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.fail(key, f"must be a whole number from {low} to {high}; it is {shown(value)}")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """A list of different names, at least one."""
        value = self.table.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            raise self.fail(key, f'must be a list of names like ["advice", "payment"]; it is {shown(value)}')
        if len(set(value)) < len(value):
            raise self.fail(key, "names something twice")
        return tuple(value)

    def law(self, key: str) -> Distribution | None:
        """A distribution, or None when it is missing."""
        return self._law(key, law_tables.parse)

    def _law(self, key: str, parse: Any) -> Distribution | None:
        node = self.child(key)
        if node is None:
            return None
        try:
            return cast(Distribution, parse(node.table))
        except DistributionError as error:
            raise node.fail(error.key, str(error)) from error

    def interarrival(self) -> Distribution:
        """The law of the time between arrivals, mean 1; exponential when it is missing."""
        return self._law("interarrival", law_tables.parse_interarrival) or Exponential(1.0)

    def steps(self, key: str, default: float | None, unit: str, low: float = 0.0, high: float = float("inf")) -> Steps:
        """A constant, or [[minute, value], ...] from minute 0 on; the minutes come out in seconds."""
        value = self.table.get(key, default)
        if not isinstance(value, list):
            return ((0.0, self.number(key, default, low, high)),)
        example = f"must be a number {unit}, or steps like [[0, 10], [60, 24]]"
        if not 1 <= len(value) <= STEPS_MAX or not all(isinstance(s, list) and len(s) == 2 and all(map(is_number, s)) for s in value):
            raise self.fail(key, f"{example}; it is {shown(value)}")
        starts, values = [float(s[0]) for s in value], [float(s[1]) for s in value]
        if starts[0] != 0 or any(b <= a for a, b in pairwise(starts)):
            raise self.fail(key, f"must begin at minute 0 and go up; the minutes are {shown(starts)}")
        for wrong in (v for v in values if not low <= v <= high):
            bounds = f"{low:g} or more" if high == float("inf") else f"from {low:g} to {high:g}"
            nearest = _nearest(wrong, low, high, above=False)
            raise self.fail(key, f"must be {bounds} at every step; one is {wrong:g}, the nearest possible is {nearest}")
        return tuple((start * MINUTE_S, v) for start, v in zip(starts, values, strict=True))


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a TOML value is a finite number (a boolean is not)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _nearest(value: object, low: float, high: float, above: bool) -> str:
    if not is_number(value):
        return f"{low:g}" if not above else "1"
    if value > high:
        return f"{high:g}"
    return f"just above {low:g}" if above else f"{low:g}"
