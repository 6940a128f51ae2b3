"""``avous serve`` as a store runs it: a process of its own, no demonstration, a public address with TLS in front."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx2

PUBLIC = "https://queue.example.org"
STORE = "essai"
API = f"/api/v1/stores/{STORE}"
STORE_FILE = """
id = "essai"
name = "Magasin d'essai"
mode = "claim"
[hours]
mon = ["04:00", "04:00"]
tue = ["04:00", "04:00"]
wed = ["04:00", "04:00"]
thu = ["04:00", "04:00"]
fri = ["04:00", "04:00"]
sat = ["04:00", "04:00"]
sun = ["04:00", "04:00"]
[services.advice]
labels = {fr = "Conseil"}
[salespeople.lea]
name = "Léa"
skills = ["advice"]
[salespeople.sarah]
name = "Sarah"
role = "manager"
"""
MANAGER_PIN, SALES_PIN = "73915408", "48261739"  # as long as they may be: four digits are in every second instant
START_S = 150.0  # seconds; two on a quiet machine


@dataclass
class Browser:
    """A browser, or a program: it keeps cookies also where they are for TLS only, and says what our pages say."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        given = {"Origin": PUBLIC, "X-Avous": "1", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        given |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with httpx2.Client(base_url=self.url, trust_env=False, timeout=20) as http:
            answer = http.request(method, path, json=body, headers={k: v for k, v in {**given, **headers}.items() if v})
        for line in answer.headers.get_list("set-cookie"):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer


class Production:
    """The process; what it says goes to a file."""

    def __init__(self, directory: Path, database: str, **settings: str) -> None:
        self.directory, self.log = directory, directory / "log"
        (directory / "store.toml").write_text(STORE_FILE, "utf-8")
        self.environment = {
            "AVOUS_DATABASE": database, "AVOUS_STORES": str(directory / "store.toml"), "AVOUS_PORT": "0", "AVOUS_ROLLOUTS": "5",
            "AVOUS_PUBLIC_URL": PUBLIC, "AVOUS_ALLOWED_ORIGINS": PUBLIC, "AVOUS_LOG_LEVEL": "debug", **settings,
        }  # fmt: skip
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AVOUS_")}
        with self.log.open("wb") as out:
            command = [sys.executable, "-m", "server.cli", "serve"]
            self.process = subprocess.Popen(command, env={**clean, **self.environment}, stdout=out, stderr=out)
        self.port = int(self._said(r'"port": (\d+)'))
        self.code = self._said(r"type ([\w-]+)")
        self.url = f"http://127.0.0.1:{self.port}"

    def _said(self, pattern: str) -> str:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if found := re.search(pattern, self.lines()):
                return found.group(1)
            assert self.process.poll() is None, self.lines()[-3000:]
            time.sleep(0.02)
        raise AssertionError(self.lines()[-3000:])

    def lines(self) -> str:
        """Everything it has said so far."""
        return self.log.read_text("utf-8", "replace")

    def browser(self) -> Browser:
        """Somebody new."""
        return Browser(self.url)

    def stop(self) -> None:
        """End it, politely."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
