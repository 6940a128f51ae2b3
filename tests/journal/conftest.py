"""A journal to test, once per adapter: add an adapter here and the whole contract runs on it."""

import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.journal.port import Journal
from server.journal.postgres import PostgresJournal
from server.journal.sqlite import SqliteJournal
from server.settings import Settings
from tests import postgres
from tests.journal.databases import fresh
from tests.journal.kept import Kept


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An empty database with its tables."""
    return fresh(tmp_path / "journal.db")


@pytest.fixture(params=["sqlite", "postgres"])
async def journal(request: pytest.FixtureRequest) -> AsyncIterator[Journal]:
    """An open journal."""
    if request.param == "sqlite":
        opened: Journal = SqliteJournal(request.getfixturevalue("database"))
    else:
        opened = PostgresJournal(request.getfixturevalue("postgres_server").fresh())
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", "postgres"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    """An open journal and its files."""
    canary = f"canari{zlib.crc32(request.node.nodeid.encode()):x}"
    if request.param == "sqlite":
        folder = tmp_path / "database"
        folder.mkdir()
        file = fresh(folder / "journal.db")
        kept = Kept(SqliteJournal(file), Settings(database=f"sqlite:///{file}"), folder, canary)
    else:
        server: postgres.Postgres = request.getfixturevalue("postgres_server")
        url = server.fresh()
        kept = Kept(PostgresJournal(url), Settings(database=url), server.folder / "data", canary)
    yield kept
    await kept.journal.close()
