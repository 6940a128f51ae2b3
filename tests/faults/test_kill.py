"""kill -9 of the real server under load, again and again: nothing acknowledged is lost, nothing happens twice."""

import asyncio
import os
import random
import statistics
from collections.abc import Awaitable
from pathlib import Path

import pytest

from server.bench.history import History, answered_otherwise, set_check
from server.journal import facts
from server.journal.port import Journal
from server.journal.postgres import PostgresJournal
from server.journal.sqlite import SqliteJournal
from server.rules import events as ev
from server.web.catalogue import ticket_of
from tests.faults import checkers
from tests.faults.crowd import Client, salesperson, shoppers
from tests.faults.process import ServerProcess
from tests.postgres import Postgres

KIOSKS, PEOPLE = 24, 8
RATE_S = 0.12  # seconds between two commands of one client, on average: about 200 a second in all
LIVES_S = (0.2, 1.4)  # how long the server lives between kills
OURS = ("tick", "waits", "calendar", "settings")  # commands the server gives itself
KILLS = int(os.environ.get("AVOUS_KILLS", "20"))
KILLED_STARTING = 0.15  # share of starts that are killed too
DAY = "2026-11-21"


pytestmark = pytest.mark.faults


@pytest.mark.timeout(900)  # under a minute on two quiet cores; others may be working
async def test_twenty_kills_under_load(tmp_path: Path, rng: random.Random) -> None:
    await _kills(ServerProcess(tmp_path, PEOPLE), rng, KILLS)


@pytest.mark.timeout(900)
async def test_twenty_kills_of_postgresql_and_of_the_server_on_it(tmp_path: Path, rng: random.Random, postgres_server: Postgres) -> None:
    """Three times in four the database is killed under the server's feet, else the server."""
    await _kills(ServerProcess(tmp_path, PEOPLE, {"AVOUS_DATABASE": postgres_server.fresh()}), rng, KILLS, postgres_server)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_five_hundred_kills_under_load(tmp_path: Path, rng: random.Random, request: pytest.FixtureRequest, kind: str) -> None:
    database: Postgres | None = request.getfixturevalue("postgres_server") if kind == "postgres" else None
    await _kills(ServerProcess(tmp_path, PEOPLE, {"AVOUS_DATABASE": database.fresh()} if database else {}), rng, 500, database)


async def _kills(server: ServerProcess, rng: random.Random, kills: int, database: Postgres | None = None) -> None:
    history = History()
    clients = [Client(f"client {n}", server.url, random.Random(rng.getrandbits(64)), history) for n in range(KIOSKS + PEOPLE)]
    tasks: list[asyncio.Task[None]] = []
    try:
        server.spawn()
        await server.ready()
        tasks += [asyncio.create_task(_life(client, n)) for n, client in enumerate(clients)]
        ready_s = []
        for _ in range(kills):
            await _sleep_or_fail(rng.uniform(*LIVES_S), tasks)
            if database is not None and rng.random() < 0.75:
                ready_s.append(await _kill_database(database, server))
                continue
            server.kill()
            server.spawn()
            if rng.random() < KILLED_STARTING:
                await asyncio.sleep(rng.uniform(0.0, 1.5))
                server.kill()
                server.spawn()
            ready_s.append(await server.ready())
        await _sleep_or_fail(1.0, tasks)
        await _finish(tasks, history)
        assert server.stop() == 0
    finally:
        server.kill()
        for task in tasks:
            task.cancel()
        history.save(server.folder / "history.jsonl")
        await asyncio.gather(*(client.close() for client in clients))
    await _check(PostgresJournal(server.extra["AVOUS_DATABASE"]) if database else SqliteJournal(server.database), server, history)
    print(f"{kills} kills: ready again after {statistics.median(ready_s):.2f} s (median), {max(ready_s):.2f} s (worst)")


async def _kill_database(database: Postgres, server: ServerProcess) -> float:
    """kill -9 of PostgreSQL; the seconds from its start until the server, which nobody touched, takes commands again."""
    await asyncio.to_thread(database.kill)
    await asyncio.to_thread(database.start)
    return await server.ready()


async def _life(client: Client, number: int) -> None:
    await (shoppers(client, RATE_S) if number < KIOSKS else salesperson(client, f"p{number - KIOSKS}", RATE_S))


async def _sleep_or_fail(seconds: float, tasks: list["asyncio.Task[None]"]) -> None:
    """Let time pass; a client that broke breaks the test."""
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


async def _finish(tasks: list["asyncio.Task[None]"], history: History) -> None:
    """Stop the clients between two commands where possible; whatever is cut off counts as unknown."""
    for task in tasks:
        task.cancel()
    ended: list[Awaitable[None]] = list(tasks)
    await asyncio.gather(*ended, return_exceptions=True)
    assert len(history) > 100


async def _check(journal: Journal, server: ServerProcess, history: History, joins_min: int = 100) -> None:
    events = await journal.events("volt", DAY)
    recorded = await journal.recorded("volt", DAY)
    kept = await facts.read(journal, "volt")
    await journal.close()

    asked = {ticket_of(e.id): e.id for e in history if e.op == "join"}
    joined = [asked.get(e.ticket, e.ticket) for e in events if isinstance(e, ev.TicketJoined)]
    joins = set_check((e for e in history if e.op == "join"), joined)
    others = set_check(history, [r.id for r in recorded if not r.refused and r.sender not in OURS])
    print(f"joins: {joins}\nall commands: {others}")
    assert not joins.faults, joins
    assert not others.faults, others
    assert joins.acknowledged > joins_min
    assert answered_otherwise(history) == []
    assert checkers.real_time_order(history, recorded) == []
    assert checkers.one_claim(events) == []
    assert checkers.numbers_are_unique(events) == []
    assert checkers.folds(events) == []
    assert checkers.replays(recorded, events) == []
    ended = {e.ticket for e in events if isinstance(e, ev.TicketEnded)}
    assert {fact.ticket for _, fact in kept} >= ended
    assert "Traceback" not in server.log(), server.log()
