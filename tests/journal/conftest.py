"""A journal to test, once per adapter: add an adapter here and the whole contract runs on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.journal.port import Journal
from server.journal.postgres import PostgresJournal
from server.journal.sqlite import SqliteJournal
from tests.journal.databases import fresh


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
