"""The wait as it is told to people: a range, and why it moved."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """ "low to high" seconds from ``as_of`` until the visit starts, already rounded for display.

    ``high_s`` is the upper quantile that the promise is made of (P90), ``low_s`` the lower end shown
    (P10 or better). ``why`` is a code when the number had to get worse ("card", "appointment", "rank",
    "head_start", "break", "left_floor", "slower"), empty otherwise.
    """

    low_s: float
    high_s: float
    as_of: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Overtaking:
    """``ticket`` was passed by somebody who came later, and the rule that says why.

    ``reason``: "card", "appointment", "rank", "head_start", "skill", "wanted" or "picked".
    """

    ticket: str
    reason: str
