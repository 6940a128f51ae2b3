"""The shapes of the views of the store's own people: a salesperson's screen and the manager's floor."""

from typing import Literal

from server.web.view_shapes import DayPhase, Duty, Instant, Range, Shape, Step, TicketPhase, View, Words


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
