"""Events of shoppers who come, wait, and say what they thought of it."""

from dataclasses import dataclass


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
class ShopperInvited:
    """Come closer: ``salesperson`` is expected to be free at ``free_at``, and the way takes about ``walking_s``. No call yet."""

    at: float
    ticket: str
    salesperson: str
    free_at: float
    walking_s: float


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
