"""Times of day as people write them: "16:00", also past midnight ("25:30")."""

import re

_TIME = re.compile(r"^([0-9]{1,2}):([0-5][0-9])$")
HOURS_MAX = 48


def parse(text: object) -> float:
    """Seconds after midnight; ``ValueError`` when it is no time of day."""
    found = _TIME.match(text.strip()) if isinstance(text, str) else None
    if found is None or int(found[1]) >= HOURS_MAX:
        raise ValueError(f"not a time of day: {text}")
    return int(found[1]) * 3600.0 + int(found[2]) * 60.0


def show(seconds: float) -> str:
    """The time of day of these seconds after midnight."""
    minutes = round(seconds / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
