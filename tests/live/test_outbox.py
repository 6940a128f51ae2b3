"""Effects reach the world at least once; contacts go; trouble is tried again and then given up, loudly."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from server.journal import contacts, outgoing
from server.journal.sqlite import SqliteJournal
from server.live import limits
from server.rules import commands as c
from server.rules.effects import Effect, Ring
from tests.live.support import HandClock, OpenLive
from tests.live.test_live import _until, join


class Recorder:
    """A channel that remembers, and fails as often as told."""

    takes: Mapping[type, float] = {Ring: 0.0}

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.delivered = failures, list[tuple[str, Effect]]()

    async def deliver(self, store: str, key: str, effect: Effect) -> None:
        if self.failures:
            self.failures -= 1
            raise TimeoutError
        self.delivered.append((key, effect))


async def call(live: object, ticket: str = "t1") -> None:
    await join(live, ticket, name="Zoé")  # type: ignore[arg-type]
    await live.submit("volt", f"on {ticket}", c.SignOn("lea"), "lea")  # type: ignore[attr-defined]
    await live.submit("volt", f"claim {ticket}", c.Claim("lea", ticket), "lea")  # type: ignore[attr-defined]


async def test_a_call_reaches_its_channel(open_live: OpenLive) -> None:
    phone = Recorder()
    live = await open_live(channels=[phone])
    await call(live)
    await _until(lambda: phone.delivered)
    ((_, ring),) = phone.delivered
    assert isinstance(ring, Ring)
    assert (ring.ticket, ring.salesperson, ring.desk, ring.tries) == ("t1", "lea", "4", 1)


async def test_a_failed_delivery_is_tried_again_with_the_same_key(open_live: OpenLive, clock: HandClock) -> None:
    phone = Recorder(failures=2)
    live = await open_live(channels=[phone])
    await call(live)
    await _until(lambda: phone.failures == 1)
    await asyncio.sleep(0.05)
    assert phone.delivered == []
    for _ in range(3):
        clock.at += limits.OUTBOX_RETRY_S * 2
        live.outbox.wake()
        await asyncio.sleep(0.05)
    assert len(phone.delivered) == 1


async def test_what_a_crash_left_behind_is_delivered_after_the_restart(open_live: OpenLive) -> None:
    live = await open_live(channels=[Recorder(failures=10**6)])
    await call(live)
    live = await open_live(channels=[phone := Recorder()])
    live.clock.at += 60  # type: ignore[attr-defined]
    live.outbox.wake()
    await _until(lambda: phone.delivered)


async def test_a_channel_that_never_works_is_given_up(open_live: OpenLive, clock: HandClock) -> None:
    live = await open_live(channels=[Recorder(failures=10**6)])
    await call(live)
    for _ in range(limits.OUTBOX_TRIES_MAX + 1):
        await asyncio.sleep(0.03)
        clock.at += limits.OUTBOX_RETRY_S * 2**limits.OUTBOX_TRIES_MAX
        live.outbox.wake()
    await asyncio.sleep(0.05)
    rings = [p for p in await outgoing.due(live.journal, clock.at, 10) if isinstance(p.effect, Ring)]
    assert all(p.tries < limits.OUTBOX_TRIES_MAX for p in rings)
    assert not [p for p in rings if p.effect == Ring("t1", "lea", "4", 1)]


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
