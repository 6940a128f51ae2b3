"""A staff page in a real Chromium with no server: the real rules answer, over a network the test can cut.

Pages, scripts and words are the real ones; only the wire is pretended, so that a test can lose an answer,
delay a socket or refuse a command at will and see exactly what was sent.
"""

import asyncio
import json
import mimetypes
from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

from playwright.async_api import Browser, Page, Route, WebSocketRoute

from server.rules import commands as c
from server.rules.answers import answer
from server.rules.refusals import Refusal
from server.rules.views import floor_view, iso, staff_view
from server.web import i18n
from server.web.pages import ROOMS, templates
from tests.rules.shop import Shop

ORIGIN = "http://avous.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PAGES = {"/staff": "staff/app.html", "/manager": "staff/floor.html"}
COMMANDS: dict[str, Callable[[dict[str, Any]], c.Command]] = {
    "on": lambda b: c.SignOn("lea"),
    "off": lambda b: c.SignOff("lea"),
    "pause": lambda b: c.Pause("lea", b["reason"], b.get("minutes")),
    "resume": lambda b: c.Resume("lea"),
    "next": lambda b: c.ClaimNext("lea"),
    "claim": lambda b: c.Claim("lea", b["ticket"]),
    "accept": lambda b: c.Accept("lea", b["ticket"]),
    "decline": lambda b: c.Decline("lea", b["ticket"], b["reason"]),
    "recall": lambda b: c.Recall("lea", b["ticket"]),
    "start": lambda b: c.Start("lea", b["ticket"]),
    "finish": lambda b: c.Finish("lea", b["ticket"], tuple(b["steps"]) if "steps" in b else None),
    "still": lambda b: c.ConfirmServing("lea", b["ticket"]),
    "transfer": lambda b: c.Transfer("lea", b["ticket"], b.get("service"), b.get("to")),
    "hand-back": lambda b: c.HandBack("lea", b["ticket"]),
    "no-show": lambda b: c.MarkNoShow("lea", b["ticket"]),
    "void": lambda b: c.Void(b["ticket"], b["reason"], "lea"),
    "undo": lambda b: c.Undo("lea"),
    "close": lambda b: c.CloseDay(),
    "end": lambda b: c.EndDay(),
}


class Desk:
    """Léa's screen (or the manager's floor) on the rules of ``shop``. ``sent`` lists (verb, body) of every try."""

    def __init__(self, shop: Shop, role: str = "salesperson") -> None:
        self.shop = shop
        self.role = role
        self.signed_in = True
        self.down = False
        self.lose_answers = 0  # so many commands are done, and their answers lost
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.receipts: dict[str, tuple[int, dict[str, Any]]] = {}
        self.sockets: list[tuple[WebSocketRoute, str]] = []
        self.troubles: list[str] = []
        self.page: Page

    async def open(self, browser: Browser, path: str = "/staff", lang: str = "en", size: tuple[int, int] = (360, 740)) -> "Desk":
        """The page, opened and drawn."""
        context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=lang)
        self.page = await context.new_page()
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda m: self.troubles.append(m.text) if "Content Security Policy" in m.text else None)
        await self.page.route("**/*", self._serve)
        await self.page.route_web_socket("**/ws/staff", self._socket)
        await self.page.goto(f"{ORIGIN}{path}?lang={lang}")
        return self

    # --- what the test looks at and touches -----------------------------------------------------------------

    async def tap(self, action: str, **data: str) -> None:
        """Touch the one element with this action (and these data attributes)."""
        more = "".join(f'[data-{name}="{value}"]' for name, value in data.items())
        await self.page.locator(f'[data-action="{action}"]{more}').click()

    async def shows(self, selector: str) -> None:
        """Wait until there is such an element."""
        await self.page.locator(selector).first.wait_for(timeout=5000)

    async def gone(self, selector: str) -> None:
        """Wait until there is none."""
        await self.page.locator(selector).first.wait_for(state="detached", timeout=5000)

    async def duty(self, duty: str) -> None:
        """Wait until the screen shows this duty."""
        await self.shows(f'#app[data-duty="{duty}"]')

    async def widest(self) -> list[tuple[int, int]]:
        """The sizes, of phone, tablet, desk and TV, at which the page would scroll sideways."""
        bad = []
        for width, height in ((320, 640), (360, 740), (800, 1280), (1280, 800), (1920, 1080)):
            await self.page.set_viewport_size({"width": width, "height": height})
            if await self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                bad.append((width, height))
        return bad

    def push(self) -> None:
        """Send every socket its view, as the server does after each batch."""
        for socket, screen in self.sockets:
            socket.send(json.dumps(self._view(screen)))

    async def cut(self) -> None:
        """The network is gone: sockets close, requests fail."""
        self.down = True
        for socket, _ in self.sockets:
            await socket.close()
        self.sockets.clear()

    async def mend(self) -> None:
        """The network is back; the browser says so."""
        self.down = False
        await self.page.evaluate("dispatchEvent(new Event('online'))")

    # --- the pretended server -------------------------------------------------------------------------------

    def _view(self, screen: str) -> dict[str, Any]:
        return floor_view(self.shop.day, self.shop.now) if screen == "floor" else staff_view(self.shop.day, "lea", self.shop.now)

    async def _socket(self, socket: WebSocketRoute) -> None:
        if self.down:
            await socket.close(code=1013)
            return

        def hello(message: str | bytes) -> None:
            asked = json.loads(message)
            if asked["type"] == "hello":
                self.sockets.append((socket, asked["screen"]))
                socket.send(json.dumps(self._view(asked["screen"])))

        socket.on_message(hello)
        await asyncio.sleep(0)

    async def _serve(self, route: Route) -> None:
        path = urlparse(route.request.url).path
        if path.startswith("/static/") or path in PAGES:
            await self._file(route, path)
        elif self.down:
            await route.abort()
        else:
            status, body = self._api(route.request.method, path, json.loads(route.request.post_data or "{}"))
            if path.split("/")[-2] in ("staff", "manager") and self.lose_answers > 0:
                self.lose_answers -= 1
                await route.abort()
            else:
                await route.fulfill(status=status, json=body)

    async def _file(self, route: Route, path: str) -> None:
        if path in PAGES:
            await route.fulfill(body=self._shell(route, path), content_type="text/html", headers={"Content-Security-Policy": POLICY})
            return
        room, name = path.removeprefix("/static/").split("/", 1)
        await route.fulfill(path=ROOMS[room] / "static" / name, content_type=mimetypes.guess_type(name)[0])

    def _shell(self, route: Route, path: str) -> str:
        lang = "fr" if "lang=fr" in route.request.url else "en"
        words: dict[str, Any] = {
            "lang": lang,
            "languages": i18n.languages("staff"),
            "static": lambda at: f"/static/{at}",
            "demo": False,
            "sso": False,
        }
        stores = [{"id": "volt", "name": "Volt"}]
        return templates().get_template(PAGES[path]).render(**words, t=lambda key, **kw: i18n.t(lang, key, **kw), stores=stores)

    def _api(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        match [method, *path.strip("/").split("/")]:
            case ["GET", "i18n", name]:
                return 200, dict(i18n.catalogue(name.removesuffix(".json")))
            case ["GET", "api", "v1", "clock"]:
                return 200, {"now": iso(self.shop.now), "speed": 1}
            case ["GET", "api", "v1", "glance"]:
                return 200, {"stores": [{"id": "volt", "name": "Volt"}]}
            case [_, "api", "v1", "session"]:
                return self._session(method, body)
            case ["GET", "api", "v1", "stores", _, "people"]:
                return 200, [{"id": p.id, "name": p.name, "role": "salesperson"} for p in self.shop.day.plan.salespeople.values()]
            case ["GET", "api", "v1", "stores", _, "alerts"]:
                return 200, []
            case ["GET", "api", "v1", "stores", _, "staff", "needs", _]:
                return 200, {}
            case ["GET", "api", "v1", "stores", _, "views", screen]:
                return 200, self._view(screen)
            case ["POST", "api", "v1", "stores", _, "staff" | "manager", verb]:
                return self._command(verb, body)
        return 404, {"code": "not_found", "message": "", "status": 404}

    def _session(self, method: str, body: dict[str, Any]) -> tuple[int, Any]:
        if method == "POST":
            self.signed_in = body["pin"] == "1234"
        if not self.signed_in:
            return 401, {"code": "sign_in_needed", "message": "", "status": 401}
        return 200, {"salesperson": "lea", "name": "Léa", "role": self.role, "store": "volt"}

    def _command(self, verb: str, body: dict[str, Any]) -> tuple[int, Any]:
        self.sent.append((verb, body))
        if body["id"] not in self.receipts:
            self.receipts[body["id"]] = self._done(COMMANDS[verb](body))
            self.push()
        return self.receipts[body["id"]]

    def _done(self, command: c.Command) -> tuple[int, dict[str, Any]]:
        before = len(self.shop.log)
        result = self.shop.ask(command, after_s=0.1)
        if isinstance(result, Refusal):
            return 409, {"code": result.code.value, "message": "", "status": 409, "facts": result.facts}
        return 200, answer(command, self.shop.day, self.shop.log[before:])
