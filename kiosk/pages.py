"""The shells of the kiosk and of the board: words and addresses; what moves comes over the socket."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.web.pages import page


async def kiosk(request: Request) -> Response:
    """The touch screen at the entrance of a store."""
    return page(request, "kiosk/kiosk.html", store=request.path_params["store"])


async def board(request: Request) -> Response:
    """The screen on the wall that shows and says who is called."""
    return page(request, "kiosk/board.html", store=request.path_params["store"])


def routes() -> list[Route]:
    """The pages of this room."""
    return [Route("/s/{store}/kiosk", kiosk), Route("/s/{store}/board", board)]
