"""Static files and message catalogues: revalidated at every use, so that an update is seen at once."""

import hashlib

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from server.web import i18n
from server.web.pages import ROOMS
from server.web.policies import Who, door, public_files
from server.web.problems import Problem

REVALIDATE = "no-cache"


class Files(StaticFiles):
    """A directory of files with ETags; browsers keep them and ask each time whether they changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be revalidated before each use."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = REVALIDATE
        return response


class Compressed:
    """Compresses pages, files and things to read, never other API answers: compressing secrets beside foreign text leaks them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.compressing = GZipMiddleware(app, minimum_size=800, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, compressed where that is harmless."""
        public = scope["type"] == "http" and (not scope["path"].startswith("/api/") or _to_read(scope))
        await (self.compressing if public else self.app)(scope, receive, send)


def _to_read(scope: Scope) -> bool:
    """Things to read; a phone's command ends like their address."""
    return bool(scope["method"] == "GET" and scope["path"].endswith("/content"))


async def worker(request: Request) -> Response:
    """The service worker. It lives at the root, because it may only look after pages below its own address."""
    return FileResponse(ROOMS["web"] / "static" / "js" / "sw.js", media_type="text/javascript", headers={"Cache-Control": REVALIDATE})


async def messages(request: Request) -> Response:
    """The flat catalogue of one language, for scripts; ``?rooms=phone,errors`` asks for those rooms only."""
    language = request.path_params["language"]
    if language not in i18n.languages():
        raise Problem("not_found")
    rooms = request.query_params.get("rooms", "")
    body = i18n.catalogue_json(language, tuple(rooms.split(",")) if rooms else ())
    return cached(request, body, f'"{_digest(body)}"')


def cached(request: Request, body: bytes, etag: str, media_type: str = "application/json", keep: str = REVALIDATE) -> Response:
    """``body``, or 304 without it when the caller has this very version; ``keep`` says who may keep it."""
    out = {"ETag": etag, "Cache-Control": keep}
    known = request.headers.get("if-none-match", "")
    if known == "*" or etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]:
        return Response(None, 304, out)
    return Response(body, 200, out, media_type)


def routes() -> list[BaseRoute]:
    """Static files of every room that has some, and the catalogues."""
    rooms = [(name, directory / "static") for name, directory in ROOMS.items()]
    mounts: list[BaseRoute] = [
        public_files(f"/static/{name}", Files(directory=directory), f"static_{name}") for name, directory in rooms if directory.is_dir()
    ]
    return [*mounts, door("/sw.js", worker, Who.PUBLIC), door("/i18n/{language}.json", messages, Who.PUBLIC)]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
