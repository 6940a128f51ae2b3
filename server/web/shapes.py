"""The shapes of the answers; those of the views are in ``view_shapes``."""

from typing import Any, Literal

from pydantic import Field, RootModel

from server.web.view_shapes import BoardView, FloorView, Instant, KioskView, PhoneView, Shape, StaffView, StoreView

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


class Done(Shape):
    """A command was done at this ``seq``; ``ticket`` is the one it concerned, if any."""

    seq: int
    ticket: str | None = None
    number: str | None = None


class Clock(Shape):
    """The store's clock; ``speed`` is 1 outside demonstrations."""

    now: Instant
    speed: float


class SignedIn(Shape):
    """Who is signed in."""

    salesperson: str
    name: str
    role: Literal["salesperson", "manager"]
    store: str


class Whoever(RootModel[SignedIn | None]):
    """Who is signed in, or null."""


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
    role: Literal["salesperson", "manager"]


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
