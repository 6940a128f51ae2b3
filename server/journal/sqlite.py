"""The journal on SQLite: WAL, synchronous=FULL, and one writer thread for all stores.

Everything that waits to be written when the thread comes round goes into one transaction, so a hundred
commands cost one fsync (group commit). The hot path speaks SQL to the driver itself, the rows of all stores
in one statement a table: each statement lets go of the interpreter lock once, and a busy loop gives it back
half a millisecond later; an ORM session per command would cost five times as much. Reads have their own
connections and never wait for the writer.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.journal import rows, streams
from server.journal.group import Group, GroupWriter
from server.journal.port import AlreadyDone, Append, StorageTrouble, VersionConflict
from server.journal.reading import StreamReader

T = TypeVar("T")

BUSY_S = 5.0  # how long to wait for another process that holds the file
READERS = 2
CHECKPOINT_PAGES = 10_000  # bigger and rarer checkpoints: the p99 of commits is 3 to 6 times better
CHUNKS = (64, 32, 16, 8, 4, 2, 1)  # rows a statement: each lets go of the interpreter once, and all of them stay prepared
NEXT = "SELECT 1 FROM event WHERE store = ? AND day = ? AND version = ?"
FAREWELL = "UPDATE contact SET erase_at = min(erase_at, ?) WHERE ticket = ?"
PRAGMAS = (
    f"busy_timeout={int(BUSY_S * 1000)}",
    "journal_mode=WAL",
    "synchronous=FULL",
    f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    "secure_delete=ON",  # an erased contact is overwritten, not only unlinked
    "foreign_keys=ON",
)


class SqliteJournal(StreamReader):
    """``journal.port.Journal`` on one SQLite file; the tables must be there (``migrate``)."""

    def __init__(self, path: Path | str) -> None:
        self._path = str(path)
        self._engine = _engine(self._path)
        self._readers = ThreadPoolExecutor(READERS, "journal-read")
        self._writer = GroupWriter(self._commit)
        self._hot: sqlite3.Connection | None = None
        self._closed = False

    async def append(self, batch: Append) -> None:
        """See the port. Waiting appends of all stores are committed together."""
        await self._writer.put(rows.ready(batch))

    async def read(self, question: Callable[[Session], T]) -> T:
        """See the port."""
        if self._closed:
            raise StorageTrouble("the journal is closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._session, question, False)

    async def write(self, change: Callable[[Session], T]) -> T:
        """See the port. Runs in the writer's thread, between two groups."""
        result: T = await self._writer.put(lambda: self._session(change, True))
        return result

    async def scrub(self, tables: Collection[str] = ()) -> None:
        """Empty the write-ahead log, where erased rows would linger; the tables' pages were overwritten when they were deleted."""
        await self._writer.put(lambda: self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())

    async def close(self) -> None:
        """See the port."""
        if self._closed:
            return
        self._closed = True
        await self._writer.put(self._disconnect)
        self._writer.stop()
        self._readers.shutdown()
        self._engine.dispose()

    # --- in the writer's or a reader's thread -----------------------------------------------------------

    def _session(self, work: Callable[[Session], T], writing: bool) -> T:
        try:
            with Session(self._engine, expire_on_commit=False) as session:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
                result = work(session)
                session.commit()
                return result
        except DBAPIError as trouble:
            raise StorageTrouble(str(trouble.orig)) from trouble

    def _connection(self) -> sqlite3.Connection:
        if self._hot is None:
            self._hot = sqlite3.connect(self._path, isolation_level=None, cached_statements=256)
            _set_up(self._hot)
        return self._hot

    def _disconnect(self) -> None:
        if self._hot is not None:
            self._hot.close()
            self._hot = None

    def _commit(self, group: Group) -> None:
        """Write a group of batches in one transaction; when one of them is at fault, each goes alone."""
        try:
            self._transaction([batch for batch, _ in group.appends])
        except sqlite3.IntegrityError:
            for batch, outcome in group.appends:
                outcome.set(self._alone(batch))
        except sqlite3.Error as trouble:
            for _, outcome in group.appends:
                outcome.set(StorageTrouble(str(trouble)))

    def _alone(self, batch: rows.Ready) -> Exception | None:
        """Write one batch; why not, if it could not be."""
        try:
            self._transaction([batch])
        except sqlite3.IntegrityError:
            return self._fenced(batch)
        except sqlite3.Error as trouble:
            return StorageTrouble(str(trouble))
        return None

    def _fenced(self, batch: Append) -> Exception:
        """Which fence stopped this batch: commands done before, or somebody else's events."""
        try:
            done = self._session(lambda session: streams.receipts(session, [r.id for r in batch.receipts]), writing=False)
        except StorageTrouble as trouble:
            return trouble
        return AlreadyDone(done) if done else VersionConflict(f"{batch.store} {batch.day} is past version {batch.after}")

    def _transaction(self, batches: Sequence[rows.Ready]) -> None:
        connection = self._connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            _write(connection, batches)
            connection.execute("COMMIT")
        except BaseException:
            self._roll_back(connection)
            raise

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        """Leave no transaction behind; a connection that cannot even do that is replaced."""
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._disconnect()


def _write(connection: sqlite3.Connection, batches: Sequence[rows.Ready]) -> None:
    begun = [(batch.store, batch.day, batch.base) for batch in batches if batch.events and batch.after == 0]
    connection.executemany("INSERT INTO day(store, day, base, ended) VALUES (?, ?, ?, 0)", begun)
    kept, dropped = rows.facts(batches)
    for insert in (*rows.merged(batches), kept):
        _insert(connection, insert)
    connection.executemany("DELETE FROM fact WHERE store = ? AND day = ? AND ticket = ? AND step = ?", dropped)
    for batch in batches:
        _fence(connection, batch)
        for farewell in batch.farewells:
            connection.execute(FAREWELL, (farewell.erase_at, farewell.ticket))
        if batch.ended:
            connection.execute("UPDATE day SET ended = 1 WHERE store = ? AND day = ?", (batch.store, batch.day))


def _fence(connection: sqlite3.Connection, batch: Append) -> None:
    """Where nothing but refusals is written: events have their unique index for that."""
    if batch.receipts and not batch.events and connection.execute(NEXT, (batch.store, batch.day, batch.after + 1)).fetchone():
        raise sqlite3.IntegrityError("what was refused was decided on an old state")


def _insert(connection: sqlite3.Connection, insert: rows.Insert) -> None:
    done, todo = 0, len(insert.rows)
    for size in CHUNKS:
        while todo - done >= size:
            chunk = insert.rows[done : done + size]
            connection.execute(_statement(insert.table, insert.columns, insert.replace, size), tuple(chain.from_iterable(chunk)))
            done += size


@cache
def _statement(table: str, columns: tuple[str, ...], replace: bool, size: int) -> str:
    verb = "INSERT OR REPLACE" if replace else "INSERT"
    values = ", ".join([f"({', '.join('?' * len(columns))})"] * size)
    return f"{verb} INTO {table}({', '.join(columns)}) VALUES {values}"


def _set_up(connection: Any) -> None:
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _engine(path: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin and end where we say so
        _set_up(connection)

    return engine
