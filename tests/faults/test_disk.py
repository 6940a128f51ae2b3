"""A real server on a real disk that fills up, and with its database locked by somebody else: it refuses, shows, and goes on by itself."""

import asyncio
import os
import random
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic

import pytest

from server.bench.history import History, answered_otherwise, set_check
from server.journal.sqlite import BUSY_S, SqliteJournal
from tests.faults import checkers
from tests.faults.crowd import Client
from tests.faults.process import ServerProcess
from tests.faults.test_kill import DAY, OURS

DISK_BYTES = 8 << 20
FULL_S, LOCKED_S = 1.5, float(os.environ.get("AVOUS_LOCKED_S", str(BUSY_S + 1.5)))
Fault = Callable[[], object]
JOIN, BOARD = "/api/v1/stores/volt/tickets", "/api/v1/stores/volt/views/board"
pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, a few megabytes large."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", disk], capture_output=True, check=False)
    if mounting.returncode:
        pytest.skip(f"cannot mount a small disk here: {mounting.stderr.decode().strip() or 'not allowed'}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


async def test_a_full_disk_stops_commands_and_not_screens(tmp_path: Path, small_disk: Path, rng: random.Random) -> None:
    filler = small_disk / "filler"

    def fill() -> None:
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 4096)

    database = small_disk / "journal.db"
    server = ServerProcess(tmp_path, 1, {"AVOUS_DATABASE": f"sqlite:///{database}"})
    await _trouble(server, database, rng, FULL_S, fill, filler.unlink)


async def test_a_locked_database_stops_commands_and_not_screens(tmp_path: Path, rng: random.Random) -> None:
    server = ServerProcess(tmp_path, 1)
    with closing(sqlite3.connect(server.database, isolation_level=None)) as other:
        await _trouble(server, server.database, rng, LOCKED_S, lambda: other.execute("BEGIN EXCLUSIVE"), lambda: other.execute("ROLLBACK"))


async def _trouble(server: ServerProcess, database: Path, rng: random.Random, lasts_s: float, begin: Fault, end: Fault) -> None:
    """Commands before, during and after; those that were refused meanwhile are done with the same id as soon as that is possible."""
    history = History()
    clients = [Client(f"client {n}", server.url, random.Random(rng.getrandbits(64)), history) for n in range(4)]
    try:
        server.spawn()
        await server.ready()
        assert all(await asyncio.gather(*(_join(client) for client in clients)))
        begin()
        waiting = [asyncio.create_task(_join(client)) for client in clients]
        began, late_s = monotonic(), list[float]()
        asking = asyncio.create_task(clients[0].http.post(JOIN, json={"id": clients[0].new_id(), "service": "advice"}, timeout=20.0))
        while monotonic() < began + lasts_s or not asking.done():
            asked = monotonic()
            board = await clients[1].http.get(BOARD)
            assert (board.status_code, len(board.json()["next"])) == (200, len(clients))
            late_s.append(monotonic() - asked)
            await asyncio.sleep(0.05)
        refused = await asking
        assert refused.status_code == 503, refused.text
        assert refused.json()["code"] == "storage_trouble"
        assert refused.json()["retry_after_s"] > 0
        assert not any(task.done() for task in waiting)
        end()
        ended = monotonic()
        assert all(await asyncio.wait_for(asyncio.gather(*waiting), 30))
        print(
            f"the board meanwhile: {sorted(late_s)[len(late_s) // 2] * 1000:.0f} ms (median); joins again after {monotonic() - ended:.2f} s"
        )
        assert server.stop() == 0
    finally:
        server.kill()
        await asyncio.gather(*(client.close() for client in clients))
    await _nothing_lost(database, history)


async def _join(client: Client) -> bool:
    return await client.command("join", JOIN, {"service": "advice"}, ("number", "token")) is not None


async def _nothing_lost(database: Path, history: History) -> None:
    journal = SqliteJournal(database)
    events, recorded = await journal.events("volt", DAY), await journal.recorded("volt", DAY)
    await journal.close()
    mine = {entry.id for entry in history}
    assert set_check(history, [r.id for r in recorded if r.id in mine and not r.refused]).faults == []
    assert {r.id for r in recorded if r.sender not in OURS and r.id not in mine} <= {r.id for r in recorded if r.refused}
    assert answered_otherwise(history) == []
    assert checkers.folds(events) == checkers.replays(recorded, events) == []
    with closing(sqlite3.connect(database)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
