"""The promises of the live system: acknowledged is durable, once is once, memory is the journal."""

import asyncio
import json
import random
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from server.journal import facts
from server.journal.port import Append, Journal, StorageTrouble
from server.live import batch, limits
from server.live.live import Live
from server.live.messages import Answer, Busy, UnknownScreen, UnknownStore
from server.rules import commands as c
from server.rules.decide import Step, decide
from server.rules.refusals import Code, Refusal
from server.rules.state import DayPhase, StoreDay
from server.rules.waiting import Range
from tests.journal.faulty import FailNth, FaultyJournal
from tests.live.support import DAY, OPENING, HandClock, OpenLive, folded, replayed, store
from tests.rules.walk import random_command


async def join(live: Live, ticket: str = "t1", service: str = "advice", **contact: str) -> Answer:
    return await live.submit("volt", ticket, c.Join(ticket, service), "kiosk", contact)


async def test_a_shopper_joins_is_called_and_served(live: Live) -> None:
    answer = await join(live)
    assert (answer.status, answer.body["number"], answer.body["view"]["ahead"]) == ("ok", "C-001", 0)
    await live.submit("volt", "1", c.SignOn("lea"), "lea")
    claimed = await live.submit("volt", "2", c.ClaimNext("lea"), "lea")
    assert claimed.body["ticket"] == "t1"
    seq, view = live.view("volt", ("phone", "t1"))
    assert json.loads(view)["call"]["name"] == "Léa"
    assert seq == live.day("volt").version == json.loads(view)["seq"]
    await live.submit("volt", "3", c.Start("lea", "t1"), "lea")
    await live.submit("volt", "4", c.Finish("lea", "t1"), "lea")
    assert live.day("volt").accounts["answered"] == 1
    ((day, fact),) = await facts.read(live.journal, "volt")
    assert (day, fact.ticket, fact.outcome, fact.salesperson) == (DAY, "t1", "answered", "lea")


async def test_the_same_id_five_times_has_one_effect_and_one_answer_also_after_a_restart(open_live: OpenLive) -> None:
    live = await open_live()
    answers = [await join(live) for _ in range(3)]
    answers += await asyncio.gather(join(live), join(live))
    live = await open_live()
    answers += [await join(live) for _ in range(5)]
    assert len({json.dumps(answer.body) for answer in answers}) == 1
    assert [answer.repeated for answer in answers] == [False] + [True] * 9
    assert live.day("volt").counts.joined == 1
    assert len(await live.journal.recorded("volt", DAY)) == 2


async def test_a_refusal_is_repeated_too(open_live: OpenLive) -> None:
    live = await open_live()
    first = await live.submit("volt", "x", c.ClaimNext("lea"), "lea")
    assert first.refusal
    assert first.refusal.code is Code.NOT_ON_DUTY
    await live.submit("volt", "1", c.SignOn("lea"), "lea")
    for restart in (False, True):
        live = await open_live() if restart else live
        again = await live.submit("volt", "x", c.ClaimNext("lea"), "lea")
        assert (again.refusal, again.body, again.repeated) == (first.refusal, first.body, True)


@pytest.mark.parametrize("restart", [False, True])
async def test_an_id_belongs_to_its_sender_and_its_command(open_live: OpenLive, restart: bool) -> None:
    live = await open_live()
    await live.submit("volt", "1", c.SignOn("lea"), "lea")
    if restart:
        live = await open_live()
    for command, sender in ((c.SignOn("lea"), "karim"), (c.SignOff("lea"), "lea")):
        answer = await live.submit("volt", "1", command, sender)
        assert answer.refusal
        assert (answer.refusal.code, answer.refusal.facts["field"]) == (Code.BAD_VALUE, "id")
    assert live.day("volt").salespeople["lea"].duty == "idle"


async def test_an_id_used_in_one_store_is_not_free_in_another(open_live: OpenLive) -> None:
    live = await open_live(store("volt"), store("watt"))
    await live.submit("volt", "1", c.SignOn("lea"), "lea")
    live = await open_live(store("volt"), store("watt"))
    answer = await live.submit("watt", "1", c.SignOn("karim"), "lea")
    assert answer.status == "refused"
    assert live.day("watt").version == 1


async def test_a_restart_folds_to_the_same_state(open_live: OpenLive) -> None:
    live = await open_live()
    await _random_day(live, random.Random(5), 300)
    before = live.day("volt")
    views = [live.view("volt", screen) for screen in (("board",), ("kiosk",), ("floor",), ("staff", "lea"))]
    live = await open_live()
    assert live.day("volt") == before == await folded(live.journal)
    assert [live.view("volt", screen) for screen in (("board",), ("kiosk",), ("floor",), ("staff", "lea"))] == views


async def test_a_recorded_day_replayed_gives_the_identical_events(open_live: OpenLive, clock: HandClock, rng: random.Random) -> None:
    shown = iter(range(10_000))

    def estimate(day: object, now: float) -> c.ShowWaits:
        return c.ShowWaits({}, {"advice": Range(60.0, 120.0 + next(shown), now)})

    live = await open_live(store(mode="both"), estimate=estimate)
    await _random_day(live, rng, 600, clock)
    clock.at += 20 * 3600  # the night: the clock and the calendar act by themselves
    await _until(lambda: live.day("volt").plan.day != DAY)
    assert await replayed(live.journal) == await live.journal.events("volt", DAY)
    kinds = {type(record.command).__name__ for record in await live.journal.recorded("volt", DAY)}
    assert {"OpenDay", "Tick", "ShowWaits", "Join", "EndDay"} <= kinds | {"EndDay"}
    day = await folded(live.journal)
    assert day.phase is DayPhase.ENDED
    assert day.accounts["open"] == 0


async def test_commands_sent_at_once_are_committed_together(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    appends = 0
    append = live.journal.append

    async def counted(batch: Append) -> None:
        nonlocal appends
        appends += 1
        await append(batch)

    monkeypatch.setattr(live.journal, "append", counted)
    answers = await asyncio.gather(*(join(live, f"t{n}") for n in range(300)))
    assert sorted(answer.body["number"] for answer in answers) == [f"C-{n:03d}" for n in range(1, 301)]
    assert appends == -(-300 // limits.BATCH_MAX)


async def test_fifty_claim_the_same_ticket_and_one_wins(open_live: OpenLive) -> None:
    people = {f"p{n}": {"name": f"P{n}", "skills": ["advice"]} for n in range(50)}
    live = await open_live(store(salespeople=people))
    await asyncio.gather(*(live.submit("volt", f"on {p}", c.SignOn(p), p) for p in people))
    await join(live)
    answers = await asyncio.gather(*(live.submit("volt", f"claim {p}", c.Claim(p, "t1"), p) for p in people))
    (winner,) = [a for a in answers if a.status == "ok"]
    losers = [a.refusal for a in answers if a.refusal]
    assert winner.body["number"] == "C-001"
    assert {refusal.code for refusal in losers} == {Code.ALREADY_CLAIMED}
    assert len(losers) == 49
    assert {refusal.facts["salesperson"] for refusal in losers} == {live.day("volt").tickets["t1"].salesperson}


async def test_two_systems_on_one_journal_lose_nothing(open_live: OpenLive, journal: Journal, clock: HandClock) -> None:
    """The loser of a version conflict reads again and decides again."""
    one = await open_live()
    two = Live(journal, [store()], clock)
    await two.start()
    answers = await asyncio.gather(*(join((one, two)[n % 2], f"t{n}") for n in range(100)))
    assert len({answer.body["number"] for answer in answers}) == 100
    assert (await folded(journal)).counts.joined == 100
    again = await join(two, "t0")
    assert (again.repeated, again.body) == (True, answers[0].body)
    assert two.day("volt") == await folded(journal)
    await two.stop()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_write_that_fails_loses_nothing(database: Path, clock: HandClock, when: str) -> None:
    """Each of the first statements fails once, in turn; the command is sent again until it is answered."""
    journal = FaultyJournal(database, lambda sql: None)
    live = Live(journal, [store()], clock)
    await live.start()
    numbers, failed = [], []
    for n in range(1, 25):
        journal._fault = FailNth(n % 5 + 1, when)
        for attempt in range(3):
            try:
                answer = await join(live, f"t{n}")
                break
            except StorageTrouble:
                failed.append((attempt, live.view("volt", ("kiosk",))))  # screens stay
        numbers.append(answer.body["number"])
    assert numbers == [f"C-{n:03d}" for n in range(1, 25)]
    assert {attempt for attempt, _ in failed} == {0}
    assert len(failed) >= 20
    assert live.day("volt") == await folded(journal)
    assert live.day("volt").counts.joined == 24
    await live.stop()
    await journal.close()


async def test_when_storage_is_gone_commands_are_retryable_and_screens_stay(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    await join(live)

    async def gone(batch: object) -> None:
        raise StorageTrouble("gone")

    before = live.view("volt", ("board",))
    with monkeypatch.context() as trouble:
        trouble.setattr(live.journal, "append", gone)
        for n in range(5):
            with pytest.raises(StorageTrouble):
                await join(live, f"x{n}")
        assert not live.healthy()
        assert live.view("volt", ("board",)) == before
    assert (await join(live, "x0")).body["number"] == "C-002"
    assert live.healthy()


async def test_a_bug_in_a_rule_fails_one_command_only(
    live: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def buggy(day: StoreDay, command: c.Command, now: float) -> Step | Refusal:
        if isinstance(command, c.Balk):
            raise ZeroDivisionError
        return decide(day, command, now)

    monkeypatch.setattr(batch, "decide", buggy)
    results = await asyncio.gather(
        join(live, "t1"), live.submit("volt", "b", c.Balk("advice"), "kiosk"), join(live, "t2"), return_exceptions=True
    )
    assert [type(result) for result in results] == [Answer, ZeroDivisionError, Answer]
    assert "deciding Balk failed" in caplog.text


async def test_a_full_mailbox_refuses_fast(live: Live) -> None:
    loads = [asyncio.ensure_future(join(live, f"t{n}")) for n in range(limits.MAILBOX_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(Busy) as busy:
        await join(live, "one more")
    assert busy.value.retry_after_s > 0
    answers = await asyncio.gather(*loads)
    assert sum(answer.status == "ok" for answer in answers) == live.day("volt").counts.joined == 500  # then the store is full


async def test_a_client_that_goes_away_does_not_stop_its_command(live: Live) -> None:
    asking = asyncio.ensure_future(join(live))
    await asyncio.sleep(0)
    asking.cancel()
    await _until(lambda: live.day("volt").counts.joined == 1)
    assert (await join(live)).repeated


async def test_stopping_answers_what_was_taken_in(open_live: OpenLive) -> None:
    live = await open_live()
    asked = [asyncio.ensure_future(join(live, f"t{n}")) for n in range(100)]
    await asyncio.sleep(0)
    await live.stop()
    assert all(answer.status == "ok" for answer in await asyncio.gather(*asked))
    with pytest.raises(Busy):
        await join(live, "late")


async def test_unknown_places_are_named(live: Live) -> None:
    with pytest.raises(UnknownStore):
        await live.submit("nowhere", "1", c.Tick(), "x")
    with pytest.raises(UnknownStore):
        live.day("nowhere")
    for screen in (("phone", "nobody"), ("television",), ()):
        with pytest.raises(UnknownScreen):
            live.view("volt", screen)
        with pytest.raises(UnknownScreen):
            live.subscribe("volt", screen)


async def test_names_are_on_the_salespersons_card_and_nowhere_in_the_journal(open_live: OpenLive) -> None:
    live = await open_live()
    await join(live, name="Dominique", phone="+33 6 12 34 56 78")
    await live.submit("volt", "1", c.SignOn("lea"), "lea")
    await live.submit("volt", "2", c.ClaimNext("lea"), "lea")
    for restart in (False, True):
        live = await open_live() if restart else live
        assert json.loads(live.view("volt", ("staff", "lea"))[1])["card"]["name"] == "Dominique"
    recorded = await live.journal.recorded("volt", DAY)
    assert "Dominique" not in repr(recorded) + repr(await live.journal.events("volt", DAY))


async def test_a_token_opens_its_ticket_only(open_live: OpenLive) -> None:
    live = await open_live()
    await join(live, "t1")
    token = live.token("t1")
    assert len(token) == 22
    assert len({live.token(f"t{n}") for n in range(1000)}) == 1000
    for restart in (False, True):
        live = await open_live() if restart else live
        assert live.token("t1") == token
        assert await live.link(token) == ("volt", DAY, "t1")
        for wrong in ("", "x", token[:-1], token + "A", live.token("t2")):
            assert await live.link(wrong) is None


async def test_a_command_never_goes_back_in_time(live: Live, clock: HandClock) -> None:
    await join(live, "t1")
    clock.at -= 3600
    await join(live, "t2")
    tickets = live.day("volt").tickets
    assert tickets["t2"].joined_at == tickets["t1"].joined_at == OPENING


async def _random_day(live: Live, rng: random.Random, commands: int, clock: HandClock | None = None) -> None:
    """Random commands, a few at once, as the clock moves."""
    for serial in range(0, commands, 4):
        wishes = [random_command(rng, live.day("volt"), serial + n) for n in range(4)]
        asked = [w for w in wishes if not isinstance(w, c.OpenDay | c.ChangePlan | c.CloseDay | c.EndDay | c.Tick)]
        await asyncio.gather(*(_ask(live, rng, wish) for wish in asked))
        if clock is not None:
            clock.at += rng.expovariate(1 / 20)
            await asyncio.sleep(0.002)


async def _ask(live: Live, rng: random.Random, command: c.Command) -> None:
    id = command.ticket if isinstance(command, c.Join) else str(UUID(int=rng.getrandbits(128)))
    await live.submit("volt", id, command, "somebody")


async def _until(condition: Callable[[], object], within_s: float = 20.0) -> None:
    for _ in range(int(within_s / 0.005)):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not happen in time")
