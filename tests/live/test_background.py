"""What runs beside the rest is over when the rest is, and a failure of it is told."""

import asyncio

import pytest

from server.background import beside


async def test_it_runs_while_this_lasts_and_is_over_after() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # tidying up takes a turn of the loop, and is waited for
            ended.set()

    async with beside(work(), "work"):
        await asyncio.wait_for(begun.wait(), 20)
        assert not ended.is_set()
    assert ended.is_set()


async def test_a_failure_is_told_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    failed = asyncio.Event()

    async def work() -> None:
        failed.set()
        raise ZeroDivisionError

    async with beside(work(), "work"):
        await asyncio.wait_for(failed.wait(), 20)
        assert not caplog.records
    assert [record.getMessage() for record in caplog.records] == ["the task work had failed"]
