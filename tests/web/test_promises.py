"""The manager is told how often the waits that were told came true; nobody else is."""

import time

from starlette.testclient import TestClient

from tests.web.conftest import API, HandClock, is_problem, join, sign_in, tap


def test_promises_kept_are_the_managers_to_know(client: TestClient, clock: HandClock) -> None:
    sign_in(client)
    tap(client, "on")
    ticket = join(client)
    clock.at += 1
    tap(client, "next")
    tap(client, "start", ticket=ticket["id"])
    clock.at += 300
    tap(client, "finish", ticket=ticket["id"])
    assert is_problem(client.get(f"{API}/promises"), 403, "not_allowed")
    sign_in(client, "sarah")
    until = time.monotonic() + 20
    while (found := client.get(f"{API}/promises").json())["visits"]["advice"] == 0 and time.monotonic() < until:
        time.sleep(0.05)
    assert found["visits"]["advice"] == 1
    assert found["today"]["promises"] == found["today"]["kept"]
    assert found["month"] == found["today"]
    assert "advice" in found["prior"]
