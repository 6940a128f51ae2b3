"""Messages from the machines at the entrance to the people of the store, and the answer "I am coming"."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.web import answers, bodies, shapes
from server.web.alerts import Alert
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import house

ALERTS = "/api/v1/stores/{store}/alerts"


async def tell(request: Request) -> Response:
    """Tell the people of the store; sending the same id again keeps the message up."""
    body = await bodies.read(request, bodies.NewAlert)
    rooms, store = house(request), request.path_params["store"]
    if wait_s := rooms.joins.commands.wait_s(request.client.host if request.client else "", rooms.wall.now()):
        raise Problem("too_many", retry_after_s=wait_s)
    alert = Alert(str(body.id), body.kind, body.place, _now(request), body.slip or "", body.number or "")
    return answers.json(rooms.alerts.tell(rooms.live.store(store).id, alert).shown(), 201)


async def look(request: Request) -> Response:
    """Whether somebody is coming; asked by the screen that called."""
    store, id = request.path_params["store"], request.path_params["alert"]
    return answers.json(house(request).alerts.get(store, id, _now(request)).shown())


async def over(request: Request) -> Response:
    """Never mind, or done."""
    house(request).alerts.over(request.path_params["store"], request.path_params["alert"])
    return answers.json({"over": True})


async def every(request: Request) -> Response:
    """What there is to see to in the store, oldest first."""
    found = house(request).alerts.every(request.path_params["store"], _now(request))
    return answers.json([alert.shown() for alert in found if alert.concerns(request.state.session.person)])


async def take(request: Request) -> Response:
    """I see to it: the screen that called says who is coming."""
    rooms, store = house(request), request.path_params["store"]
    me = request.state.session.person
    name = next((person.name for person in await rooms.accounts.people(store) if person.id == me), me)
    return answers.json(rooms.alerts.take(store, request.path_params["alert"], name, _now(request)).shown())


def routes() -> list[BaseRoute]:
    """The alerts' API. An alert's id is a secret of the screen that made it, so it may look after it."""
    one = f"{ALERTS}/{{alert}}"
    return [
        door(ALERTS, tell, Who.PUBLIC, "POST", about=About(shapes.Alert, bodies.NewAlert, 201)),
        door(ALERTS, every, Who.STAFF, about=About(shapes.Alert, many=True)),
        door(one, look, Who.PUBLIC, about=About(shapes.Alert)),
        door(f"{one}/over", over, Who.PUBLIC, "POST", about=About(shapes.Over)),
        door(f"{one}/take", take, Who.STAFF, "POST", about=About(shapes.Alert)),
    ]


def _now(request: Request) -> float:
    return house(request).live.clock.now()
