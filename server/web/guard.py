"""Finds out who is asking, before any endpoint runs, and turns away whoever the route is not for."""

from dataclasses import dataclass

from starlette.requests import Request

from server.live.links import Link
from server.live.live import Live
from server.settings import Settings
from server.web.policies import Policy, Who
from server.web.problems import Problem
from server.web.security import check_request
from server.web.sessions import Session, Sessions

MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Guard:
    """Called by every door. Leaves the caller in ``request.state.session`` or ``request.state.link``."""

    settings: Settings
    live: Live
    sessions: Sessions

    async def __call__(self, request: Request, policy: Policy) -> None:
        """Problem unless the caller may use a route with this policy."""
        check_request(request, policy, self.settings)
        match policy.who:
            case Who.PUBLIC:
                pass
            case Who.PHONE:
                request.state.link = await self.phone(_bearer(request))
            case Who.STAFF | Who.MANAGER:
                request.state.session = await self._signed_in(request, policy.who)
            case Who.DEVICE:
                raise Problem("not_allowed")  # no device can be enrolled yet

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
