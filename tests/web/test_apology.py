"""A store that gives something for a broken promise gives it to whom it broke it to, with a code of theirs alone, and to nobody else."""

import re
import time

import pytest
from starlette.testclient import TestClient

from server.live.stores import StoreConfig, parse_store
from tests.web.conftest import API, TABLE, HandClock, bearer, is_problem, join, on_duty, tap, uid

TEXTS = {"fr": "5 € à la caisse avec le code {code}.", "en": "€5 at the till with the code {code}."}
APOLOGY = "/api/v1/ticket/apology"


@pytest.fixture
def config() -> StoreConfig:
    return parse_store({**TABLE, "apology": TEXTS})


def until_it_can_be_said(client: TestClient) -> None:
    """The estimator speaks a few times a second."""
    give_up_at = time.monotonic() + 30
    while client.get(f"{API}/views/kiosk").json()["services"][0]["range"] is None:
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def promised_s(client: TestClient, headers: dict[str, str]) -> float:
    """The promise of a ticket: there at joining, or as soon as the estimate has followed a clock that jumped."""
    give_up_at = time.monotonic() + 30
    while (promise_s := client.get("/api/v1/ticket", headers=headers).json()["promise_s"]) is None:
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
    return float(promise_s)


def served(client: TestClient, clock: HandClock, wait_s: float, language: str = "fr") -> dict[str, str]:
    """A visit whose shopper waited so long beyond the promise; the token's header."""
    until_it_can_be_said(client)
    told = join(client, language=language)
    clock.at += promised_s(client, bearer(told["token"])) + wait_s
    assert tap(client, "claim", ticket=told["id"]).status_code == 200
    assert tap(client, "start", ticket=told["id"]).status_code == 200
    clock.at += 60
    assert tap(client, "finish", ticket=told["id"]).status_code == 200
    return bearer(told["token"])


def test_a_broken_promise_is_made_good_once_with_a_code_of_ones_own(client: TestClient, clock: HandClock) -> None:
    on_duty(client)
    late = served(client, clock, 300.0)
    first = client.get(APOLOGY, headers=late).json()
    assert re.fullmatch(r"[A-Z2-7]{6}", first["code"])
    assert first["text"] == TEXTS["fr"].format(code=first["code"])
    assert client.get(APOLOGY, headers=late).json() == first, "asked again it is the same code, not another one"
    other = client.get(APOLOGY, headers=served(client, clock, 300.0, "en")).json()
    assert other["text"] == TEXTS["en"].format(code=other["code"])
    assert other["code"] != first["code"]


def test_a_kept_promise_and_a_visit_that_is_not_over_earn_nothing(client: TestClient, clock: HandClock) -> None:
    on_duty(client)
    is_problem(client.get(APOLOGY, headers=served(client, clock, -10.0)), 404, "not_found")
    waiting = join(client)
    clock.at += 7200
    is_problem(client.get(APOLOGY, headers=bearer(waiting["token"])), 404, "not_found")
    client.post("/api/v1/ticket/leave", json={"id": uid()}, headers=bearer(waiting["token"]))
    is_problem(client.get(APOLOGY, headers=bearer(waiting["token"])), 404, "not_found")


class TestWithoutTexts:
    @pytest.fixture
    def config(self) -> StoreConfig:
        return parse_store(TABLE)

    def test_a_store_that_gives_nothing_says_nothing(self, client: TestClient, clock: HandClock) -> None:
        on_duty(client)
        is_problem(client.get(APOLOGY, headers=served(client, clock, 300.0)), 404, "not_found")
