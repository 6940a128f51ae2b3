"""Enrolled devices: a manager makes a code, the device tells it once and keeps a secret from then on.

Each kind of device has a list of the routes it may use, and no others: a kiosk that is carried away can take
tickets and nothing else, until it is revoked, which counts at once. Browsers keep their secret in a cookie that
scripts cannot read; a printer agent, which is no browser, gets a token for its Authorization header.
"""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from argon2.low_level import Type, hash_secret_raw
from starlette.requests import HTTPConnection
from starlette.responses import Response

from server.journal.devices import Device, Enrolment, Registry
from server.live.clock import Clock
from server.settings import Settings
from server.web import limits, pins
from server.web.problems import Problem
from server.web.sessions import Sessions

TOKEN_BYTES: Final = 32
CODE_SALT: Final = b"avous enrolment!"
LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
SETUP: Final = "setup"  # the profile of the code that a store's first manager signs in with
FOUND: Final = "found"  # and of the one that founds the first store of this server
API: Final = "/api/v1"
STORE: Final = f"{API}/stores/{{store}}"


class Kind(StrEnum):
    """What a device can be."""

    KIOSK = "kiosk"
    BOARD = "board"
    PRINTER = "printer"
    STAFF = "staff"


_ANY: Final = (
    "GET /health", "GET /ready", "GET /i18n/{language}.json", "GET /sw.js", "GET /setup", f"GET {API}/clock", f"GET {API}/stores",
    f"GET {STORE}", "GET /s/{store}/look.css", "GET /s/{store}/logo",
    f"GET {API}/device", f"POST {API}/device", f"DELETE {API}/device",
)  # fmt: skip
_KIOSK: Final = (
    "GET /s/{store}/kiosk", f"POST {STORE}/tickets", f"POST {STORE}/balks", f"GET {STORE}/slots",
    f"POST {STORE}/bookings", f"POST {STORE}/bookings/check-in", f"GET {STORE}/qr.svg", f"GET {STORE}/content",
    f"GET {STORE}/views/kiosk", f"POST {STORE}/slip.svg",
    f"POST {STORE}/alerts", f"GET {STORE}/alerts/{{alert}}", f"POST {STORE}/alerts/{{alert}}/over",
    f"POST {API}/ticket/away", f"POST {API}/ticket/leave", "SOCKET /ws/board",
)  # fmt: skip
_BOARD: Final = ("GET /s/{store}/board", f"GET {STORE}/qr.svg", f"GET {STORE}/content", f"GET {STORE}/views/board", "SOCKET /ws/board")
_PRINTER: Final = (f"GET {STORE}/views/kiosk", "SOCKET /ws/board")

ALLOWED: Final[Mapping[Kind, frozenset[str] | None]] = {
    Kind.KIOSK: frozenset(_ANY + _KIOSK),
    Kind.BOARD: frozenset(_ANY + _BOARD),
    Kind.PRINTER: frozenset(_ANY + _PRINTER),
    Kind.STAFF: None,
}
"""Method and route for each kind; None: whatever a browser may use, where the session decides."""


class Devices:
    """The devices of this server. ``on_end`` is told which ones were just revoked, to close their sockets."""

    def __init__(self, registry: Registry, sessions: Sessions, clock: Clock, settings: Settings, on_end: Callable[[str], None]) -> None:
        self.registry = registry
        self._sessions, self._clock, self._settings, self._on_end = sessions, clock, settings, on_end
        self._known: OrderedDict[str, tuple[Device | None, float]] = OrderedDict()
        self._turn = asyncio.Semaphore(limits.PIN_HASHES_AT_ONCE)

    @property
    def cookie(self) -> str:
        """The cookie's name; over TLS it is bound to this very host."""
        return "__Host-device" if self._settings.https else "device"

    async def code(self, store: str, profile: str, name: str, good_for_s: float = limits.CODE_S) -> tuple[str, float]:
        """See ``new_code``."""
        return await new_code(self.registry, self._clock, store, profile, name, good_for_s)

    async def look(self, code: str) -> Enrolment:
        """What a code is for; Problem when it is wrong, spent, or its time is over."""
        async with self._turn:
            kept = await code_hash(code)
        found = await self.registry.enrolment(kept)
        if found is None or found.expires_at <= self._clock.now():
            raise Problem("wrong_code")
        return found

    async def enrol(self, code: str, kind: Kind | None = None, store: str | None = None) -> tuple[str, Device]:
        """Spend a code: (the device's secret, which is told once, the device). ``kind`` and ``store`` instead of what the code says."""
        found, token, now = await self.look(code), secrets.token_urlsafe(TOKEN_BYTES), self._clock.now()
        id = secrets.token_hex(8)
        device = Device(id, store or found.store, kind or found.profile, found.name, _hash(token), now)
        if not await self.registry.redeem(found.code_hash, device):
            raise Problem("wrong_code")
        return token, device

    async def current(self, connection: HTTPConnection[Any]) -> Device | None:
        """The device a request or socket comes from; None for any other browser, or one that was revoked."""
        token = self._token(connection)
        return await self._find(_hash(token)) if token else None

    async def revoke(self, store: str, id: str) -> None:
        """This device is nobody from now on: its sessions end, its sockets close. Problem if there is none."""
        if not await self.registry.revoke(store, id, self._clock.now()):
            raise Problem("unknown_device")
        self._known.clear()
        self._on_end(id)
        await self._sessions.end_of_device(id)

    def set_cookie(self, response: Response, token: str) -> None:
        """Give the browser its secret, out of reach of scripts and of other sites, for as long as browsers keep any."""
        response.set_cookie(
            self.cookie, token, max_age=limits.DEVICE_COOKIE_S, path="/", secure=self._settings.https, httponly=True, samesite="strict"
        )

    def drop_cookie(self, response: Response) -> None:
        """Take it back."""
        response.delete_cookie(self.cookie, path="/", secure=self._settings.https, httponly=True, samesite="strict")

    def _token(self, connection: HTTPConnection[Any]) -> str:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "device":
            return token.strip()
        return connection.cookies.get(self.cookie, "") if self.cookie in connection.headers.get("cookie", "") else ""

    async def _find(self, token_hash: str) -> Device | None:
        known, now = self._known.get(token_hash), self._clock.now()
        if known is None or not 0 <= now - known[1] < limits.REMEMBERED_S:
            device = await self.registry.device(token_hash)
            known = (device if device and device.revoked_at is None else None, now)
            self._known[token_hash] = known
            while len(self._known) > limits.REMEMBERED:
                self._known.popitem(last=False)
        return known[0]


async def new_code(
    registry: Registry, clock: Clock, store: str, profile: str, name: str, good_for_s: float = limits.CODE_S
) -> tuple[str, float]:
    """A code, as one reads it aloud, and when it ends; it is told once and not kept."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(limits.CODE_LETTERS))
    expires_at = clock.now() + good_for_s
    await registry.put_enrolment(Enrolment(await code_hash(letters), store, profile, name, expires_at))
    half = limits.CODE_LETTERS // 2
    return f"{letters[:half]}-{letters[half:]}", expires_at


def may(kind: str, way: str) -> bool:
    """Whether a device of this kind may use "METHOD /route"."""
    allowed = ALLOWED[Kind(kind)]
    return allowed is None or way in allowed


async def code_hash(code: str) -> str:
    """What is kept of a code: argon2id of its letters, as slow as a PIN's, for 49 bits are guessed from a fast hash within hours.

    The salt is the same for all, so that a code is found by its hash; codes are random and gone within the hour.
    """
    letters = "".join(letter for letter in code.upper() if letter in LETTERS)
    return (await asyncio.to_thread(_slowly, letters.encode())).hex()


def _slowly(secret: bytes) -> bytes:
    cost = pins.HASHER
    return hash_secret_raw(secret, CODE_SALT, cost.time_cost, cost.memory_cost, cost.parallelism, TOKEN_BYTES, Type.ID)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
