"""A real server whose wall clock is set by somebody else: nobody's place, day or call moves with it."""

import asyncio
import os
import random
import time
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from server.bench.history import History, went_back
from server.bench.people import morning
from server.journal.sqlite import SqliteJournal
from server.live.clock import CATCH_UP
from server.rules import events as ev
from tests.faults import checkers
from tests.faults.crowd import Client
from tests.faults.process import ServerProcess

JUMPS_S = (0, 1, -1, 3600, -3600, 86_400, -86_400, 40 * 86_400, 0)
STEP_S = float(os.environ.get("AVOUS_STEP_S", "0.7"))  # between two jumps
PIN = 'pin = "1234"'  # for demonstrations
MISSING = "no libfaketime: neither AVOUS_FAKETIME=/path/of/libfaketime.so.1, nor Debian's, nor the Python package's"
pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


@cache
def library() -> Path | None:
    """The library that tells a process another time, or None."""
    package = find_spec("libfaketime")
    folders = [Path(package.origin).parent / "vendor/libfaketime/src"] if package and package.origin else []
    places = [Path(os.environ.get("AVOUS_FAKETIME", "")), *(folder / "libfaketime.so.1" for folder in folders)]
    return next((place for place in [*places, *Path("/usr/lib").glob("*/faketime/libfaketime.so.1")] if place.is_file()), None)


@pytest.mark.skipif(library() is None, reason=MISSING)
async def test_a_wall_clock_that_jumps_takes_nobody_along(tmp_path: Path, rng: random.Random) -> None:
    """By a second, an hour, a day, forty days, forth and back, while shoppers wait: no ticket ends, no day changes, times only rise."""
    offset = tmp_path / "offset"
    offset.write_text("+0")
    settings = {
        "LD_PRELOAD": str(library()), "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "AVOUS_DEMO": "0",
    }  # fmt: skip
    server, history = ServerProcess(tmp_path, 1, settings), History()
    server.store.write_text(f'zone = "{morning(time.time())}"\n' + server.store.read_text().replace(PIN, ""))
    client = Client("kiosk", server.url, rng, history)
    seqs, ahead, told = list[int](), list[int](), list[float]()
    try:
        server.spawn()
        await server.ready()
        began = time.monotonic()
        for jump_s in JUMPS_S:
            offset.write_text(f"{jump_s:+d}")
            await asyncio.sleep(STEP_S)
            joined = await client.command("join", "/api/v1/stores/volt/tickets", {"service": "advice"}, ("number", "token"))
            assert joined
            seqs.append(joined["view"]["seq"])
            ahead.append(joined["view"]["ahead"])
            told.append(datetime.fromisoformat(joined["view"]["at"]).timestamp())
        lasted = time.monotonic() - began
        assert ahead == list(range(len(JUMPS_S))), "somebody lost their place"
        assert server.stop() == 0
    finally:
        server.kill()
        await client.close()
    assert went_back(seqs) == []
    assert told == sorted(told)
    assert told[-1] - told[0] <= lasted * (1.0 + CATCH_UP) + 1.0, f"the store's clock went from {_shown(told[0])} to {_shown(told[-1])}"
    journal = SqliteJournal(server.database)
    (day,) = [head.day for head in await journal.days("volt", 5)]
    events, recorded = await journal.events("volt", day), await journal.recorded("volt", day)
    await journal.close()
    assert not [event for event in events if isinstance(event, ev.TicketEnded | ev.DayClosed | ev.DayEnded)]
    assert checkers.folds(events) == checkers.replays(recorded, events) == []


def _shown(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
