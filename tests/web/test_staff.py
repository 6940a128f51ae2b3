"""Signing in and everything a salesperson or manager may do, over HTTP."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.web.conftest import API, OURS, STORE, HandClock, another, is_problem, join, on_duty, sign_in, tap, uid


@pytest.fixture
def second(client: TestClient) -> TestClient:
    return another(client)


def staff_view(client: TestClient) -> Any:
    return client.get(f"{API}/views/staff").json()


def test_signing_in_says_who(client: TestClient) -> None:
    body = {"store": STORE, "salesperson": "lea", "pin": "4711"}
    answer = client.post("/api/v1/session", json=body, headers=OURS)
    told = {"salesperson": "lea", "name": "Léa", "role": "salesperson", "store": STORE}
    assert (answer.status_code, answer.json()) == (201, told)
    assert client.get("/api/v1/session").json() == told
    assert client.delete("/api/v1/session", headers=OURS).status_code == 204
    assert client.get("/api/v1/session").json() is None
    is_problem(client.get(f"{API}/views/staff"), 401, "sign_in_needed")


def test_duty_pause_and_going_home(client: TestClient) -> None:
    on_duty(client)
    assert staff_view(client)["me"]["duty"] == "idle"
    assert tap(client, "pause", reason="lunch", minutes=30).status_code == 200
    assert staff_view(client)["me"]["pause"] == "lunch"
    assert tap(client, "resume").status_code == 200
    assert tap(client, "off").status_code == 200
    assert staff_view(client)["me"]["duty"] == "off"


def test_next_recall_no_show_and_back(client: TestClient, clock: HandClock) -> None:
    told = join(client, name="Zoé")
    on_duty(client)
    taken = tap(client, "next").json()
    assert taken == {"seq": taken["seq"], "ticket": told["id"], "number": "C-001"}
    assert taken["seq"] <= staff_view(client)["seq"]  # an estimate may have come since
    assert staff_view(client)["card"]["name"] == "Zoé"
    assert tap(client, "recall", ticket=told["id"]).status_code == 200
    assert tap(client, "no-show", ticket=told["id"]).status_code == 200
    assert [row["number"] for row in staff_view(client)["parked"]] == ["C-001"]
    assert tap(client, "undo").json()["number"] == "C-001"
    assert staff_view(client)["card"]["number"] == "C-001"


def test_two_steps_transfer_still_and_void(client: TestClient, second: TestClient, clock: HandClock) -> None:
    told = join(client, steps=["payment"])
    on_duty(client)
    assert tap(client, "claim", ticket=told["id"]).status_code == 200
    assert tap(client, "start", ticket=told["id"]).status_code == 200
    clock.at += 60
    assert tap(client, "still", ticket=told["id"]).status_code == 200
    assert tap(client, "finish", ticket=told["id"]).status_code == 200
    assert staff_view(client)["waiting"][0]["service"] == "payment"
    assert tap(client, "claim", ticket=told["id"]).status_code == 200
    assert tap(client, "transfer", ticket=told["id"], service="advice").status_code == 200
    on_duty(second, "karim")
    assert tap(second, "claim", ticket=told["id"]).status_code == 200
    assert tap(second, "hand-back", ticket=told["id"]).status_code == 200
    assert tap(second, "void", ticket=told["id"], reason="test").status_code == 200
    assert staff_view(client)["waiting_total"] == 0


def test_who_comes_second_learns_who_was_first(client: TestClient, second: TestClient) -> None:
    told = join(client)
    on_duty(client)
    on_duty(second, "karim")
    assert tap(client, "claim", ticket=told["id"]).status_code == 200
    problem = is_problem(tap(second, "claim", ticket=told["id"]), 409, "already_claimed")
    assert problem["facts"] == {"by": "Léa", "salesperson": "lea", "number": "C-001"}
    assert "Léa" in problem["message"]


def test_an_offer_is_accepted_or_declined(client: TestClient, app: Starlette) -> None:
    on_duty(client)
    told = join(client)
    is_problem(tap(client, "accept", ticket=told["id"]), 409, "no_such_offer")
    is_problem(tap(client, "decline", ticket=told["id"], reason="busy"), 409, "no_such_offer")


def test_a_ticket_of_the_staff_view_can_be_called_started_and_finished(client: TestClient, clock: HandClock) -> None:
    """All that a salesperson knows is what the screen shows."""
    client.post(f"{API}/tickets", json={"id": uid(), "service": "advice"})
    on_duty(client)
    (row,) = staff_view(client)["waiting"]
    assert tap(client, "claim", ticket=row["ticket"]).json()["number"] == row["number"]
    card = staff_view(client)["card"]
    assert (card["ticket"], card["phase"]) == (row["ticket"], "called")
    assert tap(client, "start", ticket=card["ticket"]).status_code == 200
    assert staff_view(client)["card"]["phase"] == "serving"
    clock.at += 60
    assert tap(client, "finish", ticket=card["ticket"]).status_code == 200
    assert (staff_view(client)["card"], staff_view(client)["me"]["served"]) == (None, 1)


def test_one_persons_etag_is_not_anothers(client: TestClient, second: TestClient) -> None:
    sign_in(client)
    sign_in(second, "karim")
    path = f"{API}/views/staff"
    mine = client.get(path)
    tag = {"If-None-Match": mine.headers["ETag"]}
    assert client.get(path, headers=tag).status_code == 304
    theirs = second.get(path, headers=tag)
    assert (theirs.status_code, theirs.json()["me"]["id"]) == (200, "karim")
    for answer in (mine, theirs, client.get(path, headers=tag)):
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_tap_sent_again_is_one_tap_even_after_signing_in_again(client: TestClient) -> None:
    told = join(client)
    on_duty(client)
    body = {"id": uid(), "ticket": told["id"]}
    first = client.post(f"{API}/staff/claim", json=body, headers=OURS)
    client.delete("/api/v1/session", headers=OURS)
    sign_in(client)
    assert client.post(f"{API}/staff/claim", json=body, headers=OURS).json() == first.json()


def test_the_managers_day(client: TestClient) -> None:
    sign_in(client, "sarah")
    join(client)
    floor = client.get(f"{API}/views/floor").json()
    assert floor["accounts"]["open"] == 1
    is_problem(client.post(f"{API}/manager/open", json={"id": uid()}, headers=OURS), 409, "already_open")
    assert client.post(f"{API}/manager/close", json={"id": uid()}, headers=OURS).status_code == 200
    refused = client.post(f"{API}/tickets", json={"id": uid(), "service": "advice"})
    is_problem(refused, 409, "store_closed")
    assert client.post(f"{API}/manager/end", json={"id": uid()}, headers=OURS).status_code == 200
    accounts = client.get(f"{API}/views/floor").json()["accounts"]
    assert (accounts["open"], accounts["closed"]) == (0, 1)


def test_a_salesperson_is_not_a_manager(client: TestClient) -> None:
    sign_in(client)
    is_problem(client.get(f"{API}/views/floor"), 403, "not_allowed")
    for verb in ("open", "close", "end"):
        is_problem(client.post(f"{API}/manager/{verb}", json={"id": uid()}, headers=OURS), 403, "not_allowed")


def test_a_session_is_for_one_store(client: TestClient) -> None:
    sign_in(client)
    is_problem(client.get("/api/v1/stores/autre/views/staff"), 403, "not_allowed")
    is_problem(client.post("/api/v1/stores/autre/staff/next", json={"id": uid()}, headers=OURS), 403, "not_allowed")
