"""What a live store's past teaches its estimates: before a start is over or after it, and nothing lost meanwhile."""

import asyncio
import threading
from typing import Any

import pytest

from server import forecasts as module
from server import learning
from server.forecasts import Forecasts
from server.journal import facts
from server.journal.port import StorageTrouble
from server.journal.sqlite import SqliteJournal
from server.live.pacer import NotYet
from server.rules import commands as c
from server.waits.forecaster import Forecaster
from tests.live.shop import MINUTE, YESTERDAY, Shop, visited
from tests.live.support import DAY, HandClock, OpenLive, store
from tests.live.test_live import _until


class Lesson:
    """Teaching that goes on until it is told to end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self._goes_on, self._taught = threading.Event(), threading.Event(), learning.taught
        monkeypatch.setattr(learning, "taught", self)

    def __call__(self, *given: Any) -> Forecaster:
        self.begun.set()
        assert self._goes_on.wait(20)
        return self._taught(*given)

    def end(self) -> None:
        self._goes_on.set()


async def test_what_ends_while_the_past_is_being_learned_counts_once(
    shop: Shop, forecasts: Forecasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings were saved in the middle of the day, and the store goes on meanwhile."""
    await shop.visit("t0", 1.0)
    await shop.do(c.Join("t1", "advice"))
    await shop.shown("t1")
    lesson = Lesson(monkeypatch)
    learns = asyncio.create_task(forecasts.learn(shop.journal, [store()], shop.clock.now()))
    await _until(lesson.begun.is_set)
    await shop.do(c.ClaimNext("lea"))
    await shop.do(c.Start("lea", "t1"))
    shop.clock.at += MINUTE
    await shop.do(c.Finish("lea", "t1", ()))
    await _until(lambda: forecasts.report("volt")["visits"]["advice"] == 2)
    await shop.do(c.Join("t2", "advice"))
    await shop.shown("t2")
    lesson.end()
    await learns
    found = forecasts.report("volt")
    assert found["visits"]["advice"] == 2
    assert (found["today"]["forecasts"], found["today"]["promises"]) == (2, 2), "what was said to who waited then is judged too"
    await shop.do(c.ClaimNext("lea"))
    await shop.do(c.Start("lea", "t2"))
    await shop.do(c.Finish("lea", "t2", ()))
    await _until(lambda: forecasts.report("volt")["today"]["forecasts"] == 3)


async def test_who_waits_at_a_restart_is_judged_after_it(shop: Shop, forecasts: Forecasts) -> None:
    await shop.do(c.Join("t1", "advice"))
    await shop.shown("t1")
    await forecasts.close()
    again = Forecasts(rollouts=40)
    await again.learn(shop.journal, [store()], shop.clock.now())
    assert again.report("volt")["today"]["forecasts"] == 0
    await shop.do(c.ClaimNext("lea"))
    await shop.do(c.Start("lea", "t1"))
    shop.clock.at += MINUTE
    await shop.do(c.Finish("lea", "t1", ()))
    rows = await facts.read(shop.journal, "volt", DAY)
    again.observe("volt", rows[-1][1])
    assert again.report("volt")["today"]["forecasts"] == 1


async def test_a_long_past_is_learned_while_the_store_is_served(
    open_live: OpenLive, clock: HandClock, journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = module.AT_ONCE + 1
    await facts.put(journal, "volt", [(YESTERDAY, visited(f"y{n}", clock.at - 86_400 + n)) for n in range(count)])
    lesson, forecasts = Lesson(monkeypatch), Forecasts(rollouts=40)
    await forecasts.begin(journal, [store()], clock.now())
    assert not lesson.begun.is_set()
    shop = Shop(await open_live(estimate=forecasts.estimate, observe=forecasts.observe), clock, journal)
    forecasts.go_on()
    await shop.do(c.SignOn("lea"))
    await shop.do(c.Join("t1", "advice"))
    await _until(lesson.begun.is_set)
    with pytest.raises(NotYet):
        forecasts.estimate(shop.live.day("volt"), clock.now())
    with pytest.raises(NotYet):
        forecasts.beliefs("volt", clock.now())
    assert shop.live.day("volt").tickets["t1"].shown is None
    lesson.end()
    await shop.shown("t1")
    assert forecasts.report("volt")["visits"]["advice"] == count
    assert forecasts.beliefs("volt", clock.now()).service
    await forecasts.close()


async def test_a_short_past_is_learned_before_the_start_is_over(journal: SqliteJournal, clock: HandClock) -> None:
    await facts.put(journal, "volt", [(YESTERDAY, visited(f"y{n}", clock.at - 86_400 + n)) for n in range(module.AT_ONCE)])
    forecasts = Forecasts(rollouts=40)
    await forecasts.begin(journal, [store()], clock.now())
    assert forecasts.report("volt")["visits"]["advice"] == module.AT_ONCE


async def test_a_past_that_cannot_be_looked_at_is_learned_later(
    journal: SqliteJournal, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await facts.put(journal, "volt", [(YESTERDAY, visited("y1", clock.at - 86_400))])
    with monkeypatch.context() as patch:
        patch.setattr(facts, "more_than", _trouble)
        forecasts = Forecasts(rollouts=40)
        await forecasts.begin(journal, [store()], clock.now())
    assert forecasts.report("volt")["visits"].get("advice", 0) == 0
    forecasts.go_on()
    await _until(lambda: forecasts.report("volt")["visits"].get("advice") == 1)
    await forecasts.close()


async def _trouble(*_: object) -> bool:
    raise StorageTrouble("the tables are away", 1.0)


async def test_a_stop_does_not_wait_for_what_is_not_learned(
    journal: SqliteJournal, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await facts.put(journal, "volt", [(YESTERDAY, visited(f"y{n}", clock.at - 86_400 + n)) for n in range(module.AT_ONCE + 1)])
    lesson, forecasts = Lesson(monkeypatch), Forecasts(rollouts=40)
    await forecasts.begin(journal, [store()], clock.now())
    forecasts.go_on()
    await _until(lesson.begun.is_set)
    async with asyncio.timeout(5):
        await forecasts.close()
    lesson.end()
