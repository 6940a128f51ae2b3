"""``avous backup`` and ``avous restore``: a copy of the database that is whole, made while the store is open.

SQLite copies itself inside one read transaction (``VACUUM INTO``): what was acknowledged before the backup began is
in it, what is written meanwhile does not disturb it, and erased rows are not carried over. PostgreSQL has its own
tool, which is run here with the same promises.
"""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from server.settings import Settings
from server.startup import BadSettings, open_journal

READABLE_BY_OWNER = 0o600


class BadBackup(ValueError):
    """The backup could not be made or used; the text says why in one sentence."""


def backup(settings: Settings, target: Path) -> int:
    """Write the whole database to ``target``, which must not exist; returns its bytes. Raises BadBackup."""
    if target.exists():
        raise BadBackup(f"{target} exists already: a backup never replaces another")
    if not target.parent.is_dir():
        raise BadBackup(f"there is no directory {target.parent}")
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)  # of a backup that was cut off
    try:
        part.touch(READABLE_BY_OWNER, exist_ok=False)  # before anything is in it
        (_dump if settings.shared else _vacuum)(settings, part)
        _to_disk(part)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def restore(settings: Settings, source: Path) -> None:
    """Put a backup in the place of a database that is not there, brought to this version's tables. Raises BadBackup, BadSettings."""
    if settings.shared:
        raise BadBackup("restore into an empty database with: pg_restore --no-owner --dbname=ADDRESS FILE, then: avous migrate")
    target = settings.database_file
    if any(target.with_name(target.name + ending).exists() for ending in ("", "-wal")):
        raise BadBackup(f"{target} exists: move it away first, with its -wal and -shm")
    _check(source)
    target.touch(READABLE_BY_OWNER, exist_ok=False)
    shutil.copyfile(source, target)
    _to_disk(target)
    open_journal(settings)


def _vacuum(settings: Settings, part: Path) -> None:
    path = settings.database_file
    if not path.is_file():
        raise BadBackup(f"there is no database {path}")
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        connection.close()
    except sqlite3.Error as trouble:
        raise BadBackup(f"{path}: {trouble}") from None
    _check(part)


def _check(path: Path) -> None:
    """Raises BadBackup unless this is a sound database of ours."""
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            verdict = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
            ours = connection.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('event', 'alembic_version')").fetchone()[0]
        connection.close()
    except sqlite3.Error as trouble:
        raise BadBackup(f"{path}: {trouble}") from None
    if verdict != "ok" or ours != 2:
        raise BadBackup(f"{path}: {verdict if verdict != 'ok' else 'not a database of À Vous'}")


def _dump(settings: Settings, part: Path) -> None:
    tool = shutil.which("pg_dump")
    if tool is None:
        raise BadBackup("pg_dump is not installed here: it is part of PostgreSQL's client programs")
    address, password = _without_password(settings.database)
    command = [tool, "--format=custom", "--no-owner", f"--file={part}", f"--dbname={address}"]
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    # no shell; the program is the operator's own pg_dump, the address the operator's own setting, each one word that cannot become an
    # option; nothing from a screen or request gets here
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    if done.returncode:
        raise BadBackup(f"pg_dump: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}")


def _without_password(address: str) -> tuple[str, str]:
    """The address as everybody on the machine may see it among the processes, and the password."""
    name, _, password = urlsplit(address).netloc.rpartition("@")[0].partition(":")
    return address.replace(f"{name}:{password}@", f"{name}@", 1), unquote(password)


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


__all__ = ["BadBackup", "BadSettings", "backup", "restore"]
