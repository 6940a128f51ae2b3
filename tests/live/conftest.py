"""Live stores on a temporary journal, stopped at the end of the test."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.forecasts import Forecasts
from server.journal.sqlite import SqliteJournal
from server.live.live import Live
from server.rules import commands as c
from tests.journal.databases import fresh
from tests.live.shop import Shop
from tests.live.support import HandClock, OpenLive, store


@pytest.fixture
def clock() -> HandClock:
    """Saturday, 21 November 2026, 10:00 in Paris."""
    return HandClock()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An empty database with its tables."""
    return fresh(tmp_path / "journal.db")


@pytest.fixture
async def journal(database: Path) -> AsyncIterator[SqliteJournal]:
    """An open journal."""
    journal = SqliteJournal(database)
    yield journal
    await journal.close()


@pytest.fixture
async def open_live(journal: SqliteJournal, clock: HandClock) -> AsyncIterator[OpenLive]:
    """Start a live system (again, if one runs: the one before is stopped, as on a restart)."""
    running: list[Live] = []

    async def start(*stores: Any, on: Any = None, **options: Any) -> Live:
        while running:
            await running.pop().stop()
        live = Live(on or journal, stores or [store()], options.pop("clock", clock), **options)
        await live.start()
        running.append(live)
        return live

    yield start
    while running:
        await running.pop().stop()


@pytest.fixture
async def live(open_live: OpenLive) -> Live:
    """One small store, open."""
    return await open_live()


@pytest.fixture
def forecasts() -> Forecasts:
    """Estimates of forty futures each."""
    return Forecasts(rollouts=40)


@pytest.fixture
async def shop(open_live: OpenLive, clock: HandClock, journal: SqliteJournal, forecasts: Forecasts) -> AsyncIterator[Shop]:
    """A live store with estimates; Léa is there, Karim has a break."""
    await forecasts.learn(journal, [store()], clock.now())
    shop = Shop(await open_live(estimate=forecasts.estimate, observe=forecasts.observe), clock, journal)
    await shop.do(c.SignOn("lea"))
    await shop.do(c.SignOn("karim"))
    await shop.do(c.Pause("karim", "break", None))
    yield shop
    await forecasts.close()
