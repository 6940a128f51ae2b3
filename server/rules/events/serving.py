"""Events between a ticket and a salesperson: offered, claimed, called, served, passed on, taken back."""

from dataclasses import dataclass

from server.rules.waiting import Overtaking


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
