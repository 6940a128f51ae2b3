"""Two whole nodes on one PostgreSQL: a slot has one winner, and a webhook gets each thing once, whichever node is asked."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.testclient import TestClient

from server.app import build_app
from server.live.stores import parse_store
from server.settings import Settings
from tests.hooks.receiver import Receiver
from tests.postgres import Postgres
from tests.web.conftest import API, OURS, TABLE, HandClock, another, on_duty, sign_in, tap, uid

RACES = 8
PATIENCE_S = 60.0
SHOPPERS = 12
ONE_AT_A_TIME = {
    **TABLE, "booking": {"services": ["advice"], "walk_in_share": 0.0, "notice_min": 0.0},
    "salespeople": {id: {**person, "skills": ["advice"] if id == "lea" else []} for id, person in TABLE["salespeople"].items()},
}  # fmt: skip


@pytest.fixture
def nodes(settings: Settings, postgres_server: Postgres) -> Iterator[tuple[TestClient, TestClient]]:
    shared = settings.model_copy(update={"database": postgres_server.fresh()})
    clock = HandClock()
    with ExitStack() as stack:
        one, two = (stack.enter_context(TestClient(build_app(shared, [parse_store(ONE_AT_A_TIME)], clock))) for _ in range(2))
        yield one, two


def until(done: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < give_up_at, "the nodes did not come to it"
        time.sleep(0.02)


def test_of_two_nodes_that_give_the_same_slot_one_does(nodes: tuple[TestClient, TestClient]) -> None:
    slots = nodes[0].get(f"{API}/slots", params={"service": "advice"}).json()["slots"][:RACES]
    assert len(slots) == RACES
    assert {slot["left"] for slot in slots} == {1}, "one salesperson, one at a time"

    def ask(node: TestClient, at: str) -> int:
        return int(node.post(f"{API}/bookings", json={"id": uid(), "service": "advice", "at": at}).status_code)

    with ThreadPoolExecutor(2) as threads:
        for slot in slots:
            asked = [threads.submit(ask, node, slot["at"]) for node in nodes]
            assert sorted(answer.result() for answer in asked) == [201, 409], slot
    left = {slot["at"] for node in nodes for slot in node.get(f"{API}/slots", params={"service": "advice"}).json()["slots"]}
    assert not left & {slot["at"] for slot in slots}, "both nodes know"


def test_a_booking_sent_again_to_the_other_node_is_the_same_one(nodes: tuple[TestClient, TestClient]) -> None:
    at = nodes[0].get(f"{API}/slots", params={"service": "advice"}).json()["slots"][0]["at"]
    body = {"id": uid(), "service": "advice", "at": at}
    one, two = (node.post(f"{API}/bookings", json=body) for node in nodes)
    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json()["code"] == two.json()["code"]


def test_each_thing_is_told_once_by_two_nodes_and_again_from_a_number_on(nodes: tuple[TestClient, TestClient]) -> None:
    assert nodes[0].portal is not None
    with nodes[0].portal.wrap_async_context_manager(Receiver().open()) as receiver:
        manager = another(nodes[0])
        sign_in(manager, "sarah")
        kinds = ["ticket.issued", "ticket.called", "ticket.answered"]
        made = manager.post(f"{API}/manager/hooks", json={"id": uid(), "url": receiver.url, "kinds": kinds}, headers=OURS)
        assert made.status_code == 201, made.text
        for n in range(SHOPPERS):  # in turn at this node and that one
            assert nodes[n % 2].post(f"{API}/tickets", json={"id": uid(), "service": "advice"}).status_code == 201
        on_duty(nodes[0])
        assert tap(nodes[0], "next").status_code == 200
        until(lambda: len(receiver.told) > SHOPPERS)
        assert [told["kind"] for told in receiver.told] == [*["ticket.issued"] * SHOPPERS, "ticket.called"]
        first = numbers(receiver)
        assert first == list(range(first[0], first[0] + SHOPPERS + 1)), "each once, in order, without a gap"
        again = manager.post(f"{API}/manager/hooks/{made.json()['id']}/replay", json={"id": uid(), "after": first[3]}, headers=OURS)
        assert again.status_code == 200, again.text
        until(lambda: len(receiver.told) >= 2 * len(first) - 4)
        assert numbers(receiver) == [*first, *first[4:]]


def numbers(receiver: Receiver) -> list[Any]:
    return [told["seq"] for told in receiver.told]
