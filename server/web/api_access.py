"""Who and what gets in: codes and devices, the first manager, sessions, PINs."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server import log
from server.journal.accounts import Person, Session
from server.journal.devices import Device
from server.rules.views import iso
from server.web import answers, bodies, catalogue, roles, shapes
from server.web.api_shopper import base
from server.web.api_staff import employed, signed_in
from server.web.devices import FOUND, SETUP, Kind
from server.web.pages import page
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import House, house

DEVICE = "/api/v1/device"
MANAGER_PIN_DIGITS = 6
RUNS = ("01234567890", "09876543210")


async def setup_page(request: Request) -> Response:
    """Where a code is typed: it makes the first manager, or enrols this browser."""
    return page(request, "web/setup.html")


async def access_page(request: Request) -> Response:
    """The devices of a store, its people's PINs and sessions, for managers."""
    return page(request, "web/access.html")


async def look(request: Request) -> Response:
    """What a code is for."""
    body = await bodies.read(request, bodies.Code)
    rooms = at_a_measured_pace(request)
    found = await rooms.devices.look(body.code)
    if found.profile == FOUND:
        return answers.json({"store": "", "store_name": "", "profile": FOUND, "name": found.name, "people": []})
    config = rooms.live.store(found.store)
    managers = [p for id, p in config.salespeople.items() if found.profile == SETUP and p.role in roles.MANAGES]
    people = [{"id": id, "name": p.name, "role": p.role} for id, p in config.salespeople.items() if p in managers]
    told = {"store": found.store, "store_name": config.name, "profile": found.profile, "name": found.name, "people": people}
    return answers.json(told)


async def set_up(request: Request) -> Response:
    """The first manager's PIN; this browser is then a staff device, and the manager signed in."""
    body = await bodies.read(request, bodies.Setup)
    rooms = at_a_measured_pace(request)
    found = await rooms.devices.look(body.code)
    person = await employed(rooms, found.store, body.salesperson)
    if found.profile != SETUP or person is None or person.role not in roles.MANAGES or await has_manager(rooms, found.store):
        raise Problem("wrong_code")
    check_pin(body.pin, person.role)
    token, device = await rooms.devices.enrol(body.code, Kind.STAFF)
    await rooms.accounts.set_pin_hash(person.store, person.id, await rooms.pins.hash(body.pin))
    log.get().info("set_up", store=person.store, person=person.id, device=device.id)
    response = await signed_in(request, person, device.id)
    rooms.devices.set_cookie(response, token)
    return response


async def enrol(request: Request) -> Response:
    """This browser, or program, is a device of the store from now on."""
    body = await bodies.read(request, bodies.Code)
    rooms = at_a_measured_pace(request)
    if (await rooms.devices.look(body.code)).profile in (SETUP, FOUND):
        raise Problem("wrong_code")
    token, device = await rooms.devices.enrol(body.code)
    log.get().info("device_enrolled", store=device.store, device=device.id, profile=device.profile)
    if device.profile == Kind.PRINTER:
        return answers.json({**_own(device), "token": token}, 201)
    response = answers.json(_own(device), 201)
    rooms.devices.set_cookie(response, token)
    return response


async def own_device(request: Request) -> Response:
    """The device that asks; null for any other browser."""
    device: Device | None = request.state.device
    return answers.json(_own(device) if device else None)


async def give_up(request: Request) -> Response:
    """This device is none any more, and its sessions end."""
    device: Device = request.state.device
    rooms = house(request)
    await rooms.devices.revoke(device.store, device.id)
    log.get().info("device_revoked", store=device.store, device=device.id)
    response = Response(status_code=204)
    rooms.devices.drop_cookie(response)
    return response


async def own_sessions(request: Request) -> Response:
    """Where I am signed in."""
    current: Session = request.state.session
    rooms = house(request)
    found = [s for s in await rooms.accounts.sessions(current.store, current.person) if not rooms.sessions.over(s)]
    return answers.json([_session(session, current) for session in found])


async def end_own_sessions(request: Request) -> Response:
    """I am signed out everywhere, and my sockets close."""
    current: Session = request.state.session
    rooms = house(request)
    await rooms.sessions.end_all(current.store, current.person)
    response = Response(status_code=204)
    rooms.sessions.drop_cookie(response)
    return response


async def change_pin(request: Request) -> Response:
    """My new PIN; I am signed out everywhere else."""
    current: Session = request.state.session
    body = await bodies.read(request, bodies.ChangePin)
    rooms = house(request)
    person = await employed(rooms, current.store, current.person)
    await rooms.pins.check((current.store, current.person), body.old, person.pin_hash if person else None)
    assert person is not None
    check_pin(body.new, person.role)
    await _renew(rooms, person, body.new)
    return await signed_in(request, person, current.device)


async def access(request: Request) -> Response:
    """Everybody and every device that gets into this store."""
    current: Session = request.state.session
    rooms = house(request)
    config = rooms.live.store(current.store)
    open_now = [s.person for s in await rooms.accounts.sessions(current.store) if not rooms.sessions.over(s)]
    people = [p for p in await rooms.accounts.people(current.store) if p.id in config.salespeople]
    told = [
        {"id": p.id, "name": p.name, "role": p.role, "has_pin": p.pin_hash is not None, "sessions": open_now.count(p.id)} for p in people
    ]
    return answers.json({"people": told, "devices": [_listed(d) for d in await rooms.devices.registry.devices(current.store)]})


async def new_code(request: Request) -> Response:
    """A code that enrols one device, good for a quarter of an hour."""
    current: Session = request.state.session
    body = await bodies.read(request, bodies.NewCode)
    code, expires_at = await house(request).devices.code(current.store, body.profile, body.name)
    log.get().info("code_made", store=current.store, person=current.person, profile=body.profile)
    told = {"code": code, "profile": body.profile, "name": body.name, "expires_at": iso(expires_at), "url": f"{base(request)}/setup"}
    return answers.json(told, 201)


async def revoke(request: Request) -> Response:
    """This device is nobody from now on: its sessions end and its sockets close."""
    current: Session = request.state.session
    body = await bodies.read(request, bodies.OneDevice)
    await house(request).devices.revoke(current.store, body.device)
    log.get().info("device_revoked", store=current.store, person=current.person, device=body.device)
    return Response(status_code=204)


async def end_sessions(request: Request) -> Response:
    """This person is signed out everywhere."""
    current: Session = request.state.session
    body = await bodies.read(request, bodies.OnePerson)
    await house(request).sessions.end_all(current.store, body.salesperson)
    log.get().info("sessions_ended", store=current.store, person=current.person)
    return Response(status_code=204)


async def new_pin(request: Request) -> Response:
    """Somebody's new PIN; they are signed out everywhere, and a lock is lifted."""
    current: Session = request.state.session
    body = await bodies.read(request, bodies.NewPin)
    rooms = house(request)
    person = await employed(rooms, current.store, body.salesperson)
    if person is None:
        raise Problem("unknown_salesperson")
    if (request.state.home, current.person) == (person.store, person.id):
        raise Problem("not_allowed", {"field": "salesperson"})  # /api/v1/session/pin asks for the old one
    roles.check_over(house(request).live, request.state.home, current.person, person.role)
    check_pin(body.pin, person.role)
    await _renew(rooms, person, body.pin)
    log.get().info("pin_set", store=current.store, person=person.id)
    return Response(status_code=204)


def routes() -> list[BaseRoute]:
    """Codes, devices, sessions, PINs, and the two pages for them."""
    manager = catalogue.MANAGER
    return [
        door("/setup", setup_page, Who.PUBLIC),
        door("/manager/access", access_page, Who.PUBLIC),
        door("/api/v1/codes", look, Who.PUBLIC, "POST", about=About(shapes.CodeFor, bodies.Code)),
        door("/api/v1/setup", set_up, Who.PUBLIC, "POST", cookie=True, about=About(shapes.SignedIn, bodies.Setup, 201)),
        door(DEVICE, enrol, Who.PUBLIC, "POST", cookie=True, about=About(shapes.OwnDevice, bodies.Code, 201)),
        door(DEVICE, own_device, Who.PUBLIC, about=About(shapes.WhicheverDevice)),
        door(DEVICE, give_up, Who.DEVICE, "DELETE", about=About(status=204)),
        door("/api/v1/sessions", own_sessions, Who.SIGNED_IN, about=About(shapes.OneSession, many=True)),
        door("/api/v1/sessions", end_own_sessions, Who.SIGNED_IN, "DELETE", about=About(status=204)),
        door("/api/v1/session/pin", change_pin, Who.SIGNED_IN, "POST", about=About(shapes.SignedIn, bodies.ChangePin, 201)),
        door(f"{manager}/access", access, Who.MANAGER, about=About(shapes.Access)),
        door(f"{manager}/codes", new_code, Who.MANAGER, "POST", about=About(shapes.MadeCode, bodies.NewCode, 201)),
        door(f"{manager}/devices/revoke", revoke, Who.MANAGER, "POST", about=About(None, bodies.OneDevice, 204)),
        door(f"{manager}/sessions/end", end_sessions, Who.MANAGER, "POST", about=About(None, bodies.OnePerson, 204)),
        door(f"{manager}/pins", new_pin, Who.MANAGER, "POST", about=About(None, bodies.NewPin, 204)),
    ]


async def has_manager(rooms: House, store: str) -> bool:
    """Whether somebody can sign in as a manager of this store."""
    config = rooms.live.store(store)
    can = {id for id, person in config.salespeople.items() if person.role in roles.MANAGES}
    return any(p.pin_hash and p.id in can for p in await rooms.accounts.people(store))


def check_pin(pin: str, role: str) -> None:
    """Problem ``weak_pin`` for one that is too short for the role, one digit only, or a run of digits."""
    long = role in roles.DESK
    short = long and len(pin) < MANAGER_PIN_DIGITS
    if short or len(set(pin)) == 1 or any(pin in run for run in RUNS):
        raise Problem("weak_pin", {"digits": MANAGER_PIN_DIGITS if long else 4})


async def _renew(rooms: House, person: Person, pin: str) -> None:
    await rooms.accounts.set_pin_hash(person.store, person.id, await rooms.pins.hash(pin))
    await rooms.devices.registry.forgive(person.store, person.id)
    await rooms.sessions.end_all(person.store, person.id)


def at_a_measured_pace(request: Request) -> House:
    """The house; Problem for an address that tries too many codes."""
    rooms = house(request)
    if wait_s := rooms.sign_ins.wait_s(request.client.host if request.client else "", rooms.wall.now()):
        raise Problem("too_many", retry_after_s=wait_s)
    return rooms


def _own(device: Device) -> dict[str, str]:
    return {"id": device.id, "store": device.store, "profile": device.profile, "name": device.name}


def _listed(device: Device) -> dict[str, str | None]:
    return {
        "id": device.id, "profile": device.profile, "name": device.name,
        "created_at": iso(device.created_at), "revoked_at": iso(device.revoked_at),
    }  # fmt: skip


def _session(session: Session, current: Session) -> dict[str, str | bool | None]:
    return {
        "salesperson": session.person, "device": session.device, "created_at": iso(session.created_at), "seen_at": iso(session.seen_at),
        "current": session.token_hash == current.token_hash,
    }  # fmt: skip
