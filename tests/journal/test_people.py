"""Somebody of the staff, erased out of a day that is under way: found nowhere, and the day is the same for everybody else."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from server.backup import backup
from server.hooks.tail import Tail
from server.journal import hooks, people, personal, settled
from server.journal.accounts import Accounts, Person
from server.journal.accounts import Session as SignedIn
from server.journal.codec import CLASSES
from server.journal.hooks import Webhook
from server.journal.people import PERSON_FIELDS
from server.journal.personal import SeveralPeople, Subject
from server.journal.postgres import PostgresJournal
from server.journal.settled import FORGOTTEN
from server.journal.tables import metadata
from server.live.live import Live
from server.live.stores import StoreConfig, parse_store
from server.rules import commands as c
from server.rules import views
from server.rules.effects import Effect, OfferPing, Ring
from server.rules.state import StoreDay
from server.settings import Settings
from tests import postgres
from tests.journal.kept import Kept
from tests.live.support import DAY, OPENING, HandClock, folded, replayed, table

NOBODYS_TEXTS = {
    "classes", "day", "desk", "icon", "id", "item", "labels", "language", "languages", "letter", "number", "outcome", "priority",
    "reason", "service", "services", "skills", "slip", "standing", "steps", "store", "tap", "ticket", "tickets", "why", "zone", "mode",
}  # fmt: skip
"""Fields of events, commands and effects that name nobody who works in the store."""
LOOKED_AT = PERSON_FIELDS | {"salespeople", "name"}


class Deaf:
    """A way to the world that takes messages and never comes through: they stay in the outbox."""

    takes: Mapping[type, float] = {Ring: 0.0, OfferPing: 0.0}

    async def deliver(self, store: str, key: str, effect: Effect) -> None:
        raise ConnectionError


class Day:
    """A store at work, with somebody in it whose id and name are a canary."""

    def __init__(self, kept: Kept) -> None:
        self.kept, self.journal, self.who = kept, kept.journal, kept.canary
        people = {
            "lea": {"name": "Léa", "skills": ["advice", "payment"], "desk": "4"},
            self.who: {"name": f"Z {self.who}", "skills": ["advice"], "desk": "5", "role": "manager", "sso": f"{self.who}@boite.example"},
        }
        self.config: StoreConfig = parse_store(table(salespeople=people, weekly={"mail": ["patron@boite.example"]}))
        self.clock = HandClock(OPENING)
        self.live = Live(self.journal, [self.config], self.clock, channels=[Deaf()])
        self._n = 0

    async def do(self, command: c.Command, sender: str = "kiosk", status: str = "ok") -> None:
        """One command, decided as expected."""
        self._n += 1
        self.clock.at += 7
        answer = await self.live.submit("volt", f"command-{self._n}", command, sender)
        assert answer.status == status, answer

    async def work(self) -> None:
        """A morning in which the canary is in everything: served, refused, handed over, undone, deciding on settings."""
        me, who = f"person:{self.who}", self.who
        await self.do(c.SignOn("lea"), "person:lea")
        await self.do(c.SignOn(who), me)
        for n in range(6):
            await self.do(c.Join(f"t{n}", "advice"))
        await self.do(c.ClaimNext(who), me)
        await self.do(c.Claim("lea", "t0"), "person:lea", "refused")
        await self.do(c.Start(who, "t0"), me)
        await self.do(c.Finish(who, "t0"), me)
        await self.do(c.ClaimNext("lea"), "person:lea")
        await self.do(c.Start("lea", "t1"), "person:lea")
        await self.do(c.Transfer("lea", "t1", to=who), "person:lea")
        await self.do(c.Claim(who, "t1"), me)
        await self.do(c.AcknowledgeCall("t1"), "t1")
        await self.do(c.HandBack(who, "t1"), me)
        await self.do(c.Void("t5", "test", who), me)
        await self.do(c.ClaimNext(who), me)
        await self.do(c.Start(who, "t1"), me)
        later = self.config.model_copy(update={"open_max": 400})
        await self.live.settle(later, who, self.live.settings("volt"))

    async def beside(self) -> None:
        """What is kept outside the days: an account, a session."""
        accounts = Accounts(self.journal)
        await accounts.put_person(Person("volt", self.who, f"Z {self.who}", "manager", "argon"))
        await accounts.add_session(SignedIn("hash", "volt", self.who, "manager", 1.0, 1.0, 9e9))


@pytest.fixture
async def day(kept: Kept) -> AsyncIterator[Day]:
    day = Day(kept)
    await day.live.start()
    yield day
    await day.live.stop()


# --- the whole of a day, on both databases


async def test_whatever_names_somebody_is_in_their_export(day: Day) -> None:
    """Row by row: each that has the canary anywhere is told, and nothing of their colleagues' settings."""
    await day.beside()
    await day.work()
    found = await personal.export(day.journal, await personal.find(day.journal, f"staff:{day.who}"))
    rows = await day.journal.read(lambda session: _rows(session, day.who))
    assert {table for table, _ in rows} == {"event", "receipt", "outbox", "fact", "setting", "person", "session"}
    entries = [entry for kind in found.values() for entry in kind]
    assert len(entries) == len(rows)
    told = json.dumps(found, ensure_ascii=False)
    assert told.count('"Léa"') == 0
    assert '"argon"' not in told


async def test_erased_while_they_serve_they_are_nowhere_and_the_day_goes_on(
    day: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await day.beside()
    await day.work()
    before = await folded(day.journal)
    subject = await personal.find(day.journal, f"staff:{day.who}")
    caplog.clear()
    assert await personal.erase(day.journal, subject) > 20
    assert await personal.export(day.journal, subject) == {}
    assert await day.journal.read(lambda session: _rows(session, day.who)) == []
    await day.live.forget_erased()  # what the outbox asks for every few seconds
    await day.do(c.Join("t7", "payment"))
    alias = next(id for id in day.live.day("volt").salespeople if id != "lea")
    _nowhere_in_memory(day, alias)
    assert day.live.day("volt") == await folded(day.journal)
    assert await replayed(day.journal) == await day.journal.events("volt", DAY)
    _same_but_for_the_name(before, day.live.day("volt"), day.who, alias)
    assert day.who not in caplog.text
    await day.live.stop()
    day.kept.on_disk()
    assert day.kept.places() == []
    if day.kept.settings.shared:
        monkeypatch.setenv("PATH", str(postgres.find()))
    backup(day.kept.settings, copy := tmp_path / "copy")
    assert day.who.encode() not in copy.read_bytes()


def _nowhere_in_memory(day: Day, alias: str) -> None:
    live = day.live
    for screen in (("staff", "lea"), ("staff", alias), ("board",), ("kiosk",), ("floor",), *(("phone", f"t{n}") for n in (0, 1, 5))):
        assert day.who not in str(live.view("volt", screen))
    assert day.who not in str(live.day("volt"))
    assert day.who not in str(live.store("volt"))


def _same_but_for_the_name(before: StoreDay, after: StoreDay, who: str, alias: str) -> None:
    """Places, calls and visits are those of the day as it was."""
    other = {"seq": 0, "at": "", "ahead": 0}  # one more is in line by now
    for ticket in before.tickets:
        was, now = (json.dumps(views.phone_view(state, ticket, before.at)) for state in (before, after))
        assert json.loads(now) | other == json.loads(was.replace(f"Z {who}", FORGOTTEN)) | other
    assert after.salespeople[alias].ticket == before.salespeople[who].ticket


async def test_who_has_an_older_day_in_memory_cannot_add_to_it(day: Day) -> None:
    """Before anybody told this node: its next command is decided on the day as it is now."""
    await day.work()
    await personal.erase(day.journal, await personal.find(day.journal, f"staff:{day.who}"))
    await day.do(c.Finish(day.who, "t1"), f"person:{day.who}", "refused")
    alias = next(id for id in day.live.day("volt").salespeople if id != "lea")
    await day.do(c.Finish(alias, "t1"), "person:sarah")
    assert (await folded(day.journal)).salespeople[alias].served == 2
    await day.do(c.SignOff(alias), "person:sarah")


async def test_every_node_forgets_by_itself(postgres_server: postgres.Postgres, tmp_path: Path) -> None:
    """Erased by a third program; neither node is told, and the idle one hears of it all the same."""
    url = postgres_server.fresh()
    kept = Kept(PostgresJournal(url), Settings(database=url), tmp_path, "canarideux")
    day, other = Day(kept), PostgresJournal(url)
    idle = Live(other, [day.config], day.clock)
    await day.live.start()
    await idle.start()
    await day.work()
    program = PostgresJournal(url)
    await personal.erase(program, await personal.find(program, f"staff:{day.who}"))
    async with asyncio.timeout(60):
        while any(day.who in f"{live.day('volt')}{live.store('volt')}" for live in (day.live, idle)):
            await asyncio.sleep(0.05)
    assert day.live.day("volt") == idle.day("volt") == await folded(program)
    await idle.stop()
    await day.live.stop()
    for journal in (program, other, kept.journal):
        await journal.close()


async def test_it_can_be_asked_again_and_the_colleague_is_untouched(day: Day) -> None:
    await day.work()
    subject = await personal.find(day.journal, f"staff:{day.who}")
    await personal.erase(day.journal, subject)
    assert await personal.erase(day.journal, subject) == 0
    assert await personal.erase(day.journal, Subject()) == 0
    found = await personal.export(day.journal, await personal.find(day.journal, "staff:lea"))
    assert {"day", "settings"} <= set(found)
    assert (await folded(day.journal)).salespeople["lea"].name == "Léa"


async def test_a_screen_with_the_settings_of_before_does_not_bring_them_back(day: Day) -> None:
    seen = day.live.settings("volt")
    await personal.erase(day.journal, await personal.find(day.journal, f"staff:{day.who}"))
    with pytest.raises(settled.ChangedMeanwhile):
        await day.live.settle(day.config, "lea", seen)


async def test_webhooks_go_on_telling_of_the_same_day(day: Day) -> None:
    await hooks.add(day.journal, Webhook("h", "volt", "https://boite.example/", "secret", "ticket.issued", OPENING))
    tail = Tail(day.live)
    await tail.look(0.0)
    await day.work()
    await tail.look(1.0)
    await personal.erase(day.journal, await personal.find(day.journal, f"staff:{day.who}"))
    await day.live.forget_erased()
    await day.do(c.Join("t7", "payment"))
    await tail.look(2.0)
    told = await hooks.after(day.journal, "volt", 0, 99)
    assert [json.loads(happening.body)["ticket"] for happening in told][-1] == "t7"
    assert day.who not in str(vars(tail))


async def test_the_same_id_in_two_stores_is_two_people(day: Day) -> None:
    accounts = Accounts(day.journal)
    for store in ("volt", "autre"):
        await accounts.put_person(Person(store, "lea", f"Léa de {store}", "salesperson"))
    with pytest.raises(SeveralPeople, match="lea works in autre, volt: say staff:autre/lea"):
        await personal.find(day.journal, "staff:lea")
    await day.work()
    await personal.erase(day.journal, await personal.find(day.journal, "staff:autre/lea"))
    assert [person.name for person in await accounts.people("autre")] == []
    assert [person.name for person in await accounts.people("volt")] == ["Léa de volt"]
    assert (await folded(day.journal)).salespeople["lea"].name == "Léa"


async def test_who_decides_away_from_home_is_found_there_too(day: Day) -> None:
    """A region manager of another store changes the settings here."""
    await Accounts(day.journal).put_person(Person("siege", "ana", "Ana", "region"))
    await day.live.settle(day.config.model_copy(update={"open_max": 300}), "ana@siege", day.live.settings("volt"))
    subject = await personal.find(day.journal, "staff:ana")
    found = await personal.export(day.journal, subject)
    assert set(found) == {"account", "settings", "day"}
    await personal.erase(day.journal, subject)
    assert await day.journal.read(lambda session: _rows(session, "ana@siege")) == []


async def test_an_address_that_gets_the_week_by_mail_is_personal_too(day: Day) -> None:
    subject = await personal.find(day.journal, "patron@boite.example")
    assert subject == Subject(address="patron@boite.example")
    assert [row["weekly"] for row in (await personal.export(day.journal, subject))["settings"]] == ["patron@boite.example"]
    assert await personal.erase(day.journal, subject) == 1
    assert await day.journal.read(lambda session: _rows(session, "patron@boite")) == []
    newest = await settled.newest(day.journal, "volt")
    assert newest is not None
    assert json.loads(newest.config)["weekly"]["mail"] == []


# --- no field is overlooked


def test_every_text_of_the_rules_names_somebody_or_nobody() -> None:
    """A new field of text in an event, a command or an effect is decided upon here, or this fails."""
    found: set[str] = set()
    seen: set[Any] = set()

    def look(cls: Any) -> None:
        if cls not in seen:
            seen.add(cls)
            for name, kind in get_type_hints(cls).items():
                inner = [kind, *get_args(kind), *(part for outer in get_args(kind) for part in get_args(outer))]
                found.update({name} if str in inner or "str" in str(kind) else ())
                for part in (part for part in inner if is_dataclass(part)):
                    look(part)

    for cls in CLASSES.values():
        assert fields(cls) is not None
        look(cls)
    assert found - NOBODYS_TEXTS - LOOKED_AT == set(), "does it name somebody of the staff? see journal/people.py"
    assert found >= PERSON_FIELDS
    assert people.NAME_FIELDS <= LOOKED_AT


def _rows(session: Session, word: str) -> list[tuple[str, str]]:
    """(table, row) of every row of every table with the word in it."""
    return [
        (table.name, str(tuple(row)))
        for table in metadata.sorted_tables
        for row in session.execute(text(f'SELECT * FROM "{table.name}"'))
        if word in str(tuple(row))
    ]
