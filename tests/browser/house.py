"""A real server process for tests that look at it from outside: start, kill, restart, read its log.

It always ends its own process, by id. The store's clock runs on the wall's pace from ``START``; a server
started again goes on where time has got to, not where the first one began.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import httpx2

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 120.0
STOP_WITHIN_S = 10.0


def this_afternoon() -> float:
    """15:00 of today in Paris: the stores of the tests are open then, whenever the tests run."""
    return datetime.now(ZoneInfo("Europe/Paris")).replace(hour=15, minute=0, second=0, microsecond=0).timestamp()


class House:
    """One server on loopback with its own folder, journal and log."""

    def __init__(self, folder: Path, port: int, stores: Sequence[Path], speed: float = 1.0, *, demo: bool = True) -> None:
        self._demo = demo
        self._folder, self.port, self._stores, self._speed = folder, port, stores, speed
        self._start_at, self._began = this_afternoon(), time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{port}"
        self.content = folder / "content"  # items of the stores' own, in a folder each

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it is ready."""
        passed_s = (time.monotonic() - self._began) * self._speed
        settings = {
            "DATABASE": f"sqlite:///{self._folder / 'avous.db'}", "STORES": ",".join(map(str, self._stores)), "PORT": str(self.port),
            "LOG_LEVEL": "warning", "CONTENT": str(self.content), "JOINS_PER_MINUTE": "2000",
        }  # fmt: skip
        if self._demo:
            settings |= {"DEMO": "true", "DEMO_SPEED": str(self._speed), "DEMO_START": str(self._start_at + passed_s)}
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AVOUS_")}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server.cli", "serve"], cwd=ROOT, env={**kept, **{f"AVOUS_{k}": v for k, v in settings.items()}},
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self._wait_until_ready()

    def stop(self) -> None:
        """End it politely, as an operator would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def log(self) -> str:
        """Everything it has said."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def must_be_sound(self) -> None:
        """Raises AssertionError when its log tells of an error."""
        assert '"level": "error"' not in self.log(), self.log()

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        give_up_at = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < give_up_at:
            if self._process.poll() is not None:
                raise AssertionError(f"the server stopped by itself:\n{self.log()}")
            if self._answers():
                return
            time.sleep(0.05)
        raise AssertionError(f"the server was not ready within {READY_WITHIN_S} s:\n{self.log()}")

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/ready", timeout=2, trust_env=False).status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False
