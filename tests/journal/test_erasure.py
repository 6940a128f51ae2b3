"""What is erased is found nowhere: not in the tables' files, the write-ahead log, the planner's samples, or a backup made after.

Driven by the registry: a row with a canary is made for every kind of personal data that can be erased, on both databases,
so that a new kind, table or column is tried without a line here.
"""

import zlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Column, Float, Integer, insert
from sqlalchemy.orm import Session

from server.backup import backup
from server.journal import personal
from server.journal.personal import REGISTRY, Kind, Subject
from server.journal.port import Journal
from server.journal.postgres import PostgresJournal
from server.journal.sqlite import SqliteJournal
from server.journal.tables import metadata
from server.settings import Settings
from tests import postgres
from tests.journal.databases import fresh

TICKET = "00000000-0000-4000-8000-0000000c0de0"
WRITTEN = {
    "setting.config": '{"salespeople": {"zoe": {"name": "CANARY"}, "lea": {"name": "Léa"}}}',
    "setting.changes": '[{"field": "salespeople.zoe.name", "before": null, "after": "CANARY"}]',
}
"""Columns that must be JSON of a certain form."""
HIDDEN = {"person.pin_hash", "booking.token_hash", "setting.changes", "staff_push.subscription"}
"""Kept, and erased, but not shown: hashes, and what the versions themselves show."""
ERASABLE = [kind for kind in REGISTRY if kind.erase is not None]


@dataclass
class Kept:
    """A journal, where its database lies, and a word that is nowhere else."""

    journal: Journal
    settings: Settings
    folder: Path
    canary: str

    def places(self) -> list[str]:
        """The files of the database with the canary in them."""
        word = self.canary.encode()
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file() and word in _bytes(path))

    def on_disk(self) -> None:
        """Have PostgreSQL write down what it holds, its planner's samples too."""
        if self.settings.shared:
            with psycopg.connect(self.settings.database, autocommit=True) as connection:
                connection.execute("ANALYZE")
                connection.execute("CHECKPOINT")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a file of the server's that went meanwhile
        return b""


@pytest.fixture(params=["sqlite", "postgres"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    canary = f"Canari{zlib.crc32(request.node.nodeid.encode()):x}"
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


def row_of(kind: Kind, table: str, canary: str) -> dict[str, Any]:
    """A row of this table with the canary wherever the kind says that it is personal."""
    return {column.name: _value(kind, f"{table}.{column.name}", column, canary) for column in metadata.tables[table].columns}


def _value(kind: Kind, place: str, column: "Column[Any]", canary: str) -> Any:
    if isinstance(column.type, Integer | Float):
        return 1
    if column.name == "ticket":
        return TICKET
    if (column.name in ("person", "salesperson", "by")) or place == "person.id":
        return "zoe"
    if place in WRITTEN:
        return WRITTEN[place].replace("CANARY", canary)
    return f"{canary} {column.name}" if place in kind.where else "x"


def subject_of(kind: Kind) -> Subject:
    return Subject((TICKET,)) if kind.whose == "shopper" else Subject(person="zoe")


async def plant(kept: Kept, kinds: Iterable[Kind]) -> None:
    def write(session: Session) -> None:
        for kind in kinds:
            for table in kind.tables:
                session.execute(insert(metadata.tables[table]).values(**row_of(kind, table, kept.canary)))

    await kept.journal.write(write)
    kept.on_disk()


@pytest.mark.parametrize("kind", ERASABLE, ids=lambda kind: kind.name)
async def test_every_kind_is_exported_and_then_found_nowhere(
    kept: Kept, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant(kept, [kind])
    subject, texts = subject_of(kind), _texts(kind)
    assert texts == 0 or kept.places(), "the search finds what is there"
    found = await personal.export(kept.journal, subject)
    assert str(found[kind.name]).count(kept.canary) + _hidden(kind) == texts
    assert await personal.erase(kept.journal, subject) == len(kind.tables)
    assert await personal.export(kept.journal, subject) == {}
    kept.on_disk()
    assert kept.places() == []
    if kept.settings.shared:
        monkeypatch.setenv("PATH", str(postgres.find()))
    backup(kept.settings, copy := tmp_path / "copy")
    assert kept.canary.encode() not in copy.read_bytes()


def _texts(kind: Kind) -> int:
    return sum("Canari" in str(value) for table in kind.tables for value in row_of(kind, table, "Canari").values())


def _hidden(kind: Kind) -> int:
    return sum(place in HIDDEN for place in kind.where)


async def test_the_log_is_let_go_of_when_it_may_be(postgres_server: postgres.Postgres) -> None:
    """A role that may not: the tables' files are clean all the same, and the log says so once, without failing."""
    url = postgres_server.fresh()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS modest")
        connection.execute("CREATE ROLE modest LOGIN")
        for name in metadata.tables:
            connection.execute(f'ALTER TABLE "{name}" OWNER TO modest')
    kept = Kept(PostgresJournal(url.replace("avous@", "modest@")), Settings(database=url), postgres_server.folder / "data", "Canarimodeste")
    kind = REGISTRY[0]
    await plant(kept, [kind])
    assert await personal.erase(kept.journal, subject_of(kind)) == 1
    kept.on_disk()
    assert {place.partition("/")[0] for place in kept.places()} == {"pg_wal"}
    await kept.journal.close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")
    kept.on_disk()
    assert kept.places() == [], "gone with the server's own next segment and checkpoint"
