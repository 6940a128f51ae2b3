"""What a kiosk or a printer tells the people of the store, and who sees to it."""

from starlette.testclient import TestClient

from server.web.alerts import ALERTS_MAX, KEPT_S
from tests.web.conftest import API, OURS, HandClock, another, sign_in, uid


def test_a_call_for_help_is_seen_taken_and_answered(client: TestClient) -> None:
    id = uid()
    assert client.post(f"{API}/alerts", json={"id": id, "kind": "help", "place": "kiosk 1"}).status_code == 201
    assert client.get(f"{API}/alerts").status_code == 401
    staff = another(client)
    sign_in(staff)
    assert [(a["kind"], a["place"], a["by"]) for a in staff.get(f"{API}/alerts").json()] == [("help", "kiosk 1", "")]
    assert staff.post(f"{API}/alerts/{id}/take", headers=OURS).json()["by"] == "Léa"
    assert client.get(f"{API}/alerts/{id}").json()["by"] == "Léa"
    assert client.post(f"{API}/alerts", json={"id": id, "kind": "help", "place": "kiosk 1"}).json()["by"] == "Léa"
    client.post(f"{API}/alerts/{id}/over")
    assert client.get(f"{API}/alerts/{id}").status_code == 404


def test_alerts_are_forgotten_and_bounded(client: TestClient, clock: HandClock) -> None:
    sign_in(client)
    ids = [uid() for _ in range(ALERTS_MAX + 5)]
    for id in ids:
        assert client.post(f"{API}/alerts", json={"id": id, "kind": "paper"}).status_code == 201
    assert [alert["id"] for alert in client.get(f"{API}/alerts").json()] == ids[5:]
    clock.at += KEPT_S + 1
    sign_in(client)
    assert client.get(f"{API}/alerts").json() == []


def test_only_what_is_known_can_be_said(client: TestClient) -> None:
    for wrong in ({"kind": "party"}, {"kind": "help", "place": "<b>"}, {"kind": "slip", "slip": "x"}, {"kind": "help", "extra": 1}):
        assert client.post(f"{API}/alerts", json={"id": uid(), **wrong}).status_code == 422
