"""Everything that can have happened in a store's day, in the past tense: the journal is a list of these.

``at`` is the instant the rules decided it. Events hold ids, times and codes, never a shopper's name,
number or free text (those live in one erasable row per ticket, outside the journal).

In three parts, as they are applied: the floor, shoppers, serving.
"""

from server.rules.events.floor import (
    DayClosed,
    DayEnded,
    DayOpened,
    PauseAsked,
    PlanChanged,
    SalespersonPaused,
    SalespersonReady,
    SalespersonResumed,
    SalespersonSignedOff,
    SalespersonSignedOn,
    SignOffAsked,
    WaitsShown,
)
from server.rules.events.serving import (
    CallSeen,
    FinishDoubted,
    OfferDeclined,
    OfferEscalated,
    OfferExpired,
    OfferMade,
    OffersReopened,
    OfferWithdrawn,
    ServingConfirmed,
    ShopperCalled,
    ShopperOnTheWay,
    ShopperRecalled,
    StepFinished,
    TapUndone,
    TicketClaimed,
    TicketEnded,
    TicketHandedBack,
    TicketParked,
    TicketTransferred,
    VisitStarted,
)
from server.rules.events.shoppers import (
    AppointmentDue,
    ContentSeen,
    ShopperBalked,
    ShopperInvited,
    ShopperReturned,
    ShopperSteppedAway,
    TicketJoined,
    VisitRated,
)

Event = (
    DayOpened | PlanChanged | DayClosed | DayEnded | SalespersonSignedOn | PauseAsked | SalespersonPaused | SalespersonResumed
    | SalespersonReady | SignOffAsked | SalespersonSignedOff | TicketJoined | ShopperBalked | AppointmentDue | ShopperInvited
    | OfferMade | OfferDeclined
    | OfferExpired | OfferWithdrawn | OfferEscalated | OffersReopened | TicketClaimed | ShopperCalled | ShopperRecalled | CallSeen
    | ShopperOnTheWay | TicketParked | ShopperSteppedAway | ShopperReturned | VisitStarted | FinishDoubted | ServingConfirmed
    | StepFinished | TicketTransferred | TicketHandedBack | TicketEnded | TapUndone | ContentSeen | VisitRated | WaitsShown
)  # fmt: skip

__all__ = [
    "AppointmentDue",
    "CallSeen",
    "ContentSeen",
    "DayClosed",
    "DayEnded",
    "DayOpened",
    "Event",
    "FinishDoubted",
    "OfferDeclined",
    "OfferEscalated",
    "OfferExpired",
    "OfferMade",
    "OfferWithdrawn",
    "OffersReopened",
    "PauseAsked",
    "PlanChanged",
    "SalespersonPaused",
    "SalespersonReady",
    "SalespersonResumed",
    "SalespersonSignedOff",
    "SalespersonSignedOn",
    "ServingConfirmed",
    "ShopperBalked",
    "ShopperCalled",
    "ShopperInvited",
    "ShopperOnTheWay",
    "ShopperRecalled",
    "ShopperReturned",
    "ShopperSteppedAway",
    "SignOffAsked",
    "StepFinished",
    "TapUndone",
    "TicketClaimed",
    "TicketEnded",
    "TicketHandedBack",
    "TicketJoined",
    "TicketParked",
    "TicketTransferred",
    "VisitRated",
    "VisitStarted",
    "WaitsShown",
]
