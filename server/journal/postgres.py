"""The journal on PostgreSQL, for several nodes at once: any of them may append, the version is the fence.

One writer thread per node commits what waits in one transaction, as on SQLite. It takes a lock per stream first
(in one order on every node, so that nobody waits in a circle), looks at the heads and at the command ids, and so
tells the batches that are late without giving up the others; the unique indexes stay behind it as the truth.
A node that is stopped in the middle of a transaction is cut off by the server, one that cannot reach
the server cuts itself off: see ``TIMEOUTS`` and ``PATIENCE_S``.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from server.journal import postgres_rows as statements
from server.journal import rows, streams
from server.journal.group import Group, GroupWriter, Outcome
from server.journal.port import AlreadyDone, Append, Heard, StorageTrouble, VersionConflict
from server.journal.postgres_scrub import Scrub
from server.journal.postgres_wakes import Wakes
from server.journal.reading import StreamReader
from server.journal.watchdog import Watchdog

T = TypeVar("T")
Late = list[tuple[rows.Ready, Outcome]]

READERS = 4
PATIENCE_S = 8.0  # after that the line to the server counts as cut, whatever TCP believes
WRITE_TRIES = 3  # two nodes that make the same row at once: the second finds it there
TIMEOUTS = "-c idle_in_transaction_session_timeout=2s -c lock_timeout=4s -c statement_timeout=6s -c synchronous_commit=on"
THINKING = text(f"SET LOCAL idle_in_transaction_session_timeout = '{PATIENCE_S:g}s'")
"""Who reads holds nobody up, and may make a day of its rows before it says that it is done."""
CONNECT: dict[str, Any] = {
    "connect_timeout": 3,
    "application_name": "avous",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


class PostgresJournal(StreamReader):
    """``journal.port.SharedJournal`` on one PostgreSQL database; the tables must be there (``migrate``).

    ``address`` as for libpq: ``postgresql://user:password@host:port/database?options``.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._watchdog = Watchdog(PATIENCE_S)
        self._engine = _engine(address)
        self._readers = ThreadPoolExecutor(READERS, "journal-read")
        self._writer = GroupWriter(self._commit)
        self._wakes = Wakes(address)
        self._scrub = Scrub(address)
        self._hot: psycopg.Connection | None = None
        self._closed = False

    async def append(self, batch: Append) -> None:
        """See the port. Waiting appends of all stores are committed together; then the other nodes hear of it."""
        await self._writer.put(rows.ready(batch))
        if batch.events:
            self._wakes.tell(batch.store, batch.day, batch.after + len(batch.events))

    async def heads(self, stores: Sequence[str]) -> dict[str, tuple[str, int]]:
        """See the port."""
        return await self.read(lambda session: streams.heads(session, stores))

    async def listen(self, heard: Heard) -> None:
        """See the port."""
        await self._wakes.start(heard)

    async def read(self, question: Callable[[Session], T]) -> T:
        """See the port."""
        if self._closed:
            raise StorageTrouble("the journal is closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._reading, question)

    async def write(self, change: Callable[[Session], T]) -> T:
        """See the port. A function that ran into another node's row runs again."""
        result: T = await self._writer.put(lambda: self._writing(change))
        return result

    async def scrub(self, tables: Collection[str] = ()) -> None:
        """Rewrite these tables, so that the space of deleted rows goes back to the system; let go of the log every ten minutes."""
        self._scrub.note(tables)
        await self._writer.put(lambda: self._scrub.rewrite(self._connection))
        await asyncio.get_running_loop().run_in_executor(self._readers, self._scrub.shed)

    async def close(self) -> None:
        """See the port."""
        if self._closed:
            return
        self._closed = True
        await self._wakes.stop()
        await self._writer.put(self._disconnect)
        self._writer.stop()
        self._readers.shutdown()
        self._engine.dispose()
        self._watchdog.stop()

    # --- in the writer's or a reader's thread -----------------------------------------------------------

    def _reading(self, question: Callable[[Session], T]) -> T:
        def asked(session: Session) -> T:
            session.execute(THINKING)
            return question(session)

        try:
            return self._session(asked, isolation_level="REPEATABLE READ", postgresql_readonly=True)
        except OperationalError as stale:
            if not stale.connection_invalidated:
                raise StorageTrouble(str(stale.orig)) from stale
        except DBAPIError as trouble:
            raise StorageTrouble(str(trouble.orig)) from trouble
        try:  # the server was started again since this connection was last used: all of them are new now
            return self._session(asked, isolation_level="REPEATABLE READ", postgresql_readonly=True)
        except DBAPIError as trouble:
            raise StorageTrouble(str(trouble.orig)) from trouble

    def _writing(self, change: Callable[[Session], T]) -> T:
        for left in reversed(range(WRITE_TRIES)):
            try:
                return self._session(change, isolation_level="READ COMMITTED")
            except DBAPIError as trouble:
                if not (isinstance(trouble, IntegrityError) and left):
                    raise StorageTrouble(str(trouble.orig)) from trouble
        raise AssertionError("the last try returns or raises")

    def _session(self, work: Callable[[Session], T], **options: Any) -> T:
        with Session(self._engine, expire_on_commit=False) as session:
            line = session.connection(execution_options=options).connection.dbapi_connection
            with self._watchdog.over(line):
                result = work(session)
                session.commit()
            return result

    def _connection(self) -> psycopg.Connection:
        if self._hot is None or self._hot.closed:
            self._hot = psycopg.connect(self._address, autocommit=True, options=TIMEOUTS, **CONNECT)
        return self._hot

    def _disconnect(self) -> None:
        if self._hot is not None:
            self._hot.close()
            self._hot = None

    def _commit(self, group: Group) -> None:
        """Write a group of batches, most of them in one transaction; each learns its own outcome."""
        waiting: Late = list(group.appends)
        while waiting:
            try:
                waiting = self._together(waiting)
            except psycopg.IntegrityError:  # somebody wrote past the locks: one by one, to see who is late
                for batch, outcome in waiting:
                    outcome.set(self._alone(batch, outcome))
                return
            except psycopg.Error as trouble:
                self._disconnect()
                for _, outcome in waiting:
                    outcome.set(StorageTrouble(str(trouble)))
                return

    def _alone(self, batch: rows.Ready, outcome: Outcome) -> BaseException | None:
        """Write one batch; why not, if it could not be."""
        try:
            self._together([(batch, outcome)])
        except psycopg.IntegrityError:
            return self._fenced(batch)
        except psycopg.Error as trouble:
            self._disconnect()
            return StorageTrouble(str(trouble))
        return outcome.trouble

    def _fenced(self, batch: Append) -> Exception:
        """Which fence stopped this batch: commands done before, or somebody else's events."""
        try:
            done = self._reading(lambda session: streams.receipts(session, [r.id for r in batch.receipts]))
        except StorageTrouble as trouble:
            return trouble
        return AlreadyDone(done) if done else VersionConflict(f"{batch.store} {batch.day} is past version {batch.after}")

    def _together(self, waiting: Late) -> Late:
        """One transaction. Batches that are late are told; those that build on others of the group are handed back."""
        connection = self._connection()
        with self._watchdog.over(connection), connection.pipeline(), connection.transaction():
            heads, known = statements.look(connection, [batch for batch, _ in waiting])
            chosen, late, again = _sort(waiting, heads, known)
            statements.write(connection, [batch for batch, _ in chosen])
        for batch, outcome in late:
            outcome.set(self._fenced(batch))
        return again


def _sort(waiting: Late, heads: Mapping[tuple[str, str], int], known: set[str]) -> tuple[Late, Late, Late]:
    """(to write, too late, after those): at most one batch of each stream, and no command id twice, in one transaction."""
    chosen: Late = []
    late: Late = []
    again: Late = []
    streams_taken, ids_taken = set[tuple[str, str]](), set[str]()
    for batch, outcome in waiting:
        stream, ids = (batch.store, batch.day), {receipt.id for receipt in batch.receipts}
        if stream in streams_taken or ids & ids_taken:
            again.append((batch, outcome))
        elif batch.after != heads[stream] or ids & known:
            late.append((batch, outcome))
        else:
            chosen.append((batch, outcome))
            streams_taken.add(stream)
            ids_taken |= ids
    return chosen, late, again


def _engine(address: str) -> Engine:
    url = "postgresql+psycopg://" + address.partition("://")[2]
    return create_engine(url, pool_size=READERS + 1, max_overflow=0, pool_timeout=PATIENCE_S, connect_args={"options": TIMEOUTS, **CONNECT})
