"""Managers sign in with their company's account: OpenID Connect, authorization code flow with PKCE (extra ``[sso]``).

The provider says who somebody is; the store's file says who that is here (``sso`` of a manager: the value of the claim).
State, nonce and verifier of a sign-in under way are kept in the tables for ten minutes, by the hash of the state, and
spent once; the state is also in a cookie, so that nobody can be signed in with an answer meant for another browser.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from secrets import compare_digest
from typing import Any, Final
from urllib.parse import urlencode

import httpx2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from server import log
from server.journal.devices import Enrolment
from server.settings import Settings
from server.web import limits, roles
from server.web.api_access import at_a_measured_pace
from server.web.api_shopper import base
from server.web.api_staff import employed, set_session
from server.web.policies import Who, door
from server.web.problems import Problem
from server.web.wiring import House, house

PROFILE: Final = "sso"
CALLBACK: Final = "/sso/callback"
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")  # none without a key pair


class Untrusted(Exception):
    """The provider's answer is not one to believe; the text is a constant word for the log."""


@dataclass(slots=True)
class Provider:
    """The provider of the settings, found by its own description; raises Untrusted."""

    settings: Settings
    transport: httpx2.AsyncBaseTransport | None = None
    _described: dict[str, Any] | None = None

    @property
    def issuer(self) -> str:
        """Who signs."""
        return str(self.settings.oidc_issuer)

    async def described(self) -> dict[str, Any]:
        """Its addresses, asked for once."""
        if self._described is None:
            found = await self._json("GET", f"{self.issuer}/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise Untrusted("issuer")
            self._described = found
        return self._described

    async def claims(self, code: str, verifier: str, nonce: str, redirect_uri: str) -> dict[str, Any]:
        """Who signed in, from the code of the answer: the claims of an ID token that is signed, ours, fresh and of this sign-in."""
        described = await self.described()
        secret = self.settings.oidc_client_secret
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        form |= {"client_id": str(self.settings.oidc_client_id), **({"client_secret": secret.get_secret_value()} if secret else {})}
        told = await self._json("POST", described["token_endpoint"], form)
        keys = await self._json("GET", described["jwks_uri"])
        return self._checked(str(told.get("id_token", "")), keys, nonce)

    def _checked(self, token: str, keys: dict[str, Any], nonce: str) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken  # the extra
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            decoded = jwt.decode(token, KeySet.import_key_set({"keys": keys["keys"]}), algorithms=list(ALGORITHMS))
            wanted = {"iss": {"value": self.issuer}, "aud": {"value": self.settings.oidc_client_id}, "nonce": {"value": nonce}}
            params = {"client_id": self.settings.oidc_client_id, "nonce": nonce}
            CodeIDToken(decoded.claims, decoded.header, wanted, params).validate(leeway=60)
        except (JoseError, ValueError, KeyError, TypeError) as wrong:
            raise Untrusted("id_token") from wrong
        except Exception as wrong:  # authlib's own errors have no common root
            if not type(wrong).__module__.startswith("authlib"):
                raise
            raise Untrusted("claims") from wrong
        if decoded.claims.get("email_verified") is False:
            raise Untrusted("email_verified")
        return dict(decoded.claims)

    async def _json(self, method: str, url: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            async with httpx2.AsyncClient(transport=self.transport, timeout=limits.SSO_S, trust_env=False) as http:
                response = await http.request(method, url, data=form)
            found = response.json()
        except (httpx2.HTTPError, ValueError) as trouble:
            raise Untrusted("unreachable") from trouble
        if response.status_code != httpx2.codes.OK or not isinstance(found, dict):
            raise Untrusted("refused")
        return found


async def begin(request: Request) -> Response:
    """To the provider."""
    provider, rooms = _provider(request), at_a_measured_pace(request)
    store = rooms.live.store(request.path_params["store"]).id
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    kept = json.dumps({"nonce": nonce, "verifier": verifier})
    await rooms.devices.registry.put_enrolment(Enrolment(_hash(state), store, PROFILE, kept, rooms.wall.now() + limits.SSO_STATE_S))
    try:
        endpoint = (await provider.described())["authorization_endpoint"]
    except Untrusted as why:
        raise _refused(store, why) from None
    asked = {
        "response_type": "code", "client_id": provider.settings.oidc_client_id, "redirect_uri": _callback(request), "scope": "openid email",
        "state": state, "nonce": nonce, "code_challenge": _challenge(verifier), "code_challenge_method": "S256",
    }  # fmt: skip
    response = RedirectResponse(f"{endpoint}?{urlencode(asked)}", 303)
    response.set_cookie(
        _cookie(rooms), state, max_age=int(limits.SSO_STATE_S), path="/", secure=rooms.settings.https, httponly=True, samesite="lax"
    )
    return response


async def finish(request: Request) -> Response:
    """Back from the provider: whoever it says is signed in, if the store's file knows them as a manager."""
    provider, rooms = _provider(request), house(request)
    state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
    if not state or not compare_digest(state.encode(), request.cookies.get(_cookie(rooms), "").encode()):
        raise _refused(None, Untrusted("state"))
    kept = await rooms.devices.registry.take(_hash(state))
    if kept is None or kept.profile != PROFILE or kept.expires_at <= rooms.wall.now():
        raise _refused(None, Untrusted("state"))
    try:
        claims = await provider.claims(code, **json.loads(kept.name), redirect_uri=_callback(request))
    except Untrusted as why:
        raise _refused(kept.store, why) from None
    known = str(claims.get(rooms.settings.oidc_claim) or "")
    managers = {p.sso: id for id, p in rooms.live.store(kept.store).salespeople.items() if p.sso and p.role in roles.DESK}
    person = await employed(rooms, kept.store, managers[known]) if known in managers else None
    if person is None:
        raise _refused(kept.store, Untrusted("unknown"))
    response = RedirectResponse("/manager", 303)
    await set_session(request, response, person, None)
    response.delete_cookie(_cookie(rooms), path="/", secure=rooms.settings.https, httponly=True, samesite="lax")
    return response


def routes() -> list[BaseRoute]:
    """There and back."""
    return [door(CALLBACK, finish, Who.PUBLIC), door("/sso/{store}", begin, Who.PUBLIC)]


def _provider(request: Request) -> Provider:
    found: Provider | None = request.app.state.sso
    if found is None:
        raise Problem("not_found")
    return found


def _refused(store: str | None, why: Untrusted) -> Problem:
    log.get().warning("sign_in_refused", store=store, kind="sso", reason=str(why))
    return Problem("sso_refused")


def _callback(request: Request) -> str:
    return f"{base(request)}{CALLBACK}"


def _cookie(rooms: House) -> str:
    return "__Host-sso" if rooms.settings.https else "sso"


def _challenge(verifier: str) -> str:
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # the extra

    return str(create_s256_code_challenge(verifier))


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
