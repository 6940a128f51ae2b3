"""Everything that can have happened in a store's day, in the past tense: the journal is a list of these.

``at`` is the instant the rules decided it. Events hold ids, times and codes, never a shopper's name,
number or free text (those live in one erasable row per ticket, outside the journal).
"""

from dataclasses import dataclass

from server.rules.plan import DayPlan
from server.rules.waiting import Overtaking, Range


@dataclass(frozen=True, slots=True)
class DayOpened:
    """The business day began with this plan."""

    at: float
    plan: DayPlan


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """Other settings hold from now on."""

    at: float
    plan: DayPlan


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
    """Back from the break (by a tap, or because its time was up), or the break asked for is called off."""

    at: float
    salesperson: str


@dataclass(frozen=True, slots=True)
class SalespersonReady:
    """The breather after a visit is over; offers may be made again."""

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
class TicketJoined:
    """A shopper has a place in line. ``promise_s`` is the wait told at this moment, kept for ever."""

    at: float
    ticket: str
    number: str
    serial: int
    steps: tuple[str, ...]
    language: str
    card: bool
    standing: str | None
    appointment_at: float | None
    companions: int
    tier: int
    ranked_at: float
    promise_s: float | None


@dataclass(frozen=True, slots=True)
class ShopperBalked:
    """Somebody saw the wait and did not join."""

    at: float
    service: str
    reason: str
    wait_s: float | None


@dataclass(frozen=True, slots=True)
class AppointmentDue:
    """The slot has come: the ticket moves to the appointments' tier."""

    at: float
    ticket: str
    tier: int
    ranked_at: float


@dataclass(frozen=True, slots=True)
class OfferMade:
    """The server offers a ticket to an idle salesperson until ``expires_at``."""

    at: float
    ticket: str
    salesperson: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class OfferDeclined:
    """The salesperson said no, and why."""

    at: float
    ticket: str
    salesperson: str
    reason: str


@dataclass(frozen=True, slots=True)
class OfferExpired:
    """The salesperson did not answer in time."""

    at: float
    ticket: str
    salesperson: str


@dataclass(frozen=True, slots=True)
class OfferWithdrawn:
    """The offer is void because the ticket or the salesperson went elsewhere."""

    at: float
    ticket: str
    salesperson: str
    reason: str


@dataclass(frozen=True, slots=True)
class OfferEscalated:
    """Everybody who could serve the ticket passed it on: all are alerted, and it is offered anew later."""

    at: float
    ticket: str
    again_at: float


@dataclass(frozen=True, slots=True)
class OffersReopened:
    """Tickets that nobody had taken are offered to everybody anew."""

    at: float


@dataclass(frozen=True, slots=True)
class TicketClaimed:
    """A salesperson has the ticket. ``overtook`` names who came earlier and was passed, with the reason."""

    at: float
    ticket: str
    salesperson: str
    overtook: tuple[Overtaking, ...]


@dataclass(frozen=True, slots=True)
class ShopperCalled:
    """The shopper is asked to come. ``recall_at`` and ``park_at`` say what happens if nobody does."""

    at: float
    ticket: str
    salesperson: str
    desk: str
    recall_at: float
    park_at: float


@dataclass(frozen=True, slots=True)
class ShopperRecalled:
    """Called again; ``recalls`` so far. ``by_hand``: the salesperson pressed it, else the clock."""

    at: float
    ticket: str
    recalls: int
    by_hand: bool
    park_at: float


@dataclass(frozen=True, slots=True)
class CallSeen:
    """The phone showed the call."""

    at: float
    ticket: str


@dataclass(frozen=True, slots=True)
class ShopperOnTheWay:
    """The shopper is coming."""

    at: float
    ticket: str


@dataclass(frozen=True, slots=True)
class TicketParked:
    """Nobody came: out of the line but kept, until ``until``. ``by`` is a salesperson or None (the clock)."""

    at: float
    ticket: str
    by: str | None
    until: float


@dataclass(frozen=True, slots=True)
class ShopperSteppedAway:
    """Keeps the place but is not called until ``until``."""

    at: float
    ticket: str
    until: float


@dataclass(frozen=True, slots=True)
class ShopperReturned:
    """Back in the same place in line. ``by_clock``: the time away was up."""

    at: float
    ticket: str
    by_clock: bool


@dataclass(frozen=True, slots=True)
class VisitStarted:
    """The step's service begins."""

    at: float
    ticket: str
    salesperson: str


@dataclass(frozen=True, slots=True)
class FinishDoubted:
    """The visit is unusually long; the salesperson is asked. Estimates treat its end as unknown."""

    at: float
    ticket: str
    salesperson: str


@dataclass(frozen=True, slots=True)
class ServingConfirmed:
    """The salesperson says the visit goes on; asked again at ``doubt_at``."""

    at: float
    ticket: str
    salesperson: str
    doubt_at: float


@dataclass(frozen=True, slots=True)
class StepFinished:
    """The step's service is over at ``finished_at`` (before ``at`` when ``estimated``: nobody tapped).

    ``steps`` are the services still to come in this visit: the first of them is waited for from now on.
    When there is none, the ticket is answered.
    """

    at: float
    ticket: str
    salesperson: str
    finished_at: float
    estimated: bool
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TicketTransferred:
    """Back in line for ``service``, for ``to`` only when that is set; the place follows the time of joining."""

    at: float
    ticket: str
    by: str | None
    service: str
    to: str | None
    tier: int
    ranked_at: float


@dataclass(frozen=True, slots=True)
class TicketHandedBack:
    """Back in its own place in line, because the salesperson cannot serve it now."""

    at: float
    ticket: str
    salesperson: str


@dataclass(frozen=True, slots=True)
class TicketEnded:
    """The visit is over unanswered: left, vanished, closed or void (``StepFinished`` ends answered ones)."""

    at: float
    ticket: str
    outcome: str
    reason: str
    by: str | None


@dataclass(frozen=True, slots=True)
class TapUndone:
    """The salesperson's last tap is taken back: ticket and salesperson are as before it."""

    at: float
    ticket: str
    salesperson: str
    tap: str


@dataclass(frozen=True, slots=True)
class ContentSeen:
    """The shopper finished a piece of content."""

    at: float
    ticket: str
    item: str


@dataclass(frozen=True, slots=True)
class VisitRated:
    """Stars, one to five."""

    at: float
    ticket: str
    stars: int


@dataclass(frozen=True, slots=True)
class WaitsShown:
    """The ranges people see from now on; only those that changed. None: nothing can be said any more."""

    at: float
    tickets: dict[str, Range | None]
    services: dict[str, Range | None]


Event = (
    DayOpened | PlanChanged | DayClosed | DayEnded | SalespersonSignedOn | PauseAsked | SalespersonPaused | SalespersonResumed
    | SalespersonReady | SignOffAsked | SalespersonSignedOff | TicketJoined | ShopperBalked | AppointmentDue | OfferMade | OfferDeclined
    | OfferExpired | OfferWithdrawn | OfferEscalated | OffersReopened | TicketClaimed | ShopperCalled | ShopperRecalled | CallSeen
    | ShopperOnTheWay | TicketParked | ShopperSteppedAway | ShopperReturned | VisitStarted | FinishDoubted | ServingConfirmed
    | StepFinished | TicketTransferred | TicketHandedBack | TicketEnded | TapUndone | ContentSeen | VisitRated | WaitsShown
)  # fmt: skip
