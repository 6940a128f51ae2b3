"""What salespeople tell each other: a note for whoever serves the shopper next, a call for help; and where offers reach them."""

from typing import Annotated

from pydantic import Field, StringConstraints
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.journal import reach, staff_pushes
from server.journal.accounts import Session
from server.live.limits import CONTACT_MAX_S
from server.notify.ways import SERVICES, is_push_service, public_key
from server.rules.refusals import Code, Refusal
from server.rules.state import Duty
from server.web import answers, bodies, catalogue, shapes
from server.web.alerts import Alert
from server.web.pages import language_of
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import house

NOTE_MAX = 200


class Note(bodies.OnTicket):
    """What the next colleague should know, in a sentence; empty takes it back. Erased with the visit."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=NOTE_MAX)]


class Help(bodies.Command):
    """Somebody is needed at my desk: this colleague, or whoever is free."""

    to: bodies.Name | None = Field(None)


async def note(request: Request) -> Response:
    """Keep a note with the shopper in my hand: personal, so beside the journal, and gone with the contact."""
    body, session = await bodies.read(request, Note), _session(request)
    live, ticket = house(request).live, str(body.ticket)
    held = live.day(session.store).tickets.get(ticket)
    if held is None:
        raise Problem.refused(Refusal(Code.UNKNOWN_TICKET))
    if held.salesperson != session.person:
        raise Problem.refused(Refusal(Code.NOT_YOURS, {"number": held.number}))
    await reach.put(live.journal, session.store, ticket, live.clock.now() + CONTACT_MAX_S, note=body.text)
    return answers.json({"kept": ["note"]})


async def call_for_help(request: Request) -> Response:
    """Show colleagues that I need somebody, until one says "I see to it". Sent again, it is the same call."""
    body, session = await bodies.read(request, Help), _session(request)
    rooms = house(request)
    day = rooms.live.day(session.store)
    me = day.salespeople.get(session.person)
    if me is None or me.duty is Duty.OFF:
        raise Problem.refused(Refusal(Code.NOT_ON_DUTY))
    if body.to is not None and body.to not in day.plan.salespeople:
        raise Problem.refused(Refusal(Code.UNKNOWN_SALESPERSON))
    held = day.tickets.get(me.ticket or "")
    alert = Alert(
        str(body.id), "colleague", me.desk, rooms.live.clock.now(), number=held.number if held else "", asks=me.name, asker=me.id,
        to=body.to or "",
    )  # fmt: skip
    return answers.json(rooms.alerts.tell(session.store, alert).shown(), 201)


class OfferWays(bodies.Command):
    """The push subscription of this browser, or the one to forget."""

    push: bodies.Push
    forget: bool = False


async def push_key(request: Request) -> Response:
    """The key to subscribe with; null where this server sends no push."""
    key = house(request).settings.push_key
    return answers.json({"push_key": public_key(key.get_secret_value()) if key else None})


async def keep_push(request: Request) -> Response:
    """Tell this browser of offers made to me from now on, or no more."""
    body, session = await bodies.read(request, OfferWays), _session(request)
    rooms = house(request)
    if not is_push_service(body.push.endpoint, (*SERVICES, *rooms.settings.push_hosts)):
        raise Problem("bad_field", {"field": "push.endpoint", "problem": "not the push service of a browser"})
    subscription = to_json(body.push.model_dump(exclude_none=True) | {"language": language_of(request)}).decode()
    if body.forget:
        await staff_pushes.drop(rooms.live.journal, subscription)
    else:
        await staff_pushes.put(rooms.live.journal, session.store, session.person, subscription)
    return answers.json({"kept": [] if body.forget else ["push"]})


def routes() -> list[BaseRoute]:
    """A note, a call, and where offers are told."""
    staff = catalogue.STAFF
    return [
        door(f"{staff}/note", note, Who.STAFF, "POST", about=About(shapes.Kept, Note)),
        door(f"{staff}/push", push_key, Who.STAFF, about=About(shapes.PushKey)),
        door(f"{staff}/push", keep_push, Who.STAFF, "POST", about=About(shapes.Kept, OfferWays)),
        door(f"{staff}/help", call_for_help, Who.STAFF, "POST", about=About(shapes.Alert, Help, 201)),
    ]


def _session(request: Request) -> Session:
    session: Session = request.state.session
    return session
