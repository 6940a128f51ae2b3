"""The typed client against the real application."""

from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copy
from uuid import RFC_4122, UUID

import httpx2
import pytest

from avous import client as client_module
from avous.client import Caller, Refused, Server, Unanswered
from server.app import build_app
from server.live.stores import parse_store
from server.settings import Settings
from tests.web.conftest import PINS, STORE, TABLE, HandClock


@pytest.fixture
async def server(tmp_path: Path, empty_database: Path) -> AsyncIterator[Server]:
    copy(empty_database, tmp_path / "avous.db")
    app = build_app(Settings(database=f"sqlite:///{tmp_path}/avous.db", demo=True, rollouts=1), [parse_store(TABLE)], HandClock())
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver", headers={"X-Avous": "1"}) as http:
            yield Server(Caller(http))


async def test_a_visit(server: Server) -> None:
    assert await server.stores() == [{"id": STORE, "name": "Magasin d'essai"}]
    assert {service["id"] for service in (await server.store(STORE))["services"]} == {"advice", "payment"}
    ticket = await server.join(STORE, "advice", name="Zoé")
    assert (await ticket.view())["phase"] == "waiting"
    desk = await server.sign_in(STORE, "lea", PINS["lea"])
    await desk.tap("on")
    assert (await desk.tap("next"))["number"] == ticket.number
    assert (await ticket.coming())["phase"] == "called"
    shown = (await desk.view())["card"]
    assert shown["name"] == "Zoé"
    assert await ticket.forget()
    assert not await ticket.forget()
    for verb in ("start", "finish"):
        await desk.tap(verb, ticket=shown["ticket"])
    assert (await ticket.rate(5))["outcome"] == "answered"
    await desk.sign_out()
    with pytest.raises(Refused) as refused:
        await desk.view()
    assert refused.value.code == "sign_in_needed"


async def test_leaving_and_coming_back(server: Server) -> None:
    ticket = await server.join(STORE, "payment")
    assert (await ticket.away(5))["phase"] == "away"
    assert (await ticket.back())["phase"] == "waiting"
    assert (await ticket.leave("long"))["phase"] == "ended"
    with pytest.raises(Refused, match="has ended"):
        await ticket.leave()


async def test_a_refusal_has_code_status_and_facts(server: Server) -> None:
    with pytest.raises(Refused) as refused:
        await server.join(STORE, "gardening")
    assert (refused.value.code, refused.value.status) == ("unknown_service", 404)
    with pytest.raises(Refused) as refused:
        await server.enrol("XXXXX-XXXXX")
    assert refused.value.code == "wrong_code"


async def test_no_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "GIVE_UP_S", 0.0)
    monkeypatch.setattr(client_module, "FIRST_PAUSE_S", 0.0)

    def away(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("away", request=request)

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(away), base_url="http://store.test") as http:
        with pytest.raises(Unanswered):
            await Server(Caller(http)).stores()


def test_ids_carry_the_time_in_front_and_never_come_twice() -> None:
    ids = [Caller(httpx2.AsyncClient()).new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {(UUID(id).version, UUID(id).variant) for id in ids} == {(7, RFC_4122)}
    assert ids[0][:12] <= ids[-1][:12]
