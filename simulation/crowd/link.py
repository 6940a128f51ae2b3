"""The crowd's way to the server: the project's own client, with every command written into the history."""

from random import Random

import httpx2

from avous.client import TRY_AGAIN, Body, Caller, Reply, http_client
from simulation.crowd.history import History

__all__ = ["Link", "Reply", "http_client"]


class Link(Caller):
    """One client: its name in the history, its own ids, its own patience with the network."""

    def __init__(self, client: httpx2.AsyncClient, name: str, history: History, rng: Random) -> None:
        super().__init__(client, rng)
        self.name, self.history = name, history

    async def command(
        self, op: str, path: str, body: Body | None = None, headers: dict[str, str] | None = None, *, with_id: bool = True
    ) -> Reply:
        """Send one command until its outcome is known, and write down what happened.

        ``body`` gets an ``id`` unless it has one (or the request takes none, ``with_id``: it is then harmless to
        repeat). After the client has given up, the outcome stays unknown.
        """
        id = (body or {}).get("id") or self.new_id()
        sent = {**(body or {}), "id": id} if with_id else body
        shown = {key: value for key, value in (body or {}).items() if key not in ("id", "pin", "name", "phone")}
        self.history.add(self.name, op, id, "invoke", shown)
        reply = await self.persist(
            lambda: self.http.post(path, json=sent, headers=headers),
            lambda why: self.history.add(self.name, op, id, "info", {"trouble": why}),
        )
        if reply.ok:
            self.history.add(self.name, op, id, "ok", {key: reply.body[key] for key in ("seq", "number", "ticket") if key in reply.body})
        elif reply.status and reply.status not in TRY_AGAIN and reply.status < 500:
            self.history.add(self.name, op, id, "fail", {"status": reply.status, "code": reply.code})
        else:
            self.history.add(self.name, op, id, "info", {"status": reply.status, "code": reply.code, "last": True})
        return reply
