"""Takes to each webhook what it has not taken yet, in order, until it says 2xx: at least once, signed, and never in a hurry.

What a webhook does not take is tried again with growing pauses; everything after it waits, so that nobody sees a call
before its ticket. After a day of that it is paused, and goes on where it stopped when somebody says so.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import httpx2

from server.hooks.happenings import Kind
from server.journal import hooks
from server.journal.hooks import Happening, Webhook
from server.journal.port import Journal, StorageTrouble
from server.live.clock import Clock
from server.outward import Forbidden, resolve
from server.rules.views import iso

log = logging.getLogger(__name__)

ANSWER_S: Final = 10.0  # for one delivery, all of it
LEASE_S: Final = 120.0
AT_ONCE: Final = 16  # webhooks served at the same time
A_TURN: Final = 8  # deliveries to one webhook before the others' turn
RETRY_S: Final = 5.0  # doubled with every try ...
RETRY_MAX_S: Final = 3600.0  # ... up to this
GIVE_UP_TRIES: Final = 32  # about a day
LOOK_S: Final = 0.5
GONE: Final = 410  # the receiver wants no more


@dataclass(frozen=True, slots=True)
class Told:
    """How one delivery went: ``trouble`` is "" when it was taken, else one word."""

    status: int
    trouble: str
    took_s: float


class Courier:
    """One per process; webhooks are leased, so that several nodes do not deliver the same. ``trusted`` hosts may be internal."""

    def __init__(self, journal: Journal, clock: Clock, trusted: Collection[str]) -> None:
        self._journal, self._clock, self._trusted = journal, clock, frozenset(trusted)

    async def run(self, wanted: Callable[[], bool]) -> None:
        """For ever; a server of which no store has a webhook does nothing but ask ``wanted`` now and then."""
        while True:
            await asyncio.sleep(LOOK_S)
            if wanted():
                async with client() as http:
                    await self._while_wanted(http, wanted)

    async def _while_wanted(self, http: httpx2.AsyncClient, wanted: Callable[[], bool]) -> None:
        while wanted():
            busy = await self._softly(http)
            await asyncio.sleep(0 if busy else LOOK_S)

    async def _softly(self, http: httpx2.AsyncClient) -> bool:
        try:
            return await self.round(http)
        except StorageTrouble as trouble:
            log.warning("the webhooks wait for the journal: %s", trouble)
        except Exception:
            log.exception("the webhooks were not served")
        return False

    async def round(self, http: httpx2.AsyncClient) -> bool:
        """One turn for every webhook that is due; whether there was any."""
        waiting = await hooks.due(self._journal, self._clock.now(), LEASE_S, AT_ONCE)
        await asyncio.gather(*(self._serve(http, hook) for hook in waiting))
        return bool(waiting)

    async def tell(self, http: httpx2.AsyncClient, hook: Webhook, happening: Happening) -> Told:
        """One delivery, whatever comes of it."""
        body, began = body_of(happening), time.monotonic()
        status, trouble = 0, ""
        try:
            async with asyncio.timeout(ANSWER_S):
                target = await resolve(hook.url, self._trusted)
                headers = {**headers_of(hook.secret, happening, body, int(time.time())), "Host": target.host}
                extensions = {"sni_hostname": target.name}
                async with http.stream("POST", target.url, content=body, headers=headers, extensions=extensions) as answer:
                    status = answer.status_code
                    trouble = "" if answer.is_success else "refused"
        except Forbidden as why:
            trouble = str(why)
        except TimeoutError:
            trouble = "slow"
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            trouble = "slow" if isinstance(error, httpx2.TimeoutException) else "unreachable"
        return Told(status, trouble, time.monotonic() - began)

    async def _serve(self, http: httpx2.AsyncClient, hook: Webhook) -> None:
        cursor, taken_at = hook.cursor, hook.taken_at
        for happening in await hooks.after(self._journal, hook.store, hook.cursor, A_TURN):
            if happening.kind in hook.kinds.split():
                told = await self.tell(http, hook, happening)
                if told.trouble:
                    return await self._failed(hook, cursor, told)
                taken_at = self._clock.now()
            cursor = happening.seq
        await hooks.settle(self._journal, hook, cursor=cursor, tries=0, trouble="", taken_at=taken_at, due_at=0.0)

    async def _failed(self, hook: Webhook, cursor: int, told: Told) -> None:
        tries = hook.tries + 1 if cursor == hook.cursor else 1
        over = told.status == GONE or tries >= GIVE_UP_TRIES
        wait_s = min(RETRY_MAX_S, RETRY_S * 2 ** (tries - 1))
        log.warning("webhook%s", " paused" if over else " failed", extra={"store": hook.store, "hook": hook.id, "trouble": told.trouble})
        values = {"cursor": cursor, "tries": tries, "trouble": told.trouble, "due_at": self._clock.now() + wait_s, "paused": over}
        await hooks.settle(self._journal, hook, **values)


def client() -> httpx2.AsyncClient:
    """Follows no redirects, and no proxy of the environment."""
    return httpx2.AsyncClient(follow_redirects=False, trust_env=False, timeout=ANSWER_S, limits=httpx2.Limits(max_connections=AT_ONCE * 2))


def body_of(happening: Happening) -> bytes:
    """What is sent: the happening with its number, as JSON."""
    told = {"seq": happening.seq, "kind": happening.kind, "store": happening.store, "at": iso(happening.at)}
    return json.dumps({**told, "data": json.loads(happening.body)}, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(secret: str, happening: Happening, body: bytes, now: int) -> dict[str, str]:
    """The headers of a delivery, with the signature and the instant it was made at (seconds since the epoch)."""
    return {
        "Content-Type": "application/json", "User-Agent": "avous-webhook/1", "Avous-Kind": happening.kind,
        "Avous-Delivery": f"{happening.store}-{happening.seq}", "Avous-Signature": signature(secret, body, now),
    }  # fmt: skip


def signature(secret: str, body: bytes, now: int) -> str:
    """ "t=SECONDS,v1=HEX": HMAC-SHA256 of ``SECONDS.BODY``, so that an old delivery cannot be sent again as a new one."""
    made = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now},v1={made}"


def trial(store: str, now: float) -> Happening:
    """What the test button sends; it has no number."""
    return Happening(store, 0, "test", Kind.TEST, now, json.dumps({"text": "À Vous"}))
