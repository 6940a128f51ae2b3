"""Finds out who is asking, before any endpoint runs, and turns away whoever the route is not for."""

from dataclasses import dataclass, replace
from secrets import compare_digest
from typing import Any

from starlette.requests import HTTPConnection, Request

from server.journal import bookings
from server.journal.bookings import Booking
from server.journal.devices import Device
from server.live.links import Link, token_hash
from server.live.live import Live
from server.settings import Settings
from server.web import roles
from server.web.devices import Devices, Kind, may
from server.web.keys import Keys, as_session
from server.web.policies import BY_SESSION, Policy, Who
from server.web.problems import Problem
from server.web.security import check_request
from server.web.sessions import Session, Sessions

LOCAL = ("127.0.0.1", "::1")
PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Guard:
    """Called by every door. Leaves the caller in ``request.state``: ``device``, ``key`` and, where needed, ``session`` or ``link``.

    The session is given as it acts here: its ``store`` is the one of the address, wherever the person signed in.
    """

    settings: Settings
    live: Live
    sessions: Sessions
    devices: Devices
    keys: Keys

    async def __call__(self, request: Request, policy: Policy) -> None:
        """Problem unless the caller may use a route with this policy."""
        check_request(request, policy, self.settings)
        request.state.device = await self.device(request, policy, request.path_params.get("store"))
        shown = self.keys.shown(request) if policy.who is not Who.OPERATOR else None
        request.state.key = await self.keys.use(shown, policy.way, request.path_params.get("store")) if shown else None
        if request.state.key is not None and policy.who is not Who.PUBLIC:
            request.state.session, request.state.home = as_session(request.state.key), request.state.key.store
            return
        match policy.who:
            case Who.PUBLIC:
                pass
            case Who.PHONE:
                request.state.link = await self.phone(_bearer(request))
            case Who.BOOKER:
                request.state.booking = await self._booking(_bearer(request))
            case who if who in BY_SESSION:
                request.state.session = await self.signed_in(request, who, request.path_params.get("store"))
            case Who.DEVICE:
                if request.state.device is None:
                    raise Problem("device_needed")
            case Who.OPERATOR:
                self._operator(request)

    async def device(self, connection: HTTPConnection[Any], policy: Policy, store: str | None) -> Device | None:
        """The device that asks, None for any other browser; Problem when its kind may not use this, or not in this store."""
        device = await self.devices.current(connection)
        if device is None:
            return None
        elsewhere = store not in (None, device.store)
        if elsewhere and device.profile == Kind.STAFF:
            return None  # at another store a staff tablet is any browser: who is signed in on it decides
        if elsewhere or not may(device.profile, policy.way):
            raise Problem("not_allowed")
        return device

    async def phone(self, token: str | None) -> Link:
        """The ticket behind a phone's token; Problem when there is none."""
        if not token:
            raise Problem("token_needed")
        link = await self.live.link(token)
        if link is None:
            raise Problem("unknown_token")
        return link

    async def _booking(self, token: str | None) -> Booking:
        """The appointment behind its link's token; Problem when there is none."""
        if not token:
            raise Problem("token_needed")
        found = await bookings.of_token(self.live.journal, token_hash(token))
        if found is None:
            raise Problem("unknown_booking")
        return found

    def _operator(self, request: Request) -> None:
        """A proxy on this machine speaks for the whole world: what it passes on does not count as local."""
        token, shown = self.settings.metrics_token, _bearer(request) or ""
        if token is not None and compare_digest(shown.encode(), token.get_secret_value().encode()):
            return
        if request.client is None or request.client.host not in LOCAL or any(name in request.headers for name in PASSED_ON):
            raise Problem("not_allowed")

    async def signed_in(self, connection: HTTPConnection[Any], who: Who, store: str | None) -> Session:
        """The caller's session as it acts at ``store`` (None: at home); Problem where nobody is signed in, or may not."""
        session = await self.sessions.current(connection)
        if session is None:
            raise Problem("sign_in_needed")
        if not roles.may(self.live, session.store, session.person, who, store):
            raise Problem("not_allowed")
        connection.state.home = session.store
        return session if store in (None, session.store) else replace(session, store=store)


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
