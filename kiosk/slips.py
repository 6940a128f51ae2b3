"""The slip, drawn: what a kiosk would send to its receipt printer comes back as SVG or PDF, the same from top to bottom."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kiosk.printer import drawing
from kiosk.printer.slip import Slip
from server.web import bodies
from server.web.policies import Who, door
from server.web.wiring import house

PATH = "/api/v1/stores/{store}/slip"


async def as_svg(request: Request) -> Response:
    """A slip (the texts the kiosk sends its printer) as an SVG picture of 72 mm, for any printer a browser can print on."""
    return _file(drawing.svg(await _slip(request)).encode(), "image/svg+xml", "svg")


async def as_pdf(request: Request) -> Response:
    """A slip as a PDF page of 72 mm; a script that its standard fonts cannot write (Arabic) keeps number, time and QR code."""
    return _file(drawing.pdf(await _slip(request)), "application/pdf", "pdf")


def routes() -> list[BaseRoute]:
    """Both ways of drawing it."""
    return [door(f"{PATH}.svg", as_svg, Who.PUBLIC, "POST"), door(f"{PATH}.pdf", as_pdf, Who.PUBLIC, "POST")]


async def _slip(request: Request) -> Slip:
    house(request).live.store(request.path_params["store"])
    return await bodies.read(request, Slip)


def _file(data: bytes, kind: str, end: str) -> Response:
    """To be kept or printed, never to be opened as a page of this server."""
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="ticket.{end}"'})
