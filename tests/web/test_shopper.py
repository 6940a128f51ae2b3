"""What anybody in the store may do, over HTTP."""

import pytest
from starlette.testclient import TestClient

from server.live.clock import WallClock
from server.live.messages import StorageTrouble
from tests.web.conftest import API, NOON, STORE, HandClock, bearer, is_problem, join, state_of, uid


def test_the_clock_is_the_stores(client: TestClient) -> None:
    assert client.get("/api/v1/clock").json() == {"now": "2026-11-21T12:00:00.000Z", "speed": 1.0}


def test_the_stores_of_this_server(client: TestClient) -> None:
    assert client.get("/api/v1/stores").json() == {"stores": [{"id": STORE, "name": "Magasin d'essai"}]}


def test_the_store_is_the_kiosks_view_with_its_name(client: TestClient) -> None:
    body = client.get(API).json()
    kiosk = client.get(f"{API}/views/kiosk").json()
    assert {key: body[key] for key in kiosk} == kiosk
    assert (body["name"], body["zone"], body["phase"]) == ("Magasin d'essai", "Europe/Paris", "open")
    assert [service["id"] for service in body["services"]] == ["advice", "payment"]


@pytest.mark.parametrize("path", [API, f"{API}/views/kiosk", f"{API}/views/board"])
def test_what_did_not_change_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    assert tag == f'"{first.json()["seq"]}"'
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == tag
    join(client)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_joining_gives_number_link_and_view(client: TestClient) -> None:
    told = join(client, steps=["payment"], language="en", priority="member", companions=2)
    assert told["number"] == "C-001"
    assert told["url"] == f"http://testserver/t/#{told['token']}"
    assert len(told["token"]) == 22
    assert [step["service"] for step in told["view"]["steps"]] == ["advice", "payment"]
    assert "qr_svg" not in told
    assert client.get("/api/v1/ticket", headers=bearer(told["token"])).json() == told["view"]


def test_joining_again_with_the_same_id_is_the_same_ticket(client: TestClient) -> None:
    id = uid()
    answers = [join(client, id=id) for _ in range(5)]
    assert all(answer == answers[0] for answer in answers)
    assert client.get(f"{API}/views/kiosk").json()["services"][0]["waiting"] == 1


def test_an_id_is_for_one_request(client: TestClient) -> None:
    id = uid()
    join(client, id=id)
    other = client.post(f"{API}/tickets", json={"id": id, "service": "payment"})
    assert is_problem(other, 422, "bad_value")["facts"]["field"] == "id"


def test_a_card_and_an_appointment(client: TestClient, clock: HandClock) -> None:
    assert join(client, priority="card")["view"]["card"] is True
    told = join(client, appointment_at="2026-11-21T13:30:00+01:00")
    assert told["view"]["appointment_at"] == "2026-11-21T12:30:00.000Z"


def test_the_link_as_a_picture_on_request(client: TestClient) -> None:
    told = join(client, qr=True)
    assert told["qr_svg"].startswith("<svg")
    assert told["token"] not in told["qr_svg"]
    assert "style=" not in told["qr_svg"]
    poster = client.get(f"{API}/qr.svg")
    assert poster.headers["content-type"].startswith("image/svg+xml")
    assert poster.text.startswith("<svg")


def test_a_name_is_kept_apart_from_the_journal(client: TestClient, app: object) -> None:
    told = join(client, name="Zoé-Canari", phone="+33 6 12 34 56 78")
    assert "Canari" not in str(told["view"])


def test_balking_counts(client: TestClient) -> None:
    response = client.post(f"{API}/balks", json={"id": uid(), "service": "advice"})
    assert response.status_code == 201


def test_things_to_read(client: TestClient) -> None:
    french = client.get(f"{API}/content?language=fr").json()
    assert french
    assert {item["language"] for item in french} == {"fr"}
    assert client.get(f"{API}/content?language=en&service=advice").json()
    is_problem(client.get("/api/v1/stores/nowhere/content"), 404, "unknown_store")


def test_who_can_sign_in(client: TestClient) -> None:
    people = client.get(f"{API}/people").json()
    assert {"id": "lea", "name": "Léa", "role": "salesperson"} in people
    assert all(set(person) == {"id", "name", "role"} for person in people)


@pytest.fixture
def stopped_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds are refilled with time: a slow machine would earn new joins while it asks."""
    monkeypatch.setattr(WallClock, "now", lambda _: NOON)


@pytest.mark.usefixtures("stopped_wall")
def test_joins_of_one_address_are_bounded(client: TestClient) -> None:
    answers = [client.post(f"{API}/tickets", json={"id": uid(), "service": "advice"}) for _ in range(125)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 5
    assert is_problem(refused[-1], 429, "too_many")["retry_after_s"] > 0
    assert int(refused[-1].headers["Retry-After"]) >= 1


@pytest.mark.parametrize("path", ["", "/views/board", "/views/kiosk", "/people", "/qr.svg"])
def test_a_store_that_is_not_here(client: TestClient, path: str) -> None:
    is_problem(client.get(f"/api/v1/stores/nowhere{path}"), 404, "unknown_store")
    assert STORE not in client.get(f"/api/v1/stores/nowhere{path}").text


@pytest.mark.usefixtures("stopped_wall")
def test_a_join_sent_again_is_answered_even_when_the_address_may_not_join_any_more(client: TestClient) -> None:
    """A kiosk that lost the answers sends its queue again, over the Wi-Fi that everybody's phones use."""
    known = [{"id": uid(), "service": "advice"} for _ in range(3)]
    first = [client.post(f"{API}/tickets", json=body).json() for body in known]
    while (last := client.post(f"{API}/balks", json={"id": uid(), "service": "advice"})).status_code == 201:
        pass
    is_problem(last, 429, "too_many")
    again = [client.post(f"{API}/tickets", json=body) for body in known]
    assert [(answer.status_code, answer.json()) for answer in again] == [(201, told) for told in first]
    is_problem(client.post(f"{API}/tickets", json={"id": uid(), "service": "advice"}), 429, "too_many")


def test_joins_sent_again_take_nobodys_place(client: TestClient) -> None:
    body = {"id": uid(), "service": "advice"}
    answers = {client.post(f"{API}/tickets", json=body).status_code for _ in range(200)}
    assert answers == {201}
    assert client.post(f"{API}/tickets", json={"id": uid(), "service": "advice"}).status_code == 201


def test_sending_again_has_an_end_too(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = state_of(client).house
    monkeypatch.setattr(rooms.joins.repeats, "count", 5)
    body = {"id": uid(), "service": "advice"}
    answers = [client.post(f"{API}/tickets", json=body).status_code for _ in range(200)]
    assert (answers[0], answers[-1]) == (201, 429)


def test_what_the_storage_could_not_take_is_not_counted(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def trouble(*_: object) -> None:
        raise StorageTrouble("disk full", 2.0)

    rooms = state_of(client).house
    with monkeypatch.context() as patch:
        patch.setattr(type(rooms.live), "submit", trouble)
        answers = {client.post(f"{API}/tickets", json={"id": uid(), "service": "advice"}).status_code for _ in range(200)}
    assert answers == {503}
    assert client.post(f"{API}/tickets", json={"id": uid(), "service": "advice"}).status_code == 201


@pytest.mark.parametrize("name", ["Zoé", "  Anne-Lise ", "李", "Ö'Ğ", "👩‍🌾 Farida"])
def test_names_are_taken_as_they_are(client: TestClient, name: str) -> None:
    assert client.post(f"{API}/tickets", json={"id": uid(), "service": "advice", "name": name}).status_code == 201
