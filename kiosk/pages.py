"""The shells of the kiosk and of the board: words and addresses; what moves comes over the socket."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.web import i18n, look
from server.web.pages import page
from server.web.wiring import house


async def kiosk(request: Request) -> Response:
    """The touch screen at the entrance of a store."""
    return page(request, "kiosk/kiosk.html", **_store(request))


async def board(request: Request) -> Response:
    """The screen on the wall that shows and says who is called."""
    return page(request, "kiosk/board.html", **_store(request))


def _store(request: Request) -> dict[str, Any]:
    """The store of the address, how it looks, and the languages it offers, in its own order."""
    store = request.path_params["store"]
    config = house(request).live.store(store)
    offered = [language for language in config.languages if language in i18n.languages()] or [i18n.DEFAULT]
    return {"store": store, "name": config.name, "look": look.about(config.look), "offered": offered}


def routes() -> list[Route]:
    """The pages of this room."""
    return [Route("/s/{store}/kiosk", kiosk), Route("/s/{store}/board", board)]
