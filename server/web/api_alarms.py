"""What is coming: alarms on the next half hour, and the outlook on the next hour, for who runs the store."""

from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.web import answers
from server.web.api_shopper import STORE
from server.web.policies import About, Who, door
from server.web.view_shapes import Instant, Shape
from server.web.wiring import house


class AlarmShape(Shape):
    """At ``crosses_at`` the wait that nine in ten do not exceed passes ``limit_s``; null: nobody is expected to serve them.

    ``helped_s``: what one more person, five minutes after the alarm was raised, would make of ``worst_s``.
    """

    service: str
    raised_at: Instant
    crosses_at: Instant
    limit_s: float
    worst_s: float | None
    helped_s: float | None


class Curve(Shape):
    """The waits of who joins ``ahead_s`` from now: one in two, and nine in ten, do not exceed these."""

    p50_s: list[float | None]
    p90_s: list[float | None]


class AlarmsShape(Shape):
    """As of the look at ``at``; null before the first."""

    at: Instant | None
    alarms: list[AlarmShape]
    ahead_s: list[float]
    outlook: dict[str, Curve]


class Looker(Protocol):
    """Who looks ahead (``server.alarms``)."""

    def report(self, store: str) -> dict[str, Any]:
        """What is up in this store."""
        ...


async def alarms(request: Request) -> Response:
    """Alarms on the future, and the next hour of each service."""
    looker: Looker = request.app.state.alarms
    return answers.json(looker.report(house(request).live.store(request.path_params["store"]).id))


def routes() -> list[BaseRoute]:
    """The door of the alarms."""
    return [door(f"{STORE}/alarms", alarms, Who.VIEWER, about=About(AlarmsShape))]
