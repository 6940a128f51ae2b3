"""A disk that can be asked what it would hold after a power cut, and whose n-th access can fail: an apsw VFS.

Every write and every sync of the journal's files is written down. ``after_cut`` builds the files as they may look when
the power goes at some point: everything that was synced, and of the rest any part, the last write torn.
"""

import random
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from server.journal.port import Append, VersionConflict
from server.journal.sqlite import PRAGMAS, SqliteJournal

Fault = Callable[[str], type[apsw.Error] | None]
_names = count(1)


class Access(NamedTuple):
    """Something that happened to a file: "write" (data at offset), "truncate" (to offset), "sync", "delete"; or an "ack" of ours."""

    kind: str
    file: str = ""
    offset: int = 0
    data: bytes = b""


class Disk(apsw.VFS):
    """Passes on to the real disk, writing everything down; ``fault(kind)`` may say that an access fails."""

    def __init__(self, fault: Fault = lambda kind: None) -> None:
        self.name, self.log, self.fault = f"disk{next(_names)}", list[Access](), fault
        super().__init__(self.name, "")

    def xOpen(self, name: Any, flags: list[int]) -> "_File":
        return _File(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        """A file goes, and the folder is synced."""
        self.did(Access("delete", Path(filename).name))
        super().xDelete(filename, syncdir)

    def did(self, access: Access) -> None:
        """Write it down, unless it fails."""
        if (error := self.fault(access.kind)) is not None:
            raise error("simulated")
        self.log.append(access)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        self._name = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "temporary").name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.did(Access("write", self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self._disk.did(Access("truncate", self._name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        self._disk.did(Access("sync", self._name))  # and no more: what a sync is worth is ours to say


class _Connection:
    """An apsw connection that looks like one of the standard library, errors included."""

    def __init__(self, path: str, disk: Disk, pragmas: Iterable[str]) -> None:
        self._inner = apsw.Connection(path, vfs=disk.name)
        for pragma in ("locking_mode=EXCLUSIVE", *pragmas):  # no shared memory in a VFS of our own
            self.execute(f"PRAGMA {pragma}")

    def execute(self, sql: str, values: Any = ()) -> Any:
        try:
            cursor = self._inner.execute(sql, tuple(values))
            return _Rows(cursor.fetchall())
        except apsw.ConstraintError as fence:
            raise sqlite3.IntegrityError(str(fence)) from fence
        except apsw.Error as trouble:
            raise sqlite3.OperationalError(str(trouble)) from trouble

    def executemany(self, sql: str, rows: Iterable[Any]) -> None:
        for row in rows:
            self.execute(sql, row)

    @property
    def in_transaction(self) -> bool:
        return self._inner.in_transaction

    def close(self) -> None:
        self._inner.close(True)


@dataclass
class _Rows:
    rows: list[Any]

    def fetchall(self) -> list[Any]:
        return self.rows

    def fetchone(self) -> Any:
        return self.rows[0] if self.rows else None

    def close(self) -> None:
        return


class JournalOnDisk(SqliteJournal):
    """The journal's own writer on such a disk. Nothing is read while it writes: it has the file for itself."""

    _hot: Any  # the other library's connection: the writer uses what both have

    def __init__(self, path: Path, disk: Disk, *pragmas: str) -> None:
        super().__init__(path)
        self._disk, self._pragmas = disk, (*PRAGMAS, *pragmas)

    def _connection(self) -> Any:
        if self._hot is None:
            self._hot = _Connection(self._path, self._disk, self._pragmas)
        return self._hot

    def _fenced(self, batch: Append) -> Exception:
        """Without looking: a second library that opens the file in this process would undo the locks of the first."""
        return VersionConflict(batch.store)

    def acknowledged(self) -> None:
        """Whoever asked knows now."""
        self._disk.log.append(Access("ack"))


@dataclass
class _Content:
    durable: bytearray
    pending: list[Access] = field(default_factory=list)


def after_cut(log: list[Access], at: int, before: dict[str, bytes], rng: random.Random) -> dict[str, bytes]:
    """The files as they may be found when the power went after ``at`` accesses; ``before`` is how it began."""
    files = {name: _Content(bytearray(data)) for name, data in before.items()}
    for access in log[:at]:
        if access.kind == "ack":
            continue
        if access.kind == "delete":
            files.pop(access.file, None)
            continue
        content = files.setdefault(access.file, _Content(bytearray()))
        if access.kind == "sync":
            for one in content.pending:
                _apply(content.durable, one)
            content.pending = []
        else:
            content.pending.append(access)
    for content in files.values():
        kept = rng.random()
        for one in content.pending:
            if rng.random() < kept:
                torn = rng.random() < 0.2
                _apply(content.durable, one._replace(data=one.data[: rng.randrange(len(one.data) + 1)]) if torn else one)
    return {name: bytes(content.durable) for name, content in files.items()}


def _apply(data: bytearray, access: Access) -> None:
    if access.kind == "truncate":
        del data[access.offset :]
        return
    if len(data) < access.offset:
        data.extend(bytes(access.offset - len(data)))
    data[access.offset : access.offset + len(access.data)] = access.data
