"""Alarms over HTTP: the next hour of each service, what is up, what would help; for managers only."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from server.waits.alarms import AHEAD_S, CALM_LOOKS
from tests.web.conftest import API, STORE, HandClock, is_problem, join, on_duty, sign_in

Look = Callable[[], Any]


@pytest.fixture
def look(app: Starlette, client: TestClient, clock: HandClock) -> Look:
    """One look ahead, a minute after the last; then what the manager sees."""

    def once() -> Any:
        clock.at += 60
        assert client.portal is not None
        client.portal.call(app.state.alarms.look, app.state.house.live.store(STORE))
        return client.get(f"{API}/alarms").json()

    return once


def test_a_line_that_grows_raises_an_alarm_that_says_what_helps(client: TestClient, look: Look) -> None:
    on_duty(client)
    for _ in range(8):
        join(client)
    sign_in(client, "sarah")
    look()
    found = look()
    alarm = next(alarm for alarm in found["alarms"] if alarm["service"] == "advice")
    assert alarm["limit_s"] == 600.0
    assert alarm["worst_s"] > alarm["helped_s"] > 0
    assert found["ahead_s"] == list(AHEAD_S)
    curve = found["outlook"]["advice"]
    assert len(curve["p90_s"]) == len(curve["p50_s"]) == len(AHEAD_S)
    assert curve["p90_s"][0] > curve["p50_s"][0] > 0


def test_nobody_on_duty_is_an_alarm_until_somebody_is(client: TestClient, look: Look) -> None:
    sign_in(client, "sarah")
    look()
    found = look()
    assert {alarm["service"] for alarm in found["alarms"]} == {"advice", "payment"}
    assert found["alarms"][0]["worst_s"] is None
    on_duty(client)
    sign_in(client, "sarah")
    for _ in range(CALM_LOOKS):
        found = look()
    assert found["outlook"]["advice"]["p50_s"][0] < 60.0, "the walk to the desk"
    assert found["alarms"] == []


def test_a_salesperson_has_no_business_there(client: TestClient) -> None:
    sign_in(client)
    is_problem(client.get(f"{API}/alarms"), 403, "not_allowed")
