"""PINs count on enrolled devices only; a device is enrolled by a code that works once, and is one until it is revoked."""

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import pytest
from argon2.low_level import Type, hash_secret_raw
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from server.app import build_app
from server.live.stores import StoreConfig, parse_store
from server.settings import Settings
from server.web import limits, pins
from server.web.devices import CODE_SALT, LETTERS, code_hash
from tests.web.conftest import API, OURS, PINS, STORE, TABLE, HandClock, another, in_time, is_problem, join, sign_in, state_of, uid

PIN = "482615"


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    wall = HandClock()
    monkeypatch.setattr("server.app.WallClock", lambda: wall)
    return wall


@pytest.fixture
def real(settings: Settings) -> Settings:
    """The settings of a store, not of a demonstration."""
    return settings.model_copy(update={"demo": False})


@pytest.fixture
def client(wall: HandClock, real: Settings, config: StoreConfig, clock: HandClock) -> Iterator[TestClient]:
    with TestClient(build_app(real, [config], clock), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def manager(client: TestClient) -> TestClient:
    """The first manager, who came in by the code of the first start."""
    browser = another(client)
    body = {"code": state_of(client).setup_codes[STORE], "salesperson": "sarah", "pin": PIN}
    response = browser.post("/api/v1/setup", json=body, headers=OURS)
    assert response.status_code == 201, response.text
    return browser


def code(manager: TestClient, profile: str, name: str = "Entrée") -> str:
    response = manager.post(f"{API}/manager/codes", json={"profile": profile, "name": name}, headers=OURS)
    assert response.status_code == 201, response.text
    return str(response.json()["code"])


def enrolled(manager: TestClient, profile: str) -> TestClient:
    browser = another(manager)
    response = browser.post("/api/v1/device", json={"code": code(manager, profile)}, headers=OURS)
    assert response.status_code == 201, response.text
    if profile == "printer":
        browser.headers["Authorization"] = f"Device {response.json()['token']}"
    return browser


def id_of(device: TestClient) -> str:
    return str(device.get("/api/v1/device").json()["id"])


def try_pin(client: TestClient, person: str = "sarah", pin: str = PIN) -> Any:
    return client.post("/api/v1/session", json={"store": STORE, "salesperson": person, "pin": pin}, headers=OURS)


# --- the first run


def test_there_is_no_default_account(client: TestClient, real: Settings) -> None:
    with sqlite3.connect(real.database_file) as tables:
        hashes = tables.execute("SELECT pin_hash FROM person").fetchall()
    tables.close()
    assert len(hashes) == len(PINS)
    assert {row[0] for row in hashes} == {None}


def test_the_first_manager_chooses_a_pin_and_is_in(manager: TestClient) -> None:
    assert manager.get("/api/v1/session").json()["role"] == "manager"
    assert manager.get("/api/v1/device").json()["profile"] == "staff"
    assert manager.delete("/api/v1/session", headers=OURS).status_code == 204
    assert try_pin(manager).status_code == 201


def test_the_code_of_the_first_start_works_once(client: TestClient, manager: TestClient) -> None:
    body = {"code": state_of(client).setup_codes[STORE], "salesperson": "sarah", "pin": PIN}
    is_problem(another(client).post("/api/v1/setup", json=body, headers=OURS), 401, "wrong_code")


def test_it_makes_no_salesperson_the_manager_and_no_device(client: TestClient) -> None:
    start = state_of(client).setup_codes[STORE]
    is_problem(client.post("/api/v1/setup", json={"code": start, "salesperson": "lea", "pin": PIN}, headers=OURS), 401, "wrong_code")
    is_problem(client.post("/api/v1/device", json={"code": start}, headers=OURS), 401, "wrong_code")
    told = client.post("/api/v1/codes", json={"code": start}).json()
    assert [person["id"] for person in told["people"]] == ["sarah"]


@pytest.mark.parametrize("pin", ["4826", "111111", "123456", "987654"])
def test_a_weak_pin_is_not_taken(client: TestClient, pin: str) -> None:
    body = {"code": state_of(client).setup_codes[STORE], "salesperson": "sarah", "pin": pin}
    is_problem(client.post("/api/v1/setup", json=body, headers=OURS), 422, "weak_pin")


def test_there_is_no_code_when_somebody_can_sign_in(real: Settings, config: StoreConfig, clock: HandClock) -> None:
    with TestClient(build_app(real, [config], clock)) as client:
        body = {"code": state_of(client).setup_codes[STORE], "salesperson": "sarah", "pin": PIN}
        assert client.post("/api/v1/setup", json=body, headers=OURS).status_code == 201
    with TestClient(build_app(real, [config], clock)) as again:
        assert state_of(again).setup_codes == {}


# --- the demonstration


def test_the_demos_pins_and_sessions_end_with_the_demo(settings: Settings, real: Settings, config: StoreConfig, clock: HandClock) -> None:
    with TestClient(build_app(settings, [config], clock)) as demo:
        sign_in(demo, "sarah")
        cookie = demo.cookies["session"]
    with TestClient(build_app(real, [config], clock), raise_server_exceptions=False) as client:
        assert client.get("/api/v1/session", headers={"Cookie": f"session={cookie}"}).json() is None
        body = {"code": state_of(client).setup_codes[STORE], "salesperson": "sarah", "pin": PIN}
        assert client.post("/api/v1/setup", json=body, headers=OURS).status_code == 201
        assert try_pin(client).status_code == 201
        is_problem(try_pin(client, "lea", PINS["lea"]), 401, "wrong_pin")


# --- codes


def test_a_pin_counts_on_an_enrolled_device_only(client: TestClient, manager: TestClient) -> None:
    is_problem(try_pin(another(client)), 403, "device_needed")
    is_problem(try_pin(another(client), pin="000000"), 403, "device_needed")
    assert try_pin(enrolled(manager, "staff")).status_code == 201
    is_problem(try_pin(enrolled(manager, "kiosk")), 403, "not_allowed")


def test_a_device_of_another_store_is_none_here(wall: HandClock, real: Settings, clock: HandClock) -> None:
    stores = [parse_store(TABLE), parse_store({**TABLE, "id": "autre"})]
    with TestClient(build_app(real, stores, clock), raise_server_exceptions=False) as client:
        body = {"code": state_of(client).setup_codes[STORE], "salesperson": "sarah", "pin": PIN}
        assert client.post("/api/v1/setup", json=body, headers=OURS).status_code == 201
        there = {"store": "autre", "salesperson": "sarah", "pin": PIN}
        is_problem(client.post("/api/v1/session", json=there, headers=OURS), 403, "device_needed")
        assert client.get("/api/v1/stores/autre/views/kiosk").status_code == 200  # as for any browser


def test_a_code_works_once_and_not_for_long(client: TestClient, manager: TestClient, wall: HandClock) -> None:
    first, late = code(manager, "kiosk", "1"), code(manager, "kiosk", "2")
    assert set(first) <= {*LETTERS, "-"}
    assert another(client).post("/api/v1/device", json={"code": first.lower().replace("-", " ")}, headers=OURS).status_code == 201
    is_problem(another(client).post("/api/v1/device", json={"code": first}, headers=OURS), 401, "wrong_code")
    wall.at += limits.CODE_S + 1
    is_problem(another(client).post("/api/v1/device", json={"code": late}, headers=OURS), 401, "wrong_code")


def test_codes_cannot_be_tried_for_ever(client: TestClient, real: Settings) -> None:
    answers = [client.post("/api/v1/codes", json={"code": f"AAAA{n}"}) for n in range(real.sign_ins_per_minute + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {401}
    is_problem(answers[-1], 429, "too_many")


async def test_a_code_is_kept_as_slowly_as_a_pin() -> None:
    """49 bits behind a fast hash are guessed within hours by whoever has the database."""
    kept = await code_hash("abcde-23456")
    assert kept == await code_hash("ABCDE 23456")
    assert kept not in {hashlib.new(name, text).hexdigest() for name in ("sha256", "sha3_256") for text in (b"ABCDE23456", b"abcde-23456")}
    cost = (pins.HASHER.time_cost, pins.HASHER.memory_cost, pins.HASHER.parallelism)
    assert kept == hash_secret_raw(b"ABCDE23456", CODE_SALT, *cost, 32, Type.ID).hex()
    assert await code_hash("BCDEF23456") != kept


def test_only_hashes_of_codes_and_devices_are_kept(manager: TestClient, real: Settings) -> None:
    kept_code, device = code(manager, "board"), enrolled(manager, "printer")
    token = device.headers["Authorization"].partition(" ")[2]
    bytes_kept = b"".join(path.read_bytes() for path in real.database_file.parent.iterdir())
    for secret in (kept_code, kept_code.replace("-", ""), token, manager.cookies["device"], manager.cookies["session"], PIN):
        assert secret.encode() not in bytes_kept


def test_the_device_cookie_over_https(real: Settings, config: StoreConfig, clock: HandClock) -> None:
    safe = real.model_copy(update={"public_url": "https://queue.example"})
    with TestClient(build_app(safe, [config], clock), base_url="https://queue.example") as client:
        body = {"code": state_of(client).setup_codes[STORE], "salesperson": "sarah", "pin": PIN}
        cookies = client.post("/api/v1/setup", json=body, headers=OURS).headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-session", "__Host-device"}
    for cookie in cookies:
        assert {"httponly", "secure", "path=/", "samesite=strict"} <= {part.strip().lower() for part in cookie.split(";")}
        assert "domain" not in cookie.lower()


# --- who joins, and how often


def test_where_joining_is_for_kiosks_nobody_else_joins(real: Settings, config: StoreConfig, clock: HandClock) -> None:
    closed = real.model_copy(update={"open_join": False})
    with TestClient(build_app(closed, [config], clock), raise_server_exceptions=False) as client:
        boss = another(client)
        body: dict[str, Any] = {"code": state_of(client).setup_codes[STORE], "salesperson": "sarah", "pin": PIN}
        assert boss.post("/api/v1/setup", json=body, headers=OURS).status_code == 201
        for path in ("tickets", "balks"):
            is_problem(client.post(f"{API}/{path}", json={"id": uid(), "service": "advice"}), 403, "device_needed")
        assert join(enrolled(boss, "kiosk"))["number"]


def test_a_device_has_a_rate_of_its_own(client: TestClient, manager: TestClient, real: Settings) -> None:
    kiosk = enrolled(manager, "kiosk")
    for _ in range(real.joins_per_minute + 1):
        last = client.post(f"{API}/balks", json={"id": uid(), "service": "advice"})
    is_problem(last, 429, "too_many")
    assert join(kiosk)["number"]


# --- revoking


def test_a_revoked_device_is_nobody_at_once(manager: TestClient) -> None:
    kiosk, tablet = enrolled(manager, "kiosk"), enrolled(manager, "staff")
    assert try_pin(tablet).status_code == 201
    with (
        kiosk.websocket_connect("/ws/board", headers=OURS) as board,
        tablet.websocket_connect("/ws/staff", headers=OURS) as staff,
    ):
        board.send_json({"type": "hello", "screen": "kiosk"})
        staff.send_json({"type": "hello"})
        assert board.receive_json()["seq"]
        assert staff.receive_json()["seq"]
        for device, socket, said in ((kiosk, board, "device_revoked"), (tablet, staff, "device_revoked")):
            assert manager.post(f"{API}/manager/devices/revoke", json={"device": id_of(device)}, headers=OURS).status_code == 204
            assert socket.receive_json()["code"] == said
            with pytest.raises(WebSocketDisconnect) as closed:
                socket.receive_json()
            assert closed.value.code == 1008
    assert kiosk.get("/api/v1/device").json() is None
    assert tablet.get("/api/v1/session").json() is None
    is_problem(try_pin(tablet), 403, "device_needed")
    listed = {device["name"]: device["revoked_at"] for device in manager.get(f"{API}/manager/access").json()["devices"]}
    assert None in listed.values()


def test_a_device_revoked_by_another_process_closes_within_a_second(manager: TestClient) -> None:
    rooms, portal = state_of(manager).house, manager.portal
    assert portal is not None

    def revoked() -> float:
        kiosk = enrolled(manager, "kiosk")
        with kiosk.websocket_connect("/ws/board", headers=OURS) as board:
            board.send_json({"type": "hello", "screen": "kiosk"})
            assert board.receive_json()["seq"]
            portal.call(rooms.devices.registry.revoke, STORE, id_of(kiosk), 1.0)
            began = time.monotonic()
            assert board.receive_json()["code"] == "device_revoked"
            return time.monotonic() - began

    in_time(revoked, 1.0)


def test_a_device_gives_itself_up(manager: TestClient) -> None:
    kiosk = enrolled(manager, "kiosk")
    assert kiosk.delete("/api/v1/device", headers=OURS).status_code == 204
    assert kiosk.get("/api/v1/device").json() is None


def test_revoking_what_is_not_there(manager: TestClient) -> None:
    is_problem(manager.post(f"{API}/manager/devices/revoke", json={"device": "x"}, headers=OURS), 404, "unknown_device")


# --- a manager looks after people


def test_a_manager_sets_pins_and_ends_sessions(manager: TestClient, wall: HandClock) -> None:
    tablet = enrolled(manager, "staff")
    assert manager.post(f"{API}/manager/pins", json={"salesperson": "lea", "pin": "4826"}, headers=OURS).status_code == 204
    is_problem(manager.post(f"{API}/manager/pins", json={"salesperson": "x", "pin": "4826"}, headers=OURS), 404, "unknown_salesperson")
    for _ in range(limits.PIN_TRIES):
        try_pin(tablet, "lea", "0000")
    is_problem(try_pin(tablet, "lea", "4826"), 429, "account_locked")
    assert manager.post(f"{API}/manager/pins", json={"salesperson": "lea", "pin": "4827"}, headers=OURS).status_code == 204
    assert try_pin(tablet, "lea", "4827").status_code == 201
    people = {person["id"]: person for person in manager.get(f"{API}/manager/access").json()["people"]}
    assert (people["lea"]["sessions"], people["lea"]["has_pin"], people["karim"]["has_pin"]) == (1, True, False)
    assert manager.post(f"{API}/manager/sessions/end", json={"salesperson": "lea"}, headers=OURS).status_code == 204
    assert tablet.get("/api/v1/session").json() is None


def test_who_works_here_is_told_to_the_stores_own_tablets_only(client: TestClient, manager: TestClient) -> None:
    is_problem(client.get(f"{API}/people"), 403, "device_needed")
    is_problem(enrolled(manager, "kiosk").get(f"{API}/people"), 403, "not_allowed")
    assert [person["name"] for person in enrolled(manager, "staff").get(f"{API}/people").json()] == ["Karim", "Léa", "Sarah"]
    assert manager.get(f"{API}/people").status_code == 200


def test_nobody_gets_a_new_pin_of_ones_own_without_the_old(manager: TestClient) -> None:
    """Also a manager, who sets those of others: an unlocked tablet is not worth the account."""
    refused = manager.post(f"{API}/manager/pins", json={"salesperson": "sarah", "pin": "739154"}, headers=OURS)
    is_problem(refused, 403, "not_allowed")
    assert manager.get("/api/v1/session").json()["salesperson"] == "sarah"


def test_one_changes_ones_own_pin(manager: TestClient) -> None:
    other = enrolled(manager, "staff")
    assert try_pin(other).status_code == 201
    is_problem(manager.post("/api/v1/session/pin", json={"old": "000000", "new": "593726"}, headers=OURS), 401, "wrong_pin")
    is_problem(manager.post("/api/v1/session/pin", json={"old": PIN, "new": "5937"}, headers=OURS), 422, "weak_pin")
    assert manager.post("/api/v1/session/pin", json={"old": PIN, "new": "593726"}, headers=OURS).status_code == 201
    assert manager.get("/api/v1/session").json()["salesperson"] == "sarah"
    assert other.get("/api/v1/session").json() is None
    is_problem(try_pin(other), 401, "wrong_pin")
