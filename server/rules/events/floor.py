"""Events of the day, of what it shows, and of who is on the floor."""

from dataclasses import dataclass

from server.rules.plan import DayPlan
from server.rules.waiting import Range


@dataclass(frozen=True, slots=True)
class DayOpened:
    """The business day began with this plan."""

    at: float
    plan: DayPlan


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """Other settings hold from now on: version ``settings`` of the store's, decided by ``by`` ("" for the store file)."""

    at: float
    plan: DayPlan
    by: str = ""
    settings: int = 0


@dataclass(frozen=True, slots=True)
class DayClosed:
    """No more shoppers join today."""

    at: float


@dataclass(frozen=True, slots=True)
class DayEnded:
    """The business day is over; nothing is open any more."""

    at: float


@dataclass(frozen=True, slots=True)
class SalespersonSignedOn:
    """A salesperson is on duty, idle, with these skills."""

    at: float
    salesperson: str
    skills: tuple[str, ...]
    desk: str


@dataclass(frozen=True, slots=True)
class PauseAsked:
    """Busy now; the break begins right after the visit."""

    at: float
    salesperson: str
    reason: str
    back_at: float | None


@dataclass(frozen=True, slots=True)
class SalespersonPaused:
    """On a break (``reason`` "unresponsive": ignored offers). Nothing is offered until they resume."""

    at: float
    salesperson: str
    reason: str
    back_at: float | None


@dataclass(frozen=True, slots=True)
class SalespersonResumed:
    """Back from the break, or the break asked for is called off.

    ``by_clock``: its time was up, nobody tapped; the first offer comes a moment later, for whoever is still on the stairs.
    """

    at: float
    salesperson: str
    by_clock: bool = False


@dataclass(frozen=True, slots=True)
class SalespersonReady:
    """The breather after a visit or a break is over; offers may be made again."""

    at: float
    salesperson: str


@dataclass(frozen=True, slots=True)
class SignOffAsked:
    """Busy now; goes home right after the visit."""

    at: float
    salesperson: str


@dataclass(frozen=True, slots=True)
class SalespersonSignedOff:
    """Off duty. Tickets that waited for this salesperson alone may be served by anybody able from now on."""

    at: float
    salesperson: str


@dataclass(frozen=True, slots=True)
class WaitsShown:
    """The ranges people see from now on; only those that changed. None: nothing can be said any more."""

    at: float
    tickets: dict[str, Range | None]
    services: dict[str, Range | None]
