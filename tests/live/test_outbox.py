"""Effects reach the world at least once; contacts go; trouble is tried again and then given up, loudly."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from server.journal import contacts, outgoing
from server.journal.sqlite import SqliteJournal
from server.live import limits
from server.live.live import Live
from server.live.outbox import Outbox
from server.rules import commands as c
from server.rules.effects import Effect, Ring
from tests.live.support import HandClock, OpenLive
from tests.live.test_live import _until, join


class Recorder:
    """A channel that remembers, and fails as often as told."""

    takes: Mapping[type, float] = {Ring: 0.0}

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.failed, self.delivered = failures, list[Effect](), list[tuple[str, Effect]]()

    async def deliver(self, store: str, key: str, effect: Effect) -> None:
        if self.failures:
            self.failures -= 1
            self.failed.append(effect)
            raise TimeoutError
        self.delivered.append((key, effect))


async def call(live: Live, ticket: str = "t1") -> None:
    await join(live, ticket, name="Zoé")
    await live.submit("volt", f"on {ticket}", c.SignOn("lea"), "lea")
    await live.submit("volt", f"claim {ticket}", c.Claim("lea", ticket), "lea")


async def test_a_call_reaches_its_channel(open_live: OpenLive) -> None:
    phone = Recorder()
    live = await open_live(channels=[phone])
    await call(live)
    await _until(lambda: phone.delivered)
    ((_, ring),) = phone.delivered
    assert isinstance(ring, Ring)
    assert (ring.ticket, ring.salesperson, ring.desk, ring.tries) == ("t1", "lea", "4", 1)


async def _tried(live: Live, tries: Callable[[], int], at_least: int, within_s: float = 20.0) -> None:
    """Wake the outbox until it has tried so often: a bell rung while a delivery runs is heard after it."""
    for _ in range(int(within_s / 0.01)):
        live.outbox.wake()
        await asyncio.sleep(0.01)
        if tries() >= at_least:
            return
    raise AssertionError(f"{tries()} tries, not {at_least}")


async def test_a_failed_delivery_is_tried_again_with_the_same_key(open_live: OpenLive, clock: HandClock) -> None:
    phone = Recorder(failures=2)
    live = await open_live(channels=[phone])
    await call(live)
    await _tried(live, lambda: len(phone.failed), 1)
    await asyncio.sleep(0.05)
    assert phone.delivered == [], "not again before its pause is over"
    clock.at += limits.OUTBOX_RETRY_S * 2
    await _tried(live, lambda: len(phone.failed), 2)
    clock.at += limits.OUTBOX_RETRY_S * 4
    await _tried(live, lambda: len(phone.delivered), 1)
    assert len(phone.delivered) == 1


async def test_what_a_clock_an_hour_ahead_put_off_does_not_wait_an_hour(
    open_live: OpenLive, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own time, nobody lets an effect rest longer than the longest pause (the hand clock's are over at once)."""
    monkeypatch.setattr(limits, "OUTBOX_POLL_S", 0.01)
    clock.at += 3600
    wrong = await open_live(channels=[phone := Recorder(failures=1)])
    await call(wrong)
    await _until(lambda: phone.failed)
    await wrong.stop()
    clock.at -= 3600
    right = Outbox(wrong.journal, clock, [phone], _nothing)
    await right.start()
    await _until(lambda: phone.delivered)
    await right.stop()


async def test_what_waits_for_its_time_is_not_hurried(open_live: OpenLive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "OUTBOX_POLL_S", 0.01)
    await call(await open_live(clock=StandingClock(), channels=[phone := Recorder(failures=1)]))
    await _until(lambda: phone.failed)
    await asyncio.sleep(0.2)
    assert phone.delivered == []


class StandingClock(HandClock):
    """Its seconds are real ones, and none passes."""

    def real_s(self, duration_s: float) -> float:
        return duration_s


async def _nothing() -> None:
    """Nobody's name is known here."""


async def test_what_a_crash_left_behind_is_delivered_after_the_restart(open_live: OpenLive, clock: HandClock) -> None:
    live = await open_live(channels=[Recorder(failures=10**6)])
    await call(live)
    live = await open_live(channels=[phone := Recorder()])
    clock.at += 60
    live.outbox.wake()
    await _until(lambda: phone.delivered)


async def test_a_channel_that_never_works_is_given_up(open_live: OpenLive, clock: HandClock) -> None:
    live = await open_live(channels=[phone := Recorder(failures=10**6)])
    await call(live)
    ring = Ring("t1", "lea", "4", 1)
    for tries in range(1, limits.OUTBOX_TRIES_MAX + 1):
        await _tried(live, lambda: phone.failed.count(ring), tries)
        clock.at += limits.OUTBOX_RETRY_S * 2**limits.OUTBOX_TRIES_MAX
    for _ in range(2000):
        if all(parcel.effect != ring for parcel in await outgoing.due(live.journal, clock.at, 100)):
            break
        live.outbox.wake()
        await asyncio.sleep(0.01)
    assert ring not in [parcel.effect for parcel in await outgoing.due(live.journal, clock.at, 100)]
    assert phone.failed.count(ring) == limits.OUTBOX_TRIES_MAX


async def test_a_contact_goes_two_hours_after_the_visit(open_live: OpenLive, clock: HandClock) -> None:
    live = await open_live()
    await join(live, name="Zoé")
    await live.submit("volt", "1", c.Leave("t1"), "t1")
    clock.at += 2 * 3600 - 60
    live.outbox.wake()
    await asyncio.sleep(0.05)
    assert await contacts.names(live.journal, "volt") == {"t1": "Zoé"}
    clock.at += 61
    live.outbox.wake()
    await _until(lambda: "t1" not in live._actors["volt"].names)
    assert await contacts.names(live.journal, "volt") == {}


async def test_a_contact_never_stays_longer_than_a_day(open_live: OpenLive, clock: HandClock) -> None:
    live = await open_live()
    await join(live, name="Zoé")
    clock.at += limits.CONTACT_MAX_S + 1
    live.outbox.wake()
    await _until(lambda: "t1" not in live._actors["volt"].names)
    assert await contacts.get(live.journal, "t1") is None


async def test_a_shopper_who_gives_nothing_leaves_nothing(open_live: OpenLive) -> None:
    live = await open_live()
    await join(live)
    assert await contacts.get(live.journal, "t1") is None


async def test_a_name_erased_by_another_process_leaves_memory_and_screens(open_live: OpenLive, database: Path) -> None:
    live = await open_live()
    await call(live)
    await join(live, "t2", name="Karim-Canari")
    screen = live.subscribe("volt", ("staff", "lea"))
    assert b"Zo\xc3\xa9" in await screen.latest()
    elsewhere = SqliteJournal(database)
    assert await contacts.erase(elsewhere, ["t1"]) == 1
    await elsewhere.close()
    live.outbox.wake()
    assert b"Zo\xc3\xa9" not in await asyncio.wait_for(screen.latest(), 5)
    assert live._actors["volt"].names == {"t2": "Karim-Canari"}
    screen.close()
