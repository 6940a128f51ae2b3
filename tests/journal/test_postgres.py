"""What is particular to PostgreSQL: several nodes on one database, wake-ups, a server that dies or is out of reach."""

import asyncio
import time
from collections.abc import AsyncIterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from server.journal import contacts, links, outgoing, postgres, postgres_rows, streams
from server.journal.migrate import UnusableDatabase, migrate
from server.journal.port import Append, ContactCard, Journal, SharedJournal, StorageTrouble, VersionConflict
from server.journal.postgres import PostgresJournal
from server.journal.postgres_wakes import EVERY_S
from server.journal.tables import metadata
from tests.faults.proxy import Proxy
from tests.journal.samples import DAY, everything, opened, signed_on
from tests.postgres import Postgres

Two = tuple[PostgresJournal, PostgresJournal]


@pytest.fixture
async def two(postgres_server: Postgres) -> AsyncIterator[Two]:
    """Two nodes on one database, its first day open."""
    address = postgres_server.fresh()
    nodes = (PostgresJournal(address), PostgresJournal(address))
    await nodes[0].append(opened())
    yield nodes
    for node in nodes:
        await node.close()


def test_the_tables_are_what_the_migrations_make(postgres_server: Postgres) -> None:
    address = postgres_server.empty()
    migrate(address)
    migrate(address)
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_server_that_is_not_there_is_named_in_one_sentence() -> None:
    with pytest.raises(UnusableDatabase, match=r"127\.0\.0\.1"):
        migrate("postgresql://somebody:secret@127.0.0.1:1/nothing?connect_timeout=2")


async def test_two_nodes_at_the_same_version_one_wins(two: Two) -> None:
    outcomes = await asyncio.gather(*(two[n % 2].append(signed_on(1, f"id {n}")) for n in range(20)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, VersionConflict) for outcome in outcomes) == 19
    assert await two[0].events("volt", DAY) == await two[1].events("volt", DAY)


async def test_thirty_stores_on_two_nodes_wait_in_no_circle(two: Two) -> None:
    """Both nodes write to all stores at once, in opposite orders; each version is taken once."""
    stores = [f"s{n}" for n in range(30)]
    await asyncio.gather(*(two[0].append(opened(store)) for store in stores))
    for version in range(1, 6):
        ours = [two[0].append(signed_on(version, f"one {store} {version}", store)) for store in stores]
        theirs = [two[1].append(signed_on(version, f"two {store} {version}", store)) for store in reversed(stores)]
        outcomes = await asyncio.gather(*ours, *theirs, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes if outcome is not None] == [VersionConflict] * 30
    heads = await two[1].heads([*stores, "nowhere"])
    assert heads == dict.fromkeys(stores, (DAY, 6))


async def test_what_both_need_is_made_once(postgres_server: Postgres) -> None:
    address = postgres_server.fresh()
    nodes = [PostgresJournal(address) for _ in range(4)]
    secrets = await asyncio.gather(*(links.server_secret(node) for node in nodes))
    assert len(set(secrets)) == 1
    for node in nodes:
        await node.close()


async def test_an_effect_is_delivered_by_one_node(two: Two) -> None:
    await two[0].append(everything(1, "t1"))
    taken = await asyncio.gather(*(outgoing.take(two[n % 2], 50.0, 10, 60.0) for n in range(10)))
    assert sum(len(parcels) for parcels in taken) == 1
    assert len(await outgoing.take(two[1], 111.0, 10, 60.0)) == 1  # whoever took it has died


async def test_a_node_hears_of_the_others_soon_and_not_too_often(two: Two) -> None:
    assert isinstance(two[0], SharedJournal)
    heard: list[tuple[float, int]] = []
    await two[1].listen(lambda store, day, version: heard.append((time.monotonic(), version)))
    await two[0].listen(lambda store, day, version: pytest.fail("its own words"))
    while not heard:  # until both lines stand
        await asyncio.sleep(0.1)
        two[0]._wakes.tell("volt", DAY, 1)
    heard.clear()
    began, version = time.monotonic(), 1
    while time.monotonic() - began < 1.0:
        await two[0].append(signed_on(version, f"id {version}"))
        version += 1
    async with asyncio.timeout(20):
        while not heard or heard[-1][1] != version:
            await asyncio.sleep(0.01)
    lasted_s = time.monotonic() - began
    assert len(heard) <= lasted_s / EVERY_S + 1, f"{len(heard)} notifications of {version} appends"
    assert version > len(heard)


async def test_a_server_killed_under_load_loses_nothing(postgres_server: Postgres) -> None:
    """kill -9 of PostgreSQL three times; whoever is not answered sends the same batch again."""
    journal = PostgresJournal(postgres_server.fresh())
    stores = [f"s{n}" for n in range(8)]
    await asyncio.gather(*(journal.append(opened(store)) for store in stores))
    running = True

    async def work(store: str) -> int:
        version = 1
        while running:
            try:
                await journal.append(signed_on(version, f"{store} {version}", store))
            except StorageTrouble:
                await asyncio.sleep(0.02)
                version = (await _patiently(journal, store))[1]
            else:
                version += 1
        return version

    tasks = [asyncio.create_task(work(store)) for store in stores]
    for _ in range(3):
        await asyncio.sleep(0.3)
        await asyncio.to_thread(postgres_server.kill)
        await asyncio.to_thread(postgres_server.start)
    await asyncio.sleep(0.3)
    running = False
    versions = await asyncio.gather(*tasks)
    assert min(versions) > 10
    for store, version in zip(stores, versions, strict=True):
        assert len(await journal.events(store, DAY)) == version
        assert len(await journal.recorded(store, DAY)) == version
    await journal.close()


async def _patiently(journal: PostgresJournal, store: str) -> tuple[str, int]:
    while True:
        try:
            return (await journal.heads([store]))[store]
        except StorageTrouble:
            await asyncio.sleep(0.05)


async def test_a_line_that_swallows_everything_is_cut(postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.journal.postgres.PATIENCE_S", 1.0)
    async with Proxy(postgres_server.port) as proxy:
        journal: Journal = PostgresJournal(postgres_server.fresh().replace(f":{postgres_server.port}/", f":{proxy.port}/"))
        await journal.append(opened())
        proxy.swallow()
        began = time.monotonic()
        with pytest.raises(StorageTrouble):
            await journal.append(signed_on(1, "a"))
        with pytest.raises(StorageTrouble):
            await journal.events("volt", DAY)
        assert time.monotonic() - began < 60.0  # two on a quiet machine
        proxy.heal()
        await journal.append(signed_on(1, "a"))
        assert len(await journal.events("volt", DAY)) == 2
        await journal.close()


async def test_a_node_that_stops_in_the_middle_of_a_transaction_holds_nobody_up(two: Two) -> None:
    """It has the stream's lock and is never heard of again: the server ends its transaction, the others go on."""
    with psycopg.connect(two[0]._address, autocommit=True, options=postgres.TIMEOUTS) as paused:
        paused.execute("BEGIN")
        postgres_rows.look(paused, [signed_on(1, "paused")])
        began = time.monotonic()
        await two[1].append(signed_on(1, "a"))
        assert 0.5 < time.monotonic() - began < 20.0  # two on a quiet machine
        with pytest.raises(psycopg.Error, match="idle-in-transaction"):
            paused.execute("SELECT 1")


async def test_who_reads_may_take_their_time(postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of 80,000 events takes seconds to read; a transaction that only reads holds nobody up meanwhile."""
    monkeypatch.setattr(postgres, "TIMEOUTS", postgres.TIMEOUTS.replace("session_timeout=2s", "session_timeout=100ms"))
    journal = PostgresJournal(postgres_server.fresh())
    await journal.append(opened())

    def slowly(session: Session) -> int:
        rows = streams.events(session, "volt", DAY)
        time.sleep(0.5)
        return len(rows)

    assert await journal.read(slowly) == 1
    await journal.close()


async def test_a_locked_table_is_trouble_that_passes(postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "TIMEOUTS", postgres.TIMEOUTS.replace("lock_timeout=4s", "lock_timeout=200ms"))
    journal = PostgresJournal(postgres_server.fresh())
    await journal.append(opened())
    with psycopg.connect(journal._address) as other:
        other.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StorageTrouble):
            await journal.append(signed_on(1, "a"))
        with pytest.raises(StorageTrouble):
            await journal.events("volt", DAY)
    await journal.append(signed_on(1, "a"))
    assert len(await journal.events("volt", DAY)) == 2
    await journal.close()


async def test_the_space_of_erased_contacts_is_given_back(two: Two) -> None:
    cards = [ContactCard(f"t{n}", "Canary-Dominique" * 20, "", 90.0) for n in range(200)]
    await two[0].append(Append("volt", DAY, 1, contacts=cards))
    assert await contacts.erase(two[1], [card.ticket for card in cards]) == 200
    with two[0]._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT pg_relation_size('contact')").scalar() == 0
