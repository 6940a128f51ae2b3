"""What anybody in the store may ask: the wait before joining, a ticket, the public screens."""

import io
from typing import Any

import segno
from pydantic_core import from_json, to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.rules import commands as rules
from server.rules.views import iso
from server.web import answers, bodies, catalogue, look, presence, shapes, vocabulary
from server.web.files import cached
from server.web.limits import Toll
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import house

STORE = "/api/v1/stores/{store}"


async def clock(request: Request) -> Response:
    """The store's clock: screens count from it, not from the phone's."""
    ticking = house(request).live.clock
    return answers.json({"now": iso(ticking.now()), "speed": ticking.speed})


async def stores(request: Request) -> Response:
    """The stores of this server."""
    return answers.json({"stores": [{"id": config.id, "name": config.name} for config in house(request).live.stores()]})


async def store(request: Request) -> Response:
    """The kiosk's view with the store's name and its own texts."""
    live, id = house(request).live, request.path_params["store"]
    seq, body = live.view(id, ("kiosk",))
    config = live.store(id)
    whole = {**from_json(body), "name": config.name, "zone": config.zone, "notices": config.notices, "texts": config.texts}
    whole["presence"], whole["look"] = config.presence, look.about(config.look)
    whole["bookable"] = config.booking.services
    whole["usual_s"] = {id: service.typical_s for id, service in config.services.items()}
    return cached(request, to_json(whole), f'"{seq}"')


async def join(request: Request) -> Response:
    """A ticket: number, the phone's secret link, and its first view. With ``qr``, the link as SVG too."""
    _may_join(request)
    body = await bodies.read(request, bodies.Join)
    rooms, id = house(request), request.path_params["store"]
    vocabulary.check(rooms, id, body)
    is_here(request, id, body.presence or "")
    _may_say_when(request, body)
    command = catalogue.join(body)
    told = await answers.submit(request, id, body.id, command, f"join:{id}", catalogue.contact(body), toll(request))
    return joined(request, command.ticket, told, with_qr=body.qr)


def joined(request: Request, ticket: str, told: dict[str, Any], *, with_qr: bool) -> Response:
    """The answer to whoever has just got a ticket."""
    token = house(request).live.token(ticket)
    url = f"{base(request)}/t/#{token}"
    extra: dict[str, Any] = {"qr_svg": qr(url)} if with_qr else {}
    return answers.json({"number": told["number"], "token": token, "url": url, "seq": told["seq"], "view": told["view"], **extra}, 201)


async def balk(request: Request) -> Response:
    """Somebody saw the wait and went away; they count."""
    _may_join(request)
    body = await bodies.read(request, bodies.Balk)
    id = request.path_params["store"]
    vocabulary.check(house(request), id, body)
    told = await answers.submit(request, id, body.id, rules.Balk(body.service, body.reason), f"join:{id}", toll=toll(request))
    return answers.json({"seq": told["seq"]}, 201)


async def poster(request: Request) -> Response:
    """The address of the store's join page as a QR code; with the minute's presence code on enrolled screens, if the store wants it."""
    rooms = house(request)
    config = rooms.live.store(request.path_params["store"])
    proof = f"?p={presence.code(rooms.live, config.id, rooms.wall.now())}" if config.presence and request.state.device is not None else ""
    return Response(qr(f"{base(request)}/s/{config.id}{proof}"), media_type="image/svg+xml", headers={"Cache-Control": "no-cache"})


async def board_view(request: Request) -> Response:
    """The public board."""
    return answers.view(request, request.path_params["store"], ("board",))


async def kiosk_view(request: Request) -> Response:
    """The kiosk's first screen."""
    return answers.view(request, request.path_params["store"], ("kiosk",))


def routes() -> list[BaseRoute]:
    """The public API."""
    return [
        door("/api/v1/clock", clock, Who.PUBLIC, about=About(shapes.Clock)),
        door("/api/v1/stores", stores, Who.PUBLIC, about=About(shapes.StoreNames)),
        door(STORE, store, Who.PUBLIC, about=About(shapes.StoreView)),
        door(f"{STORE}/tickets", join, Who.PUBLIC, "POST", about=About(shapes.Joined, bodies.Join, 201)),
        door(f"{STORE}/balks", balk, Who.PUBLIC, "POST", about=About(shapes.Done, bodies.Balk, 201)),
        door(f"{STORE}/qr.svg", poster, Who.PUBLIC),
        door(f"{STORE}/views/board", board_view, Who.PUBLIC, about=About(shapes.BoardView)),
        door(f"{STORE}/views/kiosk", kiosk_view, Who.PUBLIC, about=About(shapes.KioskView)),
    ]


def base(request: Request) -> str:
    """How people reach this server: as set, else as this request did."""
    return house(request).settings.public_url or str(request.base_url).rstrip("/")


def qr(text: str) -> str:
    """A QR code as SVG, sized by its frame, readable by a screen reader as nothing (its link is beside it)."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", xmldecl=False, omitsize=True, border=2, svgclass="qr", lineclass=None)
    return out.getvalue().decode().strip()


def _may_join(request: Request) -> None:
    """Problem where only enrolled devices take tickets and this is none."""
    if not house(request).settings.open_join and request.state.device is None:
        raise Problem("device_needed")


def _may_say_when(request: Request, body: bodies.Join) -> None:
    """An appointment is known by its link or its code; the word of a browser alone would let anybody pass the line."""
    if body.appointment_at is not None and not (request.state.device or request.state.key or house(request).settings.demo):
        raise Problem("device_needed")


def is_here(request: Request, store: str, shown: str) -> None:
    """Problem where one must be in the store to join, and this is neither one of its screens nor a phone that scanned one."""
    rooms = house(request)
    wanted = rooms.live.store(store).presence and request.state.device is None
    if wanted and not presence.is_here(rooms.live, store, rooms.wall.now(), shown):
        raise Problem("presence_needed")


def toll(request: Request) -> tuple[Toll, str]:
    """One device, one key, or one address, joins and balks so often in a minute; a kiosk may send again what it is not sure of."""
    if request.state.device is not None:
        return house(request).joins, f"device {request.state.device.id}"
    if request.state.key is not None:
        return house(request).joins, f"key {request.state.key.id}"
    return house(request).joins, request.client.host if request.client else ""
