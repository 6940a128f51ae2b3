"""Fifty salespeople claim the same ticket at once, over HTTP: one wins, the others are told who."""

import asyncio
import os
import random
from pathlib import Path
from time import monotonic

import pytest

from server.bench.history import History
from server.journal.sqlite import SqliteJournal
from server.web.catalogue import ticket_of
from tests.faults import checkers
from tests.faults.crowd import Body, Client, sign_in
from tests.faults.process import ServerProcess

PEOPLE = 50
TAP = "/api/v1/stores/volt/staff/"
pytestmark = pytest.mark.faults


@pytest.mark.timeout(900)
async def test_fifty_claim_one_ticket_two_hundred_times(tmp_path: Path, rng: random.Random) -> None:
    history, server = History(), ServerProcess(tmp_path, PEOPLE)
    clients = {f"p{n}": Client(f"p{n}", server.url, random.Random(rng.getrandbits(64)), history) for n in range(PEOPLE)}
    try:
        server.spawn()
        await server.ready()
        await asyncio.gather(*(sign_in(client, person) for person, client in clients.items()))
        await asyncio.gather(*(client.command("on", TAP + "on", {}) for client in clients.values()))
        slowest_s = [await _round(clients) for _ in range(int(os.environ.get("AVOUS_ROUNDS", "200")))]
        assert server.stop() == 0
    finally:
        server.kill()
        await asyncio.gather(*(client.close() for client in clients.values()))
    journal = SqliteJournal(server.database)
    assert checkers.one_claim(await journal.events("volt", "2026-11-21")) == []
    await journal.close()
    print(f"{len(slowest_s)} rounds, the slowest answer of a round: {sorted(slowest_s)[len(slowest_s) // 2] * 1000:.0f} ms (median)")


async def _round(clients: dict[str, Client]) -> float:
    """One ticket, fifty taps; the seconds until everybody knew."""
    kiosk = clients["p0"]
    ticket = {"id": kiosk.new_id(), "service": "advice"}
    assert await kiosk.command("join", "/api/v1/stores/volt/tickets", ticket)
    began = monotonic()
    answers = await asyncio.gather(*(_claim(client, ticket_of(ticket["id"])) for client in clients.values()))
    took_s = monotonic() - began
    (winner,) = [person for person, (status, _) in zip(clients, answers, strict=True) if status == 200]
    losers = [body for status, body in answers if status == 409]
    assert len(losers) == PEOPLE - 1
    assert {body["code"] for body in losers} == {"already_claimed"}
    assert {body["facts"]["salesperson"] for body in losers} == {winner}
    for op in ("start", "finish"):
        assert await clients[winner].command(op, TAP + op, {"ticket": ticket_of(ticket["id"])})
    return took_s


async def _claim(client: Client, ticket: str) -> tuple[int, Body]:
    answer = await client._post(TAP + "claim", {"id": client.new_id(), "ticket": ticket}, {})
    assert answer is not None, "no answer"
    return answer
