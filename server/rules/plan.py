"""What a store decided before its day began: services, people, head starts, patience of the rules.

A plan travels inside the ``DayOpened`` event, so a recorded day explains itself: replaying it needs
no table, no configuration file and no guess about what the settings were that Saturday.
Times of day are instants (seconds since the epoch, or since opening in the twin); durations end in ``_s``.
"""

from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["offer", "claim", "both"]


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """One thing a shopper can want, and how its shoppers rank.

    ``rank`` orders services strictly inside everybody's tier (lower first); ``head_start_s`` is the
    visible favour: "served as if they had come that much earlier". ``typical_s`` is the usual length
    of a visit (it estimates an end that nobody tapped, and when a salesperson will be free) and ``doubt_after_s`` the
    length past which the salesperson is asked whether the visit is over (the 95th percentile of its own times).
    ``walking_s`` is the usual way from the call to the desk; 0: not known. All three are learned once there is a past.
    """

    id: str
    labels: dict[str, str] = field(default_factory=dict)
    letter: str = "A"
    rank: int = 1
    head_start_s: float = 0.0
    typical_s: float = 600.0
    doubt_after_s: float = 3600.0
    icon: str = ""
    walking_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SalespersonPlan:
    """Somebody who may serve today: skills are service ids, shifts are planned [start, end) instants.

    Of several who could be offered a ticket and have as few skills, those with a lower ``order`` come
    first ("the manager only when nobody else is free").
    """

    id: str
    name: str
    skills: tuple[str, ...]
    desk: str = ""
    shifts: tuple[tuple[float, float], ...] = ()
    order: int = 0


@dataclass(frozen=True, slots=True)
class Timings:
    """Every duration the rules wait for, and every count they tolerate; all can be said on a poster."""

    offer_s: float = 12.0  # a salesperson has this long to accept an offer
    offers_ignored_max: int = 2  # then they are taken to be away from the desk, and paused
    escalate_s: float = 60.0  # pause before an offer nobody took is offered again
    recall_after_s: float = 90.0  # a shopper who does not come is called once more after this
    hold_s: float = 180.0  # and is parked (never deleted) after this
    park_s: float = 1200.0  # a parked shopper who says "I'm here" within this is back in place
    recalls_max: int = 3
    away_max_s: float = 1200.0  # longest "I need more time"
    aways_max: int = 3
    undo_s: float = 10.0
    breather_s: float = 0.0  # no offer for this long after a visit
    return_s: float = 60.0  # nor for this long after a break that ended by the clock, unless they say they are back
    early_from_s: float = 45.0  # where the way takes this long, the next shopper is asked to come closer beforehand
    early_s: float = 30.0  # that much sooner than the way alone asks for
    last_ticket_s: float = 0.0  # nobody joins this shortly before closing
    overtime_s: float = 0.0  # nor where the wait would end later than this after closing (holders of a card may)
    appointment_late_s: float = 900.0  # later than this, an appointment queues like everybody
    appointment_early_s: float = 3600.0  # earlier than this, it is refused: come back later


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One store's business day: opens_at <= closes_at <= ends_at (when what is left is closed by force).

    ``classes`` gives the head start in seconds of each class of shopper ("member": 300).
    ``open_max`` bounds the tickets open at once; a shopper beyond it is told so, and counts as balked.
    """

    store: str
    day: str
    zone: str = "Europe/Paris"
    opens_at: float = 0.0
    closes_at: float = 4e9
    ends_at: float = 4e9
    services: dict[str, ServicePlan] = field(default_factory=dict)
    salespeople: dict[str, SalespersonPlan] = field(default_factory=dict)
    classes: dict[str, float] = field(default_factory=dict)
    timings: Timings = field(default_factory=Timings)
    mode: Mode = "both"
    pick_allowed: bool = True
    open_max: int = 500
    languages: tuple[str, ...] = ("fr", "en")
