"""A server in a process of its own, and what it costs: processor time and memory, as the system counts them."""

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

READY_S = 120.0


class BenchFailed(ValueError):
    """The bench could not be run; the text says why in one sentence."""


@dataclass
class Served:
    """A child process that listens on ``port``."""

    arguments: list[str]
    port: int
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it listens. Raises BenchFailed."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.arguments, env={**os.environ, **self.environment}, stdout=log, stderr=log
            )  # fmt: skip
        began = time.monotonic()
        while time.monotonic() - began < READY_S and self.process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
        raise BenchFailed(f"the server did not start: {self.log()[-400:]}")

    def cpu_s(self) -> float:
        """Processor seconds so far."""
        fields = Path(f"/proc/{self._pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Bytes of memory that are its own."""
        text = Path(f"/proc/{self._pid}/smaps_rollup").read_text(encoding="ascii")
        rows = dict(line.split(":", 1) for line in text.splitlines()[1:])
        return sum(int(rows[name].split()[0]) * 1024 for name in ("Private_Clean", "Private_Dirty"))

    async def stop(self) -> None:
        """Ask it to stop; kill it when it does not."""
        process, self.process = self.process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 15)
        except TimeoutError:
            process.kill()
            await asyncio.wait_for(process.wait(), 5)

    def log(self) -> str:
        """What it printed."""
        path = self.folder / "server.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    @property
    def _pid(self) -> int:
        assert self.process is not None
        return self.process.pid


def free_port() -> int:
    """A port that nobody uses now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def avous(folder: Path, stores: list[dict[str, Any]], rollouts: int = 200) -> Served:
    """``avous serve`` with these stores (as in a store file), open now, on a new database in ``folder``."""
    files = []
    for table in stores:
        path = folder / f"{table['id']}.toml"
        path.write_text(_toml(table), encoding="utf-8")
        files.append(str(path))
    port = free_port()
    environment = {
        "AVOUS_DATABASE": f"sqlite:///{folder / 'journal.db'}", "AVOUS_STORES": ",".join(files), "AVOUS_PORT": str(port),
        "AVOUS_HOST": "127.0.0.1", "AVOUS_DEMO": "1", "AVOUS_JOINS_PER_MINUTE": "10000000", "AVOUS_SIGN_INS_PER_MINUTE": "10000000",
        "AVOUS_LOG_LEVEL": "warning", "AVOUS_ROLLOUTS": str(rollouts),
    }  # fmt: skip
    return Served([sys.executable, "-m", "server.cli", "serve"], port, folder, environment)


def _toml(table: Mapping[str, Any]) -> str:
    """A flat writer for what ``people.store_table`` makes: tables of tables of texts, numbers and lists."""
    import json

    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in plain.items()]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += [f"{key}.{name} = {_inline(inner)}" for name, inner in value.items()]
    return "\n".join(lines) + "\n"


def _inline(value: Any) -> str:
    import json

    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_inline(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


class Folder:
    """A temporary directory on the disk that the databases of this checkout lie on, gone afterwards."""

    def __init__(self, where: Path | None = None) -> None:
        self._made = tempfile.TemporaryDirectory(prefix="avous-bench-", dir=where)

    def __enter__(self) -> Path:
        return Path(self._made.name)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._made.cleanup()


__all__ = ["BenchFailed", "Folder", "Served", "avous", "free_port"]
