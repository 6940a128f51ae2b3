"""Batches as PostgreSQL statements: one per table and transaction, whose parameters are the columns as arrays."""

from collections.abc import Mapping, Sequence
from functools import cache

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import make_url

from server.journal import rows
from server.journal.port import Append
from server.journal.rows import Insert, Row
from server.journal.tables import metadata

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(stream, 0)) FROM (SELECT unnest(%s::text[]) AS stream ORDER BY 1) AS asked"
HEADS = (
    "SELECT s, d, (SELECT max(version) FROM event WHERE store = s AND day = d)"
    " FROM (SELECT DISTINCT * FROM unnest(%s::text[], %s::text[]) AS asked(s, d)) AS streams"
)
KNOWN = "SELECT id FROM receipt WHERE id = ANY(%s::text[])"
DAY = ("store", "day", "base", "ended")
DROP = "DELETE FROM fact USING unnest(%s::text[], %s::text[], %s::text[], %s::int[]) AS gone(s, d, t, n)"
DROP += " WHERE store = s AND day = d AND ticket = t AND step = n"
FAREWELL = (
    "UPDATE contact SET erase_at = least(erase_at, due) FROM (SELECT t, min(at) AS due FROM unnest(%s::text[], %s::float8[]) AS told(t, at)"
    " GROUP BY t) AS told WHERE ticket = t"
)
ENDED = "UPDATE day SET ended = true FROM unnest(%s::text[], %s::text[]) AS over(s, d) WHERE store = s AND day = d"

DIALECT = make_url("postgresql+psycopg://").get_dialect()()

Line = psycopg.Connection


def look(connection: Line, batches: Sequence[Append]) -> tuple[Mapping[tuple[str, str], int], set[str]]:
    """Lock the streams of these batches; (their newest versions, which of the command ids are known)."""
    stores, days = [batch.store for batch in batches], [batch.day for batch in batches]
    connection.execute(LOCK, [sorted({f"{store} {day}" for store, day in zip(stores, days, strict=True)})])
    heads = connection.execute(HEADS, [stores, days])
    known = connection.execute(KNOWN, [[receipt.id for batch in batches for receipt in batch.receipts]])
    return {(store, day): version or 0 for store, day, version in heads}, {row[0] for row in known}


def write(connection: Line, batches: Sequence[rows.Ready]) -> None:
    """Insert everything these batches hold."""
    begun = [(batch.store, batch.day, batch.base, False) for batch in batches if batch.events and batch.after == 0]
    kept, dropped = rows.facts(batches)
    for insert in (Insert("day", DAY, begun), *map(_last_of_each, (*rows.merged(batches), kept))):
        if insert.rows:
            connection.execute(statement(insert.table, insert.columns, insert.replace), _columns(insert))
    if dropped:
        connection.execute(DROP, [list(column) for column in zip(*dropped, strict=True)])
    _beside(connection, batches)


def _beside(connection: Line, batches: Sequence[Append]) -> None:
    if told := [(farewell.ticket, farewell.erase_at) for batch in batches for farewell in batch.farewells]:
        connection.execute(FAREWELL, [list(column) for column in zip(*told, strict=True)])
    if over := [(batch.store, batch.day) for batch in batches if batch.ended]:
        connection.execute(ENDED, [list(column) for column in zip(*over, strict=True)])


def _last_of_each(insert: Insert) -> Insert:
    """PostgreSQL replaces a row once per statement: the last word counts."""
    if not insert.replace:
        return insert
    places = [insert.columns.index(name) for name in _key(insert.table)]
    last: dict[Row, Row] = {tuple(row[place] for place in places): row for row in insert.rows}
    return insert._replace(rows=list(last.values()))


def _columns(insert: Insert) -> list[list[object]]:
    return [list(column) for column in zip(*insert.rows, strict=True)]


@cache
def _key(table: str) -> tuple[str, ...]:
    return tuple(metadata.tables[table].primary_key.columns.keys())


@cache
def statement(table: str, columns: tuple[str, ...], replace: bool) -> str:
    """The insert of any number of rows, given as one array per column."""
    kinds = metadata.tables[table].columns
    arrays = SQL(", ").join(SQL(f"%s::{kinds[name].type.compile(DIALECT)}[]") for name in columns)
    insert = SQL("INSERT INTO {}({}) SELECT * FROM unnest({})").format(Identifier(table), _names(columns), arrays)
    if replace:
        changes = [SQL("{0} = excluded.{0}").format(Identifier(name)) for name in columns if name not in _key(table)]
        insert += SQL(" ON CONFLICT ({}) DO UPDATE SET {}").format(_names(_key(table)), SQL(", ").join(changes))
    return insert.as_string(None)


def _names(columns: Sequence[str]) -> Composed:
    return SQL(", ").join(map(Identifier, columns))
