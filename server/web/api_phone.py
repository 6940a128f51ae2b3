"""What the holder of a ticket's link may see and do. The token comes in the Authorization header, never in an address."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.journal import personal
from server.live.links import Link
from server.web import answers, bodies, catalogue, shapes, vocabulary
from server.web.catalogue import Entry
from server.web.policies import About, Endpoint, Who, door
from server.web.wiring import house


async def ticket(request: Request) -> Response:
    """My ticket now."""
    link: Link = request.state.link
    return answers.view(request, link.store, ("phone", link.ticket))


async def forget_me(request: Request) -> Response:
    """Forget what I told about myself; I keep my place, and am called by number."""
    link: Link = request.state.link
    await bodies.read(request, bodies.Command)
    live = house(request).live
    erased = await personal.erase(live.journal, personal.Subject((link.ticket,)), still_waiting=True)
    await live.forget_erased()
    return answers.json({"erased": erased > 0})


def routes() -> list[BaseRoute]:
    """The phone's API, read from the catalogue."""
    commands = [
        door(entry.path, _endpoint(entry), entry.who, "POST", about=About(shapes.PhoneAnswer, entry.body))
        for entry in catalogue.PHONE_COMMANDS
    ]
    return [
        door(catalogue.PHONE, ticket, Who.PHONE, about=About(shapes.PhoneView)),
        door(f"{catalogue.PHONE}/forget", forget_me, Who.PHONE, "POST", about=About(shapes.Forgotten, bodies.Command)),
        *commands,
    ]


def _endpoint(entry: Entry) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        link: Link = request.state.link
        body = await bodies.read(request, entry.body)
        vocabulary.check(house(request), link.store, body)
        command = entry.command(body, link.ticket)
        toll = (house(request).phone_commands, link.ticket)
        return answers.json(await answers.submit(request, link.store, body.id, command, f"ticket:{link.ticket}", toll=toll))

    endpoint.__name__, endpoint.__doc__ = f"ticket_{entry.name}", entry.rule.__doc__
    return endpoint
