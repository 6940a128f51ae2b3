"""Erased rows leave PostgreSQL's files: tables are rewritten at once, the write-ahead log is let go of as far as the role may.

A deleted row stays in its page until the space is used again, in a small table perhaps for ever, and what was
written stays in the log until its segment is removed. ``VACUUM FULL`` makes a new file without it; a new segment
and a checkpoint let the server remove the old ones, if ``wal_recycle`` is off (see docs/topics/threats.md).
"""

import logging
import time
from collections.abc import Callable, Collection
from threading import Lock

import psycopg
from psycopg import sql

log = logging.getLogger(__name__)

SHED_EVERY_S = 600.0  # a segment has 16 MB, however little is in it
REWRITTEN_MAX_BYTES = 64 * 1024 * 1024  # a larger table would be locked for too long: only its space is freed for use again


class Scrub:
    """What is still to be done, for the journal at one address. What cannot be done now is done with the next time."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = Lock()
        self._tables: set[str] = set()
        self._log_due, self._may_shed = False, True
        self._not_before = 0.0

    def note(self, tables: Collection[str]) -> None:
        """Rows of these tables were deleted."""
        with self._lock:
            self._tables |= set(tables)
            self._log_due |= bool(tables)

    def rewrite(self, connect: Callable[[], psycopg.Connection]) -> None:
        """Rewrite the tables; the connection commits by itself."""
        for table in sorted(self._tables):
            try:
                _rewrite(connect(), table)
            except psycopg.Error as trouble:
                log.warning("the space of erased rows is given back later: %s", trouble)
                return
            with self._lock:
                self._tables.discard(table)

    def shed(self) -> None:
        """Have PostgreSQL let go of its log until here, at most every ten minutes; on a connection of its own, for it may take seconds."""
        if not self._log_due or not self._may_shed or time.monotonic() < self._not_before:
            return
        with self._lock:
            self._log_due, self._not_before = False, time.monotonic() + SHED_EVERY_S
        try:
            with psycopg.connect(self._address, autocommit=True, connect_timeout=3) as connection:
                connection.execute("SELECT pg_switch_wal()")
                connection.execute("CHECKPOINT")
        except psycopg.errors.InsufficientPrivilege:
            self._may_shed = False  # avous doctor says how to allow it
            log.warning("erased rows stay in PostgreSQL's log until it removes them by itself")
        except psycopg.Error as trouble:
            self._log_due = True
            log.warning("PostgreSQL's log is let go of later: %s", trouble)


def _rewrite(connection: psycopg.Connection, table: str) -> None:
    ((size,),) = connection.execute("SELECT pg_table_size(%s::regclass)", (table,)).fetchall()
    full = sql.SQL("(FULL) " if size <= REWRITTEN_MAX_BYTES else "")
    connection.execute(sql.SQL("VACUUM {}{}").format(full, sql.Identifier(table)))
