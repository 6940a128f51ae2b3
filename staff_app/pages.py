"""The two pages of the store's own people. Both are shells: words and scripts, no data before somebody signs in."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.web.pages import page


def routes() -> list[Route]:
    """``/staff`` for salespeople, ``/manager`` for who runs the store."""
    return [Route("/staff", staff, name="staff"), Route("/manager", manager, name="manager")]


async def staff(request: Request) -> Response:
    """The salesperson's app; it asks for the sign-in by itself."""
    return page(request, "staff/app.html")


async def manager(request: Request) -> Response:
    """The manager's live floor; it asks for the sign-in by itself."""
    return page(request, "staff/floor.html")
