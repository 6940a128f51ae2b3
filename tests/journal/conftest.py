"""A journal to test, once per adapter: add an adapter here and the whole contract runs on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.journal.port import Journal
from server.journal.sqlite import SqliteJournal
from tests.journal.databases import fresh


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An empty database with its tables."""
    return fresh(tmp_path / "journal.db")


@pytest.fixture(params=["sqlite"])
async def journal(database: Path) -> AsyncIterator[Journal]:
    """An open journal."""
    journal = SqliteJournal(database)
    yield journal
    await journal.close()
