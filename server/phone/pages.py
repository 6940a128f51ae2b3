"""The shells of the two phone pages. The ticket's token stays behind the ``#``: no server log ever sees it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.web import look
from server.web.pages import page
from server.web.wiring import house


async def join(request: Request) -> Response:
    """Take a ticket with one's own phone."""
    config = house(request).live.store(request.path_params["store"])
    return page(request, "phone/join.html", store=config.id, name=config.name, look=look.about(config.look))


async def ticket(request: Request) -> Response:
    """Follow one's turn; which ticket, only the phone knows."""
    return page(request, "phone/ticket.html")


def routes() -> list[Route]:
    """The pages of this room."""
    return [Route("/s/{store}", join), Route("/t/", ticket), Route("/t", ticket, name="ticket_bare")]
