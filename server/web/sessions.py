"""Who is signed in: sessions that can be ended at any moment, kept as hashes.

The cookie holds 256 random bits and nothing else; the tables hold their SHA-256. A session ends when it
is not used for a while, in any case after some hours (both on the wall clock, also in a demonstration
that runs faster), or at once when somebody ends it, and then its sockets close too. A screen that is
open counts as use: in a quiet hour a salesperson should not have to type the PIN for the next shopper.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

from server.journal.accounts import Accounts, Session
from server.live.clock import Clock
from server.settings import Settings

__all__ = ["Session", "Sessions"]

TOKEN_BYTES = 32
TOKEN_CHARS = 43
Which = Callable[[Session], bool]
REMEMBERED = 4096  # sessions kept in memory ...
REMEMBERED_S = 1.0  # ... for this long before the tables are asked again, so that other processes can end them
TOUCH_EVERY_S = 60.0  # use is written down at most this often


class Sessions:
    """The signed-in people of this server. ``on_end`` is told which sessions were just ended, to close their sockets."""

    def __init__(self, accounts: Accounts, clock: Clock, settings: Settings, on_end: Callable[[Which], None]) -> None:
        self._accounts, self._clock, self._settings, self._on_end = accounts, clock, settings, on_end
        self._known: OrderedDict[str, tuple[Session, float]] = OrderedDict()

    @property
    def cookie(self) -> str:
        """The cookie's name; over TLS it is bound to this very host."""
        return "__Host-session" if self._settings.https else "session"

    async def begin(self, store: str, person: str, role: str) -> tuple[str, Session]:
        """A new session and its token, which is told once and not kept."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock.now()
        session = Session(
            token_hash=_hash(token), store=store, person=person, role=role,
            created_at=now, seen_at=now, expires_at=now + self._settings.session_absolute_s,
        )  # fmt: skip
        await self._accounts.add_session(session)
        return token, session

    async def current(self, connection: HTTPConnection[Any]) -> Session | None:
        """The session of a request or socket, still valid and now used; None when there is none."""
        token = connection.cookies.get(self.cookie, "")
        return await self.use(_hash(token)) if len(token) == TOKEN_CHARS else None

    async def use(self, token_hash: str) -> Session | None:
        """The session with this hash, marked as used now; None when it has ended."""
        now = self._clock.now()
        session = await self._find(token_hash, now)
        if session is None or now >= min(session.expires_at, session.seen_at + self._settings.session_idle_s):
            return None
        if now - session.seen_at > TOUCH_EVERY_S:
            await self._accounts.touch_session(token_hash, now)
            self._known.pop(token_hash, None)
        return session

    async def end(self, token_hash: str) -> None:
        """This session is over, here and now."""
        await self._accounts.end_session(token_hash)
        self._ended(lambda session: session.token_hash == token_hash)

    async def end_all(self, store: str, person: str) -> None:
        """Every session of this person is over: signed out everywhere, PIN changed, account closed."""
        await self._accounts.end_sessions(store, person)
        self._ended(lambda session: (session.store, session.person) == (store, person))

    def set_cookie(self, response: Response, token: str) -> None:
        """Give the browser its token, out of reach of scripts and of other sites."""
        response.set_cookie(
            self.cookie, token, max_age=int(self._settings.session_absolute_s), path="/",
            secure=self._settings.https, httponly=True, samesite="strict",
        )  # fmt: skip

    def drop_cookie(self, response: Response) -> None:
        """Take the token back."""
        response.delete_cookie(self.cookie, path="/", secure=self._settings.https, httponly=True, samesite="strict")

    def _ended(self, which: Which) -> None:
        self._known = OrderedDict((key, known) for key, known in self._known.items() if not which(known[0]))
        self._on_end(which)

    async def _find(self, token_hash: str, now: float) -> Session | None:
        known = self._known.get(token_hash)
        if known and now - known[1] < REMEMBERED_S:
            return known[0]
        session = await self._accounts.session(token_hash)
        self._known.pop(token_hash, None)
        if session is not None:
            self._known[token_hash] = (session, now)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return session


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
