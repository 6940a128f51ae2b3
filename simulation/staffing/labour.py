"""Rules about working time, read from a file a manager may edit (``laws/france.toml`` is shipped and is the default)."""

import tomllib
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from simulation.scenario.law_tables import shown
from simulation.scenario.toml_node import is_number
from simulation.staffing.shifts import ShiftRules


class LabourError(ValueError):
    """The rule file cannot be used; one sentence with file, rule and what was expected."""


@dataclass(frozen=True, slots=True)
class Labour:
    """Every rule by its name in the file; hours, or minutes and shares where the name says so."""

    longest_day_h: float
    usual_day_h: float
    shortest_shift_h: float
    break_after_h: float
    break_min: float
    daily_rest_h: float
    days_a_week: float
    weekly_rest_h: float
    longest_week_h: float
    full_time_h: float
    part_time_least_h: float
    part_time_extra: float
    split_longest_h: float

    def shift_rules(self, shortest_h: float | None = None, longest_h: float | None = None) -> ShiftRules:
        """What one day may look like; ``LabourError`` when what is asked for is against the rules."""
        shortest, longest = shortest_h or self.shortest_shift_h, longest_h or self.usual_day_h
        if shortest > longest:
            raise LabourError(
                f"--shortest {shortest:g} is longer than --longest {longest:g}; the nearest possible is --shortest {longest:g}"
            )
        if longest > self.longest_day_h:
            raise LabourError(f"--longest {longest:g} is more than the {self.longest_day_h:g} hours a day the rules allow; "
                              f"the nearest possible is --longest {self.longest_day_h:g}")  # fmt: skip
        return ShiftRules(shortest, longest, self.break_after_h, self.break_min)

    def most_hours(self, contract_h: float) -> float:
        """The most somebody with this contract may work in a week."""
        if contract_h >= self.full_time_h:
            return self.longest_week_h
        return min(contract_h * (1 + self.part_time_extra), self.full_time_h)


def shipped() -> Path:
    """The rules that come with the project."""
    return Path(str(files("simulation.staffing").joinpath("laws/france.toml")))


def load(path: Path | None = None) -> Labour:
    """The rules of a file, or the shipped ones. Raises ``LabourError``."""
    path = path or shipped()
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LabourError(f"{path}: the rules cannot be read: {error}") from error
    rules = tables.get("rules", {})
    names = [field.name for field in fields(Labour)]
    for name in rules:
        if name not in names:
            raise LabourError(f"{path}: rules.{name} is not known; there are {', '.join(names)}")
    return Labour(**{name: _value(path, rules, name) for name in names})


def _value(path: Path, rules: dict[str, Any], name: str) -> float:
    value = rules.get(name, {}).get("value") if isinstance(rules.get(name, {}), dict) else None
    if not is_number(value) or value < 0:
        raise LabourError(f"{path}: rules.{name}.value must be a number of 0 or more; it is {shown(value)}, the nearest possible is 0")
    return float(value)
