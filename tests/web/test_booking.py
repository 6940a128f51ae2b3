"""Appointments over the API: slots, booking, link, calendar, moving, cancelling, check-in, late and no-show."""

from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from icalendar import Calendar
from starlette.testclient import TestClient

from server.app import build_app
from server.live.stores import StoreConfig, parse_store
from server.notify.ladder import How, Note
from server.settings import Settings
from tests.web.conftest import API, NOON, OURS, TABLE, HandClock, another, bearer, is_problem, join, on_duty, sign_in, state_of, tap, uid

BOOKED = {**TABLE, "booking": {"services": ["advice"], "walk_in_share": 0.5, "notice_min": 30.0}}


class Post:
    """Remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Note]] = []

    def can(self, address: str) -> bool:
        return "@" in address

    async def send(self, to: str, note: Note) -> How:
        self.sent.append((to, note))
        return How.SENT


@pytest.fixture
def config() -> StoreConfig:
    return parse_store(BOOKED)


@pytest.fixture
def client(settings: Settings, config: StoreConfig, clock: HandClock) -> Iterator[TestClient]:
    app = build_app(settings, [config], clock)
    with TestClient(app, raise_server_exceptions=False) as client:
        app.state.message = Post()
        yield client


def free(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    response = client.get(f"{API}/slots", params={"service": "advice", **query})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["slots"]
    return found


def book(client: TestClient, at: str, **more: Any) -> Any:
    return client.post(f"{API}/bookings", json={"id": uid(), "service": "advice", "at": at, **more})


def booked(client: TestClient, **more: Any) -> dict[str, Any]:
    response = book(client, more.pop("at", None) or free(client)[0]["at"], **more)
    assert response.status_code == 201, response.text
    told: dict[str, Any] = response.json()
    return told


def seconds(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()


def sweep(client: TestClient) -> None:
    assert client.portal is not None
    work: Callable[[], Awaitable[None]] = state_of(client).bookings.sweep
    client.portal.call(work)


def event_of(client: TestClient, token: str) -> Any:
    file = client.get("/api/v1/booking/calendar.ics", headers=bearer(token))
    assert file.headers["content-type"].startswith("text/calendar")
    return Calendar.from_ical(file.content).walk("VEVENT")[0]


def test_slots_are_what_the_store_can_honour(client: TestClient) -> None:
    assert client.get(API).json()["bookable"] == ["advice"]
    told = client.get(f"{API}/slots", params={"service": "advice"}).json()
    assert told["minutes"] % 15 == 0
    assert seconds(told["slots"][0]["at"]) >= NOON + 30 * 60
    assert [slot["at"] for slot in told["slots"]] == sorted(slot["at"] for slot in told["slots"])
    opens, closes = 7, 19  # 08:00 to 20:00 in Paris
    for slot in told["slots"]:
        at = datetime.fromisoformat(slot["at"]).astimezone(UTC)
        assert opens <= at.hour < closes
        assert slot["left"] >= 1
    is_problem(client.get(f"{API}/slots", params={"service": "payment"}), 404, "not_bookable")
    is_problem(client.get(f"{API}/slots", params={"service": "advice", "days": "90"}), 422, "bad_field")
    is_problem(client.get(f"{API}/slots", params={"service": "advice", "from": "soon"}), 422, "bad_field")


def test_a_slot_is_given_as_often_as_it_can_be_honoured_whoever_is_fast(client: TestClient) -> None:
    first = free(client)[0]
    with ThreadPoolExecutor(8) as crowd:
        told = list(crowd.map(lambda _: book(another(client), first["at"]), range(12)))
    assert sum(response.status_code == 201 for response in told) == first["left"]
    refused = next(response for response in told if response.status_code != 201)
    assert is_problem(refused, 409, "slot_taken")["facts"]["next"]
    assert first["at"] not in {slot["at"] for slot in free(client)}


def test_the_same_command_again_is_the_same_appointment(client: TestClient) -> None:
    at, id = free(client)[0]["at"], uid()
    told = [client.post(f"{API}/bookings", json={"id": id, "service": "advice", "at": at}).json() for _ in range(3)]
    assert told[0] == told[1] == told[2]


def test_an_appointment_has_a_link_a_code_and_a_calendar_entry(client: TestClient, clock: HandClock) -> None:
    told = booked(client, name="Zoé", address="zoe@boite.example", language="en", qr=True)
    assert told["told"]
    assert told["url"].endswith(f"/b/#{told['token']}")
    assert told["qr_svg"].startswith("<svg")
    mine = client.get("/api/v1/booking", headers=bearer(told["token"])).json()
    assert (mine["state"], mine["code"], mine["at"]) == ("booked", told["code"], told["at"])
    event = event_of(client, told["token"])
    assert event.decoded("dtstart").timestamp() == seconds(told["at"])
    assert event.decoded("dtend").timestamp() == seconds(told["until"])
    assert event["status"] == "CONFIRMED"
    assert told["code"] in event["description"]
    assert told["token"] in event["url"]
    is_problem(client.get("/api/v1/booking"), 401, "token_needed")
    is_problem(client.get("/api/v1/booking", headers=bearer("x" * 22)), 404, "unknown_booking")


def test_the_address_is_told_and_gets_the_calendar(client: TestClient) -> None:
    told = booked(client, address="zoe@boite.example", language="de")
    client.post("/api/v1/booking/cancel", json={"id": uid()}, headers=bearer(told["token"]))
    sweep(client)
    sent = state_of(client).message.sent
    assert [note.rung for _, note in sent] == ["booking/booked", "booking/cancelled"]
    assert told["url"] in sent[0][1].body
    assert b"BEGIN:VCALENDAR" in sent[0][1].calendar
    assert not booked(client, address="+33612345678")["told"]  # nothing here writes SMS


def test_moving_gives_the_old_slot_back_and_is_limited(client: TestClient) -> None:
    told, head = booked(client), None
    for count in range(4):
        later = free(client)[4 * (count + 1)]["at"]
        head = client.post("/api/v1/booking/move", json={"id": uid(), "at": later}, headers=bearer(told["token"]))
        if count < 3:
            assert head.json()["at"] == later
            assert head.json()["moves_left"] == 2 - count
    is_problem(head, 409, "moves_limit")
    assert told["at"] in {slot["at"] for slot in free(client)}
    off = {"id": uid(), "service": "advice", "at": told["at"].replace(":00.000", ":07.000")}
    is_problem(client.post(f"{API}/bookings", json=off), 422, "bad_field")


def test_a_cancelled_slot_is_free_again(client: TestClient) -> None:
    told = booked(client, name="Zoé")
    before = {slot["at"]: slot["left"] for slot in free(client)}
    done = client.post("/api/v1/booking/cancel", json={"id": uid()}, headers=bearer(told["token"]))
    assert done.json()["state"] == "cancelled"
    assert {slot["at"]: slot["left"] for slot in free(client)}[told["at"]] == before.get(told["at"], 0) + 1
    is_problem(client.post("/api/v1/booking/check-in", json={"id": uid()}, headers=bearer(told["token"])), 409, "booking_over")
    event = event_of(client, told["token"])
    assert event["status"] == "CANCELLED"
    assert event["sequence"] > 0


def test_check_in_joins_with_the_slots_place_in_line(client: TestClient, clock: HandClock) -> None:
    told = booked(client, name="Zoé", language="en")
    clock.at = seconds(told["at"]) - 3700
    is_problem(client.post("/api/v1/booking/check-in", json={"id": uid()}, headers=bearer(told["token"])), 409, "appointment_too_early")
    clock.at = seconds(told["at"]) - 300
    walk_in = join(client)
    here = client.post(f"{API}/bookings/check-in", json={"id": uid(), "code": told["code"].lower()})
    again = client.post("/api/v1/booking/check-in", json={"id": uid()}, headers=bearer(told["token"]))
    assert here.status_code == again.status_code == 201, here.text
    assert here.json()["number"] == again.json()["number"]
    clock.at = seconds(told["at"]) + 1
    on_duty(client)
    assert tap(client, "next").json()["number"] == here.json()["number"] != walk_in["number"]
    mine = client.get("/api/v1/booking", headers=bearer(told["token"])).json()
    assert (mine["state"], mine["ticket_token"]) == ("here", here.json()["token"])
    listed = client.get(f"{API}/staff/appointments").json()
    assert [(row["state"], row["number"], row["name"]) for row in listed] == [("here", here.json()["number"], "Zoé")]


def test_who_does_not_come_is_a_no_show_and_may_still_come_like_everybody(client: TestClient, clock: HandClock) -> None:
    told = booked(client, name="Zoé")
    sign_in(client, "karim")
    clock.at = seconds(told["at"]) + 60
    assert [row["state"] for row in client.get(f"{API}/staff/appointments").json()] == ["late"]
    clock.at = seconds(told["at"]) + 901
    sweep(client)
    assert [row["state"] for row in client.get(f"{API}/staff/appointments").json()] == ["no_show"]
    late = client.post("/api/v1/booking/check-in", json={"id": uid()}, headers=bearer(told["token"]))
    assert late.json()["view"]["appointment_at"] is None  # too late: a place like everybody's
    is_problem(client.post(f"{API}/bookings/check-in", json={"id": uid(), "code": "ZZZZZZ"}), 404, "unknown_booking")


def test_codes_of_appointments_cannot_be_tried_for_ever(
    settings: Settings, config: StoreConfig, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong one costs a join; a right one costs nothing."""
    monkeypatch.setattr("server.app.WallClock", lambda: clock)
    strict = settings.model_copy(update={"joins_per_minute": 5})
    with TestClient(build_app(strict, [config], clock), raise_server_exceptions=False) as client:
        told = booked(client)
        clock.at = seconds(told["at"])

        def come(code: str) -> Any:
            return client.post(f"{API}/bookings/check-in", json={"id": uid(), "code": code})

        assert {come(told["code"]).status_code for _ in range(10)} == {201}
        for _ in range(5):
            is_problem(come("ZZZZZZ"), 404, "unknown_booking")
        is_problem(come("ZZZZZZ"), 429, "too_many")
        is_problem(come(told["code"]), 429, "too_many")


def test_staff_check_in_and_say_that_nobody_came(client: TestClient, clock: HandClock) -> None:
    one, two = booked(client), booked(client)
    clock.at = max(seconds(one["at"]), seconds(two["at"]))
    sign_in(client, "lea")
    ids = [row["id"] for row in client.get(f"{API}/staff/appointments").json()]
    path = f"{API}/staff/appointments/{{}}/{{}}"
    assert client.post(path.format(ids[0], "check-in"), json={"id": uid()}, headers=OURS).status_code == 201
    assert client.post(path.format(ids[1], "no-show"), json={"id": uid()}, headers=OURS).json()["state"] == "no_show"
    is_problem(client.post(path.format(ids[0], "no-show"), json={"id": uid()}, headers=OURS), 409, "booking_over")
    is_problem(client.post(path.format("x", "no-show"), json={"id": uid()}, headers=OURS), 404, "unknown_booking")


def test_what_was_told_is_forgotten_when_it_is_over_or_asked(client: TestClient, clock: HandClock) -> None:
    one, two = booked(client, name="Zoé", address="zoe@boite.example"), booked(client, name="Ali")
    assert client.post("/api/v1/booking/forget", json={"id": uid()}, headers=bearer(one["token"])).json()["state"] == "booked"
    clock.at = seconds(two["until"]) + 2 * 3600 + 1
    sweep(client)
    sign_in(client, "karim")
    assert {row["name"] for row in client.get(f"{API}/staff/appointments").json()} == {""}


def test_an_appointment_is_not_believed_from_a_browser(settings: Settings, config: StoreConfig, clock: HandClock) -> None:
    """Outside a demonstration only devices of the store may say that somebody has one: it passes the line."""
    real = settings.model_copy(update={"demo": False})
    with TestClient(build_app(real, [config], clock), raise_server_exceptions=False) as client:
        body = {"id": uid(), "service": "advice", "appointment_at": "2026-11-21T12:20:00Z"}
        is_problem(client.post(f"{API}/tickets", json=body), 403, "device_needed")


def test_bodies_that_are_not_bodies(client: TestClient) -> None:
    """As every other route: see tests/web/test_errors.py."""
    headers = {**bearer(booked(client)["token"]), "Content-Type": "application/json"}
    for verb in ("cancel", "forget", "move", "check-in"):
        for content, status, code in ((b"{", 400, "bad_json"), (b"[]", 422, "bad_field"), (b'{"surprise": 1}', 422, "bad_field")):
            is_problem(client.post(f"/api/v1/booking/{verb}", content=content, headers=headers), status, code)
        is_problem(client.post(f"/api/v1/booking/{verb}", content=b"x" * 1_000_000, headers=headers), 413, "too_large")
