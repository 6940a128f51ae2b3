"""Whether the server is well, for the machines that look after it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server import metrics
from server.web import answers, shapes
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import House, house

RETRY_S = 5.0


async def health(request: Request) -> Response:
    """The process answers."""
    return answers.json({"status": "ok"})


async def ready(request: Request) -> Response:
    """Commands can be taken: the journal is well; else 503."""
    live = house(request).live
    if not live.healthy():
        raise Problem("storage_trouble", retry_after_s=RETRY_S)
    return answers.json({"status": "ok", "stores": [store.id for store in live.stores()]})


async def metrics_text(request: Request) -> Response:
    """Prometheus' text format."""
    rooms = house(request)
    return Response(metrics.text(lambda: _refresh(rooms)), headers={"Content-Type": metrics.CONTENT_TYPE})


def routes() -> list[BaseRoute]:
    """Health, readiness, metrics: nothing in them is about a person."""
    return [
        door("/health", health, Who.PUBLIC, about=About(shapes.Status)),
        door("/ready", ready, Who.PUBLIC, about=About(shapes.Status)),
        door("/metrics", metrics_text, Who.OPERATOR),
    ]


def _refresh(rooms: House) -> None:
    metrics.SOCKETS.set(len(rooms.hall))
    metrics.PAUSE.set(rooms.live.pause_s())
    metrics.HEALTHY.set(1 if rooms.live.healthy() else 0)
    for store in rooms.live.stores():
        metrics.OPEN_TICKETS.labels(store.id).set(len(rooms.live.day(store.id).tickets))
