"""What is particular to SQLite: durability settings, failures, restarts, no traces of what was erased."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from server.journal import contacts, migrations
from server.journal.migrate import migrate
from server.journal.port import Append, ContactCard, StorageTrouble
from server.journal.sqlite import SqliteJournal
from server.journal.tables import metadata
from tests.journal.databases import fresh
from tests.journal.faulty import FailNth, FaultyJournal
from tests.journal.samples import DAY, everything, opened, signed_on


async def test_what_was_acknowledged_is_there_after_reopening(database: Path) -> None:
    first = SqliteJournal(database)
    await first.append(opened())
    await first.append(everything(1, "t1"))
    before = await first.events("volt", DAY)
    await first.close()
    second = SqliteJournal(database)
    assert await second.events("volt", DAY) == before
    assert await contacts.names(second, "volt") == {"t1": "Zoé"}
    await second.close()


def test_the_tables_are_what_the_migrations_make(database: Path) -> None:
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


HEAD = max(path.name[1:5] for path in (Path(migrations.__file__).parent / "versions").glob("v0*.py"))


def test_migrating_twice_changes_nothing(database: Path) -> None:
    migrate(f"sqlite:///{database}")
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    connection.close()


async def test_the_writer_is_durable_and_leaves_no_traces(database: Path) -> None:
    journal = SqliteJournal(database)
    await journal.append(opened())

    def pragmas() -> list[object]:
        return [journal._connection().execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "secure_delete")]

    assert await journal._writer.put(pragmas) == ["wal", 2, 1]
    await journal.close()


async def test_an_erased_contact_is_nowhere_in_the_files(database: Path) -> None:
    journal = SqliteJournal(database)
    canary = "Canary-Dominique"
    await journal.append(opened())
    await journal.append(Append("volt", DAY, 1, contacts=[ContactCard("t1", canary, "+33 6 12 34 56 78", 90.0)]))
    assert _holds(database, canary)
    await contacts.erase(journal, ["t1"])
    assert not _holds(database, canary)
    await journal.close()
    assert not _holds(database, canary)


def _holds(database: Path, text: str) -> bool:
    return any(text.encode() in file.read_bytes() for file in database.parent.iterdir())


@pytest.mark.parametrize("when", ["before", "after"])
async def test_whichever_statement_fails_a_batch_is_whole_or_absent(tmp_path: Path, when: str) -> None:
    """Statement 1, 2, 3 … of a batch fails in turn; whatever was acknowledged is there, whole."""
    failures = 0
    for n in range(1, 16):
        path = fresh(tmp_path / f"{when}{n}.db")
        journal = FaultyJournal(path, FailNth(n, when))
        acknowledged = 0
        for batch in (opened(), everything(1, "t1"), signed_on(2, "a", count=70)):
            try:
                await journal.append(batch)
            except StorageTrouble:
                failures += 1
                break
            acknowledged += len(batch.events)
        found = await journal.events("volt", DAY)
        names = await contacts.names(journal, "volt")
        assert len(found) >= acknowledged
        assert len(found) in (0, 1, 2, 72)
        assert (names == {"t1": "Zoé"}) == (len(found) >= 2)
        if len(found) == 0:
            await journal.append(opened())  # and it works again
        await journal.close()
    assert failures == 15


async def test_a_locked_file_is_trouble_that_passes(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.journal.sqlite.PRAGMAS", ("busy_timeout=50", "journal_mode=WAL", "synchronous=FULL"))
    journal = SqliteJournal(database)
    await journal.append(opened())
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageTrouble):
        await journal.append(signed_on(1, "a"))
    with pytest.raises(StorageTrouble):
        await contacts.put(journal, "volt", ContactCard("t", "A", "", 1.0))
    other.execute("ROLLBACK")
    other.close()
    await journal.append(signed_on(1, "a"))
    assert len(await journal.events("volt", DAY)) == 2
    await journal.close()


async def test_a_full_disk_is_trouble_that_passes(database: Path) -> None:
    journal = SqliteJournal(database)
    await journal.append(opened())
    connection = journal._connection  # the writer's own connection: the limit counts per connection

    async def limit(pages: int) -> None:
        await journal._writer.put(lambda: connection().execute(f"PRAGMA max_page_count={pages}").fetchall())

    await limit(1)  # as many as there are now
    version, trouble = 1, ""
    while not trouble:
        try:
            await journal.append(signed_on(version, f"id {version}", count=64))
            version += 64
        except StorageTrouble as full:
            trouble = str(full)
    assert "full" in trouble
    assert len(await journal.events("volt", DAY)) == version
    await limit(100_000)
    await journal.append(signed_on(version, "after", count=64))
    assert len(await journal.events("volt", DAY)) == version + 64
    await journal.close()


async def test_a_missing_directory_is_trouble_not_a_crash(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "nowhere" / "journal.db")
    with pytest.raises(StorageTrouble):
        await journal.append(opened())
    with pytest.raises(StorageTrouble):
        await journal.events("volt", DAY)
    await journal.close()


async def test_a_closed_journal_says_so(database: Path) -> None:
    journal = SqliteJournal(database)
    await journal.append(opened())
    await journal.close()
    await journal.close()
    with pytest.raises(StorageTrouble, match="closed"):
        await journal.append(signed_on(1, "a"))
    with pytest.raises(StorageTrouble, match="closed"):
        await journal.events("volt", DAY)


async def test_waiting_appends_share_transactions(database: Path) -> None:
    """Two hundred appends at once take far fewer commits than two hundred."""
    commits: list[str] = []
    journal = FaultyJournal(database, lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    await asyncio.gather(*(journal.append(opened(f"s{n}")) for n in range(200)))
    assert len(commits) <= 20
    await journal.close()


async def test_an_append_overtakes_other_writes_that_wait(database: Path) -> None:
    journal, overtaken, all_wait = SqliteJournal(database), list[bool](), threading.Event()

    def other(tables: Session) -> None:
        assert all_wait.wait(20)
        overtaken.append(bool(tables.scalar(text("SELECT count(*) FROM event"))))

    slow = [asyncio.create_task(journal.write(other)) for _ in range(20)]
    append = asyncio.create_task(journal.append(opened()))
    await asyncio.sleep(0)
    all_wait.set()
    await asyncio.gather(append, *slow)
    assert overtaken.index(True) <= 3
    await journal.close()
