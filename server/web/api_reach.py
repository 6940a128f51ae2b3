"""How a shopper wants to be told when the page is closed, and what they prepare for the visit. Personal: never in the journal."""

import base64
import hashlib
import json
from typing import Final

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.journal import reach
from server.live.limits import CONTACT_MAX_S
from server.live.links import Link
from server.notify.ways import SERVICES, is_push_service, public_key
from server.web import answers, bodies, shapes
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import house

REACH = "/api/v1/ticket/reach"
NEEDS = "/api/v1/ticket/needs"
LATE_S: Final = 30.0  # past the promise before it counts as broken, as the phone's own words have it


async def ways(request: Request) -> Response:
    """What this server offers: the key to subscribe to pushes with, and whether it writes SMS or e-mail."""
    settings = house(request).settings
    key = public_key(settings.push_key.get_secret_value()) if settings.push_key else None
    return answers.json({"push_key": key, "sms": settings.sms_url is not None, "mail": settings.mail_url is not None})


async def keep(request: Request) -> Response:
    """Keep a way to reach me, until the visit is over; empty takes it back."""
    body = await bodies.read(request, bodies.Reach)
    rooms, link = house(request), _link(request)
    known = (*SERVICES, *rooms.settings.push_hosts)
    if body.push is not None and not is_push_service(body.push.endpoint, known):
        raise Problem("bad_field", {"field": "push.endpoint", "problem": "not the push service of a browser"})
    values = {} if body.push is None else {"push": body.push.model_dump_json(exclude_none=True)}
    values |= {} if body.address is None else {"address": body.address}
    await _put(request, link, values)
    request.app.state.herald.watch(link.store, link.ticket)
    return answers.json({"kept": sorted(values)})


async def prepare(request: Request) -> Response:
    """What the visit is about, chosen from lists: the salesperson sees it when they take the ticket."""
    body = await bodies.read(request, bodies.Needs)
    await _put(request, _link(request), {"needs": json.dumps(body.model_dump(exclude={"id"}, exclude_none=True))})
    return answers.json({"kept": ["needs"]})


async def apology(request: Request) -> Response:
    """What the store gives a shopper whom it made wait longer than promised, with a code of theirs alone; 404 when nothing."""
    live, link = house(request).live, _link(request)
    view = from_json(live.view(link.store, ("phone", link.ticket))[1])
    texts = live.store(link.store).apology
    broken = view["promise_s"] is not None and (view["waited_s"] or 0.0) > view["promise_s"] + LATE_S
    if view["outcome"] != "answered" or not broken or not texts:
        raise Problem("not_found")
    code = base64.b32encode(hashlib.sha256(f"apology {live.token(link.ticket)}".encode()).digest())[:6].decode()
    text = texts.get(view["language"]) or texts.get("en") or next(iter(texts.values()))
    return answers.json({"text": text.replace("{code}", code), "code": code})


async def prepared(request: Request) -> Response:
    """What the shopper in hand has prepared, for the salesperson; empty when nothing."""
    journal, store, ticket = house(request).live.journal, request.path_params["store"], request.path_params["ticket"]
    found = (await reach.needs(journal, store, [ticket])).get(ticket, {})
    note = await reach.note(journal, store, ticket)
    return answers.json({**found, **({"note": note} if note else {})})


def routes() -> list[BaseRoute]:
    """The phone's own corner of the contact row."""
    return [
        door(REACH, ways, Who.PHONE, about=About(shapes.Ways)),
        door(REACH, keep, Who.PHONE, "POST", about=About(shapes.Kept, bodies.Reach)),
        door(NEEDS, prepare, Who.PHONE, "POST", about=About(shapes.Kept, bodies.Needs)),
        door("/api/v1/ticket/apology", apology, Who.PHONE, about=About(shapes.Apology)),
        door("/api/v1/stores/{store}/staff/needs/{ticket}", prepared, Who.STAFF, about=About(shapes.Prepared)),
    ]


async def _put(request: Request, link: Link, values: dict[str, str]) -> None:
    live = house(request).live
    await reach.put(live.journal, link.store, link.ticket, live.clock.now() + CONTACT_MAX_S, **values)


def _link(request: Request) -> Link:
    """Whose phone asks; Problem when it asks too often."""
    link: Link = request.state.link
    rooms = house(request)
    if wait_s := rooms.phone_commands.commands.wait_s(link.ticket, rooms.wall.now()):
        raise Problem("too_many", retry_after_s=wait_s)
    return link
