"""Keys and webhooks as a retailer's programs meet them: over the API, with a real receiver beside the server."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from server.app import build_app
from server.hooks.happenings import Kind
from server.live.stores import StoreConfig
from server.settings import Settings
from server.web import limits
from server.web.keys import SCOPED, Scope
from server.web.policies import Who
from tests.hooks.receiver import Receiver
from tests.web.conftest import API, OURS, HandClock, another, bearer, is_problem, join, on_duty, sign_in, state_of, tap, uid
from tests.web.walk import ways

PERSONAL = ("Zoé", "0612345678", "Léa", "lea", "Karim")


@pytest.fixture
def manager(client: TestClient) -> TestClient:
    other = another(client)
    sign_in(other, "sarah")
    return other


@pytest.fixture
def receiver(client: TestClient) -> Iterator[Receiver]:
    """In the server's own loop."""
    assert client.portal is not None
    with client.portal.wrap_async_context_manager(Receiver().open()) as receiver:
        yield receiver


def post(client: TestClient, path: str, **body: Any) -> Any:
    return client.post(f"{API}/manager/{path}", json={"id": uid(), **body}, headers=OURS)


def key_for(manager: TestClient, *scopes: Scope) -> dict[str, str]:
    response = post(manager, "keys", name="ERP", scopes=list(scopes))
    assert response.status_code == 201, response.text
    return bearer(response.json()["key"])


def until(client: TestClient, receiver: Receiver, count: int) -> list[dict[str, Any]]:
    async def wait() -> None:
        async with asyncio.timeout(10):
            while len(receiver.got) < count:
                await asyncio.sleep(0.02)

    assert client.portal is not None
    client.portal.call(wait)
    return receiver.told


# --- webhooks


def test_a_day_is_told_as_it_happens_without_anybodys_name(
    client: TestClient, manager: TestClient, receiver: Receiver, clock: HandClock
) -> None:
    made = post(manager, "hooks", url=receiver.url, kinds=[kind.value for kind in Kind])
    assert made.status_code == 201, made.text
    one = join(client, name="Zoé", phone="0612345678")
    two = join(client)
    on_duty(client)
    clock.at += 60
    assert tap(client, "next").status_code == 200
    assert tap(client, "start", ticket=one["id"]).status_code == 200
    clock.at += 300
    assert tap(client, "finish", ticket=one["id"]).status_code == 200
    client.post("/api/v1/ticket/leave", json={"id": uid()}, headers=bearer(two["token"]))
    client.post(f"{API}/balks", json={"id": uid(), "service": "payment"})
    told = until(client, receiver, 6)
    assert [(t["kind"], t["data"].get("number")) for t in told] == [
        ("ticket.issued", one["number"]), ("ticket.issued", two["number"]), ("ticket.called", one["number"]),
        ("ticket.answered", one["number"]), ("ticket.unanswered", two["number"]), ("ticket.unanswered", None),
    ]  # fmt: skip
    answered, left, balked = (t["data"] for t in told[3:])
    assert (answered["wait_s"], answered["service_s"], answered["last"]) == (60.0, 300.0, True)
    assert (left["outcome"], left["wait_s"], balked["outcome"]) == ("left", 360.0, "balked")
    assert receiver.signed(made.json()["secret"])
    assert [t["seq"] for t in told] == list(range(told[0]["seq"], told[0]["seq"] + 6))
    assert not any(word.encode() in body for word in PERSONAL for _, body in receiver.got)


def until_somebody_would_wait(client: TestClient) -> None:
    """The estimator speaks four times a second."""
    give_up_at = time.monotonic() + 30
    while not ((said := client.get(f"{API}/views/kiosk").json()["services"][0]["range"]) and said["high_s"] > 0):
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def test_a_promise_that_breaks_is_told_while_the_shopper_still_waits(
    client: TestClient, manager: TestClient, receiver: Receiver, clock: HandClock
) -> None:
    on_duty(client)
    first = join(client)
    assert tap(client, "next").status_code == 200
    assert tap(client, "start", ticket=first["id"]).status_code == 200
    post(manager, "hooks", url=receiver.url, kinds=["promise.broken"])
    until_somebody_would_wait(client)
    late = join(client)
    assert late["view"]["promise_s"]
    clock.at += late["view"]["promise_s"] + 31
    told = until(client, receiver, 1)
    assert (told[0]["kind"], told[0]["data"]["number"]) == ("promise.broken", late["number"])
    assert told[0]["data"]["waited_s"] > late["view"]["promise_s"]


def test_an_alarm_is_told(client: TestClient, manager: TestClient, receiver: Receiver) -> None:
    from server.app import tell_alarm

    post(manager, "hooks", url=receiver.url, kinds=["alarm.raised", "alarm.over"])
    tail = state_of(client).tail
    alarm = {"service": "advice", "raised_at": "2026-11-21T12:00:00.000Z", "crosses_at": "2026-11-21T12:12:00.000Z", "limit_s": 600.0}
    assert client.portal is not None

    async def raised() -> None:
        while not tail.wanted():
            await asyncio.sleep(0.02)
        await tell_alarm(tail, None, "essai", True, alarm)
        await tell_alarm(tail, None, "essai", True, alarm)  # another node sees the same
        await tell_alarm(tail, None, "essai", False, alarm)

    client.portal.call(raised)
    assert [t["kind"] for t in until(client, receiver, 2)] == ["alarm.raised", "alarm.over"]


def test_the_test_button_says_what_the_receiver_says(manager: TestClient, receiver: Receiver) -> None:
    id = post(manager, "hooks", url=receiver.url, kinds=["ticket.issued"]).json()["id"]
    done = post(manager, f"hooks/{id}/test")
    assert (done.json()["status"], done.json()["trouble"]) == (204, "")
    receiver.moods = [500]
    assert post(manager, f"hooks/{id}/test").json()["trouble"] == "refused"
    assert [told["kind"] for told in receiver.told] == ["test", "test"]
    is_problem(post(manager, "hooks/x/test"), 404, "unknown_hook")


def test_a_webhook_is_paused_resumed_replayed_and_dropped(client: TestClient, manager: TestClient, receiver: Receiver) -> None:
    hook = post(manager, "hooks", url=receiver.url, kinds=["ticket.issued"]).json()
    join(client)
    until(client, receiver, 1)
    assert post(manager, f"hooks/{hook['id']}/pause").json()["paused"]
    assert not post(manager, f"hooks/{hook['id']}/resume").json()["paused"]
    assert post(manager, f"hooks/{hook['id']}/replay", after=0).json()["after"] == 0
    told = until(client, receiver, 2)
    assert told[0] == told[1]
    assert post(manager, f"hooks/{hook['id']}/drop").status_code == 204
    assert manager.get(f"{API}/manager/hooks").json() == []
    assert "secret" not in manager.get(f"{API}/manager/hooks").text


def test_outside_a_demonstration_no_webhook_leads_inside(settings: Settings, config: StoreConfig, clock: HandClock) -> None:
    real = settings.model_copy(update={"demo": False})
    assert real.trusted_hosts == frozenset()
    assert real.model_copy(update={"hook_hosts": ("erp.intern",)}).trusted_hosts == {"erp.intern"}
    with TestClient(build_app(settings, [config], clock), raise_server_exceptions=False) as client:
        sign_in(client, "sarah")
        for url in ("https://10.0.0.1/", "http://example.org/", "https://169.254.169.254/latest"):
            is_problem(post(client, "hooks", url=url, kinds=["ticket.issued"]), 422, "hook_target")


# --- keys


def test_a_key_gets_as_far_as_its_scopes(client: TestClient, manager: TestClient) -> None:
    """Every route, every scope: open where the table says so, and nowhere else."""
    for scope in Scope:
        headers = key_for(manager, scope)
        for way in ways():
            if way.policy.who in (Who.OPERATOR, Who.PHONE, Who.BOOKER):
                continue
            body = None if way.method in ("GET", "DELETE") else {"id": uid()}
            told = client.request(way.method, way.path, json=body, headers={**OURS, **headers}).status_code
            assert (told not in (401, 403)) == (SCOPED.get(f"{way.method} {way.route.path}") == scope), (scope, way, told)


def test_every_scoped_route_exists_and_reads_or_is_public() -> None:
    known = {f"{way.method} {way.route.path}": way.policy for way in ways()}
    assert set(SCOPED) <= set(known)
    assert all(known[way].who in (Who.VIEWER, Who.PUBLIC) for way in SCOPED)
    assert all(not known[way].changes for way in SCOPED if known[way].who is Who.VIEWER)


def test_a_key_is_told_once_kept_as_a_hash_and_revoked_at_once(client: TestClient, manager: TestClient) -> None:
    made = post(manager, "keys", name="ERP", scopes=["reports"]).json()
    assert made["key"].startswith(made["shown"])
    assert len(made["key"]) >= 43
    listed = manager.get(f"{API}/manager/keys")
    assert made["key"] not in listed.text
    assert client.get(f"{API}/report", headers=bearer(made["key"])).status_code == 200
    assert manager.get(f"{API}/manager/keys").json()[0]["used_at"]
    assert client.get(f"{API}/report?key={made['key']}").status_code == 401  # never in an address
    assert post(manager, "keys/revoke", key=made["id"]).status_code == 204
    is_problem(client.get(f"{API}/report", headers=bearer(made["key"])), 401, "wrong_key")
    is_problem(client.get(f"{API}/report", headers=bearer("avk_" + "x" * 43)), 401, "wrong_key")


def test_a_key_has_a_rate_of_its_own(client: TestClient, manager: TestClient) -> None:
    headers = key_for(manager, Scope.TICKETS)
    told = (client.get(f"{API}/slots?service=advice", headers=headers).status_code for _ in range(3 * limits.KEY_REQUESTS))
    allowed = list(itertools.takewhile(lambda status: status != 429, told))
    assert limits.KEY_REQUESTS <= len(allowed) < 3 * limits.KEY_REQUESTS, "it is refilled steadily meanwhile, on a slow machine by more"


def test_a_key_may_say_that_somebody_has_an_appointment(settings: Settings, config: StoreConfig, clock: HandClock) -> None:
    with TestClient(build_app(settings, [config], clock), raise_server_exceptions=False) as client:
        sign_in(client, "sarah")
        headers = key_for(client, Scope.TICKETS)
        state_of(client).house.settings.__dict__["demo"] = False
        body = {"id": uid(), "service": "advice", "appointment_at": "2026-11-21T12:20:00Z"}
        browser = another(client)
        is_problem(browser.post(f"{API}/tickets", json=body), 403, "device_needed")
        told = browser.post(f"{API}/tickets", json={**body, "id": uid()}, headers=headers)
        assert told.json()["view"]["appointment_at"] == "2026-11-21T12:20:00.000Z"


def test_what_happened_can_be_asked_for_by_number(client: TestClient, manager: TestClient, receiver: Receiver) -> None:
    headers = key_for(manager, Scope.EVENTS)
    post(manager, "hooks", url=receiver.url, kinds=["ticket.issued"])
    numbers = [join(client)["number"] for _ in range(3)]
    until(client, receiver, 3)
    told = client.get(f"{API}/happenings?after=0", headers=headers).json()
    assert [t["data"]["number"] for t in told["happenings"]] == numbers
    assert told["next"] is None
    later = client.get(f"{API}/happenings?after={told['happenings'][1]['seq']}", headers=headers).json()["happenings"]
    assert [t["data"]["number"] for t in later] == numbers[2:]
    is_problem(client.get(f"{API}/happenings?after=-1", headers=headers), 422, "bad_field")
