"""Signing in, and what a salesperson may see and do."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server import log
from server.journal.accounts import Person, Session
from server.web import answers, bodies, catalogue, roles, shapes, vocabulary
from server.web.api_shopper import STORE
from server.web.catalogue import Entry
from server.web.devices import Kind
from server.web.policies import About, Endpoint, Who, door
from server.web.problems import Problem
from server.web.wiring import House, house

SESSION = "/api/v1/session"


async def people(request: Request) -> Response:
    """Who can sign in here: for the sign-in screen of the store's own tablets, and for whoever is signed in."""
    rooms = house(request)
    config = rooms.live.store(request.path_params["store"])
    if await rooms.sessions.current(request) is None:
        _device(request, rooms, config.id)
    else:
        await rooms.guard.signed_in(request, Who.SIGNED_IN, config.id)
    known = [person for person in await rooms.accounts.people(config.id) if person.id in config.salespeople]
    return answers.json([{"id": person.id, "name": person.name, "role": person.role} for person in known])


async def sign_in(request: Request) -> Response:
    """A new session for the right PIN on an enrolled device; whatever session the browser had is over."""
    body = await bodies.read(request, bodies.SignIn)
    rooms = house(request)
    address = request.client.host if request.client else ""
    if wait_s := rooms.sign_ins.wait_s(address, rooms.wall.now()):
        raise Problem("too_many", retry_after_s=wait_s)
    device = _device(request, rooms, body.store)
    person = await employed(rooms, body.store, body.salesperson)
    try:
        await rooms.pins.check((body.store, body.salesperson) if person else None, body.pin, person.pin_hash if person else None)
    except Problem as refused:
        log.get().warning("sign_in_refused", store=body.store, person=person.id if person else None, device=device, code=refused.code)
        raise
    assert person is not None, "nobody's PIN is never right"
    return await signed_in(request, person, device)


async def signed_in(request: Request, person: Person, device: str | None) -> Response:
    """A new session in this browser instead of the one it had, as the answer that sets its cookie."""
    told = {"salesperson": person.id, "name": person.name, "role": person.role, "store": person.store}
    response = answers.json(told, 201)
    await set_session(request, response, person, device)
    return response


async def set_session(request: Request, response: Response, person: Person, device: str | None) -> None:
    """Begin the session and put its cookie on ``response``; the session this browser had is over."""
    rooms = house(request)
    if (before := await rooms.sessions.current(request)) is not None:
        await rooms.sessions.end(before.token_hash)
    token, _ = await rooms.sessions.begin(person.store, person.id, person.role, device)
    rooms.sessions.set_cookie(response, token)
    log.get().info("signed_in", store=person.store, person=person.id, device=device)


def _device(request: Request, rooms: House, store: str) -> str | None:
    """The staff device of this store that asks; in the demonstration every browser is one. Problem otherwise."""
    device = request.state.device
    if device is not None and (device.profile, device.store) == (Kind.STAFF, store):
        return str(device.id)
    if rooms.settings.demo:
        return None
    raise Problem("device_needed")


async def session(request: Request) -> Response:
    """Who is signed in; null for nobody, which is no error: every first visit asks."""
    rooms = house(request)
    current = await rooms.sessions.current(request)
    person = await employed(rooms, current.store, current.person) if current else None
    return answers.json(_session(current, person) if current and person else None)


async def sign_out(request: Request) -> Response:
    """The session is over, and its sockets close."""
    rooms, current = house(request), request.state.session
    await rooms.sessions.end(current.token_hash)
    response = Response(status_code=204)
    rooms.sessions.drop_cookie(response)
    return response


async def staff_view(request: Request) -> Response:
    """My screen."""
    current: Session = request.state.session
    return answers.view(request, current.store, ("staff", current.person))


def routes() -> list[BaseRoute]:
    """Sessions and the salesperson's API, the commands read from the catalogue."""
    return [
        door(f"{STORE}/people", people, Who.PUBLIC, about=About(shapes.PersonName, many=True)),
        door(SESSION, sign_in, Who.PUBLIC, "POST", cookie=True, about=About(shapes.SignedIn, bodies.SignIn, 201)),
        door(SESSION, session, Who.PUBLIC, about=About(shapes.Whoever)),
        door(SESSION, sign_out, Who.SIGNED_IN, "DELETE", about=About(status=204)),
        door(f"{STORE}/views/staff", staff_view, Who.STAFF, about=About(shapes.StaffView)),
        *(command_door(entry) for entry in catalogue.STAFF_COMMANDS),
    ]


def command_door(entry: Entry) -> Route:
    """The door of a command that somebody signed in sends."""
    return door(entry.path, _endpoint(entry), entry.who, "POST", about=About(shapes.Done, entry.body))


def _endpoint(entry: Entry) -> Endpoint:
    """The person is the command's sender, whatever browser they use: a repeat after signing in again is the same command."""

    async def endpoint(request: Request) -> Response:
        current: Session = request.state.session
        body = await bodies.read(request, entry.body)
        vocabulary.check(house(request), current.store, body)
        asked = entry.command(body, current.person)
        return answers.json(await answers.submit(request, current.store, body.id, asked, sender(request)))

    endpoint.__name__, endpoint.__doc__ = f"{entry.who}_{entry.name}", entry.rule.__doc__
    return endpoint


def sender(request: Request) -> str:
    """Who gives a command: the person, with where they are at home when that is another store."""
    current: Session = request.state.session
    home = request.state.home
    return f"person:{current.person}" if home == current.store else f"person:{current.person}@{home}"


async def employed(rooms: House, store: str, id: str) -> Person | None:
    """Somebody who works in the store today; the store's settings decide that, and the role."""
    known = roles.employed(rooms.live, store, id)
    person = await rooms.accounts.person(store, id) if known else None
    return replace(person, name=known.name, role=known.role) if known and person else None


def _session(current: Session, person: Person) -> dict[str, str]:
    return {"salesperson": current.person, "name": person.name, "role": person.role, "store": current.store}
