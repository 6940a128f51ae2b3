"""Headers on every answer, and no request or socket forged by a foreign page."""

from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse

from server.settings import Settings
from server.web.policies import BY_SESSION, Who
from server.web.security import CSP, FILE_HEADERS, HEADERS, PRINTER_AGENT
from tests.web.conftest import API, OURS, STORE, bearer, is_problem, join, sign_in, state_of, uid
from tests.web.walk import Way, ids, sockets, ways

HOST = "http://testserver"
FOREIGN = {
    "another host": "http://evil.example",
    "null": "null",
    "empty": "",
    "another scheme": "https://testserver",
    "another port": "http://testserver:81",
    "our own port spelled out": "http://testserver:80",
    "a subdomain": "http://a.testserver",
    "a longer name": "http://testserver.example",
    "a name that ends like ours": "http://eviltestserver",
    "upper case": "HTTP://TESTSERVER",
    "a path": "http://testserver/x",
    "a user": "http://x@testserver",
    "a trailing dot": "http://testserver.",
    "another protocol": "file://",
    "not an address": "testserver",
    "two at once": "http://testserver, http://evil.example",
}
CHANGING = [way for way in ways() if way.policy.changes]
COOKIE_PATHS = ("/api/v1/session", "/api/v1/device", "/api/v1/setup", "/api/v1/found")
PAGES = [way for way in ways() if not way.path.startswith("/api/")]


def origins() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("origin", FOREIGN.values(), ids=FOREIGN.keys())


@pytest.fixture
def known(shared: TestClient) -> TestClient:
    token = join(shared)["token"]
    sign_in(shared, "sarah")
    shared.headers.update(bearer(token))
    return shared


@pytest.mark.parametrize("way", ways(), ids=ids)
def test_headers_on_every_answer(shared: TestClient, way: Way) -> None:
    response = shared.request(way.method, way.path)
    for name, value in (FILE_HEADERS if way.path.startswith("/i18n/") else HEADERS).items():
        told = response.headers[name]
        assert (told.replace(f" {PRINTER_AGENT}", "") if way.path.endswith("/kiosk") else told) == value, name
    assert response.headers["Cache-Control"] in ("no-store", "no-cache")
    assert "Server" not in response.headers


def test_files_carry_little(shared: TestClient) -> None:
    style = shared.get("/static/web/css/base.css").headers
    assert style["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" not in style
    assert shared.get("/static/web/icons.svg").headers["Content-Security-Policy"] == CSP, "a picture that can hold scripts"


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/nothing", "/s", "/api/v1/clock/"])
def test_headers_where_there_is_no_route(shared: TestClient, path: str) -> None:
    assert shared.get(path).headers["Content-Security-Policy"] == CSP


def test_the_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in CSP
    assert CSP.startswith("default-src 'none'")
    assert all(part in CSP for part in ("base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'", "form-action 'self'"))


@pytest.mark.parametrize("way", PAGES, ids=ids)
def test_pages_have_nothing_inline(shared: TestClient, way: Way) -> None:
    html = shared.get(way.path).text
    if html.startswith("<!doctype html"):
        assert " style=" not in html
        assert "<style" not in html
        assert "javascript:" not in html
        assert not any(f" on{event}=" in html for event in ("click", "load", "error", "submit", "input", "change"))
        for script in html.split("<script")[1:]:
            assert "src=" in script.split(">")[0] or 'type="application/json"' in script.split(">")[0]


@pytest.mark.parametrize("way", CHANGING, ids=ids)
def test_no_command_from_a_foreign_page(known: TestClient, way: Way) -> None:
    for origin in FOREIGN.values():
        headers = {**OURS, "Origin": origin}
        is_problem(known.request(way.method, way.path, json={"id": uid()}, headers=headers), 403, "foreign_origin")


@pytest.mark.parametrize("way", CHANGING, ids=ids)
def test_every_command_looks_at_origin_site_and_header(known: TestClient, way: Way) -> None:
    def send(**headers: str) -> Any:
        return known.request(way.method, way.path, json={"id": "x"}, headers=headers)

    is_problem(send(**OURS, Origin="http://evil.example"), 403, "foreign_origin")
    is_problem(send(**OURS, **{"Sec-Fetch-Site": "cross-site"}), 403, "foreign_origin")
    is_problem(send(**OURS, **{"Sec-Fetch-Site": "same-site"}), 403, "foreign_origin")
    if way.policy.forgeable:
        is_problem(send(), 403, "header_needed")
        is_problem(send(Origin=HOST), 403, "header_needed")
        is_problem(send(**{"X-Avous": "yes"}), 403, "header_needed")
    if way.method == "POST":
        for headers in ({**OURS, "Origin": HOST, "Sec-Fetch-Site": "same-origin"}, OURS):
            answer = send(**headers)
            assert answer.status_code not in (401, 403), answer.text


def test_what_acts_on_a_cookie_is_forgeable_and_the_rest_is_not() -> None:
    for way in CHANGING:
        by_cookie = way.policy.who in (*BY_SESSION, Who.DEVICE) or way.path in COOKIE_PATHS
        assert way.policy.forgeable == by_cookie, way


@pytest.mark.parametrize("way", [way for way in CHANGING if way.method == "POST" and way.policy.forgeable], ids=ids)
@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "", "application/json; charset=latin-1"]
)
def test_what_a_form_can_send_is_no_command(known: TestClient, way: Way, content_type: str) -> None:
    """A foreign page can make a browser send these without asking first; with our header, and without."""
    headers = {"Content-Type": content_type, "Origin": HOST}
    is_problem(known.post(way.path, content=b"{}", headers=headers), 403, "header_needed")
    refused = known.post(way.path, content=b"{}", headers={**headers, **OURS})
    assert refused.status_code in (404, 415, 204), refused.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "TRACE"])
def test_only_its_own_method_changes_anything(known: TestClient, method: str) -> None:
    for way in CHANGING:
        if not any(other.path == way.path and other.method in (method, "GET") for other in ways()):
            assert known.request(method, way.path, headers=OURS).status_code == 405, way


def test_no_preflight_is_ever_answered(shared: TestClient) -> None:
    for way in ways():
        asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": way.method, "Access-Control-Request-Headers": "x-avous"}
        response = shared.options(way.path, headers=asked)
        assert response.status_code == 405, way
        assert not [name for name in response.headers if name.startswith("access-control")], way


def hello(path: str, shared: TestClient) -> dict[str, Any]:
    if path == "/ws/phone":
        return {"type": "hello", "token": join(shared)["token"]}
    return {"type": "hello"} if path == "/ws/staff" else {"type": "hello", "store": STORE, "screen": "board"}


@origins()
@pytest.mark.parametrize("path", [route.path for route in sockets()])
def test_no_socket_for_a_foreign_page(known: TestClient, path: str, origin: str) -> None:
    with pytest.raises(WebSocketDenialResponse) as denied, known.websocket_connect(path, headers={**OURS, "Origin": origin}):
        pass
    is_problem(denied.value, 403, "foreign_origin")


@pytest.mark.parametrize("path", [route.path for route in sockets()])
def test_our_own_page_and_programs_get_their_socket(known: TestClient, path: str) -> None:
    for headers in ({"Origin": HOST}, OURS):
        with known.websocket_connect(path, headers=headers) as socket:
            socket.send_json(hello(path, known))
            assert socket.receive_json()["seq"]


def test_a_cookie_without_an_origin_needs_the_header(known: TestClient) -> None:
    with pytest.raises(WebSocketDenialResponse) as denied, known.websocket_connect("/ws/staff"):
        pass
    is_problem(denied.value, 403, "header_needed")


def test_named_origins_replace_the_servers_own() -> None:
    settings = Settings(allowed_origins=("https://queue.example", "http://Kiosk.example:80"), public_url="https://phone.example/")
    assert settings.origins == {"https://queue.example", "http://kiosk.example", "https://phone.example"}
    assert Settings(public_url="https://phone.example").origins == frozenset()
    with pytest.raises(ValueError, match="not an http or https address"):
        Settings(allowed_origins=("queue.example",))


def test_named_origins_count(known: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = state_of(known).house
    named = rooms.settings.model_copy(update={"allowed_origins": ("https://queue.example",)})
    monkeypatch.setattr(Settings, "origins", named.origins)
    body = {"id": uid(), "service": "advice"}
    assert known.post(f"{API}/tickets", json=body, headers={"Origin": "https://queue.example"}).status_code == 201
    is_problem(known.post(f"{API}/tickets", json=body, headers={"Origin": HOST}), 403, "foreign_origin")
