"""The demonstration as somebody meets it: one command, a live floor, a human among the crowd, a clean end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx2
import pytest

ROOT = Path(__file__).parents[2]
LIVE_WITHIN_S = 60.0
SERVED_WITHIN_S = 100.0


class Running:
    """``avous demo`` as a child process, and its first line: the addresses."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "demo", "--json", *options],
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate(timeout=10)
        self.facts = json.loads(line)
        self.http = httpx2.Client(base_url=self.facts["url"], headers={"X-Avous": "1"}, trust_env=False, timeout=10)

    def get(self, path: str, **headers: str) -> Any:
        return self.http.get(path, headers=headers).raise_for_status().json()

    def end(self) -> tuple[int, str]:
        """End it as a terminal that is closed would; (exit code, what it said)."""
        self.http.close()
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@pytest.fixture
def running(free_port: int) -> Iterator[Running]:
    demo = Running("--speed", "60", "--start", "15:00", "--port", str(free_port), "--seed", "7")
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.end()


def until(what: str, look: Any, within_s: float) -> Any:
    """Look again and again until there is something."""
    give_up_at = time.monotonic() + within_s
    while time.monotonic() < give_up_at:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {within_s} s")


def floor(demo: Running) -> dict[str, Any]:
    return cast("dict[str, Any]", demo.get("/api/v1/stores/volt/views/floor"))


@pytest.mark.timeout(300)
def test_a_human_among_the_crowd_is_served_like_everybody(running: Running) -> None:
    manager = running.facts["managers"][0]
    answer = running.http.post("/api/v1/session", json={"store": "volt", "salesperson": manager["id"], "pin": manager["pin"]})
    assert answer.status_code == 201
    busy = until("a busy floor", lambda: (view := floor(running))["accounts"]["joined"] >= 15 and view, LIVE_WITHIN_S)
    assert sum(1 for person in busy["salespeople"] if person["duty"] != "off") >= 6
    ticket = running.http.post("/api/v1/stores/volt/tickets", json={"id": str(uuid4()), "service": "collection"}).json()
    phone = {"Authorization": f"Bearer {ticket['token']}"}

    def phase(wanted: str) -> Any:
        return lambda: (view := running.get("/api/v1/ticket", **phone))["phase"] == wanted and view

    called = until("a call", phase("called"), SERVED_WITHIN_S)
    assert called["call"]["name"]
    assert running.http.post("/api/v1/ticket/coming", json={"id": str(uuid4())}, headers=phone).status_code == 200
    ended = until("the end of the visit", phase("ended"), SERVED_WITHIN_S)
    assert ended["outcome"] == "answered"
    accounts = floor(running)["accounts"]
    outcomes = ("open", "answered", "left", "vanished", "closed", "void")
    assert accounts["joined"] == sum(accounts[name] for name in outcomes)
    log = (Path(running.facts["logs"]) / "server.log").read_text(encoding="utf-8")
    assert '"level": "error"' not in log, log
    folder = Path(running.facts["logs"])
    code, said = running.end()
    assert code == 0
    assert "The demonstration is over." in said
    assert "answered" in said
    assert not folder.exists()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{running.facts['url']}/ready", trust_env=False)


@pytest.mark.timeout(120)
def test_it_ends_by_itself_after_the_minutes_given(free_port: int) -> None:
    demo = Running("--minutes", "0.1", "--no-crowd", "--past-days", "0", "--port", str(free_port))
    _, said = demo.process.communicate(timeout=60)
    assert demo.process.returncode == 0, said


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tell a child that its parent was killed")
@pytest.mark.timeout(120)
def test_killed_outright_it_leaves_nothing_behind(free_port: int) -> None:
    demo = Running("--no-crowd", "--past-days", "0", "--port", str(free_port))
    os.kill(demo.process.pid, signal.SIGKILL)
    demo.process.wait()

    def gone() -> bool:
        try:
            httpx2.get(f"{demo.facts['url']}/ready", trust_env=False, timeout=2)
        except httpx2.TransportError:
            return True
        return False

    until("the server's end", gone, 20)
    demo.http.close()
    demo.process.communicate()
