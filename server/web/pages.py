"""Server-rendered shells: the little HTML each face starts from, with its language and its files.

Templates are found by room (``kiosk/index.html``). A shell holds no personal data and no state of the
store, only words and addresses; what moves comes over the sockets.
"""

from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response

from server.web import i18n

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {
    "web": ROOT / "server" / "web",
    "kiosk": ROOT / "kiosk",
    "phone": ROOT / "server" / "phone",
    "staff_app": ROOT / "staff_app",
    "content": ROOT / "server" / "content",
}
LANGUAGE_COOKIE = "language"


def page(request: Request, template: str, status_code: int = 200, written: str | None = None, **context: Any) -> Response:
    """The rendered page. Templates also see ``t``, ``lang``, ``languages``, ``static``, ``demo`` and ``request``.

    ``written`` names the room whose words the page needs: it is shown in a language that room is written in.
    """
    lang = language_of(request, room=written)
    known = {
        "request": request,
        "lang": lang,
        "languages": i18n.languages(written),
        "t": partial(i18n.t, lang),
        "static": static,
        "demo": request.app.state.settings.demo,
        "sso": request.app.state.settings.oidc_issuer is not None,
    }
    html = templates().get_template(template).render({**known, **context})
    headers = {"Cache-Control": "no-cache", "Content-Language": lang, "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(html, status_code, headers)


def language_of(connection: HTTPConnection[Any], default: str = i18n.DEFAULT, room: str | None = None) -> str:
    """The language asked for by ``?lang=``, else by cookie, else by the browser, else ``default``; of those ``room`` is written in."""
    known = i18n.languages(room)
    for asked in (connection.query_params.get("lang"), connection.cookies.get(LANGUAGE_COOKIE)):
        if asked in known:
            return str(asked)
    return i18n.choose(connection.headers.get("accept-language", ""), known, default)


def static(path: str) -> str:
    """The address of a static file given as ``room/path``."""
    return f"/static/{path}"


@cache
def templates() -> Environment:
    """The templates of all rooms, escaping everything, refusing names nobody gave."""
    loader = FileSystemLoader([room / "templates" for room in ROOMS.values()])
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
