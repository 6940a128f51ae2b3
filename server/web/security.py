"""The rules between browsers and this server: headers on every answer, and no request forged by a foreign page.

Cookies travel with requests that other pages make, so a command that acts on one must show that our own
page (or no browser at all) sent it: a JSON body, the header ``X-Avous: 1``, which a foreign page cannot
add without asking first, and an Origin that is allowed when there is one. Sockets are not covered by the
browser's own rule, so their handshake checks the Origin too.
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.settings import Settings, origin_of
from server.web.policies import Policy
from server.web.problems import Problem

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; media-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
PRINTER_AGENT = "http://127.0.0.1:9163"  # where a kiosk finds the agent of its own slip printer (kiosk/printer)
KIOSK_CSP = CSP.replace("connect-src 'self'", f"connect-src 'self' {PRINTER_AGENT}")
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
FILE_HEADERS = {name: HEADERS[name] for name in ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")}
FILE_PATHS = ("/static/", "/i18n/")
DOCUMENTS = (b"text/html", b"image/svg", b"application/xml", b"text/xml", b"application/pdf")
KIOSK_PAGE = re.compile(r"/s/[^/]+/kiosk")
HSTS = "max-age=31536000; includeSubDomains"
OUR_HEADER = "x-avous"
OWN_SITES = {"same-origin", "none"}  # Sec-Fetch-Site of our pages, and of an address typed by hand


def _raw(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    """Headers as a server sends them."""
    return {name.lower().encode("ascii"): value.encode("ascii") for name, value in headers.items()}


LEAN = _raw(FILE_HEADERS)
KIOSK = _raw({"Content-Security-Policy": KIOSK_CSP})
FRESH = _raw({"Cache-Control": "no-store"})


class SecurityHeaders:
    """Puts the security headers on every HTTP response; API answers are never cached unless they say so.

    Files that cannot be a document (styles, scripts, catalogues, pictures, sounds) carry the two headers
    that matter for them: a phone's first visit loads two dozen of them over a slow line.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.headers = _raw({**HEADERS, **({"Strict-Transport-Security": HSTS} if settings.https else {})})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, adding the headers to the response's start."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._with_ours(scope["path"], list(message.get("headers", ())))
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _with_ours(self, path: str, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """A response's headers with ours in place of its own of the same name. Plain lists: this is done for every answer."""
        said = dict(given)
        lean = path.startswith(FILE_PATHS) and not said.get(b"content-type", b"").startswith(DOCUMENTS)
        ours = LEAN if lean else self.headers
        if KIOSK_PAGE.fullmatch(path):
            ours = {**ours, **KIOSK}
        if b"cache-control" not in said:
            ours = {**ours, **FRESH}
        return [header for header in given if header[0] not in ours] + list(ours.items())


def check_request(request: Request, policy: Policy, settings: Settings) -> None:
    """Problem if a request that changes something cannot be shown to come from our pages or from no page."""
    if not policy.changes:
        return
    check_origin(request, settings)
    if request.headers.get("sec-fetch-site", "none") not in OWN_SITES:
        raise Problem("foreign_origin")
    if policy.forgeable and request.headers.get(OUR_HEADER) != "1":
        raise Problem("header_needed", {"header": "X-Avous: 1"})


def check_handshake(connection: HTTPConnection[Any], cookie: bool, settings: Settings) -> None:
    """Problem if a foreign page opens a socket. A browser always says its Origin; what says none is no browser,
    and must show it with our header, which browsers cannot put on a handshake, before its cookie counts."""
    check_origin(connection, settings)
    if cookie and "origin" not in connection.headers and connection.headers.get(OUR_HEADER) != "1":
        raise Problem("header_needed", {"header": "X-Avous: 1"})


def check_origin(connection: HTTPConnection[Any], settings: Settings) -> None:
    """Problem if an Origin is given that is not allowed: more than one, ``null`` and malformed ones never are."""
    given = connection.headers.getlist("origin")
    if given and (len(given) > 1 or not _allowed(given[0], connection, settings)):
        raise Problem("foreign_origin")


def _allowed(origin: str, connection: HTTPConnection[Any], settings: Settings) -> bool:
    try:
        exact = origin_of(origin) == origin
    except ValueError:
        return False
    if settings.origins:
        return exact and origin in settings.origins
    return exact and origin == _own_origin(connection)


def _own_origin(connection: HTTPConnection[Any]) -> str | None:
    scheme = {"ws": "http", "wss": "https"}.get(connection.url.scheme, connection.url.scheme)
    try:
        return origin_of(f"{scheme}://{connection.headers['host']}")
    except (KeyError, ValueError):
        return None
