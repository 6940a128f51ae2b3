"""Commands over HTTP that are sent until they are answered: the id is made here, so a repeat is harmless."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import httpx2

from simulation.crowd.history import History

Body = dict[str, Any]

TRY_AGAIN = {429, 502, 503, 504}
TIMEOUT_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0  # wall time, full jitter
GIVE_UP_S = 90.0  # wall time


class Reply(NamedTuple):
    """The last answer to a command; ``status`` 0 when none came at all."""

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


class Link:
    """One client's way to the server: its name in the history, its own ids, its own patience with the network."""

    def __init__(self, client: httpx2.AsyncClient, name: str, history: History, rng: Random) -> None:
        self.client = client
        self.name = name
        self.history = history
        self._rng = rng

    def new_id(self) -> str:
        """A fresh command id, from the seed."""
        return str(UUID(int=self._rng.getrandbits(128), version=4))

    async def get(self, path: str, headers: dict[str, str] | None = None) -> Reply:
        """Read something, trying again while the server is away or asks to wait."""
        return await self._persist(lambda: self.client.get(path, headers=headers), None)

    async def command(
        self, op: str, path: str, body: Body | None = None, headers: dict[str, str] | None = None, *, with_id: bool = True
    ) -> Reply:
        """Send one command until its outcome is known, and write down what happened.

        ``body`` gets an ``id`` unless it has one (or the request takes none, ``with_id``: it is then harmless to
        repeat). After ``GIVE_UP_S`` without an answer the outcome stays unknown.
        """
        id = (body or {}).get("id") or self.new_id()
        sent = {**(body or {}), "id": id} if with_id else body
        shown = {key: value for key, value in (body or {}).items() if key not in ("id", "pin", "name", "phone")}
        self.history.add(self.name, op, id, "invoke", shown)
        reply = await self._persist(lambda: self.client.post(path, json=sent, headers=headers), (op, id))
        if reply.ok:
            self.history.add(self.name, op, id, "ok", {key: reply.body[key] for key in ("seq", "number", "ticket") if key in reply.body})
        elif reply.status and reply.status not in TRY_AGAIN and reply.status < 500:
            self.history.add(self.name, op, id, "fail", {"status": reply.status, "code": reply.code})
        else:
            self.history.add(self.name, op, id, "info", {"status": reply.status, "code": reply.code, "last": True})
        return reply

    async def _persist(self, send: Callable[[], Any], command: tuple[str, str] | None) -> Reply:
        loop = asyncio.get_running_loop()
        give_up_at, pause_s = loop.time() + GIVE_UP_S, FIRST_PAUSE_S
        while True:
            reply, trouble = await self._once(send)
            if not trouble or loop.time() > give_up_at:
                return reply
            if command:
                self.history.add(self.name, *command, "info", {"trouble": trouble})
            wait_s = float(reply.body.get("retry_after_s") or 0)
            await asyncio.sleep(wait_s + self._rng.uniform(0, pause_s))
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _once(self, send: Callable[[], Any]) -> tuple[Reply, str]:
        """One try: the answer, and why it must be tried again (empty when it need not)."""
        try:
            response = await send()
        except httpx2.TransportError as error:
            return Reply(0, {}), type(error).__name__
        reply = Reply(response.status_code, _json(response))
        return reply, str(reply.status) if reply.status in TRY_AGAIN else ""


def _json(response: httpx2.Response) -> Body:
    if response.status_code == 204 or not response.content:
        return {}
    body = response.json()
    return body if isinstance(body, dict) else {"items": body}


def http_client(url: str, connections: int) -> httpx2.AsyncClient:
    """A client for ``url`` that uses no proxy of the environment and at most ``connections`` sockets."""
    return httpx2.AsyncClient(
        base_url=url, timeout=TIMEOUT_S, trust_env=False, headers={"X-Avous": "1"},
        limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30.0),
    )  # fmt: skip
