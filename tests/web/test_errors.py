"""Bad input gets one clear error of the one shape, and nothing is lost or done."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from server.live.messages import StorageTrouble
from server.rules.refusals import Code
from server.web import i18n, problems
from server.web.limits import BODY_BYTES
from server.web.policies import Who, describe_of
from tests.web.conftest import API, OURS, bearer, is_problem, join, sign_in, state_of, tap, uid
from tests.web.walk import Way, ids, mounts, ways

JSON = {"Content-Type": "application/json"}
TAKING = [way for way in ways() if (about := describe_of(way.route)) is not None and about.body is not None]
WITH_BODY = [way for way in TAKING if way.policy.who is not Who.BOOKER]  # those of an appointment's link: tests/web/test_booking.py
TICKETS = f"{API}/tickets"


@pytest.fixture
def known(shared: TestClient) -> TestClient:
    """A client that may use every route: a manager's cookie and a phone's token."""
    client = shared
    token = join(client)["token"]
    sign_in(client, "sarah")
    client.headers.update({**OURS, **bearer(token)})
    return client


@pytest.mark.parametrize("way", WITH_BODY, ids=ids)
def test_bodies_that_are_not_bodies(known: TestClient, way: Way) -> None:
    def post(content: bytes, headers: dict[str, str] = JSON) -> Any:
        return known.post(way.path, content=content, headers=headers)

    big = json.dumps({"id": uid(), "x": "y" * 1_000_000}).encode()
    is_problem(post(big), 413, "too_large")
    is_problem(post(b"{"), 400, "bad_json")
    is_problem(post(b"\xff\xfe"), 400, "bad_json")
    is_problem(post(b""), 400, "bad_json")
    is_problem(post(b"[" * 10_000), 400, "bad_json")
    for wrong in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/jsonx"},
    ):
        is_problem(post(b"{}", wrong), 415, "wrong_content_type")
    for value in (b"[]", b"null", b"3", b'"x"'):
        is_problem(post(value), 422, "bad_field")
    assert is_problem(post(b'{"surprise": 1}'), 422, "bad_field")["facts"]["field"]


@pytest.mark.parametrize("way", ways(), ids=ids)
def test_other_methods_are_refused_in_the_same_shape(known: TestClient, way: Way) -> None:
    allowed = {other.method for other in ways() if other.path == way.path}
    for method in ({"GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"}) - allowed:
        response = known.request(method, way.path)
        is_problem(response, 405, "method_not_allowed")
        assert response.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/api/v1/nothing",
        "/api/v2/clock",
        "/s",
        "/api/v1/clock/",
        "/static/web/nothing.js",
        "/static/x/y",
        "/%00",
        "/i18n/xx.json",
    ],
)
def test_nothing_there(shared: TestClient, path: str) -> None:
    is_problem(shared.get(path), 404, "not_found")


PAGES_OF_A_STORE = [
    w.path.replace("/essai", "/nowhere") for w in ways() if w.path.startswith("/s/") and not w.path.endswith((".css", "/logo"))
]


@pytest.mark.parametrize("path", [path for path in PAGES_OF_A_STORE if not path.endswith((".css", "/logo"))])
def test_pages_of_a_store_that_is_not_here(shared: TestClient, path: str) -> None:
    is_problem(shared.get(path), 404, "unknown_store")
    page = shared.get(path, headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Ce magasin n’existe pas ici." in page.text
    assert shared.get(path.replace("nowhere", "essai")).status_code == 200


OUTSIDE = [
    "../../settings.py", "%2e%2e/%2e%2e/settings.py", "..%2f..%2fsettings.py", "%252e%252e/%252e%252e/settings.py", "/etc/passwd",
    "..%5c..%5csettings.py", "..\\..\\settings.py", "js/../../../settings.py", "%2fetc%2fpasswd", "....//settings.py", ".", "..", "", "%00",
    "js%00.js", "file:///etc/passwd", "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("room", [mount.path for mount in mounts()])
def test_files_stay_in_their_room(shared: TestClient, room: str) -> None:
    for path in OUTSIDE:
        is_problem(shared.get(f"{room}/{path}"), 404, "not_found")


def test_a_person_gets_a_page(shared: TestClient) -> None:
    response = shared.get("/nothing", headers={"Accept": "text/html,*/*", "Accept-Language": "fr"})
    assert response.status_code == 404
    assert "Il n’y a rien à cette adresse" in response.text
    assert "content-security-policy" in response.headers
    is_problem(shared.get("/api/v1/nothing", headers={"Accept": "text/html"}), 404, "not_found")


@pytest.mark.parametrize(
    "change, field",
    [
        ({"id": "1"}, "id"),
        ({"id": 7}, "id"),
        ({"service": ""}, "service"),
        ({"service": 3}, "service"),
        ({"service": None}, "service"),
        ({"steps": "payment"}, "steps"),
        ({"steps": ["x"] * 9}, "steps"),
        ({"language": "français"}, "language"),
        ({"companions": -1}, "companions"),
        ({"companions": 2.5}, "companions"),
        ({"companions": True}, "companions"),
        ({"appointment_at": "tomorrow"}, "appointment_at"),
        ({"appointment_at": "2026-11-21T12:00:00"}, "appointment_at"),
        ({"name": "x" * 41}, "name"),
        ({"name": "Zo\x00"}, "name"),
        ({"name": "Zoé\nLéa"}, "name"),
        ({"name": "\x1b[31mZoé"}, "name"),
        ({"name": "\u202eéoZ"}, "name"),
        ({"phone": "call me"}, "phone"),
        ({"qr": "yes"}, "qr"),
        ({"admin": True}, "admin"),
        ({"<script>": 1}, "?script?"),
    ],
)
def test_the_message_names_the_field_and_not_the_value(shared: TestClient, change: dict[str, Any], field: str) -> None:
    body = {"id": uid(), "service": "advice", **change}
    problem = is_problem(shared.post(TICKETS, json=body), 422, "bad_field")
    assert problem["facts"]["field"].startswith(field)
    assert field in problem["message"]
    assert "call me" not in str(problem)
    assert "<" not in str(problem)


def test_bad_joins(client: TestClient) -> None:
    post = client.post
    is_problem(post(TICKETS, json={"id": uid(), "service": "nothing"}), 404, "unknown_service")
    is_problem(post(TICKETS, json={"id": uid(), "service": "advice", "steps": ["nothing"]}), 404, "unknown_service")
    is_problem(post(TICKETS, json={"id": uid(), "service": "advice", "priority": "king"}), 404, "unknown_class")
    is_problem(post("/api/v1/stores/nowhere/tickets", json={"id": uid(), "service": "advice"}), 404, "unknown_store")
    early = {"id": uid(), "service": "advice", "appointment_at": "2026-11-21T18:00:00Z"}
    assert is_problem(post(TICKETS, json=early), 409, "appointment_too_early")["facts"] == {"come_at": "2026-11-21T17:00:00.000Z"}
    assert is_problem(post(TICKETS, json=early), 409, "appointment_too_early")["facts"] == {"come_at": "2026-11-21T17:00:00.000Z"}
    assert client.get(f"{API}/views/kiosk").json()["services"][0]["waiting"] == 0


def test_a_lie_about_the_length_is_found_out(shared: TestClient) -> None:
    def endless() -> Any:
        for _ in range(100):
            yield b"x" * 1000

    is_problem(shared.post(TICKETS, content=endless(), headers=JSON), 413, "too_large")
    exact = json.dumps({"id": uid(), "service": "advice"}).encode().ljust(BODY_BYTES)
    assert shared.post(TICKETS, content=exact, headers=JSON).status_code == 201
    is_problem(shared.post(TICKETS, content=exact + b" ", headers=JSON), 413, "too_large")


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "99999999999999999999"])
def test_lengths_that_make_no_sense(shared: TestClient, length: str) -> None:
    is_problem(shared.post(TICKETS, content=b"{}", headers={**JSON, "Content-Length": length}), 413, "too_large")


def test_taps_on_nothing(client: TestClient) -> None:
    sign_in(client)
    is_problem(tap(client, "next"), 409, "not_on_duty")
    tap(client, "on")
    is_problem(tap(client, "next"), 409, "nobody_waiting")
    is_problem(tap(client, "claim", ticket=uid()), 404, "unknown_ticket")
    is_problem(tap(client, "undo"), 409, "nothing_to_undo")
    is_problem(tap(client, "claim", ticket="42"), 422, "bad_field")


def test_the_message_speaks_the_callers_language(shared: TestClient) -> None:
    ask = {"fr": "Ce magasin n’existe pas ici.", "en": "There is no such store here.", "": "There is no such store here."}
    for language, words in ask.items():
        answer = shared.get("/api/v1/stores/x", headers={"Accept-Language": language})
        assert is_problem(answer, 404, "unknown_store")["message"] == words


def test_a_bug_shows_nothing_of_itself(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError("secret canary /etc/passwd")

    rooms = state_of(client).house
    monkeypatch.setattr(type(rooms.live), "store", explode)
    for path in (API, f"{API}/people"):
        response = client.get(path)
        is_problem(response, 500, "internal")
        assert "canary" not in response.text
        assert "content-security-policy" in response.headers


def test_trouble_with_the_storage_is_retryable(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def trouble(*_: object) -> None:
        raise StorageTrouble("disk full", 2.0)

    rooms = state_of(client).house
    monkeypatch.setattr(type(rooms.live), "submit", trouble)
    response = client.post(TICKETS, json={"id": uid(), "service": "advice"})
    assert is_problem(response, 503, "storage_trouble")["retry_after_s"] == 2.0
    assert response.headers["Retry-After"] == "2"
    assert "disk" not in response.text


@pytest.mark.parametrize("code", [*[code.value for code in Code], *problems.WEB_CODES])
def test_every_code_has_a_status_and_words(code: str) -> None:
    assert 400 <= problems.status_of(code) < 600
    for language in i18n.languages():
        assert f"errors.{code}" in i18n.catalogue(language), f"{language}: errors.{code}"


def test_codes_of_the_web_are_not_codes_of_the_rules() -> None:
    assert set(problems.WEB_CODES) & {code.value for code in Code} == set()


def test_public_routes_never_ask_to_sign_in(shared: TestClient) -> None:
    for way in ways():
        if way.policy.who is Who.PUBLIC and way.method == "GET":
            assert shared.get(way.path).status_code not in (401, 403), way
