"""Finds out who is asking, before any endpoint runs, and turns away whoever the route is not for."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import HTTPConnection, Request

from server.journal.devices import Device
from server.live.links import Link
from server.live.live import Live
from server.settings import Settings
from server.web.devices import Devices, may
from server.web.policies import Policy, Who
from server.web.problems import Problem
from server.web.security import check_request
from server.web.sessions import Session, Sessions

MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Guard:
    """Called by every door. Leaves the caller in ``request.state``: ``device`` and, where needed, ``session`` or ``link``."""

    settings: Settings
    live: Live
    sessions: Sessions
    devices: Devices

    async def __call__(self, request: Request, policy: Policy) -> None:
        """Problem unless the caller may use a route with this policy."""
        check_request(request, policy, self.settings)
        request.state.device = await self.device(request, policy, request.path_params.get("store"))
        match policy.who:
            case Who.PUBLIC:
                pass
            case Who.PHONE:
                request.state.link = await self.phone(_bearer(request))
            case Who.STAFF | Who.MANAGER:
                request.state.session = await self._signed_in(request, policy.who)
            case Who.DEVICE:
                if request.state.device is None:
                    raise Problem("device_needed")

    async def device(self, connection: HTTPConnection[Any], policy: Policy, store: str | None) -> Device | None:
        """The device that asks, None for any other browser; Problem when its kind may not use this, or not in this store."""
        device = await self.devices.current(connection)
        if device is not None and (not may(device.profile, policy.way) or store not in (None, device.store)):
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

    async def _signed_in(self, request: Request, who: Who) -> Session:
        session = await self.sessions.current(request)
        if session is None:
            raise Problem("sign_in_needed")
        check_role(session, request.path_params.get("store"), who)
        return session


def check_role(session: Session, store: str | None, who: Who) -> None:
    """Problem unless the session is for this store, and a manager's where that is needed."""
    if store is not None and store != session.store:
        raise Problem("not_allowed")
    if who is Who.MANAGER and session.role != MANAGER:
        raise Problem("not_allowed")


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
