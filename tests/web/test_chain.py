"""Every store one runs, at a glance."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from server.app import build_app
from server.settings import Settings
from server.web.api_chain import Glance
from tests.web.conftest import OURS, STORE, HandClock, another, is_problem, state_of, uid
from tests.web.test_roles import FAR, NAMED, NEAR, chain, enter


@pytest.fixture
def client(tmp_path: Path, empty_database: Path, clock: HandClock) -> Iterator[TestClient]:
    shutil.copy(empty_database, tmp_path / "avous.db")
    settings = Settings(database=f"sqlite:///{tmp_path}/avous.db", demo=True, rollouts=20)
    with TestClient(build_app(settings, chain(), clock), raise_server_exceptions=False) as client:
        yield client


def test_each_role_sees_the_stores_it_reaches_and_what_is_up_there(client: TestClient, clock: HandClock) -> None:
    for _ in range(2):
        told = client.post(f"/api/v1/stores/{NEAR}/tickets", json={"id": uid(), "service": "advice"})
        assert told.status_code == 201
        clock.at += 60
    client.post(f"/api/v1/stores/{NEAR}/balks", json={"id": uid(), "service": "advice"})
    seen = {"read_only": [STORE], "manager": [STORE], "named": [STORE, NAMED], "region": [STORE, NEAR], "admin": [STORE, NEAR, NAMED, FAR]}
    for person, stores in seen.items():
        browser = another(client)
        enter(browser, person)
        response = browser.get("/api/v1/glance")
        found = Glance.model_validate_json(response.content)
        assert [store.store for store in found.stores] == stores, person
    near = found.stores[1]
    assert (near.waiting, near.serving, near.on_duty, near.unanswered, near.unanswered_share) == (2, 0, 0, 1, 1.0)
    assert near.longest is not None
    assert near.longest.waited_s == 120.0


def test_salespeople_have_no_desk(client: TestClient) -> None:
    enter(client, "salesperson")
    is_problem(client.get("/api/v1/glance"), 403, "not_allowed")


def test_a_role_that_was_taken_away_is_gone_at_once(client: TestClient) -> None:
    """Looked up at each request: the settings of now count, not those of the sign-in."""
    enter(client, "region")
    assert client.get(f"/api/v1/stores/{NEAR}/views/floor").status_code == 200
    live = state_of(client).house.live
    config = live.store(STORE)
    people = {**config.salespeople, "region": config.salespeople["region"].model_copy(update={"role": "salesperson"})}
    assert client.portal is not None
    client.portal.call(live.settle, config.model_copy(update={"salespeople": people}), "admin", live.settings(STORE))
    is_problem(client.get(f"/api/v1/stores/{NEAR}/views/floor"), 403, "not_allowed")
    assert client.post(f"/api/v1/stores/{STORE}/staff/on", json={"id": uid()}, headers=OURS).status_code == 200
