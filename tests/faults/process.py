"""A real server in a process of its own: start, wait until it is ready, kill -9, start again. Only its own children, by pid."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

READY_WITHIN_S = 120.0  # seconds; one on a quiet machine
START = 1795251600.0  # Saturday, 21 November 2026, 10:00 in Paris

STORE = """
id = "volt"
name = "Volt"
open_max = 300
mode = "claim"
[hours]
{hours}
[services.advice]
letter = "C"
labels = {{fr = "Conseil", en = "Advice"}}
[services.payment]
letter = "P"
labels = {{fr = "Caisse", en = "Payment"}}
{people}
"""


def write_store(path: Path, people: int) -> Path:
    """A store file: open day and night, ``people`` salespeople p0, p1, … with PIN 1234."""
    hours = "\n".join(f'{day} = ["04:00", "04:00"]' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    staff = "\n".join(f'[salespeople.p{n}]\nname = "P{n}"\nskills = ["advice", "payment"]\npin = "1234"' for n in range(people))
    path.write_text(STORE.format(hours=hours, people=staff), encoding="utf-8")
    return path


@dataclass
class ServerProcess:
    """``avous serve`` on a free port of the loopback address, always the same port and database."""

    folder: Path
    people: int = 8
    extra: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.store = write_store(self.folder / "store.toml", self.people)
        self.database = self.folder / "journal.db"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def spawn(self) -> None:
        """Start it; the store's clock goes on from where it was."""
        assert self.process is None
        self.starts += 1
        settings = {
            "AVOUS_DATABASE": f"sqlite:///{self.database}", "AVOUS_STORES": str(self.store), "AVOUS_PORT": str(self.port),
            "AVOUS_HOST": "127.0.0.1", "AVOUS_DEMO": "1", "AVOUS_DEMO_START": str(START + time.monotonic() - self.began),
            "AVOUS_JOINS_PER_MINUTE": "1000000", "AVOUS_SIGN_INS_PER_MINUTE": "10000", "AVOUS_LOG_LEVEL": "warning", **self.extra,
        }  # fmt: skip
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.cli", "serve"], env={**os.environ, **settings}, stdout=log, stderr=log
            )

    async def ready(self) -> float:
        """Wait until it answers /ready; returns the seconds that took."""
        asked = time.monotonic()
        async with httpx2.AsyncClient() as client:
            while time.monotonic() - asked < READY_WITHIN_S:
                assert self.process is not None
                if self.process.poll() is not None:
                    raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()}")
                try:
                    if (await client.get(f"{self.url}/ready", timeout=2.0)).status_code == 200:
                        return time.monotonic() - asked
                except httpx2.HTTPError:
                    pass
                await asyncio.sleep(0.02)
        raise AssertionError(f"not ready within {READY_WITHIN_S:g} s:\n{self.log()}")

    def kill(self) -> None:
        """kill -9, at once."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop, and wait; its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, by: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(by)
        try:
            return process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait(5)

    def log(self) -> str:
        """The end of what it printed."""
        path = self.folder / "server.log"
        return path.read_text(encoding="utf-8", errors="replace")[-4000:] if path.exists() else ""
