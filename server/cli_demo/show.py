"""The two processes of the demonstration, and what is said about them."""

import os
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import typer

from server.cli_demo.history import remember
from server.cli_demo.processes import LOOK_EVERY_S, Trouble, answers, end, end_with_parent, must_be_free, reachable
from server.cli_demo.store import for_humans, start_instant
from server.cli_demo.words import print_json, print_table
from server.live.listener import is_everywhere

READY_WITHIN_S = 40.0
WHOLE_DAY_FROM_SPEED = 30.0  # from here on the play begins before opening: a day takes twenty minutes or less
AFTERNOON, MORNING = "14:40", "09:50"


class Show:
    """The two processes and what is said about them."""

    def __init__(self, stack: ExitStack, store: Path, speed: float, host: str, port: int, start: str | None, seed: int) -> None:
        self._stack, self._file, self._speed, self._host, self._port, self._seed = stack, store, speed, host, port, seed
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="avous-demo-")))
        self._store = tomllib.loads(store.read_text(encoding="utf-8"))
        self._start = start_instant(
            start or (MORNING if speed >= WHOLE_DAY_FROM_SPEED else AFTERNOON), self._store.get("zone", "Europe/Paris")
        )
        self._url = f"http://{reachable(host)}:{port}"
        self._server: subprocess.Popen[bytes] | None = None
        self._crowd: subprocess.Popen[bytes] | None = None

    def open(self, with_crowd: bool, past_days: int, *, as_json: bool) -> None:
        """Start the server (with a past, if a crowd can have made one), wait until it is ready, start the crowd, say where all is."""
        must_be_free(self._host, self._port)
        store = self._folder / "store.toml"
        store.write_text(for_humans(self._file.read_text(encoding="utf-8"), self._speed), encoding="utf-8")
        demand = self._file.with_name(f"{self._file.stem}.crowd.toml")
        if with_crowd and not demand.is_file():
            raise Trouble(f"{demand} is missing: without it nobody comes (or use --no-crowd)", 2)
        settings = self._environment()
        if past_days and demand.is_file():
            remember(settings["AVOUS_DATABASE"], store, demand, self._start, past_days, self._folder, self._seed)
        self._server = self._begin("server", ["-m", "server.cli", "serve"], settings)
        self._wait_until_ready(self._server)
        if with_crowd:
            arguments = ["--url", self._local_url, "--demand", str(demand), "--seed", str(self._seed)]
            self._crowd = self._begin("crowd", ["-m", "simulation.crowd", *arguments], {})
        (print_json if as_json else print_table)(self._facts(demand if with_crowd else None))

    def last(self, minutes: float | None) -> None:
        """Go on until the time is up or somebody stops it; a process that dies by itself is trouble."""
        try:
            self._watch(None if minutes is None else time.monotonic() + minutes * 60)
        finally:
            self._say_accounts()

    def _watch(self, end_at: float | None) -> None:
        assert self._server is not None
        while end_at is None or time.monotonic() < end_at:
            if self._server.poll() is not None:
                raise Trouble(f"the server stopped by itself.\n{self._tail('server')}", 1)
            if self._crowd is not None and self._crowd.poll() is not None:
                self._say_the_day_is_over(self._crowd)
            time.sleep(LOOK_EVERY_S)

    @property
    def _local_url(self) -> str:
        return f"http://{'127.0.0.1' if is_everywhere(self._host) else self._host}:{self._port}"

    def _environment(self) -> dict[str, str]:
        settings = {
            "DATABASE": f"sqlite:///{self._folder / 'avous.db'}", "STORES": str(self._folder / "store.toml"), "HOST": self._host,
            "PORT": str(self._port), "PUBLIC_URL": self._url, "DEMO": "true", "DEMO_SPEED": str(self._speed),
            "DEMO_START": str(self._start), "LOG_LEVEL": "warning",
        }  # fmt: skip
        return {f"AVOUS_{name}": value for name, value in settings.items()}

    def _begin(self, name: str, arguments: list[str], settings: dict[str, str]) -> "subprocess.Popen[bytes]":
        """A child in its own session, so that Ctrl-C reaches only us and we end it in order."""
        log = self._stack.enter_context((self._folder / f"{name}.log").open("wb"))
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AVOUS_")}
        # no shell; this very interpreter on modules named above, with numbers and paths that the demonstration made itself
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, *arguments], env={**kept, **settings}, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            start_new_session=True, cwd=Path(__file__).resolve().parents[2],
            preexec_fn=end_with_parent,  # safe: we have one thread
        )  # fmt: skip
        self._stack.callback(end, child)
        return child

    def _wait_until_ready(self, child: "subprocess.Popen[bytes]") -> None:
        give_up_at = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < give_up_at:
            if child.poll() is not None:
                raise Trouble(f"the server did not start.\n{self._tail('server')}", 1)
            if answers(f"{self._local_url}/ready"):
                return
            time.sleep(LOOK_EVERY_S / 2)
        raise Trouble(f"the server was not ready within {READY_WITHIN_S:.0f} s.\n{self._tail('server')}", 1)

    def _say_the_day_is_over(self, crowd: "subprocess.Popen[bytes]") -> None:
        self._crowd = None
        if crowd.returncode:
            raise Trouble(f"the crowd stopped by itself.\n{self._tail('crowd')}", 1)
        typer.echo("The day is over; the screens stay until Ctrl-C.", err=True)

    def _say_accounts(self) -> None:
        """How the day went, as the manager's floor shows it."""
        accounts = self._accounts()
        if accounts:
            typer.echo("  ".join(f"{name} {count}" for name, count in accounts.items()), err=True)

    def _accounts(self) -> dict[str, int]:
        import httpx2  # heavy: only when a demonstration ends

        manager = next(((id, who["pin"]) for id, who in self._people().items() if who.get("role") == "manager" and who.get("pin")), None)
        if manager is None:
            return {}
        try:
            with httpx2.Client(base_url=self._local_url, headers={"X-Avous": "1"}, trust_env=False, timeout=3) as client:
                client.post("/api/v1/session", json={"store": self._store["id"], "salesperson": manager[0], "pin": manager[1]})
                accounts: dict[str, int] = client.get(f"/api/v1/stores/{self._store['id']}/views/floor").json()["accounts"]
                return accounts
        except (httpx2.HTTPError, KeyError, ValueError):
            return {}

    def _people(self) -> dict[str, Any]:
        people: dict[str, Any] = self._store.get("salespeople", {})
        return people

    def _facts(self, demand: Path | None) -> dict[str, Any]:
        """Everything worth printing."""
        played = set(tomllib.loads(demand.read_text(encoding="utf-8"))["salespeople"]) if demand else set()
        free = [{"id": i, "name": p["name"], "pin": p.get("pin")} for i, p in self._people().items() if i not in played]
        shop = f"{self._url}/s/{self._store['id']}"
        return {
            "store": self._store["name"], "speed": self._speed, "url": self._url,
            "pages": {"home": f"{self._url}/", "kiosk": f"{shop}/kiosk", "join": shop, "board": f"{shop}/board",
                      "staff": f"{self._url}/staff", "manager": f"{self._url}/manager"},
            "people": [p for p in free if self._people()[p["id"]].get("role") != "manager"],
            "managers": [p for p in free if self._people()[p["id"]].get("role") == "manager"],
            "logs": str(self._folder), "phones_can_join": self._host not in ("127.0.0.1", "localhost", "::1"),
        }  # fmt: skip

    def _tail(self, name: str) -> str:
        text = (self._folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.strip().splitlines()[-15:])
