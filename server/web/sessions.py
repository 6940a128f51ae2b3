"""Who is signed in: sessions that can be ended at any moment, kept as hashes.

The cookie holds 256 random bits and nothing else; the tables hold their SHA-256. A session ends when it
is not used for a while, in any case after some hours (both on the wall clock, also in a demonstration
that runs faster), or at once when somebody ends it, and then its sockets close too. A screen that is
open counts as use: in a quiet hour a salesperson should not have to type the PIN for the next shopper.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

from server.journal.accounts import Accounts, Session
from server.live.clock import Clock
from server.settings import Settings
from server.web.limits import REMEMBERED, REMEMBERED_S

__all__ = ["Session", "Sessions"]

TOKEN_BYTES = 32
TOKEN_CHARS = 43
Which = Callable[[Session], bool]
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

    async def begin(self, store: str, person: str, role: str, device: str | None = None) -> tuple[str, Session]:
        """A new session on a device and its token, which is told once and not kept. Sessions that ran out are forgotten."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock.now()
        session = Session(
            token_hash=_hash(token), store=store, person=person, role=role,
            created_at=now, seen_at=now, expires_at=now + self._settings.session_absolute_s, device=device,
        )  # fmt: skip
        await self._accounts.drop_sessions(now)
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
        if session is None or self.over(session):
            return None
        if now - session.seen_at > TOUCH_EVERY_S:
            await self._accounts.touch_sessions([token_hash], now)
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

    async def end_of_device(self, device: str) -> None:
        """Every session begun on this device is over."""
        await self._accounts.end_sessions_of_device(device)
        self._ended(lambda session: session.device == device)

    def over(self, session: Session) -> bool:
        """Whether its time is up."""
        return self._clock.now() >= min(session.expires_at, session.seen_at + self._settings.session_idle_s)

    async def look_after(self, open_now: Collection[Session]) -> None:
        """Of these sessions, whose sockets are open: being open counts as use; those ended elsewhere are over here too."""
        still = await self._accounts.still([session.token_hash for session in open_now]) if open_now else {}
        gone = {s.token_hash for s in open_now if s.token_hash not in still or self.over(still[s.token_hash])}
        now, open_still = self._clock.now(), {key: session for key, session in still.items() if key not in gone}
        for token_hash, session in open_still.items():
            if token_hash in self._known:  # so that their taps need no look into the tables
                self._known[token_hash] = (session, now)
        if unseen := [key for key, session in open_still.items() if now - session.seen_at > TOUCH_EVERY_S]:
            await self._accounts.touch_sessions(unseen, now)  # at once: hundreds of writes would stand in the way of commands
        if gone:
            self._ended(lambda session: session.token_hash in gone)

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
