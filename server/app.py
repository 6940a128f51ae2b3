"""The single composition root: every part of the server is made and connected here, and nowhere else."""

from importlib import import_module
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.settings import Settings
from server.web import files
from server.web.pages import page
from server.web.policies import Policy, Who, door, shells
from server.web.problems import Problem, on_http_exception, on_problem
from server.web.security import SecurityHeaders, check_request

FACES = ("kiosk.pages", "server.phone.pages", "staff_app.pages")


async def home(request: Request) -> Response:
    """What is here."""
    return page(request, "web/home.html", stores=[])


def build_app(settings: Settings) -> Starlette:
    """The whole application, ready for an ASGI server; its lifespan starts and stops the live part."""
    app = Starlette(
        routes=[door("/", home, Who.PUBLIC), *files.routes(), *_faces()],
        middleware=[Middleware(SecurityHeaders, settings=settings), Middleware(files.Compressed)],
        exception_handlers={Problem: on_problem, HTTPException: on_http_exception},
    )
    app.router.redirect_slashes = False
    app.state.settings = settings

    async def guard(request: Request, policy: Policy) -> None:
        check_request(request, policy, settings)

    app.state.guard = guard
    return app


def _faces() -> list[BaseRoute]:
    found: list[Any] = []
    for name in FACES:
        try:
            found += import_module(name).routes()
        except ModuleNotFoundError as missing:
            if missing.name is None or not name.startswith(missing.name):
                raise
    return shells(found)
