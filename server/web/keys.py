"""API keys: a program shows one instead of a person's session, and gets as far as its scopes and no further.

A key is 256 random bits behind a prefix that tells what it is; the tables hold its SHA-256. It goes into the
``Authorization`` header and nowhere else: a cookie or an address with a key in it is not looked at.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from starlette.requests import HTTPConnection

from server.journal import keys
from server.journal.accounts import Session
from server.journal.keys import ApiKey
from server.journal.port import Journal
from server.live.clock import Clock
from server.web import limits
from server.web.limits import Rate
from server.web.problems import Problem

PREFIX: Final = "avk_"
SHOWN: Final = 8
TOUCH_EVERY_S: Final = 60.0
KEYS_MAX: Final = 50  # of one store, revoked ones included


class Scope(StrEnum):
    """What a key may be for."""

    FLOOR = "floor"
    REPORTS = "reports"
    EVENTS = "events"
    APPOINTMENTS = "appointments"
    TICKETS = "tickets"


ABOUT: Final[Mapping[Scope, str]] = {
    Scope.FLOOR: "The live floor, the promises and the alarms.",
    Scope.REPORTS: "Reports, and the visits as files.",
    Scope.EVENTS: "What happened, by number: what webhooks tell.",
    Scope.APPOINTMENTS: "The appointments of a day.",
    Scope.TICKETS: "Tickets and appointments for shoppers, at a rate of the key's own; an appointment's time is believed.",
}


STORE: Final = "/api/v1/stores/{store}"
SCOPED: Final[Mapping[str, Scope]] = {
    f"GET {STORE}/views/floor": Scope.FLOOR, f"GET {STORE}/alarms": Scope.FLOOR, f"GET {STORE}/promises": Scope.FLOOR,
    f"GET {STORE}/report": Scope.REPORTS, f"GET {STORE}/report/visits.csv": Scope.REPORTS,
    f"GET {STORE}/report/visits.parquet": Scope.REPORTS, f"GET {STORE}/happenings": Scope.EVENTS,
    f"GET {STORE}/appointments": Scope.APPOINTMENTS, f"GET {STORE}/slots": Scope.TICKETS,
    f"POST {STORE}/bookings": Scope.TICKETS, f"POST {STORE}/tickets": Scope.TICKETS,
}  # fmt: skip
"""Every route that a key may use, and what it must be for: no other route takes a key."""


class Keys:
    """The keys of this server."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal, self._clock = journal, clock
        self._known: OrderedDict[str, tuple[ApiKey | None, float]] = OrderedDict()
        self._rate = Rate(limits.KEY_REQUESTS, limits.KEY_REQUESTS_WINDOW_S)

    async def make(self, store: str, name: str, scopes: frozenset[Scope]) -> tuple[str, ApiKey]:
        """A new key, which is told once and not kept. Problem where a store has too many."""
        if len(await keys.of_store(self._journal, store)) >= KEYS_MAX:
            raise Problem("too_many_keys", {"most": KEYS_MAX})
        text = PREFIX + secrets.token_urlsafe(32)
        made = ApiKey(
            secrets.token_hex(8), store, name, text[: len(PREFIX) + SHOWN], _hash(text), " ".join(sorted(scopes)), self._clock.now()
        )
        await keys.put(self._journal, made)
        return text, made

    async def of_store(self, store: str) -> list[ApiKey]:
        """A store's keys, newest first."""
        return await keys.of_store(self._journal, store)

    async def revoke(self, store: str, id: str) -> None:
        """This key is nobody's from now on. Problem if there is none."""
        if not await keys.revoke(self._journal, store, id, self._clock.now()):
            raise Problem("unknown_key")
        self._known.clear()

    def shown(self, connection: HTTPConnection[Any]) -> str | None:
        """The key that a request shows, if it shows one."""
        scheme, _, text = connection.headers.get("authorization", "").partition(" ")
        return text.strip() if scheme.lower() == "bearer" and text.strip().startswith(PREFIX) else None

    async def use(self, text: str, way: str, store: str | None) -> ApiKey:
        """The key, good for "METHOD /route" at this store. Problem otherwise."""
        now = self._clock.now()
        key = await self._find(_hash(text), now)
        if key is None or key.revoked_at is not None:
            raise Problem("wrong_key")
        if wait_s := self._rate.wait_s(key.id, now):
            raise Problem("too_many", retry_after_s=wait_s)
        if SCOPED.get(way) not in key.scopes.split() or store != key.store:
            raise Problem("not_allowed")
        if key.used_at is None or now - key.used_at > TOUCH_EVERY_S:
            await keys.touch(self._journal, key.id, now)
            self._known.pop(key.key_hash, None)
        return key

    async def _find(self, key_hash: str, now: float) -> ApiKey | None:
        known = self._known.get(key_hash)
        if known is None or not 0 <= now - known[1] < limits.REMEMBERED_S:
            known = self._known[key_hash] = (await keys.of_hash(self._journal, key_hash), now)
            while len(self._known) > limits.REMEMBERED:
                self._known.popitem(last=False)
        return known[0]


def as_session(key: ApiKey) -> Session:
    """What an endpoint sees of a key: somebody at the store, who is no person of it."""
    return Session("", key.store, f"key:{key.id}", "key", key.created_at, key.created_at, float("inf"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
