"""A typed client of the HTTP API: join, follow one's ticket, work as a salesperson.

```python
async with connect("https://queue.example.org") as store_server:
    ticket = await store_server.join("volt", "advice", language="en")
    view = await ticket.view()          # {"phase": "waiting", "number": "C-042", "ahead": 3, ...}
    await ticket.leave()
```

Whatever changes something carries an id made here and is sent again, with the same id, until the server answers:
its receipt makes it happen once. Answers that say no are ``Refused``; no answer at all for long is ``Unanswered``.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import Any, NamedTuple
from uuid import UUID

import httpx2

Body = dict[str, Any]
View = dict[str, Any]

TRY_AGAIN = frozenset({429, 502, 503, 504})
TIMEOUT_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0  # full jitter
GIVE_UP_S = 90.0


class Refused(Exception):
    """The server said no. ``code`` never changes between versions; ``str()`` is the sentence for people."""

    def __init__(self, reply: "Reply") -> None:
        super().__init__(reply.body.get("message") or reply.code)
        self.code, self.status, self.facts = reply.code, reply.status, dict(reply.body.get("facts") or {})


class Unanswered(Exception):
    """No answer within ``GIVE_UP_S``: whether it was done is unknown; sending the same id again would tell."""


class Reply(NamedTuple):
    """The last answer to a request; ``status`` 0 when none came at all."""

    status: int
    body: Body

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The refusal's code, or an empty text."""
        return str(self.body.get("code", ""))


class Caller:
    """Sends requests until they are answered. ``rng`` makes what is random in ids and pauses."""

    def __init__(self, http: httpx2.AsyncClient, rng: Random | None = None) -> None:
        self.http, self._rng = http, rng or SystemRandom()

    def new_id(self) -> str:
        """A fresh command id: a UUID of version 7 (RFC 9562), the time in front, which is the kind a journal writes at half the cost."""
        random = self._rng.getrandbits(74)
        return str(UUID(int=time.time_ns() // 1_000_000 << 80 | 7 << 76 | random >> 62 << 64 | 2 << 62 | random & (1 << 62) - 1))

    async def get(self, path: str, headers: dict[str, str] | None = None) -> Reply:
        """Read something, trying again while the server is away or asks to wait."""
        return await self.persist(lambda: self.http.get(path, headers=headers))

    async def post(self, path: str, body: Body | None, headers: dict[str, str] | None = None) -> Reply:
        """Send something that may be sent again: it carries an id, or repeating it is harmless."""
        return await self.persist(lambda: self.http.post(path, json=body, headers=headers))

    async def persist(self, send: Callable[[], Awaitable[httpx2.Response]], trouble: Callable[[str], None] = lambda _: None) -> Reply:
        """Try until there is an answer, ``GIVE_UP_S`` at most; ``trouble`` is told why each further try is needed."""
        loop = asyncio.get_running_loop()
        give_up_at, pause_s = loop.time() + GIVE_UP_S, FIRST_PAUSE_S
        while True:
            reply, why = await _once(send)
            if not why or loop.time() > give_up_at:
                return reply
            trouble(why)
            await asyncio.sleep(float(reply.body.get("retry_after_s") or 0) + self._rng.uniform(0, pause_s))
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def done(self, method: str, path: str, body: Body | None = None, headers: dict[str, str] | None = None) -> Body:
        """The body of the answer; raises Refused or Unanswered."""
        reply = await (self.get(path, headers) if method == "GET" else self.post(path, body, headers))
        if reply.status == 0 or reply.status in TRY_AGAIN:
            raise Unanswered(path)
        if not reply.ok:
            raise Refused(reply)
        return reply.body


@dataclass(frozen=True, slots=True)
class Ticket:
    """A shopper's ticket. ``token`` is its secret: whoever has it may do what the shopper may."""

    caller: Caller
    number: str
    token: str
    url: str

    async def view(self) -> View:
        """What the shopper's phone shows now."""
        return await self.caller.done("GET", "/api/v1/ticket", headers=self._headers)

    async def leave(self, reason: str = "") -> View:
        """Wait no longer."""
        return await self.tell("leave", reason=reason)

    async def away(self, minutes: float = 10.0) -> View:
        """More time is needed; the place is kept."""
        return await self.tell("away", minutes=minutes)

    async def back(self) -> View:
        """Here again."""
        return await self.tell("back")

    async def coming(self) -> View:
        """On the way to the salesperson who called."""
        return await self.tell("coming")

    async def rate(self, stars: int) -> View:
        """One to five stars, after the visit."""
        return await self.tell("rate", stars=stars)

    async def forget(self) -> bool:
        """Have the name and number erased; True if there were any."""
        return bool((await self.caller.done("POST", "/api/v1/ticket/forget", {"id": self.caller.new_id()}, self._headers))["erased"])

    async def tell(self, verb: str, **fields: Any) -> View:
        """Any of the ticket's commands; returns the view it leads to."""
        body = {"id": self.caller.new_id(), **fields}
        view: View = (await self.caller.done("POST", f"/api/v1/ticket/{verb}", body, self._headers))["view"]
        return view

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, slots=True)
class Desk:
    """A salesperson who is signed in; the client keeps the session's cookie."""

    caller: Caller
    store: str
    salesperson: str

    async def view(self) -> View:
        """The salesperson's screen."""
        return await self.caller.done("GET", f"/api/v1/stores/{self.store}/views/staff")

    async def tap(self, verb: str, **fields: Any) -> Body:
        """Any of the salesperson's commands: on, next, start, finish, …; returns {"seq", "ticket"?, "number"?}."""
        return await self.caller.done("POST", f"/api/v1/stores/{self.store}/staff/{verb}", {"id": self.caller.new_id(), **fields})

    async def sign_out(self) -> None:
        """The session is over."""
        await self.caller.persist(lambda: self.caller.http.delete("/api/v1/session"))


@dataclass(frozen=True, slots=True)
class Server:
    """A server of one or more stores."""

    caller: Caller

    async def stores(self) -> list[dict[str, str]]:
        """Its stores: ``[{"id", "name"}]``."""
        found: list[dict[str, str]] = (await self.caller.done("GET", "/api/v1/stores"))["stores"]
        return found

    async def store(self, store: str) -> View:
        """The store's services with the wait of each, as the kiosk shows them."""
        return await self.caller.done("GET", f"/api/v1/stores/{store}")

    async def join(self, store: str, service: str, **more: Any) -> Ticket:
        """Take a ticket. ``more``: steps, language, priority, appointment_at, companions, name, phone, id."""
        body = {"id": self.caller.new_id(), "service": service, **more}
        told = await self.caller.done("POST", f"/api/v1/stores/{store}/tickets", body)
        return Ticket(self.caller, told["number"], told["token"], told["url"])

    async def enrol(self, code: str) -> Body:
        """Make this client a device of a store, with a code of its manager's."""
        return await self.caller.done("POST", "/api/v1/device", {"code": code})

    async def sign_in(self, store: str, salesperson: str, pin: str) -> Desk:
        """Sign in, on an enrolled device."""
        await self.caller.done("POST", "/api/v1/session", {"store": store, "salesperson": salesperson, "pin": pin})
        return Desk(self.caller, store, salesperson)


@asynccontextmanager
async def connect(url: str, *, connections: int = 4) -> AsyncIterator[Server]:
    """A client of the server at ``url``; proxies of the environment are not used."""
    async with http_client(url, connections) as http:
        yield Server(Caller(http))


def http_client(url: str, connections: int) -> httpx2.AsyncClient:
    """The HTTP client underneath, for ``url``, with at most ``connections`` connections."""
    bounds = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30.0)
    return httpx2.AsyncClient(base_url=url, timeout=TIMEOUT_S, trust_env=False, headers={"X-Avous": "1"}, limits=bounds)


async def _once(send: Callable[[], Awaitable[httpx2.Response]]) -> tuple[Reply, str]:
    """One try: the answer, and why it must be tried again (empty when it need not)."""
    try:
        response = await send()
    except httpx2.TransportError as error:
        return Reply(0, {}), type(error).__name__
    reply = Reply(response.status_code, _json(response))
    return reply, str(reply.status) if reply.status in TRY_AGAIN else ""


def _json(response: httpx2.Response) -> Body:
    if response.status_code == httpx2.codes.NO_CONTENT or not response.content:
        return {}
    body = response.json()
    return body if isinstance(body, dict) else {"items": body}
