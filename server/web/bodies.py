"""What clients may send: one strict model per body, and the one way in that reads them.

Unknown fields, wrong types and long texts are refused with the name of the field; nothing is coerced.
The size is bounded while reading, so a body that lies about its length costs no more than one that does not,
and the time too, so that one that never ends costs nothing for long.
"""

import asyncio
import re
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import ClientDisconnect, Request

from server.web import limits
from server.web.limits import BODY_BYTES
from server.web.problems import Problem
from server.web.vocabulary import BalkReason, DeclineReason, LeaveReason, PauseReason, VoidReason

JSON_TYPE = re.compile(r"application/json\s*(;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)

Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.:-]+$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
FirstName = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*$")
]
"""Anything a screen can show: no control characters, no line breaks, nothing that turns the direction of writing around."""
Steps = Annotated[list[Name], Field(max_length=8)]


class Body(BaseModel):
    """A JSON object with these fields and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)


class Command(Body):
    """A command's id is made by the client; sending the same one again has no second effect and gets the same answer."""

    id: UUID = Field(description="Made by the client, new for each command, the same when it is sent again; best a UUID of version 7.")


class Join(Command):
    """Take a ticket. Nothing personal is needed; a name or a phone number is erased after the visit."""

    service: Name
    steps: Steps = Field(default=[], description="Further services of the same visit, without queueing again.")
    language: Language = "fr"
    priority: Name | None = Field(None, description='"card" for holders of a priority card, or a class of the store ("member").')
    appointment_at: AwareDatetime | None = Field(None, description="The appointment's time, ISO 8601 with zone.")
    companions: int = Field(0, ge=0, le=20)
    name: FirstName | None = None
    phone: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9 ().-]{4,24}$")] | None = None
    qr: bool = Field(False, description="Also return the link as a QR code (SVG text).")
    slip: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}-9[0-9]{3}$")] | None = Field(
        None, description="The number that a kiosk gives out by itself when it has no answer by ``slip_at``."
    )
    presence: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        None, description="The code that the store's screens show, where the store wants one."
    )
    slip_at: AwareDatetime | None = Field(None, description="From when on the shopper has that number, by the store's clock.")


class Balk(Command):
    """Somebody saw the wait and did not join."""

    service: Name
    reason: BalkReason = "wait"


Number = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}-[0-9]{3,5}$")]


class NewAlert(Command):
    """Something the people of the store should see to, at this device."""

    kind: Literal["help", "paper", "printer", "slip"]
    place: Annotated[str, StringConstraints(max_length=20, pattern=r"^[\w .-]*$")] = Field("", description="Which device.")
    slip: Number | None = Field(None, description="The number on a slip that ...")
    number: Number | None = Field(None, description="... belongs to this ticket.")


class Leave(Command):
    """The shopper will not wait any longer."""

    reason: LeaveReason = ""


class Away(Command):
    """The shopper needs more time and keeps the place."""

    minutes: float = Field(10.0, gt=0, le=240)


class Service(Command):
    """The shopper wants another service."""

    service: Name


class Content(Command):
    """The shopper finished reading or playing this."""

    item: Name


class Rate(Command):
    """One to five stars."""

    stars: int = Field(ge=1, le=5)


class PushKeys(Body):
    """The browser's own keys."""

    p256dh: Annotated[str, StringConstraints(pattern=r"^[\w=-]{80,100}$")]
    auth: Annotated[str, StringConstraints(pattern=r"^[\w=-]{16,30}$")]


class Push(BaseModel):
    """A browser's push subscription, as it gives it."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, defer_build=True)

    endpoint: Annotated[str, StringConstraints(max_length=1000, pattern=r"^https?://[!-~]+$")]
    keys: PushKeys


Address = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^(\+?[0-9 ().-]{4,24}|[^@\s<>\"]+@[^@\s<>\"]+\.[a-z]{2,})?$")
]


class Reach(Command):
    """How to tell me when the page is closed."""

    push: Push | None = None
    address: Address | None = Field(None, description='A telephone number or e-mail address; "" takes it back.')


class Needs(Command):
    """What the visit is about: everything from a list, nothing needed."""

    whom: Literal["me", "gift", "work"] | None = None
    use: Literal["new", "replace", "repair", "compare"] | None = None
    budget: Literal["low", "middle", "high", "open"] | None = None
    size: Literal["small", "medium", "large"] | None = None


class On(Command):
    """Come on duty; a desk only where it differs from the plan. Skills are the manager's to decide, in the settings."""

    desk: Annotated[str, StringConstraints(max_length=40)] | None = None


class Pause(Command):
    """Take a break, now or right after the visit."""

    reason: PauseReason = "break"
    minutes: float | None = Field(None, gt=0, le=480)


class OnTicket(Command):
    """Do it to this ticket."""

    ticket: UUID


class Decline(OnTicket):
    """Not this one, and why."""

    reason: DeclineReason


class Finish(OnTicket):
    """The step is over; ``steps`` replaces what is left of the visit."""

    steps: Steps | None = None


class Transfer(OnTicket):
    """To another service, a colleague, or both."""

    service: Name | None = None
    to: Name | None = None


class Void(OnTicket):
    """Not a shopper, and why."""

    reason: VoidReason = "duplicate"


class Close(Command):
    """Take no more shoppers; ``cut`` also sends away those who wait."""

    cut: bool = False


class SignIn(Body):
    """Who signs in, and their PIN."""

    store: Name
    salesperson: Name
    pin: Annotated[str, StringConstraints(min_length=4, max_length=64)]


Pin = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")]


class Code(Body):
    """A code that a manager, or the server's first start, has made."""

    code: Annotated[str, StringConstraints(min_length=4, max_length=40)]


class Setup(Code):
    """The first manager chooses a PIN."""

    salesperson: Name
    pin: Pin


class NewCode(Body):
    """What the device will be, and what it is called in the list."""

    profile: Annotated[str, StringConstraints(pattern="^(kiosk|board|printer|staff)$")]
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class OneDevice(Body):
    """This device."""

    device: Name


class OnePerson(Body):
    """This person."""

    salesperson: Name


class NewPin(OnePerson):
    """Somebody's new PIN: a manager's has at least six digits."""

    pin: Pin


class ChangePin(Body):
    """One's own PIN, and the one that replaces it."""

    old: Annotated[str, StringConstraints(min_length=4, max_length=64)]
    new: Pin


class Hello(Body):
    """The first message on a socket. ``{"token", "seen"}`` is enough for a phone, ``{"seen"}`` for a salesperson's screen."""

    type: Annotated[str, StringConstraints(pattern="^hello$")] = "hello"
    token: Annotated[str, StringConstraints(max_length=128)] | None = Field(None, description="The phone's, on /ws/phone.")
    store: Name | None = Field(None, description="On /ws/board; may be left out where the server has one store only.")
    screen: Annotated[str, StringConstraints(pattern="^(staff|floor|board|kiosk)$")] | None = Field(
        None, description='"board" (the default) or "kiosk" on /ws/board, "staff" (the default) or "floor" on /ws/staff.'
    )
    seen: int | None = Field(None, ge=0, description="seq of the newest view the screen has.")


B = TypeVar("B", bound=BaseModel)


async def read(request: Request, model: type[B], most: int = BODY_BYTES) -> B:
    """The request's body, of ``most`` bytes, as ``model``; or a Problem that says what is wrong with it."""
    if not JSON_TYPE.fullmatch(request.headers.get("content-type", "").strip()):
        raise Problem("wrong_content_type")
    return parse(await _bounded(request, most), model)


def parse(raw: bytes | str, model: type[B]) -> B:
    """JSON text as ``model``, or Problem ``bad_json`` / ``bad_field`` (which names the field, never its value)."""
    try:
        return model.model_validate_json(raw)
    except ValidationError as invalid:
        raise _explained(invalid) from None


async def _bounded(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > most:
        raise Problem("too_large", {"max_bytes": most})
    body = bytearray()
    try:
        async with asyncio.timeout(limits.BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise Problem("too_large", {"max_bytes": most})
    except TimeoutError:
        raise Problem("request_late") from None
    except ClientDisconnect:
        raise Problem("bad_json") from None
    return bytes(body)


def _explained(invalid: ValidationError) -> Problem:
    error = invalid.errors(include_url=False, include_input=False, include_context=False)[0]
    if error["type"] in ("json_invalid", "json_type", "string_unicode"):
        return Problem("bad_json")
    field = ".".join(_printable(part) for part in error["loc"]) or "body"
    problem = error["msg"].rstrip(".")
    if problem[1:2].islower():
        problem = problem[0].lower() + problem[1:]
    return Problem("bad_field", {"field": field, "problem": problem})


def _printable(part: Any) -> str:
    """A field's name as it may be shown: a client's own invention is cut to what a name looks like."""
    return re.sub(r"[^\w.-]", "?", str(part))[:40]
