"""Most of an hour at twice the normal load: memory, open files and answers stay where they are. ``make soak`` runs it.

Normal is a busy store: ten commands a second, fifty screens, a shopper every thirty seconds. ``AVOUS_SOAK_S`` makes it
shorter, for whoever changes this file; the slope of memory means something only after ten minutes.
"""

import asyncio
import json
import os
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, quantiles

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from server.bench.history import History
from server.journal.sqlite import SqliteJournal
from tests.faults.crowd import Body, Client, salesperson, shoppers
from tests.faults.process import ServerProcess
from tests.faults.test_kill import _check, _finish, _sleep_or_fail

SOAK_S = float(os.environ.get("AVOUS_SOAK_S", "2700"))
WARM_S = min(600.0, SOAK_S / 4)  # caches fill: they are bounded, and full after ten minutes
SAMPLE_S = min(10.0, SOAK_S / 40)
BOARDS, PEOPLE = 100, 4
BALKS_EVERY_S = 0.4  # each of eight kiosks
SHOPPER_EVERY_S = 15.0
SLOPE_MAX_MB_H = 2.0


@dataclass
class Sample:
    """The server at one moment."""

    at: float
    rss_mb: float
    files: int


@dataclass
class Timed(Client):
    """A client that takes the time of every answer."""

    took: list[tuple[float, float]] = field(default_factory=list)

    async def _post(self, path: str, body: Body, headers: dict[str, str]) -> tuple[int, Body] | None:
        began = time.monotonic()
        answer = await super()._post(path, body, headers)
        self.took.append((began, time.monotonic() - began))
        return answer


@pytest.mark.soak
@pytest.mark.timeout(SOAK_S + 600)
async def test_memory_files_and_answers_stay_where_they_are(tmp_path: Path, rng: random.Random) -> None:
    history, server = History(), ServerProcess(tmp_path, PEOPLE)
    clients = [Timed(f"client {n}", server.url, random.Random(rng.getrandbits(64)), history) for n in range(9 + PEOPLE)]
    samples: list[Sample] = []
    try:
        server.spawn()
        await server.ready()
        assert server.process is not None
        tasks = [asyncio.create_task(_balks(client)) for client in clients[:8]]
        tasks += [asyncio.create_task(shoppers(clients[8], SHOPPER_EVERY_S))]
        tasks += [asyncio.create_task(salesperson(client, f"p{n}", 1.0)) for n, client in enumerate(clients[9:])]
        screens = [asyncio.create_task(_board(server)) for _ in range(BOARDS)]
        began = time.monotonic()
        while time.monotonic() - began < SOAK_S:
            await _sleep_or_fail(SAMPLE_S, tasks)
            samples.append(_look_at(server.process.pid))
        await _finish(tasks, history)
        for screen in screens:
            screen.cancel()
        seen = await asyncio.gather(*screens, return_exceptions=True)
        assert not [end for end in seen if isinstance(end, Exception)]
        assert server.stop() == 0
    finally:
        server.kill()
        await asyncio.gather(*(client.close() for client in clients))
    await _check(SqliteJournal(server.database), server, history, joins_min=int(SOAK_S / SHOPPER_EVERY_S / 4))
    _judge(samples, sorted(entry for client in clients for entry in client.took), began)


def _judge(samples: list[Sample], took: list[tuple[float, float]], began: float) -> None:
    steady = [sample for sample in samples if sample.at - began > WARM_S]
    slope = linear_regression([s.at for s in steady], [s.rss_mb for s in steady]).slope * 3600
    later = [(at, s) for at, s in took if at - began > WARM_S]
    halves = [_p99_ms([s for _, s in half]) for half in (later[: len(later) // 2], later[len(later) // 2 :])]
    files = [sample.files for sample in steady]
    print(f"{SOAK_S / 60:.0f} min, {len(took)} commands ({len(took) / SOAK_S:.1f} a second), {BOARDS} boards")
    print(f"memory {steady[0].rss_mb:.1f} MB → {steady[-1].rss_mb:.1f} MB, slope {slope:+.2f} MB/h")
    print(f"p99 {halves[0]:.1f} ms → {halves[1]:.1f} ms; open files {min(files)}–{max(files)}")
    assert max(files) - min(files) <= 20
    if SOAK_S >= 1800:
        assert slope < SLOPE_MAX_MB_H
        assert halves[1] <= 1.2 * halves[0] + 2.0


def _p99_ms(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[98] * 1000


def _look_at(pid: int) -> Sample:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    rss_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return Sample(time.monotonic(), rss_kb / 1024, len(os.listdir(f"/proc/{pid}/fd")))


async def _balks(client: Client) -> None:
    """A kiosk in front of which people look at the wait and walk on."""
    while True:
        await asyncio.sleep(client.rng.expovariate(1 / BALKS_EVERY_S))
        await client.command("balk", "/api/v1/stores/volt/balks", {"service": client.rng.choice(("advice", "payment"))})


async def _board(server: ServerProcess) -> int:
    """A board that is never switched off; how many views it was shown."""
    seen, seq = 0, 0
    while True:
        try:
            async with connect(server.url.replace("http", "ws") + "/ws/board", origin=Origin(server.url)) as board:
                await board.send(json.dumps({"type": "hello", "screen": "board", "seen": None}))
                async for message in board:
                    view = json.loads(message)
                    assert view["seq"] >= seq, "seq went back"
                    seen, seq = seen + 1, view["seq"]
        except (OSError, ConnectionClosed):
            await asyncio.sleep(1.0)
