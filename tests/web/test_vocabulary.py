"""Nobody can write into the journal: every word that gets there is one of a list."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from server.content.library import library
from server.web import i18n, vocabulary
from server.web.pages import ROOMS
from tests.web.conftest import API, bearer, is_problem, join, on_duty, sign_in, state_of, tap, uid

CANARY = "jean-dupont-0698765432"


def _kept(client: TestClient) -> bytes:
    """Everything the database's files hold."""
    path: Path = state_of(client).settings.database_file
    return b"".join(file.read_bytes() for file in path.parent.glob("avous.db*"))


def test_no_word_of_a_shopper_gets_into_the_database(client: TestClient) -> None:
    headers = bearer(join(client)["token"])

    def say(path: str, **body: Any) -> Any:
        return client.post(path, json={"id": uid(), **body}, headers=headers)

    is_problem(say("/api/v1/ticket/content", item=CANARY), 404, "unknown_content")
    is_problem(say("/api/v1/ticket/leave", reason=CANARY), 422, "bad_field")
    is_problem(say("/api/v1/ticket/service", service=CANARY), 404, "unknown_service")
    is_problem(say(f"{API}/balks", service=CANARY), 404, "unknown_service")
    is_problem(say(f"{API}/balks", service="advice", reason=CANARY), 422, "bad_field")
    is_problem(say(f"{API}/tickets", service=CANARY), 404, "unknown_service")
    is_problem(say(f"{API}/tickets", service="advice", steps=[CANARY]), 404, "unknown_service")
    is_problem(say(f"{API}/tickets", service="advice", priority=CANARY), 404, "unknown_class")
    assert CANARY.encode() not in _kept(client)


def test_no_word_of_a_salesperson_gets_into_the_database(client: TestClient) -> None:
    ticket = join(client)["id"]
    sign_in(client)
    is_problem(tap(client, "on", desk=CANARY), 422, "bad_field")
    is_problem(tap(client, "on", skills=[CANARY]), 422, "bad_field")
    assert tap(client, "on", desk="caisse 2").status_code == 200
    is_problem(tap(client, "pause", reason=CANARY), 422, "bad_field")
    is_problem(tap(client, "void", ticket=ticket, reason=CANARY), 422, "bad_field")
    is_problem(tap(client, "decline", ticket=ticket, reason=CANARY), 422, "bad_field")
    is_problem(tap(client, "transfer", ticket=ticket, to=CANARY), 404, "unknown_salesperson")
    is_problem(tap(client, "finish", ticket=ticket, steps=[CANARY]), 404, "unknown_service")
    assert CANARY.encode() not in _kept(client)


@pytest.mark.parametrize(
    "desk, fits", [("4", True), ("Caisse 12", True), ("", True), ("0698", False), ("7 bis, rue X", False), ("x" * 13, False)]
)
def test_what_a_desk_may_be_called(client: TestClient, desk: str, fits: bool) -> None:
    sign_in(client)
    assert tap(client, "on", desk=desk).status_code == (200 if fits else 422)


def test_everything_in_the_library_can_be_read(client: TestClient) -> None:
    headers = bearer(join(client)["token"])
    for item in {item["id"] for item in library()}:
        assert client.post("/api/v1/ticket/content", json={"id": uid(), "item": item}, headers=headers).status_code == 200, item


def test_the_reasons_are_those_that_the_faces_offer() -> None:
    phone, sheets = _script("phone", "phone.js"), _script("staff_app", "sheets.js")
    leaving = re.search(r"const reasons = \[(.*?)\]", phone)
    declining = re.search(r"const REASONS = \[(.*?)\]", sheets)
    voiding = re.search(r"\[([^\[\]]*)\]\.map\(\(reason\) => choice\(\"void-as\"", sheets)
    assert leaving
    assert declining
    assert voiding
    assert _words(leaving[1]) - {"none"} <= set(get_args(vocabulary.LeaveReason))
    assert set(re.findall(r'reason: "(\w+)"', _script("kiosk", "joins.js"))) <= set(get_args(vocabulary.LeaveReason))
    assert _words(declining[1]) == set(get_args(vocabulary.DeclineReason))
    assert _words(voiding[1]) == set(get_args(vocabulary.VoidReason))
    words = i18n.catalogue("en")
    assert all(f"staff.decline_{reason}" in words for reason in get_args(vocabulary.DeclineReason))
    assert all(f"staff.void_{reason}" in words for reason in get_args(vocabulary.VoidReason))


def test_every_listed_reason_is_taken(client: TestClient) -> None:
    on_duty(client)
    for reason in get_args(vocabulary.PauseReason):
        assert tap(client, "pause", reason=reason).status_code == 200
        assert tap(client, "resume").status_code == 200
    for reason in get_args(vocabulary.LeaveReason):
        token = join(client)["token"]
        answer = client.post("/api/v1/ticket/leave", json={"id": uid(), "reason": reason}, headers=bearer(token))
        assert answer.json()["view"]["reason"] == reason


def _script(room: str, name: str) -> str:
    return (ROOMS[room] / "static" / "js" / name).read_text("utf-8")


def _words(listed: str) -> set[str]:
    return set(re.findall(r'"(\w+)"', listed))
