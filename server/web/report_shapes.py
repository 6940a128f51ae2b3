"""The shapes of a report; ``server.reports.report`` says how each figure is made."""

from server.web.view_shapes import Shape


class Spread(Shape):
    """How many, and what they took in seconds."""

    n: int
    mean_s: float | None
    p50_s: float | None
    p90_s: float | None


class Accounts(Shape):
    """Every shopper in exactly one place."""

    answered: int
    left: int
    vanished: int
    closed: int
    void: int
    balked: int


class Cell(Shape):
    """Who came in an hour, on a day or for a service, and what became of them."""

    came: int
    answered: int
    left: int
    vanished: int
    closed: int
    balked: int
    unanswered_share: float | None
    wait_mean_s: float | None


class Waits(Shape):
    """Waits for the first call; quantiles with those who gave up counted as "at least so long"."""

    joined: int
    called: int
    mean_s: float | None
    p50_s: float | None
    p80_s: float | None
    p90_s: float | None
    within: dict[str, float | None]
    curve: list[tuple[float, float]]


class Promise(Shape):
    """What became of the promises made at joining."""

    told: int
    decided: int
    kept: int
    kept_share: float | None
    excess_s: float | None


class ServiceCell(Cell):
    """The same for one service, with its waits and how long it takes."""

    waits: Waits
    promise: Promise
    service: Spread


class Rating(Shape):
    """Stars given after the visit."""

    n: int
    mean: float | None
    stars: dict[str, int]


class Leaving(Shape):
    """How many of a group left; no share for fewer than five."""

    n: int
    left: int
    left_share: float | None


class ContentUse(Shape):
    """What was opened, finished and answered, by item, and leaving among those who opened something and others.

    They chose to, and who waits longer opens more: the difference is no proof of an effect.
    """

    opened: dict[str, int]
    finished: dict[str, int]
    answers: dict[str, dict[str, int]]
    readers: Leaving
    others: Leaving


class DoorCounts(Shape):
    """Of those the door counter saw: who asked for service, and who never did."""

    days: int
    came: int
    asked: int
    never_asked: int


class DutyTimes(Shape):
    """Seconds on duty: with shoppers (called, coming or served), on breaks, free; and free while somebody waited whom they could serve."""

    on_duty_s: float
    with_shoppers_s: float
    paused_s: float
    idle_s: float
    idle_while_waiting_s: float


class Own(Shape):
    """One salesperson's finished steps."""

    steps: int
    service: Spread
    duty: DutyTimes | None = None


class DoorsTaken(Shape):
    """What an imported file of door counts held."""

    hours: int
    first_day: str | None
    last_day: str | None


class People(Shape):
    """All salespeople together; one by one only those with five visits or more, and only for those concerned."""

    people: int
    steps: int
    service: Spread
    each: dict[str, Own]
    duty: DutyTimes | None


class Figures(Shape):
    """A period."""

    days: list[str]
    accounts: Accounts
    unanswered_share: float | None
    waits: Waits
    promise: Promise
    walking: Spread
    services: dict[str, ServiceCell]
    hours: dict[str, Cell]
    weekdays: dict[str, Cell]
    by_day: dict[str, Cell]
    rating: Rating
    content: ContentUse
    doors: DoorCounts | None


class Report(Shape):
    """A period, and the same number of days before it."""

    store: str
    name: str
    zone: str
    labels: dict[str, dict[str, str]]
    now: Figures
    before: Figures
    people: People


class OwnReport(Shape):
    """What one salesperson did in the last four weeks: for them alone."""

    days: list[str]
    own: Own | None
