"""What the holder of a ticket's link may do, over HTTP."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from server.web import limits
from tests.web.conftest import HandClock, bearer, is_problem, join, on_duty, tap, uid


def say(client: TestClient, token: str, verb: str, **more: Any) -> Any:
    return client.post(f"/api/v1/ticket/{verb}", json={"id": uid(), **more}, headers=bearer(token))


def test_the_view_has_an_etag(client: TestClient) -> None:
    token = join(client)["token"]
    first = client.get("/api/v1/ticket", headers=bearer(token))
    again = client.get("/api/v1/ticket", headers={**bearer(token), "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert {first.headers["Cache-Control"], again.headers["Cache-Control"]} == {"private, no-store"}
    other = client.get("/api/v1/ticket", headers={**bearer(join(client)["token"]), "If-None-Match": first.headers["ETag"]})
    same_seq = client.get("/api/v1/ticket", headers=bearer(token)).json()["seq"] == other.json()["seq"]
    assert (other.status_code, same_seq) == (200, True)


def test_away_back_another_service_and_leave(client: TestClient, clock: HandClock) -> None:
    token = join(client)["token"]
    assert say(client, token, "away", minutes=5).json()["view"]["phase"] == "away"
    assert say(client, token, "back").json()["view"]["phase"] == "waiting"
    assert say(client, token, "service", service="payment").json()["view"]["service"] == "payment"
    assert say(client, token, "content", item="cables").json()["view"]["seen"] == ["cables"]
    left = say(client, token, "leave", reason="long").json()
    assert (left["view"]["phase"], left["view"]["outcome"]) == ("ended", "left")
    assert left["seq"] == left["view"]["seq"]


def test_a_whole_visit(client: TestClient, clock: HandClock) -> None:
    told = join(client, name="Zoé")
    token = told["token"]
    on_duty(client)
    assert tap(client, "next").json()["number"] == told["number"]
    called = client.get("/api/v1/ticket", headers=bearer(token)).json()
    assert called["call"]["name"] == "Léa"
    assert say(client, token, "seen").json()["view"]["call"]["seen"] is True
    assert say(client, token, "coming").json()["view"]["call"]["coming"] is True
    assert tap(client, "start", ticket=told["id"]).status_code == 200
    clock.at += 300
    assert tap(client, "finish", ticket=told["id"]).status_code == 200
    rated = say(client, token, "rate", stars=5).json()["view"]
    assert (rated["outcome"], rated["stars"]) == ("answered", 5)


def test_the_same_command_again_gets_the_same_answer(client: TestClient) -> None:
    token = join(client)["token"]
    body = {"id": uid(), "minutes": 5}
    answers = [client.post("/api/v1/ticket/away", json=body, headers=bearer(token)).json() for _ in range(5)]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["view"]["aways_left"] == 2


def test_somebody_elses_command_id_is_worth_nothing(client: TestClient) -> None:
    mine, theirs = join(client)["token"], join(client)["token"]
    body = {"id": uid()}
    assert client.post("/api/v1/ticket/leave", json=body, headers=bearer(mine)).status_code == 200
    is_problem(client.post("/api/v1/ticket/leave", json=body, headers=bearer(theirs)), 422, "bad_value")
    assert client.get("/api/v1/ticket", headers=bearer(theirs)).json()["phase"] == "waiting"


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "A" * 500, "é" * 22])
def test_a_token_that_does_not_exist(client: TestClient, token: str) -> None:
    headers = {b"Authorization": f"Bearer {token}".encode()}
    code, status = ("unknown_token", 404) if token else ("token_needed", 401)
    response = client.get("/api/v1/ticket", headers=headers)
    is_problem(response, status, code)
    assert ("WWW-Authenticate" in response.headers) == (status == 401)
    is_problem(client.post("/api/v1/ticket/leave", json={"id": uid()}, headers=headers), status, code)


def test_no_token_in_the_address(client: TestClient) -> None:
    token = join(client)["token"]
    is_problem(client.get(f"/api/v1/ticket?token={token}"), 401, "token_needed")


def test_refusals_have_their_status(client: TestClient) -> None:
    token = join(client)["token"]
    is_problem(say(client, token, "coming"), 409, "wrong_phase")
    is_problem(say(client, token, "service", service="nothing"), 404, "unknown_service")
    is_problem(say(client, token, "rate", stars=3), 409, "wrong_phase")
    assert say(client, token, "leave").status_code == 200
    is_problem(say(client, token, "leave"), 409, "already_ended")


def test_commands_of_one_ticket_are_bounded_and_nobody_elses(client: TestClient) -> None:
    token, other = join(client)["token"], join(client)["token"]
    first = {"id": uid(), "item": "cables"}
    assert client.post("/api/v1/ticket/content", json=first, headers=bearer(token)).status_code == 200
    answers = [say(client, token, "content", item="cables") for _ in range(2 * limits.PHONE_COMMANDS)]
    assert [answer.status_code for answer in answers[: limits.PHONE_COMMANDS - 1]] == [200] * (limits.PHONE_COMMANDS - 1)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= limits.PHONE_COMMANDS - 5
    assert is_problem(refused[-1], 429, "too_many")["retry_after_s"] > 0
    assert client.post("/api/v1/ticket/content", json=first, headers=bearer(token)).status_code == 200, "known: answered again"
    assert say(client, other, "content", item="cables").status_code == 200
    assert client.get("/api/v1/ticket", headers=bearer(token)).status_code == 200
