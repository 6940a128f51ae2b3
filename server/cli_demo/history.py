"""A demonstration's store is not new: the days before today, as its own crowd would have made them, are in its records.

So ranges are as narrow as the store's visits allow, and reports and the staffing lab have what to show.
"""

import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo


def remember(database: str, store: Path, demand: Path, start: float, days: int, folder: Path, seed: int) -> int:
    """Put the visits of the ``days`` before ``start`` into the store's records; returns how many steps. Raises what an import raises."""
    from server.records import import_visits  # heavy: not for --help
    from server.settings import Settings
    from simulation.crowd import demand as crowd
    from simulation.crowd.past import past, written

    table = tomllib.loads(store.read_text(encoding="utf-8"))
    skills = {name: tuple(person.get("skills", ())) for name, person in table["salespeople"].items()}
    today = datetime.fromtimestamp(start, ZoneInfo(table.get("zone", "Europe/Paris"))).date()
    file = folder / "past.csv"
    written(past(crowd.load(demand), skills, today, days, seed), file)
    taken: int = import_visits(Settings(database=database), store, file)["facts"]
    return taken
