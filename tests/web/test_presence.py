"""A photographed code fills no line from home: it changes every minute and is good for a few."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from server.app import build_app
from server.live.stores import parse_store
from server.settings import Settings
from server.web import presence
from server.web.wiring import House
from tests.web.conftest import API, STORE, TABLE, HandClock, join, state_of, uid


@pytest.fixture
def strict(settings: Settings, clock: HandClock) -> Iterator[TestClient]:
    """A store that wants shoppers to be there."""
    with TestClient(build_app(settings, [parse_store({**TABLE, "presence": True})], clock), raise_server_exceptions=False) as client:
        yield client


def rooms(client: TestClient) -> House:
    house: House = state_of(client).house
    return house


def test_without_the_code_nobody_joins_from_home(strict: TestClient) -> None:
    for wrong in ({}, {"presence": "0123456789abcdef"}, {"presence": ""}, {"presence": "é" * 16}):
        answer = strict.post(f"{API}/tickets", json={"id": uid(), "service": "advice", **wrong})
        assert (answer.status_code, answer.json()["code"]) == (403, "presence_needed")
    now = rooms(strict).wall.now()
    assert join(strict, presence=presence.code(rooms(strict).live, STORE, now))["number"] == "C-001"


def test_the_code_changes_every_minute_and_an_old_one_is_worth_nothing(strict: TestClient) -> None:
    live, now = rooms(strict).live, 1_800_000_000.0
    shown = presence.code(live, STORE, now)
    assert presence.code(live, STORE, now + 60) != shown
    assert presence.code(live, "other", now) != shown
    assert presence.is_here(live, STORE, now + 240, shown)
    assert not presence.is_here(live, STORE, now + 60 * (presence.GRACE + 1), shown)


def test_only_the_stores_own_screens_are_shown_the_code(strict: TestClient) -> None:
    assert strict.get(f"{API}/qr.svg").text == strict.get(f"{API}/qr.svg").text
    poster, plain = strict.get(f"{API}/qr.svg").text, presence.code(rooms(strict).live, STORE, rooms(strict).wall.now())
    from server.web.api_shopper import qr

    assert poster == qr(f"http://testserver/s/{STORE}")
    assert poster != qr(f"http://testserver/s/{STORE}?p={plain}")


def test_a_store_may_leave_it_off(client: TestClient) -> None:
    assert join(client)["number"] == "C-001"
