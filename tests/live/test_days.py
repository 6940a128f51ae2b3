"""What the clock does to a store: deadlines, closing, the night, a new settings file, a clock that jumps."""

import json

from server.live.clock import WallClock
from server.rules import commands as c
from server.rules.state import DayPhase, Phase
from tests.live.support import DAY, OPENING, HandClock, OpenLive, folded, store
from tests.live.test_live import _until, join

HOUR = 3600.0


async def test_deadlines_happen_by_themselves(open_live: OpenLive, clock: HandClock) -> None:
    live = await open_live()
    await join(live)
    await live.submit("volt", "1", c.SignOn("lea"), "lea")
    await live.submit("volt", "2", c.ClaimNext("lea"), "lea")
    clock.at += 91
    await _until(lambda: live.day("volt").tickets["t1"].recalls == 1)
    clock.at += 100
    await _until(lambda: live.day("volt").tickets["t1"].phase is Phase.PARKED)
    assert [type(r.command).__name__ for r in await live.journal.recorded("volt", DAY)].count("Tick") == 2


async def test_the_night_ends_one_day_and_begins_the_next_and_seq_goes_on(open_live: OpenLive, clock: HandClock) -> None:
    live = await open_live()
    await join(live)
    seen = [live.view("volt", ("board",))[0]]
    token = live.token("t1")
    clock.at += 18 * HOUR  # 04:00
    await _until(lambda: live.day("volt").plan.day == "2026-11-22")
    seen.append(live.view("volt", ("board",))[0])
    old = json.loads(live.view("volt", ("phone", "t1"))[1])
    assert (old["phase"], old["outcome"]) == ("ended", "closed")
    refused = await live.submit("volt", "2", c.Join("2", "advice"), "kiosk")
    assert refused.body["code"] == "store_not_open"
    clock.at += 7 * HOUR
    assert (await live.submit("volt", "3", c.Join("3", "advice"), "kiosk")).body["number"] == "C-001"
    seen.append(live.view("volt", ("board",))[0])
    live = await open_live()
    assert await live.link(token) == ("volt", DAY, "t1")  # yesterday's phone still finds its ticket
    assert json.loads(live.view("volt", ("phone", "t1"))[1])["outcome"] == "closed"
    seen.append(live.view("volt", ("board",))[0])
    assert seen == sorted(seen)
    assert seen[1] > seen[0]
    assert (await folded(live.journal, day="2026-11-22")).counts.joined == 1


async def test_a_server_that_was_down_for_a_week_ends_the_old_day_and_opens_today(open_live: OpenLive, clock: HandClock) -> None:
    live = await open_live()
    await join(live)
    await live.stop()
    clock.at += 7 * 24 * HOUR
    live = await open_live()
    assert (live.day("volt").plan.day, live.day("volt").phase) == ("2026-11-28", DayPhase.OPEN)
    assert (await folded(live.journal)).accounts["closed"] == 1
    heads = await live.journal.days("volt", 9)
    assert [(head.day, head.ended) for head in heads] == [("2026-11-28", False), (DAY, True)]


async def test_a_day_ended_by_hand_stays_ended_until_the_next(open_live: OpenLive, clock: HandClock) -> None:
    live = await open_live()
    assert (await live.submit("volt", "1", c.EndDay(), "manager")).status == "ok"
    live = await open_live()
    assert live.day("volt").phase is DayPhase.ENDED
    assert (await join(live)).refusal
    clock.at += 24 * HOUR
    await _until(lambda: live.day("volt").phase is DayPhase.OPEN)


async def test_a_changed_settings_file_is_used_after_a_restart(open_live: OpenLive) -> None:
    live = await open_live()
    await join(live)
    live = await open_live(store(open_max=1))
    assert (await join(live, "t2")).body["code"] == "store_full"
    assert [type(r.command).__name__ for r in await live.journal.recorded("volt", DAY)][2] == "ChangePlan"


async def test_settings_that_cannot_be_used_today_wait(open_live: OpenLive, clock: HandClock) -> None:
    live = await open_live()
    await join(live, service="payment")
    without = store(services={"advice": {"letter": "C", "labels": {"fr": "Conseil"}}}, salespeople={})
    live = await open_live(without)
    assert set(live.day("volt").plan.services) == {"advice", "payment"}
    clock.at += 24 * HOUR
    await _until(lambda: set(live.day("volt").plan.services) == {"advice"})


async def test_a_wall_clock_that_jumps_moves_nobody(open_live: OpenLive) -> None:
    """NTP sets the machine a day ahead, then two days back: nobody is called, parked or lost by it."""
    wall, pace = [OPENING], [0.0]
    live = await open_live(clock=WallClock(lambda: wall[0], lambda: pace[0]))
    await join(live)
    await live.submit("volt", "1", c.SignOn("lea"), "lea")
    await live.submit("volt", "2", c.ClaimNext("lea"), "lea")
    for jump_s in (24 * HOUR, -48 * HOUR, 24 * HOUR):
        wall[0] += jump_s
        for _ in range(10):
            wall[0] += 1.0
            pace[0] += 1.0
            await live.submit("volt", f"{jump_s} {pace[0]}", c.AcknowledgeCall("t1"), "t1")
    ticket = live.day("volt").tickets["t1"]
    assert (ticket.phase, ticket.recalls, live.day("volt").plan.day) == (Phase.CALLED, 0, DAY)
    instants = [record.now for record in await live.journal.recorded("volt", DAY)]
    assert instants == sorted(instants)


async def test_opening_is_shown_on_the_minute(open_live: OpenLive, clock: HandClock) -> None:
    clock.at -= HOUR
    live = await open_live()
    assert (await join(live, "early")).body["code"] == "store_not_open"
    clock.at += HOUR
    assert (await join(live)).status == "ok"


async def test_a_wrong_clock_is_left_at_once_when_the_store_is_empty_and_not_before(open_live: OpenLive) -> None:
    wall, steady = [OPENING - 40 * 86_400.0], [0.0]
    clock = WallClock(lambda: wall[0], lambda: steady[0])
    live = await open_live(clock=clock)
    assert live.day("volt").plan.day == "2026-10-12"
    await join(live, "t1")
    wall[0], steady[0] = OPENING, 1.0
    assert clock.now() < OPENING - 39 * 86_400.0, "t1 waits"
    await live.submit("volt", "left", c.Leave("t1"), "t1")
    await _until(lambda: clock.now() == OPENING)
    await join(live, "t2")
    assert live.day("volt").plan.day == DAY
    assert live.day("volt").tickets["t2"].joined_at == OPENING
