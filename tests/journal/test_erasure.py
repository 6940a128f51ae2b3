"""What is erased is found nowhere: not in the tables' files, the write-ahead log, the planner's samples, or a backup made after.

Driven by the registry: a row with a canary is made for every kind of personal data that can be erased, on both databases,
so that a new kind, table or column is tried without a line here.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Boolean, Column, Float, Integer, insert
from sqlalchemy.orm import Session

from server.backup import backup
from server.journal import personal
from server.journal.people import Worker
from server.journal.personal import REGISTRY, Kind, Subject
from server.journal.postgres import PostgresJournal
from server.journal.tables import metadata
from server.settings import Settings
from tests import postgres
from tests.journal.kept import Kept

TICKET = "00000000-0000-4000-8000-0000000c0de0"
HIDDEN = {"person.pin_hash", "booking.token_hash", "staff_push.subscription"}
"""Kept, and erased, but not shown: hashes, and keys to a browser."""
WRITTEN = {
    "setting.config": '{"salespeople": {"CANARY": {"name": "CANARY"}, "lea": {"name": "Léa"}}}',
    "setting.changes": '[{"field": "salespeople.CANARY.name", "before": null, "after": "CANARY"}]',
    "event.body": '{"type": "OfferMade", "v": 1, "at": 1.0, "ticket": "TICKET", "salesperson": "CANARY", "expires_at": 2.0}',
    "receipt.command": '{"type": "Claim", "v": 1, "salesperson": "CANARY", "ticket": "TICKET"}',
    "receipt.answer": '{"code": "already_claimed", "facts": {"by": "CANARY", "salesperson": "CANARY", "ticket": "TICKET"}}',
    "receipt.sender": "person:CANARY",
    "outbox.effect": '{"type": "Ring", "v": 1, "ticket": "TICKET", "salesperson": "CANARY", "desk": "4", "tries": 1}',
    "happening.body": '{"ticket": "TICKET"}',
}
"""Columns that must be of a certain form."""
ERASABLE = [kind for kind in REGISTRY if kind.erase is not None]
LASTING = [kind for kind in REGISTRY if kind.erase is None]


def row_of(kind: Kind, table: str, canary: str) -> dict[str, Any]:
    """A row of this table with the canary wherever the kind says that it is personal."""
    return {column.name: _value(kind, f"{table}.{column.name}", column, canary) for column in metadata.tables[table].columns}


def _value(kind: Kind, place: str, column: "Column[Any]", canary: str) -> Any:
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, Integer | Float):
        return 1
    if column.name == "ticket":
        return TICKET
    if place in WRITTEN:
        return WRITTEN[place].replace("CANARY", canary).replace("TICKET", TICKET)
    if column.name in ("person", "salesperson", "by") or place == "person.id":
        return canary
    return f"{canary} {column.name}" if place in kind.where else "x"


def subject_of(kind: Kind, canary: str) -> Subject:
    return Subject((TICKET,)) if kind.whose == "shopper" else Subject(worker=Worker("x", canary, frozenset({canary})))


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
    subject = subject_of(kind, kept.canary)
    assert kept.places(), "the search finds what is there"
    _all_of_it_is_in(await personal.export(kept.journal, subject), kind, kept.canary)
    assert await personal.erase(kept.journal, subject) == len(kind.tables)
    assert await personal.export(kept.journal, subject) == {}
    kept.on_disk()
    assert kept.places() == []
    if kept.settings.shared:
        monkeypatch.setenv("PATH", str(postgres.find()))
    backup(kept.settings, copy := tmp_path / "copy")
    assert kept.canary.encode() not in copy.read_bytes()


@pytest.mark.parametrize("kind", LASTING, ids=lambda kind: kind.name)
async def test_what_names_nobody_is_exported_too(kept: Kept, kind: Kind) -> None:
    """It goes with its day, and until then whoever has the ticket may see all of it."""
    await plant(kept, [kind])
    found = await personal.export(kept.journal, subject_of(kind, kept.canary))
    _all_of_it_is_in(found, kind, kept.canary)
    assert len(found[kind.name]) == len(kind.tables)
    assert await personal.erase(kept.journal, subject_of(kind, kept.canary)) == 0


def _all_of_it_is_in(found: dict[str, Any], kind: Kind, canary: str) -> None:
    told = _leaves(found[kind.name])
    for table in kind.tables:
        for column, value in row_of(kind, table, canary).items():
            place = f"{table}.{column}"
            if place in kind.where and place not in HIDDEN:
                texts = _leaves(json.loads(value) if str(value)[0] in "{[" else value)
                kept = {text for text in texts if canary in text or TICKET in text}
                assert kept <= told, place


def _leaves(value: Any) -> set[str]:
    """Every text in it, names of fields included."""
    if isinstance(value, dict):
        return {*value}.union(*map(_leaves, value.values()))
    return set[str]().union(*map(_leaves, value)) if isinstance(value, list) else {str(value)}


async def test_the_log_is_let_go_of_when_it_may_be(postgres_server: postgres.Postgres) -> None:
    """A role that may not: the tables' files are clean all the same, and the log says so once, without failing."""
    url = postgres_server.fresh()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS modest")
        connection.execute("CREATE ROLE modest LOGIN")
        for name in metadata.tables:
            connection.execute(f'ALTER TABLE "{name}" OWNER TO modest')
    kept = Kept(PostgresJournal(url.replace("avous@", "modest@")), Settings(database=url), postgres_server.folder / "data", "canarimodeste")
    kind = REGISTRY[0]
    await plant(kept, [kind])
    assert await personal.erase(kept.journal, subject_of(kind, kept.canary)) == 1
    kept.on_disk()
    assert {place.partition("/")[0] for place in kept.places()} == {"pg_wal"}
    await kept.journal.close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")
    kept.on_disk()
    assert kept.places() == [], "gone with the server's own next segment and checkpoint"
