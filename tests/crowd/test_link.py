"""A command is sent until it is answered, always with the same id, and the history says what is known."""

import json
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest

from avous import client as link_module
from simulation.crowd.history import History
from simulation.crowd.link import Link

Answer = httpx2.Response | Exception


class Server:
    """Answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(json.loads(request.content) if request.content else {})
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def link_to(server: Server, history: History) -> Link:
    client = httpx2.AsyncClient(base_url="http://store.test", transport=httpx2.MockTransport(server))
    return Link(client, "shopper:1", history, Random(7))


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "FIRST_PAUSE_S", 0.0)
    monkeypatch.setattr(link_module, "LONGEST_PAUSE_S", 0.0)


async def test_an_answer_lost_on_the_way_is_asked_for_again_with_the_same_id(tmp_path: Path) -> None:
    server = Server(
        httpx2.ReadError("cut"),
        httpx2.Response(503, json={"code": "busy", "retry_after_s": 0}),
        httpx2.Response(201, json={"number": "C-1"}),
    )
    with History(tmp_path / "h.jsonl") as history:
        reply = await link_to(server, history).command("join", "/tickets", {"service": "phones", "name": "Ada"})
    assert (reply.status, reply.body["number"]) == (201, "C-1")
    assert len({asked["id"] for asked in server.asked}) == 1
    lines = [json.loads(line) for line in (tmp_path / "h.jsonl").read_text().splitlines()]
    assert [line["type"] for line in lines] == ["invoke", "info", "info", "ok"]
    assert {line["id"] for line in lines} == {server.asked[0]["id"]}
    assert lines[0]["value"] == {"service": "phones"}  # a name is personal: never in the history
    assert lines[-1]["value"] == {"number": "C-1"}


async def test_a_refusal_is_not_repeated() -> None:
    server = Server(httpx2.Response(409, json={"code": "already_claimed", "status": 409}))
    history = History()
    reply = await link_to(server, history).command("claim", "/claim", {"ticket": "x"})
    assert (reply.ok, reply.code) == (False, "already_claimed")
    assert history.count("claim", "fail") == 1


async def test_an_outcome_that_stays_unknown_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "GIVE_UP_S", -1.0)
    history = History()
    reply = await link_to(Server(httpx2.ConnectError("nobody")), history).command("leave", "/leave")
    assert reply.status == 0
    assert (history.count("leave", "info"), history.count("leave", "ok"), history.count("leave", "fail")) == (1, 0, 0)


async def test_a_pin_is_never_written(tmp_path: Path) -> None:
    with History(tmp_path / "h.jsonl") as history:
        await link_to(Server(httpx2.Response(201, json={})), history).command("sign_in", "/session", {"pin": "4711"}, with_id=False)
    assert "4711" not in (tmp_path / "h.jsonl").read_text()


async def test_without_an_id_the_body_is_sent_as_it_is() -> None:
    server = Server(httpx2.Response(201, json={}))
    await link_to(server, History()).command("sign_in", "/session", {"pin": "4711"}, with_id=False)
    assert server.asked == [{"pin": "4711"}]
