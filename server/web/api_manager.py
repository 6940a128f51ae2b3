"""What a manager may see and do: the floor, and the business day."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.journal.accounts import Session
from server.live.stores import plan_for
from server.rules.commands import OpenDay
from server.web import answers, bodies, catalogue, shapes
from server.web.api_shopper import STORE
from server.web.api_staff import command_door, sender
from server.web.policies import About, Who, door
from server.web.wiring import house


async def open_day(request: Request) -> Response:
    """Open the store's business day of now, if it is not open already."""
    current: Session = request.state.session
    body = await bodies.read(request, bodies.Command)
    live = house(request).live
    config = live.store(current.store)
    plan = plan_for(config, config.business_day(live.clock.now()))
    return answers.json(await answers.submit(request, current.store, body.id, OpenDay(plan), sender(request)))


async def floor_view(request: Request) -> Response:
    """The whole floor."""
    current: Session = request.state.session
    return answers.view(request, current.store, ("floor",))


def routes() -> list[BaseRoute]:
    """The manager's API."""
    return [
        door(f"{STORE}/views/floor", floor_view, Who.VIEWER, about=About(shapes.FloorView)),
        door(f"{catalogue.MANAGER}/open", open_day, Who.MANAGER, "POST", about=About(shapes.Done, bodies.Command)),
        *(command_door(entry) for entry in catalogue.MANAGER_COMMANDS),
    ]
