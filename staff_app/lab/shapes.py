"""What the lab takes and gives, for the guard at the door and for the API's description."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from server.web.bodies import Body, Command, Language
from simulation.lab import PEOPLE_MAX

QUARTERS_MAX = 112
KINDS_MAX = 60
SHIFTS_MAX = 400

Choice = Annotated[str, StringConstraints(pattern=r"^(plan|past)-\d{4}-\d{2}-\d{2}$")]
Kind = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Row = Annotated[list[Annotated[int, Field(ge=0, le=PEOPLE_MAX)]], Field(max_length=QUARTERS_MAX)]
Counts = Annotated[dict[Kind, Row], Field(max_length=KINDS_MAX)]
Minute = Annotated[float, Field(ge=0, le=3000)]


class Ask(Command):
    """A question to the twin. The run has this command's id; one run at a time per manager, a new one stops the one before."""

    choice: Choice
    what: Literal["try", "suggest"]
    counts: Counts = Field(default={}, description="People per quarter hour; a kind that is missing stays as it was found.")
    target: float = Field(0.05, ge=0.005, le=0.5, description="For suggest: the largest unanswered share any half hour may have.")
    hourly_cost: float = Field(25.0, ge=0, le=1000)
    language: Language = "fr"


class Shift(Body):
    """Somebody's presence, in minutes after the day's beginning."""

    name: Annotated[str, StringConstraints(max_length=80)]
    kind: Kind
    skills: Annotated[list[Kind], Field(max_length=60)]
    start_min: Minute
    end_min: Minute
    break_min: Annotated[list[Minute], Field(min_length=2, max_length=2)] | None = None
    paid_hours: float = Field(ge=0, le=50)


class Roster(Command):
    """Shifts to take away."""

    choice: Choice
    format: Literal["csv", "ics"]
    shifts: Annotated[list[Shift], Field(max_length=SHIFTS_MAX)]


class Point(Body):
    """A plan with what it costs and what it loses."""

    name: Annotated[str, StringConstraints(max_length=80)]
    paid_hours: float = Field(ge=0, le=10_000)
    unanswered_share: float = Field(ge=0, le=1)
    ci95: Annotated[list[float], Field(min_length=2, max_length=2)]


class Compare(Command):
    """Plans to be drawn against each other."""

    points: Annotated[list[Point], Field(max_length=24)]
    language: Language = "fr"


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class DayChoice(_Answer):
    """A day that can be put on the table."""

    id: str
    day: str
    recorded: bool


class LabView(_Answer):
    """What can be tried. ``missing``: why there is nothing yet (``no_history``)."""

    days: list[DayChoice]
    missing: str | None = None
    pictures: bool = Field(description="Whether this installation draws pictures (extra charts).")


class DeskView(_Answer):
    """A day on the table: people per kind and quarter hour, shoppers expected."""

    choice: str
    desk: dict[str, Any]


class RunView(_Answer):
    """How far a run is. ``result`` is the answer, or the best so far while it runs."""

    run: str
    state: Literal["waiting", "running", "done", "failed", "stopped"]
    done: int
    total: int
    trouble: str = ""
    result: dict[str, Any] | None = None


class Picture(_Answer):
    """A Vega-Lite specification, or nothing where none can be drawn."""

    spec: dict[str, Any] | None
