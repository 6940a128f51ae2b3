"""Estimates ride along, in time, and never hurt."""

import asyncio
import time
from random import Random

import pytest

from server.live import limits
from server.live.pacer import Allowance, Pacer
from server.rules import commands as c
from server.rules.state import DayPhase, StoreDay, new_day
from server.rules.waiting import Range
from tests.live.support import DAY, HandClock, OpenLive
from tests.live.test_live import _until, join
from tests.rules.walk import random_plan


class Estimator:
    """Says three minutes more every time."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, day: StoreDay, now: float) -> c.ShowWaits:
        self.asked += 1
        shown = Range(0.0, 180.0 * self.asked, now)
        return c.ShowWaits(dict.fromkeys(day.tickets, shown), {"advice": shown})


async def test_the_quote_at_joining_is_the_promise_and_ranges_follow(open_live: OpenLive) -> None:
    live = await open_live(estimate=Estimator())
    await _until(lambda: "advice" in live.day("volt").quotes)
    quoted = live.day("volt").quotes["advice"].high_s
    await join(live)
    assert live.day("volt").tickets["t1"].promise_s == quoted
    await _until(lambda: live.day("volt").tickets["t1"].shown is not None)


async def test_a_burst_asks_the_estimator_a_few_times_a_second_only(open_live: OpenLive) -> None:
    estimator = Estimator()
    live = await open_live(estimate=estimator)
    began = time.monotonic()
    for n in range(100):
        await join(live, f"t{n}")
    assert estimator.asked <= 2 + (time.monotonic() - began) / limits.ESTIMATE_EVERY_S
    await _until(lambda: all(ticket.shown for ticket in live.day("volt").tickets.values()))


async def test_ranges_are_looked_at_again_while_somebody_waits(open_live: OpenLive, clock: HandClock) -> None:
    estimator = Estimator()
    live = await open_live(estimate=estimator)
    await join(live)
    await _until(lambda: live.day("volt").tickets["t1"].shown is not None)
    asked = estimator.asked
    await asyncio.sleep(limits.ESTIMATE_EVERY_S + 0.1)
    assert estimator.asked == asked
    clock.at += limits.ESTIMATE_REFRESH_S + 1
    await _until(lambda: estimator.asked == asked + 1)


async def test_an_estimator_that_fails_fails_no_command(open_live: OpenLive, caplog: pytest.LogCaptureFixture) -> None:
    def broken(day: StoreDay, now: float) -> c.ShowWaits:
        raise ZeroDivisionError

    live = await open_live(estimate=broken)
    assert (await join(live)).status == "ok"
    assert "the estimator failed" in caplog.text
    assert not [r for r in await live.journal.recorded("volt", DAY) if isinstance(r.command, c.ShowWaits)]


async def test_finished_steps_are_handed_to_whoever_learns(open_live: OpenLive) -> None:
    learned = []
    live = await open_live(observe=lambda store, fact: learned.append((store, fact.ticket, fact.outcome)))
    await join(live)
    await live.submit("volt", "1", c.Leave("t1"), "t1")
    assert learned == [("volt", "t1", "left")]


def test_estimates_of_all_stores_keep_to_their_share() -> None:
    now = 0.0
    allowance = Allowance(share=0.2, pace=lambda: now)
    assert [allowance.reserve() for _ in range(3)] == [0.0, 0.0, 0.0]
    for _ in range(100):
        allowance.took(0.004)
    places = [allowance.reserve() for _ in range(51)]
    assert places[50] - places[0] == pytest.approx(1.0, rel=0.01)
    now = 5.0
    assert allowance.reserve() == 5.0


def test_an_estimate_that_had_to_wait_for_its_place_waits_for_a_command_too(clock: HandClock) -> None:
    now, day = 0.0, new_day(random_plan(Random(1), "busy"))._replace(phase=DayPhase.OPEN)
    for waited_s, held_s in ((0.0, 0.0), (1.0, 1.0), (60.0, limits.ESTIMATE_RIDE_S)):
        allowance = Allowance(pace=lambda: now)
        pacer = Pacer(clock, Estimator(), lambda: now, allowance)
        allowance.took(8 * waited_s * limits.ESTIMATE_SHARE)
        allowance.reserve()  # somebody else's estimate takes as long
        due_at = pacer.due_at(day)
        assert due_at is not None
        assert due_at - clock.now() == pytest.approx((waited_s + held_s) * clock.speed), "by itself"
        assert pacer.wait_s() == pytest.approx(waited_s), "a command takes it along"
