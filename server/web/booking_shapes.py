"""What the appointments' routes take and give."""

from typing import Literal

from pydantic import AwareDatetime, Field

from server.web.bodies import Address, Command, FirstName, Language, Name
from server.web.view_shapes import Instant, Shape

Code = str
State = Literal["booked", "here", "no_show", "cancelled"]


class Book(Command):
    """An appointment at one of the slots. Nothing personal is needed; a name or an address is erased after the visit."""

    service: Name
    at: AwareDatetime = Field(description="One of the slots, ISO 8601 with zone.")
    language: Language = "fr"
    companions: int = Field(0, ge=0, le=20)
    name: FirstName = ""
    address: Address = Field("", description="A telephone number or e-mail address for the confirmation.")
    qr: bool = Field(False, description="Also return the link as a QR code (SVG text).")


class Move(Command):
    """Another slot for the same appointment."""

    at: AwareDatetime


class CheckIn(Command):
    """I am here; where the store wants it, with the code that its screens show."""

    presence: str | None = Field(None, max_length=40)
    qr: bool = False


class CheckInByCode(CheckIn):
    """The same at a kiosk, with the code of the appointment."""

    code: str = Field(min_length=4, max_length=20)


class Slot(Shape):
    """An instant at which an appointment can begin, and how many more can."""

    at: Instant
    left: int


class Slots(Shape):
    """Soonest first; ``minutes`` is what an appointment takes."""

    service: str
    minutes: float
    zone: str
    slots: list[Slot]


class Appointment(Shape):
    """One appointment, for whoever holds its link."""

    store: str
    store_name: str
    zone: str
    service: str
    labels: dict[str, str]
    at: Instant
    until: Instant
    language: str
    state: State
    code: Code
    companions: int
    moves_left: int
    check_in_from: Instant = Field(description="From when on one can check in ...")
    late_at: Instant = Field(description="... and from when on the appointment queues like everybody.")
    ticket_token: str | None = Field(description="After check-in: opens the ticket.")


class Booked(Shape):
    """A new appointment. The token is its secret; the link carries it behind the #, which browsers do not send."""

    code: Code
    token: str
    url: str
    service: str
    at: Instant
    until: Instant
    told: bool = Field(description="Whether a confirmation is on its way to the address.")
    qr_svg: str | None = None


class DayEntry(Shape):
    """One appointment of the day, as staff see it."""

    id: str
    at: Instant
    until: Instant
    service: str
    language: str
    name: str
    code: Code
    companions: int
    state: Literal["expected", "late", "here", "no_show", "cancelled"]
    ticket: str | None
    number: str | None
