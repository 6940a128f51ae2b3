"""Role by route and role by command, in full, from the one table: nobody gets into another store, or further than their role."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from server.app import build_app
from server.live.stores import parse_store
from server.settings import Settings
from server.web import catalogue
from server.web.policies import BY_SESSION, Who
from server.web.problems import Problem
from server.web.roles import HOME_ONLY, RIGHTS, Reach, Role, check_grants
from tests.web.conftest import OURS, STORE, TABLE, HandClock, another, is_problem, state_of, uid
from tests.web.walk import Way, ways

PIN = "471193"
NEAR, FAR, NAMED = "lille", "nice", "metz"
REFUSED = {401, 403}
SHOPPER = uid()  # who waits in the store that is far, from the beginning
PEOPLE: dict[str, Any] = {role.value: {"name": role.name.title(), "role": role.value, "pin": PIN, "skills": ["advice"]} for role in Role}
PEOPLE["named"] = {**PEOPLE["manager"], "name": "Named", "stores": [NAMED]}


def chain() -> list[Any]:
    """The store of the tests and three others: one of the same region, one of another, and one that a manager is named for."""
    home = {**TABLE, "region": "nord", "salespeople": PEOPLE}
    strangers = {
        "zoe": {"name": "Zoé Secrète", "skills": ["advice"], "pin": PIN},
        "manager": {"name": "Boss", "role": "manager", "pin": PIN},
    }
    regions = {NEAR: "nord", FAR: "sud", NAMED: "est"}
    others = [{**TABLE, "id": id, "name": id.title(), "region": region, "salespeople": strangers} for id, region in regions.items()]
    return [parse_store(table) for table in (home, *others)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[TestClient]:
    path = tmp_path_factory.mktemp("chain") / "avous.db"
    shutil.copy(empty_database, path)
    settings = Settings(database=f"sqlite:///{path}", demo=True, rollouts=20, joins_per_minute=100_000, sign_ins_per_minute=100_000)
    with TestClient(build_app(settings, chain(), HandClock()), raise_server_exceptions=False) as client:
        body = {"id": SHOPPER, "service": "advice", "name": "Zébulon"}
        assert client.post(f"/api/v1/stores/{FAR}/tickets", json=body).status_code == 201
        yield client


@pytest.fixture
def browser(server: TestClient) -> TestClient:
    return another(server)


def enter(client: TestClient, person: str, store: str = STORE) -> None:
    body = {"store": store, "salesperson": person, "pin": PIN}
    assert client.post("/api/v1/session", json=body, headers=OURS).status_code == 201


def opens(person: str, who: Who, store: str | None) -> bool:
    """What the table says, worked out here once more from its words."""
    told = PEOPLE[person]
    rights = RIGHTS[Role(told["role"])]
    if who not in rights.doors:
        return False
    if store in (None, STORE):
        return True
    within = {Reach.STORE: set(), Reach.REGION: {NEAR}, Reach.CHAIN: {NEAR, FAR, NAMED}}[rights.reach] | set(told.get("stores", ()))
    return store in within and who not in HOME_ONLY


def send(client: TestClient, way: Way, path: str) -> int:
    body = None if way.method in ("GET", "DELETE") else {"id": uid()}
    return client.request(way.method, path, json=body, headers=OURS).status_code


@pytest.mark.parametrize("person", PEOPLE)
def test_every_route_opens_to_the_roles_of_the_table(browser: TestClient, person: str) -> None:
    asked = [way for way in ways() if way.policy.who in BY_SESSION]
    assert len(asked) > 40
    enter(browser, person)
    for way in asked:
        stores: list[str | None] = [STORE, NEAR, FAR, NAMED] if "{store}" in way.route.path else [None]
        for store in stores:
            path = way.path.replace(f"/stores/{STORE}", f"/stores/{store}")
            told = send(browser, way, path)
            assert (told not in REFUSED) == opens(person, way.policy.who, store), (way, store, told)
            if way.policy.who is Who.SIGNED_IN:  # signs out, or changes the PIN
                enter(browser, person)


@pytest.mark.parametrize("person", PEOPLE)
def test_every_command_is_taken_from_the_roles_of_the_table(browser: TestClient, person: str) -> None:
    """Also with whole bodies: a ticket of another store is unknown at home, and its own commands are refused there."""
    enter(browser, person)
    ticket = catalogue.ticket_of(SHOPPER)
    for entry in (*catalogue.STAFF_COMMANDS, *catalogue.MANAGER_COMMANDS):
        needs = {name: "late" if name == "reason" else ticket for name, field in entry.body.model_fields.items() if field.is_required()}
        for store in (STORE, FAR):
            body = {**needs, "id": uid()}
            told = browser.post(entry.path.format(store=store), json=body, headers=OURS)
            if not opens(person, entry.who, store):
                is_problem(told, 403, "not_allowed")
            elif "ticket" in needs:
                assert told.status_code in (404, 409, 422), (entry.name, told.text)
    assert len(catalogue.STAFF_COMMANDS) + len(catalogue.MANAGER_COMMANDS) >= 19


def test_nobody_sees_another_stores_people_or_tickets(browser: TestClient) -> None:
    for person in ("salesperson", "read_only", "manager", "named", "region"):
        enter(browser, person)
        for way in ways():
            if way.method == "GET" and way.policy.who is not Who.PUBLIC:
                text = browser.get(way.path).text
                assert "Secrète" not in text, (person, way)
                assert "Zébulon" not in text, (person, way)
                assert catalogue.ticket_of(SHOPPER) not in text, (person, way)


def test_away_from_home_one_acts_in_ones_own_name(browser: TestClient, server: TestClient) -> None:
    """The region's manager closes another store; the manager of that store has the same id and is somebody else."""
    enter(browser, "region")
    told = browser.post(f"/api/v1/stores/{NEAR}/manager/codes", json={"profile": "kiosk", "name": "Entrance"}, headers=OURS)
    assert told.status_code == 201
    assert another(server).post("/api/v1/codes", json={"code": told.json()["code"]}).json()["store"] == NEAR
    is_problem(browser.get(f"/api/v1/stores/{NEAR}/views/staff"), 403, "not_allowed")


def test_nobody_sets_the_pin_of_somebody_above_them(browser: TestClient) -> None:
    enter(browser, "manager")
    for above in ("region", "admin"):
        body = {"salesperson": above, "pin": "938271"}
        is_problem(browser.post(f"/api/v1/stores/{STORE}/manager/pins", json=body, headers=OURS), 403, "not_allowed")


def test_nobody_gives_more_than_they_hold(server: TestClient) -> None:
    """Roles, stores, the company's accounts and the region, by whoever may change a store's settings at all."""
    live = state_of(server).house.live
    before = live.store(STORE)

    def gives(giver: str, id: str, region: str = "nord", **changes: Any) -> bool:
        person = before.salespeople.get(id, before.salespeople["salesperson"]).model_copy(update=changes)
        after = before.model_copy(update={"region": region, "salespeople": {**before.salespeople, id: person}})
        try:
            check_grants(live, STORE, giver, before, after)
        except Problem:
            return False
        return True

    for giver in Role:
        for role in Role:
            assert gives(giver, "new", role=role.value) == (role in RIGHTS[giver].grants), (giver, role)
    assert gives("manager", "salesperson", role="manager")
    assert not gives("manager", "admin", role="salesperson")
    assert not gives("manager", "region", sso="somebody@else.example")
    assert not gives("manager", "manager", stores=[FAR])
    assert not gives("region", "manager", stores=[FAR])
    assert gives("region", "manager", stores=[NEAR])
    assert gives("admin", "manager", stores=[FAR])
    assert not gives("region", "salesperson", region="sud")
    assert gives("admin", "salesperson", region="sud")
