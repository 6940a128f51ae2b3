"""A company's provider of sign-in (OpenID Connect) of the tests' own, which can also lie."""

import time
from typing import Any
from urllib.parse import parse_qs

import httpx2
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey

ISSUER, CLIENT, MAIL = "https://login.example", "avous", "sarah@store.example"
KEY = RSAKey.generate_key(2048, {"kid": "k", "use": "sig", "alg": "RS256"})


class Company:
    """The provider: remembers what it was asked, answers with claims the test can spoil."""

    def __init__(self, page: str = f"{ISSUER}/authorize") -> None:
        """``page`` is where people are asked who they are."""
        self.asked: dict[str, str] = {}
        self.spoilt: dict[str, Any] = {}
        self.key: Any = KEY
        self.header = {"alg": "RS256", "kid": "k"}
        self.description: dict[str, Any] = {
            "issuer": ISSUER, "authorization_endpoint": page,
            "token_endpoint": f"{ISSUER}/token", "jwks_uri": f"{ISSUER}/keys",
        }  # fmt: skip
        self.status = 200

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx2.Response(200, json=self.description)
            case "/keys":
                return httpx2.Response(200, json={"keys": [KEY.as_dict(private=False)]})
            case "/token":
                return self._token({name: values[0] for name, values in parse_qs(request.content.decode()).items()})
        return httpx2.Response(404)

    def _token(self, form: dict[str, str]) -> httpx2.Response:
        assert form["client_secret"] == "between-us"
        assert form["redirect_uri"] == self.asked["redirect_uri"]
        if create_s256_code_challenge(form["code_verifier"]) != self.asked["code_challenge"] or form["code"] != "good":
            return httpx2.Response(400, json={"error": "invalid_grant"})
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, "nonce": self.asked["nonce"], "email": MAIL}
        claims |= self.spoilt
        token = jwt.encode(self.header, {name: value for name, value in claims.items() if value is not None}, self.key)
        return httpx2.Response(self.status, json={"id_token": token, "access_token": "x", "token_type": "Bearer"})
