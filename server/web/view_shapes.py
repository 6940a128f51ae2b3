"""The shapes of the views, described once for the API pages.

The views themselves are plain values made by the rules; nothing is converted on the way out. A test holds
every view of a played day against these descriptions.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A JSON object with exactly these fields."""

    model_config = ConfigDict(extra="forbid", strict=True, title=None)


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


class Me(Shape):
    """The salesperson whose screen it is."""

    id: str
    name: str
    desk: str
    skills: list[str]
    duty: Duty
    since: Instant
    pause: str | None
    back_at: Instant | None
    leaving: bool
    served: int
    ready_at: Instant | None


class Card(Shape):
    """The ticket in hand."""

    ticket: str
    number: str
    phase: TicketPhase
    service: str
    steps: list[Step]
    language: str
    card: bool
    standing: str | None
    companions: int
    appointment_at: Instant | None
    joined_at: Instant
    promise_at: Instant | None
    called_at: Instant | None
    seen: bool
    coming: bool
    recalls: int
    park_at: Instant | None
    started_at: Instant | None
    doubted: bool
    content: list[str]
    name: str | None


class Offer(Card):
    """A ticket offered until ``expires_at``."""

    expires_at: Instant | None


class Row(Shape):
    """A ticket in a list."""

    ticket: str
    number: str
    phase: TicketPhase
    service: str
    language: str
    card: bool
    standing: str | None
    appointment_at: Instant | None
    joined_at: Instant
    promise_at: Instant | None
    range: Range | None
    mine: bool
    wanted: str | None
    escalated: bool
    place: int | None
    closer: bool
    until: Instant | None


class FloorRow(Row):
    """A ticket on the manager's floor."""

    salesperson: str | None


class Colleague(Shape):
    """Somebody else on the floor."""

    id: str
    name: str
    desk: str
    duty: Duty
    skills: list[str]


class UndoView(Shape):
    """The last tap can be taken back until then."""

    tap: str
    until: Instant
    number: str


class Named(Shape):
    """A service and its words."""

    id: str
    labels: Words


class StaffView(View):
    """A salesperson's screen."""

    phase: DayPhase
    mode: Literal["offer", "claim", "both"]
    pick_allowed: bool
    me: Me
    card: Card | None
    offer: Offer | None
    waiting: list[Row]
    waiting_total: int
    parked: list[Row]
    colleagues: list[Colleague]
    undo: UndoView | None
    services: list[Named]


class Lane(Shape):
    """One service on the manager's floor."""

    id: str
    labels: Words
    letter: str
    waiting: int
    oldest_at: Instant | None
    range: Range | None
    serving: int
    people: int


class Post(Colleague):
    """One salesperson on the manager's floor."""

    since: Instant
    number: str | None
    service: str | None
    doubted: bool
    pause: str | None
    back_at: Instant | None
    leaving: bool
    served: int


class Accounts(Shape):
    """Every shopper in exactly one place."""

    open: int
    joined: int
    balked: int
    answered: int
    left: int
    vanished: int
    closed: int
    void: int


class FloorView(View):
    """The manager's floor."""

    phase: DayPhase
    closes_at: Instant
    accounts: Accounts
    unanswered_share: float | None
    services: list[Lane]
    salespeople: list[Post]
    tickets: list[FloorRow]
    idle_while_queue: bool
