"""The shapes of the answers; those of the views are in ``view_shapes``."""

from typing import Any, Literal

from pydantic import Field, RootModel

from server.live.stores import RoleName
from server.web.staff_shapes import FloorView, StaffView
from server.web.view_shapes import BoardView, Instant, KioskView, PhoneView, Shape, StoreView

__all__ = ["BoardView", "FloorView", "KioskView", "PhoneView", "StaffView", "StoreView"]


class Problem(Shape):
    """The one error shape."""

    code: str
    message: str = Field(description="For people, in the language of the request.")
    status: int
    facts: dict[str, Any] | None = None
    retry_after_s: float | None = None


class Joined(Shape):
    """A new ticket. The token is the phone's secret; the link carries it behind the #, which browsers do not send."""

    number: str
    token: str
    url: str
    seq: int
    view: PhoneView
    qr_svg: str | None = None


class PhoneAnswer(Shape):
    """A shopper's command was done."""

    seq: int
    view: PhoneView


class Over(Shape):
    """The alert is over."""

    over: bool


class Forgotten(Shape):
    """Nothing personal is kept any more; ``erased`` tells whether there was any."""

    erased: bool


class Done(Shape):
    """A command was done at this ``seq``; ``ticket`` is the one it concerned, if any."""

    seq: int
    ticket: str | None = None
    number: str | None = None


class Alert(Shape):
    """Something to see to; ``by`` says who does, "" nobody yet."""

    id: str
    kind: Literal["help", "paper", "printer", "slip", "unreached", "colleague"]
    place: str
    at: Instant
    slip: str
    number: str
    by: str
    asks: str
    asker: str
    to: str


class PushKey(Shape):
    """The key that browsers subscribe to pushes with; null: none are sent."""

    push_key: str | None


class Ways(Shape):
    """How this server can tell a shopper whose page is closed."""

    push_key: str | None
    sms: bool
    mail: bool


class Kept(Shape):
    """What is kept now, by name."""

    kept: list[str]


class Apology(Shape):
    """What the store gives for a promise it did not keep."""

    text: str
    code: str


class PollAnswers(Shape):
    """How many of today's shoppers chose each option (counted from "0"); empty while they are too few."""

    answers: dict[str, int]
    total: int


class Prepared(Shape):
    """What the shopper prepared, what was not answered is missing; and the note of the colleague who served before."""

    whom: str | None = None
    use: str | None = None
    budget: str | None = None
    size: str | None = None
    note: str | None = None


class Clock(Shape):
    """The store's clock; ``speed`` is 1 outside demonstrations."""

    now: Instant
    speed: float


class SignedIn(Shape):
    """Who is signed in."""

    salesperson: str
    name: str
    role: RoleName
    store: str


class Whoever(RootModel[SignedIn | None]):
    """Who is signed in, or null."""


class CodeFor(Shape):
    """What a code is for; ``people``: who may be a store's first manager."""

    store: str
    store_name: str
    profile: Literal["kiosk", "board", "printer", "staff", "setup", "found"]
    name: str
    people: list["PersonName"]


class MadeCode(Shape):
    """A code to type on the device, once."""

    code: str
    profile: str
    name: str
    expires_at: Instant
    url: str


class OwnDevice(Shape):
    """The device that asks. ``token`` comes once, to a printer agent, for ``Authorization: Device TOKEN``."""

    id: str
    store: str
    profile: str
    name: str
    token: str | None = None


class WhicheverDevice(RootModel[OwnDevice | None]):
    """The device that asks, or null."""


class StoreDevice(Shape):
    """A device of the store."""

    id: str
    profile: str
    name: str
    created_at: Instant
    revoked_at: Instant | None


class OneSession(Shape):
    """A signed-in browser."""

    salesperson: str
    device: str | None
    created_at: Instant
    seen_at: Instant
    current: bool


class Colleague(Shape):
    """Somebody of the store's staff; ``sessions`` counts where they are signed in."""

    id: str
    name: str
    role: RoleName
    has_pin: bool
    sessions: int


class Access(Shape):
    """Who and what gets into this store."""

    people: list[Colleague]
    devices: list[StoreDevice]


class StoreName(Shape):
    """A store of this server."""

    id: str
    name: str


class StoreNames(Shape):
    """The stores of this server."""

    stores: list[StoreName]


class PersonName(Shape):
    """Somebody who can sign in."""

    id: str
    name: str
    role: RoleName


class Status(Shape):
    """Whether the server is well."""

    status: str
    stores: list[str] | None = None


class Ping(Shape):
    """A page may ask whether the socket is still there."""

    type: Literal["ping"]


class Pong(Shape):
    """It is; with the store's clock."""

    type: Literal["pong"]
    now: Instant
