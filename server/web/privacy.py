"""What is kept about people, for anybody to read: the registry, in the reader's language, with the stores' own durations."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.journal.personal import REGISTRY
from server.web.pages import page
from server.web.policies import Who, door
from server.web.wiring import house


async def privacy(request: Request) -> Response:
    """Every kind of personal data: what, why, for how long."""
    return page(request, "web/privacy.html", kinds=REGISTRY, stores=house(request).live.stores())


def routes() -> list[BaseRoute]:
    """One page."""
    return [door("/privacy", privacy, Who.PUBLIC)]
