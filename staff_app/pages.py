"""The pages of the store's own people. Both are shells: words and scripts, no data before somebody signs in."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.web.pages import page
from server.web.wiring import house


def routes() -> list[Route]:
    """``/staff`` for salespeople, ``/manager`` for who runs the store: its live floor, its reports, the staffing lab, its settings."""
    return [
        Route("/staff", staff, name="staff"),
        Route("/manager", manager, name="manager"),
        Route("/manager/reports", reports, name="reports"),
        Route("/manager/lab", lab, name="lab"),
        Route("/manager/appointments", appointments, name="appointments"),
        Route("/manager/links", links, name="links"),
        Route("/manager/settings", settings, name="settings"),
    ]


async def staff(request: Request) -> Response:
    """The salesperson's app; it asks for the sign-in by itself."""
    return page(request, "staff/app.html", written="staff", stores=_stores(request))


async def manager(request: Request) -> Response:
    """The manager's live floor; it asks for the sign-in by itself."""
    return page(request, "staff/floor.html", written="manager", stores=_stores(request))


async def reports(request: Request) -> Response:
    """The manager's reports; they ask for the sign-in by themselves."""
    return page(request, "staff/reports.html", written="reports", stores=_stores(request))


async def lab(request: Request) -> Response:
    """The staffing lab; it asks for the sign-in by itself."""
    return page(request, "staff/lab.html", written="lab", stores=_stores(request))


async def settings(request: Request) -> Response:
    """The store's settings, and the way to its first ticket; they ask for the sign-in by themselves."""
    return page(request, "staff/settings.html", written="settings", stores=_stores(request))


async def appointments(request: Request) -> Response:
    """The appointments of a day; it asks for the sign-in by itself."""
    return page(request, "staff/appointments.html", written="desk", stores=_stores(request))


async def links(request: Request) -> Response:
    """API keys and webhooks; it asks for the sign-in by itself."""
    return page(request, "staff/links.html", written="desk", stores=_stores(request))


def _stores(request: Request) -> list[dict[str, Any]]:
    """The stores one can sign in to, as the first question of the sign-in shows them, and what each calls its classes of shoppers."""
    return [{"id": store.id, "name": store.name, "classes": store.class_labels} for store in house(request).live.stores()]
