"""Notes for the next colleague, a call for help: seen by whom they are for, and nowhere they should not be."""

from starlette.testclient import TestClient

from tests.web.conftest import API, OURS, is_problem, join, on_duty, sign_in, state_of, tap, uid


def test_a_note_reaches_whoever_serves_next_and_no_event(client: TestClient) -> None:
    on_duty(client)
    join(client)
    ticket = client.get(f"{API}/views/staff").json()["waiting"][0]["ticket"]
    ask = {"ticket": ticket, "text": "Attend la facture de Zoé-Canari"}
    is_problem(client.post(f"{API}/staff/note", json={"id": uid(), **ask}, headers=OURS), 409, "not_yours")
    tap(client, "next")
    assert client.post(f"{API}/staff/note", json={"id": uid(), **ask}, headers=OURS).json() == {"kept": ["note"]}
    assert client.get(f"{API}/staff/needs/{ticket}").json() == {"note": ask["text"]}
    tap(client, "hand-back", ticket=ticket)
    on_duty(client, "karim")
    tap(client, "next")
    assert client.get(f"{API}/staff/needs/{ticket}").json() == {"note": ask["text"]}
    live = state_of(client).house.live
    day = live.day("essai")
    assert client.portal is not None
    events = client.portal.call(live.journal.events, "essai", day.plan.day)
    assert "Canari" not in str(events)
    is_problem(client.post(f"{API}/staff/note", json={"id": uid(), "ticket": ticket, "text": "x" * 201}, headers=OURS), 422, "bad_field")


def test_help_is_seen_by_the_colleague_asked_and_taken(client: TestClient) -> None:
    on_duty(client)
    asked = client.post(f"{API}/staff/help", json={"id": uid(), "to": "karim"}, headers=OURS)
    assert asked.status_code == 201
    sign_in(client, "sarah")
    assert client.get(f"{API}/alerts").json() == [], "not for everybody"
    on_duty(client, "karim")
    (alert,) = client.get(f"{API}/alerts").json()
    assert (alert["kind"], alert["asks"], alert["place"]) == ("colleague", "Léa", "4")
    assert client.post(f"{API}/alerts/{alert['id']}/take", headers=OURS).json()["by"] == "Karim"


def test_a_call_sent_again_is_the_same_call(client: TestClient) -> None:
    """The answer was lost on bad Wi-Fi: colleagues are asked once, and who sees to it stays."""
    on_duty(client)
    ask = {"id": uid()}
    first = client.post(f"{API}/staff/help", json=ask, headers=OURS).json()
    client.post(f"{API}/alerts/{first['id']}/take", headers=OURS)
    assert client.post(f"{API}/staff/help", json=ask, headers=OURS).json()["by"] == "Léa"
    assert [alert["id"] for alert in client.get(f"{API}/alerts").json()] == [first["id"]]


def test_help_needs_somebody_on_duty_and_a_colleague_who_exists(client: TestClient) -> None:
    sign_in(client, "lea")
    is_problem(client.post(f"{API}/staff/help", json={"id": uid()}, headers=OURS), 409, "not_on_duty")
    on_duty(client)
    is_problem(client.post(f"{API}/staff/help", json={"id": uid(), "to": "nobody"}, headers=OURS), 404, "unknown_salesperson")
