"""Who comes and who works in a demo store: everything the crowd must know that the server does not.

Read from a TOML file beside the store's own file. Times of day are the store's local time; lengths are in
minutes in the file and in seconds here.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class BadDemand(ValueError):
    """The file cannot be used; the message names file and field."""


@dataclass(frozen=True, slots=True)
class Need:
    """One service as shoppers live it. ``share`` of the arrivals want it first."""

    share: float
    mean_s: float
    patience_s: float  # median
    planned: dict[str, float] = field(default_factory=dict)  # next step, known when joining: probability
    added: dict[str, float] = field(default_factory=dict)  # next step the salesperson adds at the end: probability


@dataclass(frozen=True, slots=True)
class Worker:
    """One salesperson the crowd plays. Times of day are seconds since local midnight."""

    pin: str
    from_s: float
    until_s: float
    breaks: tuple[tuple[float, float], ...] = ()  # (time of day, length)
    speed: float = 1.0  # divides service times


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares of shoppers who do this or that, and how fast people walk and react (seconds)."""

    slip: float = 0.2  # paper only: they watch the board
    phone: float = 0.35  # joined with their own phone at the shelf; the rest took the QR code of the kiosk
    card: float = 0.02
    member: float = 0.15
    english: float = 0.08
    companions: float = 0.25
    reads: float = 0.5
    away: float = 0.07
    vanishes: float = 0.25  # of those whose patience ends: go without saying so
    misses_call: float = 0.05
    rates: float = 0.35
    walking_s: float = 45.0
    reaction_s: float = 4.0
    declines: float = 0.03
    forgets_finish: float = 0.01


@dataclass(frozen=True, slots=True)
class Demand:
    """A store's demand. Opening hours are seconds since local midnight; ``per_hour`` is the mean over them."""

    store: str
    zone: str
    opens_s: float
    closes_s: float
    per_hour: float
    already: int  # shoppers who come within the first moments when the play begins in the middle of the day
    needs: dict[str, Need]
    workers: dict[str, Worker]
    habits: Habits = Habits()


def load(path: Path) -> Demand:
    """The demand in this file; BadDemand with one sentence when it cannot be read."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return _demand(table)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadDemand(f"{path}: {error}") from error
    except KeyError as error:
        raise BadDemand(f"{path}: {error.args[0]} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise BadDemand(f"{path}: {error}") from error


def _demand(table: dict[str, Any]) -> Demand:
    return Demand(
        store=table["store"], zone=table["zone"], opens_s=_day_s(table["opens"]), closes_s=_day_s(table["closes"]),
        per_hour=float(table["arrivals_per_hour"]), already=int(table.get("already", 0)),
        needs={name: _need(part) for name, part in table["services"].items()},
        workers={name: _worker(part) for name, part in table["salespeople"].items()},
        habits=Habits(**{key: float(value) for key, value in table.get("habits", {}).items()}),
    )  # fmt: skip


def _need(part: dict[str, Any]) -> Need:
    return Need(
        float(part["share"]),
        part["mean_min"] * 60.0,
        part["patience_min"] * 60.0,
        dict(part.get("planned", {})),
        dict(part.get("added", {})),
    )


def _worker(part: dict[str, Any]) -> Worker:
    breaks = tuple((_day_s(at), minutes * 60.0) for at, minutes in part.get("breaks", []))
    return Worker(str(part["pin"]), _day_s(part["from"]), _day_s(part["until"]), breaks, float(part.get("speed", 1.0)))


def _day_s(text: str) -> float:
    """Seconds since midnight of "14:30"."""
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal()):
        raise ValueError(f"{text!r} is not a time of day like 14:30")
    return int(hours) * 3600.0 + int(minutes) * 60.0
