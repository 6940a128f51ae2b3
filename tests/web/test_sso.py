"""Managers sign in with the company's account."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jwk import OctKey, RSAKey
from starlette.testclient import TestClient

from server.app import build_app
from server.live.stores import parse_store
from server.settings import Settings
from server.web import limits
from server.web.sso import Provider
from tests.web.company import CLIENT, ISSUER, MAIL, Company
from tests.web.conftest import STORE, TABLE, HandClock, another, is_problem, state_of

OTHER = RSAKey.generate_key(2048, {"kid": "k"})


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def client(settings: Settings, company: Company, clock: HandClock) -> Iterator[TestClient]:
    people = {
        **TABLE["salespeople"],
        "sarah": {**TABLE["salespeople"]["sarah"], "sso": MAIL},
        "lea": {**TABLE["salespeople"]["lea"], "sso": "lea@x"},
    }
    changes = {"oidc_issuer": ISSUER, "oidc_client_id": CLIENT, "oidc_client_secret": "between-us"}
    given = Settings(**{**settings.model_dump(), **changes, "demo": True})
    app = build_app(given, [parse_store({**TABLE, "salespeople": people})], clock)
    app.state.sso = Provider(given, httpx2.MockTransport(company))
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def go(client: TestClient, company: Company) -> str:
    """To the provider; returns the state it was given."""
    response = client.get(f"/sso/{STORE}")
    assert response.status_code == 303, response.text
    address = urlsplit(response.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{ISSUER}/authorize"
    company.asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    return company.asked["state"]


def come_back(client: TestClient, state: str, code: str = "good") -> Any:
    return client.get("/sso/callback", params={"state": state, "code": code})


def test_a_manager_is_signed_in(client: TestClient, company: Company) -> None:
    back = come_back(client, go(client, company))
    assert (back.status_code, back.headers["location"]) == (303, "/manager")
    assert client.get("/api/v1/session").json() == {"salesperson": "sarah", "name": "Sarah", "role": "manager", "store": STORE}
    assert company.asked["code_challenge_method"] == "S256"
    assert "httponly" in back.headers.get_list("set-cookie")[0].lower()


@pytest.mark.parametrize(
    "spoilt",
    [{"nonce": "other"}, {"nonce": None}, {"aud": "somebody"}, {"aud": None}, {"iss": "https://evil.example"}, {"exp": 1}, {"exp": None},
     {"email": "nobody@store.example"}, {"email": None}, {"email": "lea@x"}, {"email_verified": False}],
    ids=str,
)  # fmt: skip
def test_whoever_is_not_told_truly_stays_outside(client: TestClient, company: Company, spoilt: dict[str, Any]) -> None:
    company.spoilt = spoilt
    is_problem(come_back(client, go(client, company)), 401, "sso_refused")
    assert client.get("/api/v1/session").json() is None


def test_a_token_signed_by_somebody_else_is_none(client: TestClient, company: Company) -> None:
    company.key = OTHER
    is_problem(come_back(client, go(client, company)), 401, "sso_refused")
    company.key, company.header = OctKey.import_key("a key of thirty-two letters, about."), {"alg": "HS256", "kid": "k"}
    is_problem(come_back(client, go(client, company)), 401, "sso_refused")


def test_a_state_is_spent_once_and_belongs_to_its_browser(client: TestClient, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    state = go(client, company)
    is_problem(come_back(another(client), state), 401, "sso_refused")
    is_problem(come_back(client, "made-up"), 401, "sso_refused")
    assert come_back(client, state).status_code == 303
    client.cookies.set("sso", state)
    is_problem(come_back(client, state), 401, "sso_refused")
    monkeypatch.setattr(limits, "SSO_STATE_S", 0.0)
    is_problem(come_back(client, go(client, company)), 401, "sso_refused")


def test_a_provider_in_trouble(client: TestClient, company: Company) -> None:
    is_problem(come_back(client, go(client, company), "bad"), 401, "sso_refused")
    company.status = 500
    is_problem(come_back(client, go(client, company)), 401, "sso_refused")
    state_of(client).sso = Provider(state_of(client).settings, httpx2.MockTransport(lambda _: httpx2.Response(200, json={"issuer": "x"})))
    is_problem(client.get(f"/sso/{STORE}"), 401, "sso_refused")


def test_without_a_provider_there_is_no_such_door(shared: TestClient) -> None:
    for path in (f"/sso/{STORE}", "/sso/callback"):
        is_problem(shared.get(path), 404, "not_found")
    with pytest.raises(ValueError, match="begins with https"):
        Settings(oidc_issuer="http://login.example")
