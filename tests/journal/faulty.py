"""A SQLite journal whose n-th statement goes wrong, before or after it had its effect."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server.journal.sqlite import SqliteJournal


class Flaky:
    """A connection that raises at chosen statements."""

    def __init__(self, connection: sqlite3.Connection, fault: Callable[[str], str | None]) -> None:
        self._connection, self._fault = connection, fault

    def execute(self, sql: str, *args: Any) -> Any:
        when = self._fault(sql)
        if when == "before":
            raise sqlite3.OperationalError("disk I/O error (injected)")
        result = self._connection.execute(sql, *args)
        if when == "after":
            raise sqlite3.OperationalError("disk I/O error (injected, too late)")
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class FaultyJournal(SqliteJournal):
    """``fault(sql)`` says "before", "after" or None for each statement of the writer."""

    def __init__(self, path: Path, fault: Callable[[str], str | None]) -> None:
        super().__init__(path)
        self._fault = fault

    def _connection(self) -> Any:
        return Flaky(super()._connection(), self._fault)


class FailNth:
    """Goes wrong at the n-th statement (counted from 1), and then never again."""

    def __init__(self, n: int, when: str = "before") -> None:
        self.left, self.when = n, when

    def __call__(self, sql: str) -> str | None:
        self.left -= 1
        return self.when if self.left == 0 else None
