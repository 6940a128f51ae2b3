"""A journal to test, once per adapter: add an adapter here and the whole contract runs on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.journal.migrate import migrate
from server.journal.port import Journal
from server.journal.sqlite import SqliteJournal


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An empty database with its tables."""
    path = tmp_path / "journal.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite"])
async def journal(database: Path) -> AsyncIterator[Journal]:
    """An open journal."""
    journal = SqliteJournal(database)
    yield journal
    await journal.close()
