"""Clients that never give up: every command is sent again with the same id until somebody answers it."""

import asyncio
import random
import uuid
from dataclasses import dataclass
from typing import Any

import httpx2

from server.bench.history import History

TIMEOUT_S = 5.0
RETRY_S = (0.05, 0.3)
HEADERS = {"X-Avous": "1"}
AGAIN = {429, 500, 502, 503, 504}
Body = dict[str, Any]


@dataclass
class Client:
    """One browser: a name, a seed, a place to write down what happens."""

    name: str
    base_url: str
    rng: random.Random
    history: History

    def __post_init__(self) -> None:
        self.http = httpx2.AsyncClient(base_url=self.base_url, headers=HEADERS, timeout=TIMEOUT_S)

    def new_id(self) -> str:
        """A command id, from this client's seed."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    async def command(self, op: str, path: str, body: Body, told: tuple[str, ...] = ("seq",), **headers: str) -> Body | None:
        """Send until answered; the answer's body, or None when it was refused for good. ``told`` is what the history keeps."""
        body = {"id": self.new_id(), **body}
        self.history.add(self.name, op, body["id"], "invoke")
        while True:
            answer = await self._post(path, body, headers)
            if answer is None:
                self.history.add(self.name, op, body["id"], "info")
                await asyncio.sleep(self.rng.uniform(*RETRY_S))
                continue
            status, told_back = answer
            if status < 300:
                self.history.add(self.name, op, body["id"], "ok", {key: told_back.get(key) for key in told})
                return told_back
            self.history.add(self.name, op, body["id"], "fail", told_back.get("code"))
            return None

    async def _post(self, path: str, body: Body, headers: dict[str, str]) -> tuple[int, Body] | None:
        """(status, body), or None when nobody knows whether it was done."""
        try:
            response = await self.http.post(path, json=body, headers=headers)
            return None if response.status_code in AGAIN else (response.status_code, response.json())
        except (httpx2.HTTPError, ValueError):
            return None

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()


async def shoppers(client: Client, pause_s: float) -> None:
    """One kiosk and its shoppers: joins, some leave, some balk, and some taps are sent twice."""
    while True:
        await asyncio.sleep(client.rng.expovariate(1 / pause_s))
        if client.rng.random() < 0.1:
            await client.command("balk", "/api/v1/stores/volt/balks", {"service": "advice"})
            continue
        join = {"id": client.new_id(), "service": client.rng.choice(("advice", "payment"))}
        joined = await client.command("join", "/api/v1/stores/volt/tickets", join, ("number", "token"))
        if joined and client.rng.random() < 0.2:
            await client.command("join", "/api/v1/stores/volt/tickets", join, ("number", "token"))  # a nervous finger
        if joined and client.rng.random() < 0.4:
            await client.command("leave", "/api/v1/ticket/leave", {}, Authorization=f"Bearer {joined['token']}")


async def salesperson(client: Client, person: str, pause_s: float) -> None:
    """Signs in, comes on duty, then next, start, finish."""
    await sign_in(client, person)
    tap = "/api/v1/stores/volt/staff/"
    await client.command("on", tap + "on", {})
    while True:
        await asyncio.sleep(client.rng.expovariate(1 / pause_s))
        claimed = await client.command("next", tap + "next", {}, ("ticket", "number"))
        if claimed and claimed.get("ticket"):
            for op in ("start", "finish"):
                await client.command(op, tap + op, {"ticket": claimed["ticket"]})


async def sign_in(client: Client, person: str, store: str = "volt") -> None:
    """Have a session; tried until it works."""
    while True:
        answer = await client._post("/api/v1/session", {"store": store, "salesperson": person, "pin": "1234"}, {})
        if answer is not None and answer[0] == 201:
            return
        await asyncio.sleep(client.rng.uniform(*RETRY_S))
