"""The shapes of the views, described once for the API pages.

The views themselves are plain values made by the rules; nothing is converted on the way out. A test holds
every view of a played day against these descriptions.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A JSON object with exactly these fields."""

    model_config = ConfigDict(extra="forbid", strict=True, title=None, defer_build=True)


Instant = str  # ISO 8601, UTC, milliseconds
Words = dict[str, str]
DayPhase = Literal["new", "open", "closed", "ended"]
TicketPhase = Literal["waiting", "away", "offered", "called", "parked", "serving", "ended"]
Duty = Literal["off", "idle", "offered", "calling", "serving", "paused"]


class Range(Shape):
    """A wait in seconds from ``as_of``; ``high_s`` null: nobody can say."""

    low_s: float
    high_s: float | None
    as_of: Instant
    why: str


class Step(Shape):
    """One service of a visit."""

    service: str
    state: Literal["done", "now", "next"]


class View(Shape):
    """What every view begins with. ``seq`` never goes back on one screen."""

    seq: int
    at: Instant
    store: str


class Call(Shape):
    """A salesperson is waiting for the shopper."""

    name: str
    desk: str
    at: Instant
    seen: bool
    coming: bool
    recalls: int
    park_at: Instant


class By(Shape):
    """Who serves, and where."""

    name: str
    desk: str


class Overtaken(Shape):
    """How many with a later ticket went first, and why the last one did."""

    count: int
    reason: str


class PhoneView(View):
    """One ticket, for its holder."""

    number: str
    phase: Literal["waiting", "away", "called", "parked", "serving", "ended"]
    service: str
    language: str
    steps: list[Step]
    ahead: int
    others: int
    serving: int
    behind: int
    moment: Literal["wait", "two_ahead", "next", "called", "serving", "away", "parked", "ended"]
    range: Range | None
    promise_s: float | None
    joined_at: Instant
    card: bool
    appointment_at: Instant | None
    call: Call | None
    by: By | None
    until: Instant | None
    aways_left: int
    overtaken: Overtaken | None
    outcome: Literal["answered", "left", "vanished", "closed", "void"] | None
    reason: str
    stars: int | None
    waited_s: float | None
    seen: list[str]
    closer: Instant | None


class KioskService(Shape):
    """A service somebody could join, and its wait now."""

    id: str
    labels: Words
    icon: str
    letter: str
    waiting: int
    people: int
    range: Range | None


class KioskView(View):
    """What somebody who has not joined may know."""

    day: str
    phase: DayPhase
    opens_at: Instant
    closes_at: Instant
    languages: list[str]
    classes: list[str]
    services: list[KioskService]


class Look(Shape):
    """The store has colours or a logo of its own: its style is at /s/{store}/look.css, its logo at /s/{store}/logo."""

    version: str
    logo: bool


class StoreView(KioskView):
    """The kiosk's view with the store's name, time zone and notices, and the usual length of a visit for each service."""

    name: str
    zone: str
    notices: Words
    texts: dict[str, Words]  # of the store's own: welcome, closed, thanks, slip
    usual_s: dict[str, float]
    presence: bool
    bookable: list[str]  # services one can have an appointment for
    look: Look | None


class BoardCall(Shape):
    """A number that is called now."""

    number: str
    name: str
    desk: str
    service: str
    language: str
    at: Instant
    recalls: int
    coming: bool


class Recent(Shape):
    """A number that was called before."""

    number: str
    name: str
    desk: str


class BoardService(Shape):
    """A service's line on the board."""

    id: str
    labels: Words
    waiting: int
    range: Range | None


class BoardView(View):
    """The public screen."""

    phase: DayPhase
    calls: list[BoardCall]
    recent: list[Recent]
    next: list[str]
    services: list[BoardService]
