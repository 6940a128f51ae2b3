"""What every journal must do, whatever database is behind it (see server.journal.port)."""

import asyncio

import pytest

from server.journal import accounts, contacts, devices, facts, links, outgoing
from server.journal.port import AlreadyDone, Append, Farewell, Journal, VersionConflict
from server.rules import commands as c
from server.rules import events as ev
from server.rules.effects import Ring
from tests.journal.samples import DAY, PLAN, DropFact, everything, fact, opened, receipt, signed_on


async def test_what_was_appended_is_read_back_in_order(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(signed_on(1, "a", count=100))
    events = await journal.events("volt", DAY)
    assert len(events) == 101
    assert events[0] == ev.DayOpened(1.0, PLAN)
    assert [event.at for event in events[1:]] == [2.0 + n for n in range(100)]
    assert await journal.events("volt", DAY, after=99) == events[99:]
    assert await journal.events("volt", "2026-11-22") == []


async def test_a_day_keeps_its_head(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(Append("volt", DAY, 1, 0, [ev.DayEnded(9.0)], ended=True))
    await journal.append(opened(day="2026-11-22", base=2))
    newest, first = await journal.days("volt")
    assert (newest.day, newest.base, newest.version, newest.ended) == ("2026-11-22", 2, 1, False)
    assert (first.day, first.base, first.version, first.ended) == (DAY, 0, 2, True)
    assert await journal.days("other") == []


async def test_two_who_append_to_the_same_version_one_wins(journal: Journal) -> None:
    await journal.append(opened())
    outcomes = await asyncio.gather(*(journal.append(signed_on(1, f"id {n}")) for n in range(20)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, VersionConflict) for outcome in outcomes) == 19
    assert len(await journal.events("volt", DAY)) == 2
    assert len(await journal.recorded("volt", DAY)) == 2


async def test_one_at_fault_does_not_hold_up_the_others(journal: Journal) -> None:
    stores = [f"s{n}" for n in range(30)]
    await asyncio.gather(*(journal.append(opened(store)) for store in stores))
    batches = [signed_on(0 if n % 3 == 0 else 1, f"id {n}", store) for n, store in enumerate(stores)]
    outcomes = await asyncio.gather(*(journal.append(batch) for batch in batches), return_exceptions=True)
    for n, outcome in enumerate(outcomes):
        assert isinstance(outcome, VersionConflict) if n % 3 == 0 else outcome is None
        assert len(await journal.events(stores[n], DAY)) == (1 if n % 3 == 0 else 2)


async def test_a_command_id_is_written_once(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(signed_on(1, "a"))
    with pytest.raises(AlreadyDone) as caught:
        await journal.append(signed_on(2, "a"))
    kept = caught.value.receipts["a"]
    assert (kept.sender, kept.command, kept.answer, kept.refused) == ("kiosk", c.SignOn("lea"), {"seq": 2}, False)
    assert len(await journal.events("volt", DAY)) == 2


async def test_the_id_counts_across_stores_and_for_refusals(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(opened("other"))
    await journal.append(Append("volt", DAY, 1, receipts=[receipt("r", c.ClaimNext("lea"), 2, 1, code="nobody_waiting")]))
    with pytest.raises(AlreadyDone):
        await journal.append(signed_on(1, "r", "other"))
    assert len(await journal.events("other", DAY)) == 1


async def test_a_refusal_decided_on_an_old_state_does_not_stand(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(signed_on(1, "a"))
    refused = receipt("r", c.ClaimNext("lea"), 2, 1, code="not_on_duty")
    with pytest.raises(VersionConflict):
        await journal.append(Append("volt", DAY, 1, receipts=[refused]))
    assert await journal.receipts(["r"]) == {}
    await journal.append(Append("volt", DAY, 2, receipts=[refused]))


async def test_nothing_of_a_batch_is_written_when_part_of_it_cannot_be(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(everything(1, "t1"))
    with pytest.raises(AlreadyDone):
        await journal.append(Append("volt", DAY, 2, 0, everything(2, "t2").events, everything(2, "t1").receipts, facts=[fact("t2")]))
    assert [kept.ticket for _, kept in await facts.read(journal, "volt")] == ["t1"]
    assert len(await journal.events("volt", DAY)) == 2


async def test_a_recorded_day_lists_commands_in_the_order_they_were_decided(journal: Journal) -> None:
    await journal.append(opened())
    refused = receipt("b", c.ClaimNext("lea"), 3, 2, code="nobody_waiting")
    await journal.append(Append("volt", DAY, 1, 0, signed_on(1, "a").events, [*signed_on(1, "a").receipts, refused]))
    recorded = await journal.recorded("volt", DAY)
    assert [(r.id, r.first, r.last) for r in recorded] == [("open:volt:" + DAY, 1, 1), ("a", 2, 2), ("b", 3, 2)]
    assert recorded[1].command == c.SignOn("lea")
    assert (await journal.receipts(["a", "b", "nobody"])).keys() == {"a", "b"}


async def test_a_fact_can_be_kept_replaced_and_dropped(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(Append("volt", DAY, 1, facts=[fact("t1"), fact("t1", 2), fact("t2")]))
    await journal.append(Append("volt", DAY, 1, facts=[DropFact("t1", 2), fact("t2", outcome="left", salesperson=None)]))
    await journal.append(Append("volt", DAY, 1, facts=[DropFact("t3", 1), fact("t3"), fact("t4"), DropFact("t4", 1)]))
    kept = {(f.ticket, f.step): f for _, f in await facts.read(journal, "volt", DAY, DAY)}
    assert kept == {("t1", 1): fact("t1"), ("t2", 1): fact("t2", outcome="left", salesperson=None), ("t3", 1): fact("t3")}
    assert await facts.read(journal, "volt", from_day="2026-11-22") == []


async def test_facts_become_rows_of_the_visits_csv(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(Append("volt", DAY, 1, facts=[fact("t1", outcome="answered")]))
    (row,) = facts.visit_rows(await facts.read(journal, "volt"), "Europe/Paris")
    assert row == (
        DAY, "A-001", "1", "advice", "", "1970-01-01T01:00:10.000+01:00", "1970-01-01T01:00:20.000+01:00",
        "1970-01-01T01:00:30.000+01:00", "1970-01-01T01:00:40.000+01:00", "", "answered", "lea",
    )  # fmt: skip
    assert len(row) == len(facts.VISIT_COLUMNS)


async def test_an_import_replaces_its_own_rows_and_nobody_elses(journal: Journal) -> None:
    rows = [(DAY, fact(f"t{n}", step)) for n in range(500) for step in (1, 2)]
    assert await facts.put(journal, "volt", rows) == 1000
    await facts.put(journal, "watt", rows[:2])
    await facts.put(journal, "volt", [(DAY, fact(f"t{n}", outcome="left")) for n in range(500)])
    kept = await facts.read(journal, "volt")
    assert len(kept) == 1000
    assert sum(f.outcome == "left" for _, f in kept) == 500
    assert [f.outcome for _, f in await facts.read(journal, "watt")] == ["answered", "answered"]


async def test_contacts_are_erased_when_their_time_is_over(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(everything(1, "t1"))
    assert await contacts.names(journal, "volt") == {"t1": "Zoé"}
    assert await contacts.erase_due(journal, 89.0) == []
    assert await contacts.erase_due(journal, 90.0) == [("volt", "t1")]
    assert await contacts.get(journal, "t1") is None
    assert await contacts.erase(journal, ["t1"]) == 0


async def test_the_end_of_a_visit_brings_the_erasure_forward_never_back(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(everything(1, "t1"))  # at 90 at the latest
    await journal.append(Append("volt", DAY, 2, farewells=[Farewell("t1", 70.0), Farewell("nobody", 1.0)]))
    await journal.append(Append("volt", DAY, 2, farewells=[Farewell("t1", 80.0)]))
    assert await contacts.erase_due(journal, 69.0) == []
    assert await contacts.erase_due(journal, 70.0) == [("volt", "t1")]


async def test_the_outbox_gives_what_is_due_and_settles_it(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(everything(1, "t1"))
    assert await outgoing.due(journal, 49.9, 10) == []
    assert await outgoing.next_due(journal) == 50.0
    (parcel,) = await outgoing.due(journal, 50.0, 10)
    assert (parcel.store, parcel.effect, parcel.tries) == ("volt", Ring("t1", "lea", "4", 1), 0)
    await outgoing.settle(journal, parcel.key, 49.0, "done", 50.0)  # it was put off meanwhile: stays
    assert len(await outgoing.due(journal, 50.0, 10)) == 1
    await outgoing.settle(journal, parcel.key, 50.0, "waiting", 60.0, "Timeout")
    assert (await outgoing.due(journal, 60.0, 10))[0].tries == 1
    await outgoing.settle(journal, parcel.key, 60.0, "done", 60.0)
    assert await outgoing.due(journal, 1e9, 10) == []
    assert await outgoing.tidy(journal, 100.0) == 1


async def test_an_effect_that_was_put_off_too_far_is_made_due_unless_it_has_moved(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(everything(1, "t1"))
    assert await outgoing.ahead(journal, 50.0, 10) == []
    ((key, due_at),) = await outgoing.ahead(journal, 20.0, 10)
    assert due_at == 50.0
    await outgoing.make_due(journal, [(key, 49.0)], 20.0)
    assert await outgoing.due(journal, 20.0, 10) == []
    await outgoing.make_due(journal, [(key, 50.0)], 20.0)
    (parcel,) = await outgoing.due(journal, 20.0, 10)
    await outgoing.settle(journal, parcel.key, 20.0, "done", 50.0)
    await outgoing.make_due(journal, [(key, 50.0)], 20.0)
    assert await outgoing.due(journal, 1e9, 10) == []
    assert await outgoing.ahead(journal, 20.0, 10) == []


async def test_a_token_leads_to_its_ticket_and_the_secret_stays(journal: Journal) -> None:
    await journal.append(opened())
    await journal.append(everything(1, "t1"))
    assert await links.find(journal, "hash of t1") == ("volt", DAY, "t1")
    assert await links.find(journal, "hash of t2") is None
    secret = await links.server_secret(journal)
    assert len(secret) == 32
    assert await links.server_secret(journal) == secret


async def test_people_sessions_and_devices(journal: Journal) -> None:
    table = accounts.Accounts(journal)
    await table.put_person(accounts.Person("volt", "lea", "Léa", "salesperson", "hash"))
    await table.put_person(accounts.Person("volt", "lea", "Léa B.", "manager"))
    assert await table.people("volt") == [accounts.Person("volt", "lea", "Léa B.", "manager", "hash")]
    await table.set_pin_hash("volt", "lea", "other")
    person = await table.person("volt", "lea")
    assert person is not None
    assert person.pin_hash == "other"
    session = accounts.Session("t", "volt", "lea", "manager", 1.0, 1.0, 9.0)
    await table.add_session(session)
    await table.touch_sessions(["t"], 2.0)
    found = await table.session("t")
    assert found is not None
    assert found.seen_at == 2.0
    await table.end_sessions("volt", "lea")
    assert await table.session("t") is None
    await table.add_session(session)
    await table.drop_sessions(9.0)
    assert await table.session("t") is None
    again = accounts.Session("u", "volt", "lea", "manager", 1.0, 1.0, 9.0, "d1")
    await table.add_session(again)
    assert await table.sessions("volt") == await table.sessions("volt", "lea") == [again]
    assert await table.still(["u", "t"]) == {"u": again}
    await table.end_sessions_of_device("d1")
    assert await table.sessions("volt") == []


async def test_devices_are_enrolled_once_and_revoked(journal: Journal) -> None:
    table = devices.Registry(journal)
    await table.put_enrolment(devices.Enrolment("old", "volt", "kiosk", "Entrance", 5.0))
    await table.put_enrolment(code := devices.Enrolment("code", "volt", "kiosk", "Entrance", 9.0))
    assert await table.enrolment("old") is None, "one code for one place"
    assert await table.enrolment("code") == code
    device = devices.Device("d1", "volt", "kiosk", "Entrance", "hash", 1.0)
    other = devices.Device("d2", "volt", "kiosk", "Entrance", "hash2", 1.0)
    assert sorted(await asyncio.gather(table.redeem("code", device), table.redeem("code", other))) == [False, True]
    (enrolled,) = await table.devices("volt")
    assert await table.device(enrolled.token_hash) == enrolled
    assert await table.revoked([enrolled.id, "x"]) == {"x"}
    assert not await table.revoke("elsewhere", enrolled.id, 3.0)
    assert await table.revoke("volt", enrolled.id, 3.0)
    assert await table.revoke("volt", enrolled.id, 4.0)
    found = await table.device(enrolled.token_hash)
    assert found is not None
    assert found.revoked_at == 3.0
    assert await table.revoked([enrolled.id]) == {enrolled.id}


async def test_tries_of_a_pin_are_counted(journal: Journal) -> None:
    table, locks = devices.Registry(journal), (0.0, 10.0, 20.0)
    assert [await table.count_try("volt", "lea", now, locks) for now in (0.0, 0.0, 1.0, 11.0, 12.0)] == [0.0, 0.0, 9.0, 0.0, 19.0]
    assert await table.count_try("volt", "karim", 12.0, locks) == 0.0
    await table.forgive("volt", "lea")
    assert await table.count_try("volt", "lea", 12.0, locks) == 0.0


async def test_a_demonstration_leaves_no_pin_behind(journal: Journal) -> None:
    table = accounts.Accounts(journal)
    await table.put_person(accounts.Person("volt", "lea", "Léa", "salesperson", "hash"))
    assert not await table.end_demo()
    await table.begin_demo()
    await table.begin_demo()
    assert await table.end_demo()
    assert not await table.end_demo()
    person = await table.person("volt", "lea")
    assert person is not None
    assert person.pin_hash is None
