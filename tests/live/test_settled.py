"""Settings that change while the store is open: at once, for good, with who and when, and never by halves."""

import json

import pytest

from server.journal import facts, settled
from server.journal.settled import ChangedMeanwhile
from server.journal.sqlite import SqliteJournal
from server.live.live import Live
from server.live.settled import changes, read, written
from server.live.stores import StoreConfig, parse_store
from server.rules import commands as c
from server.rules.effects import KeepFact
from server.rules.events import PlanChanged
from server.rules.state import DayPhase
from tests.live.support import DAY, OPENING, HandClock, OpenLive, store, table


def changed(config: StoreConfig, **values: object) -> StoreConfig:
    return parse_store({**json.loads(written(config)), **values}, json=True)


async def test_a_change_holds_at_once_and_after_a_restart_with_who_and_when(open_live: OpenLive) -> None:
    live = await open_live()
    before = live.store("volt")
    more = {**json.loads(written(before))["services"], "repair": {"letter": "R", "labels": {"fr": "Réparation"}}}
    assert await live.settle(changed(before, services=more), "sarah", live.settings("volt")) == 2
    assert "repair" in live.day("volt").plan.services
    event = (await live.journal.events("volt", DAY))[-1]
    assert isinstance(event, PlanChanged)
    assert (event.by, event.settings) == ("sarah", 2)
    newest = await settled.newest(live.journal, "volt")
    assert newest is not None
    assert (newest.by, newest.at) == ("sarah", OPENING)
    fields = [change["field"] for change in json.loads(newest.changes)]
    assert fields[:3] == ["services.repair.alarm_s", "services.repair.doubt_after_s", "services.repair.head_start_s"]
    await live.stop()
    again = await open_live()
    assert "repair" in again.store("volt").services


async def test_two_who_change_at_once_do_not_overwrite_each_other(open_live: OpenLive) -> None:
    live = await open_live()
    seen = live.settings("volt")
    await live.settle(changed(live.store("volt"), name="Volt Centre"), "sarah", seen)
    with pytest.raises(ChangedMeanwhile):
        await live.settle(changed(live.store("volt"), name="Volt Gare"), "ana", seen)
    assert live.store("volt").name == "Volt Centre"


async def test_what_is_still_waited_for_cannot_be_taken_away_today(open_live: OpenLive) -> None:
    live = await open_live()
    await live.submit("volt", "j1", c.Join("a", "payment"), "kiosk")
    left = json.loads(written(live.store("volt")))
    left["services"].pop("payment")
    for person in left["salespeople"].values():
        person["skills"] = ["advice"] if "advice" in person["skills"] else []
    refusal = live.refuses(parse_store(left, json=True))
    assert refusal is not None
    assert refusal.facts["why"] == "payment is still in use"
    assert live.refuses(live.store("volt")) is None


async def test_longer_hours_open_the_store_again(open_live: OpenLive) -> None:
    live = await open_live(clock=HandClock(OPENING + 11 * 3600))
    await live.submit("volt", "t", c.Tick(), "test")
    assert live.day("volt").phase is DayPhase.CLOSED
    await live.settle(changed(live.store("volt"), special={DAY: ["10:00", "23:00"]}), "sarah", 1)
    assert live.day("volt").phase is DayPhase.OPEN


async def test_a_store_is_founded_while_the_server_runs_and_served_after_a_restart(open_live: OpenLive) -> None:
    live = await open_live()
    await live.found(store("gare"), "ana")
    assert (await live.submit("gare", "j1", c.Join("a", "advice"), "kiosk")).status == "ok"
    with pytest.raises(ChangedMeanwhile):
        await live.found(store("gare"), "ana")
    await live.stop()
    again = await open_live()
    assert {config.id for config in again.stores()} == {"volt", "gare"}
    assert again.day("gare").ticket("a") is not None


async def test_an_edited_store_file_counts_again(journal: SqliteJournal) -> None:
    for file, name in ((store(), "Volt"), (store(name="Volt Est"), "Volt Est")):
        live = Live(journal, [file], HandClock())
        await live.start()
        assert live.store("volt").name == name
        await live.settle(changed(live.store("volt"), open_max=77), "sarah", live.settings("volt"))
        await live.stop()
    live = Live(journal, [store(name="Volt Est")], HandClock())
    await live.start()
    assert live.store("volt").open_max == 77, "the same file as before: the screen's word is newer"
    assert [(v.version, v.by) for v in await settled.history(journal, "volt")] == [(4, "sarah"), (3, ""), (2, "sarah"), (1, "")]
    await live.stop()


async def test_a_release_that_knows_a_new_setting_keeps_the_screens_word(journal: SqliteJournal) -> None:
    before = {name: value for name, value in json.loads(written(store())).items() if name != "class_labels"}  # as an older release wrote it
    for number, by, values in ((1, "", {}), (2, "sarah", {"open_max": 77})):
        await settled.put(journal, settled.Version("volt", number, OPENING, by, "[]", json.dumps({**before, **values})))
    live = Live(journal, [store()], HandClock())
    await live.start()
    assert (live.store("volt").open_max, live.settings("volt")) == (77, 2), "nobody has edited the file"
    await live.stop()


def _step(number: int, lasted_s: float, walked_s: float) -> KeepFact:
    at = OPENING - 86_400 + 600 * number
    called, started = at + 60, at + 60 + walked_s
    return KeepFact(
        ticket=f"t{number}", number="C-001", step=1, service="advice", priority="", joined_at=at, called_at=called, started_at=started,
        finished_at=started + lasted_s, left_at=None, outcome="answered", salesperson="lea", estimated=False, promise_s=None,
    )  # fmt: skip


async def test_the_plan_of_a_day_knows_what_the_days_before_took(journal: SqliteJournal) -> None:
    await facts.put(journal, "volt", [("2026-11-20", _step(n, 300.0 + n, 90.0)) for n in range(100)])
    live = Live(journal, [store()], HandClock())
    await live.start()
    service = live.day("volt").plan.services["advice"]
    assert (service.typical_s, service.doubt_after_s, service.walking_s) == (349.5, 394.0, 90.0)
    assert live.day("volt").plan.services["payment"].doubt_after_s == 3600.0, "nothing measured: as set"
    own = json.loads(written(live.store("volt")))["services"]
    own["advice"] |= {"learn": False, "doubt_after_s": 500.0}
    await live.settle(changed(live.store("volt"), services=own), "sarah", 1)
    assert live.day("volt").plan.services["advice"].doubt_after_s == 500.0
    await live.stop()


def test_what_is_written_is_read_again_and_has_no_pin() -> None:
    full = parse_store({
        **table(), "closed_on": [], "special": {}, "timings": {"offer_s": 20.0}, "keep": {"days": 30}, "presence": True,
        "salespeople": {"lea": {"name": "Léa", "skills": ["advice"], "pin": "4711", "shifts": [["10:00", "14:00"]]}},
    })  # fmt: skip
    text = written(full)
    assert "4711" not in text
    again = read(settled.Version("volt", 1, 0.0, "ana", "[]", text))
    assert written(again) == text


def test_changes_name_the_field_and_shorten_what_is_long() -> None:
    assert changes({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}) == [{"field": "a.c", "before": 2, "after": 3}]
    assert changes({"a": ""}, {"a": "x" * 999})[0]["after"] == "x" * 200 + "…"
    assert changes({"a": {"b": 1}}, {}) == [{"field": "a.b", "before": 1, "after": None}]
