"""Every migration goes up and down on tables with something in them, and loses nothing that both versions know."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from server.journal.accounts import Accounts, Person, Session
from server.journal.contacts import get, put
from server.journal.migrate import UnusableDatabase, configured, head, migrate, newest
from server.journal.port import ContactCard
from server.journal.postgres import PostgresJournal
from server.journal.sqlite import SqliteJournal
from server.journal.tables import metadata
from tests.journal.samples import opened

REVISIONS = [script.revision for script in reversed(list(ScriptDirectory.from_config(configured("")).walk_revisions()))]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/avous.db"
    return str(request.getfixturevalue("postgres_server").fresh())


def _journal(url: str) -> SqliteJournal | PostgresJournal:
    return SqliteJournal(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else PostgresJournal(url)


async def _fill(url: str) -> None:
    journal = _journal(url)
    await journal.append(opened())
    await Accounts(journal).put_person(Person("volt", "lea", "Léa", "salesperson", "hash"))
    await Accounts(journal).add_session(Session("token", "volt", "lea", "salesperson", 1.0, 1.0, 9.0))
    await put(journal, "volt", ContactCard("ticket", "Zoé", "06", 9.0))
    await journal.close()


async def _found(url: str) -> tuple[object, ...]:
    journal = _journal(url)
    try:
        return (
            await journal.days("volt"),
            await journal.events("volt", opened().day),
            await Accounts(journal).people("volt"),
            await Accounts(journal).session("token"),
            await get(journal, "ticket"),
        )
    finally:
        await journal.close()


def test_the_chain_is_one_line() -> None:
    assert sorted(REVISIONS) == REVISIONS
    assert head() == newest() == REVISIONS[-1]


def test_a_start_on_the_newest_tables_does_without_alembic(tmp_path: Path) -> None:
    """And only on those: the files of a later and of an earlier version are for alembic, which refuses the one and upgrades the other."""
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    migrate(url)
    with_alembic = "import sys; from server.journal.migrate import migrate; migrate(sys.argv[1]); print('alembic' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", with_alembic, url], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False"
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnusableDatabase, match="later version"):
        migrate(url)


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_down_and_up_again_on_a_filled_database(url: str, revision: str) -> None:
    migrate(url)
    asyncio.run(_fill(url))
    before = asyncio.run(_found(url))
    command.downgrade(configured(url), revision)
    assert _version(url) == revision
    migrate(url)
    assert _version(url) == head()
    assert asyncio.run(_found(url)) == before


def test_all_the_way_down_leaves_nothing(url: str) -> None:
    migrate(url)
    asyncio.run(_fill(url))
    command.downgrade(configured(url), "base")
    assert set(_tables(url)) <= {"alembic_version"}


def test_the_tables_are_what_the_code_says(url: str) -> None:
    migrate(url)
    engine = create_engine(configured(url).attributes["url"])
    seen = inspect(engine)
    for table in metadata.sorted_tables:
        assert {column["name"] for column in seen.get_columns(table.name)} == {column.name for column in table.columns}, table.name
    engine.dispose()


def _version(url: str) -> str:
    engine = create_engine(configured(url).attributes["url"])
    with engine.connect() as connection:
        found = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
    engine.dispose()
    return found


def _tables(url: str) -> list[str]:
    engine = create_engine(configured(url).attributes["url"])
    names = inspect(engine).get_table_names()
    engine.dispose()
    return names
