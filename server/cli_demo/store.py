"""The demonstration's store: which file, when it begins, and how long a human may take."""

import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from server.cli_demo.processes import Trouble

HUMAN_S = {"offer_s": (10.0, 180.0), "undo_s": (6.0, 120.0), "hold_s": (30.0, 900.0), "recall_after_s": (15.0, 450.0)}
"""Wall seconds a human gets in the demonstration for each of the rules' durations, and the most in store seconds."""


def store_file(store: str) -> Path:
    """The file of a store of the project, or the path given."""
    known = Path(__file__).resolve().parents[2] / "simulation" / "stores" / f"{store}.toml"
    path = known if known.is_file() else Path(store)
    if not path.is_file():
        raise Trouble(f"there is no store {store!r}: neither one of the project nor a file", 2)
    return path


def for_humans(text: str, speed: float) -> str:
    """The store file's text with durations in which a human can react although the clock runs ``speed`` times faster."""
    given = tomllib.loads(text).get("timings", {})
    rules = {"offer_s": 12.0, "undo_s": 10.0, "hold_s": 180.0, "recall_after_s": 90.0}
    lines = [
        f"{name} = {min(max(float(given.get(name, rules[name])), wall_s * speed), most_s)}"
        for name, (wall_s, most_s) in HUMAN_S.items() if name not in given
    ]  # fmt: skip
    if "[timings]" not in text:
        return "\n".join([text.rstrip(), "", "[timings]", *lines, ""])
    return text.replace("[timings]", "\n".join(["[timings]", *lines]), 1)


def start_instant(time_of_day: str, zone: str) -> float:
    """This time of today in the store's zone, as seconds since the epoch."""
    try:
        hour, minute = (int(part) for part in time_of_day.split(":"))
        return datetime.now(ZoneInfo(zone)).replace(hour=hour, minute=minute, second=0, microsecond=0).timestamp()
    except ValueError:
        raise Trouble(f"--start: {time_of_day!r} is not a time of day like 14:40", 2) from None
