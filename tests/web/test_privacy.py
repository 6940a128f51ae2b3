"""One registry of personal data: everything in the tables is on it, and what is erased is nowhere any more."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from server import metrics
from server.app import build_app
from server.journal import outgoing, personal, reach, settled
from server.journal.accounts import Accounts, Person, Session
from server.journal.devices import Registry
from server.journal.personal import NOBODYS, REGISTRY, STAFF, Subject
from server.journal.port import Append, ContactCard, Journal, PhoneLink
from server.journal.tables import metadata
from server.live import retention
from server.live.stores import StoreConfig
from server.settings import Settings
from server.web import i18n
from tests.journal.samples import opened
from tests.logs import logged
from tests.web.conftest import API, HandClock, bearer, is_problem, join, on_duty, sign_in, state_of, tap, uid

NAME, PHONE, MAIL = "Zoé-Canari", "0612345678", "canari@boite.example"
CANARIES = (NAME, PHONE, MAIL)

# Columns of tables with somebody in them that say nothing about anybody by themselves.
PLAIN = {
    "contact.ticket", "contact.store", "contact.erase_at", "phone_link.store", "phone_link.day",
    "event.id", "event.store", "event.day", "event.version", "receipt.seq", "receipt.id", "receipt.store", "receipt.day", "receipt.now",
    "receipt.first", "receipt.last", "receipt.refused", "outbox.key", "outbox.store", "outbox.state", "outbox.tries", "outbox.due_at",
    "outbox.trouble", "happening.store", "happening.seq", "happening.key", "happening.kind", "happening.at",
    *(f"booking.{name}" for name in (
        "id", "store", "day", "service", "at", "until", "language", "companions", "state", "code", "ticket", "moves", "made_at", "erase_at",
    )),
    "setting.store", "setting.version", "setting.at", "staff_push.store",
    "person.store", "session.token_hash", "session.store", "session.role", "session.expires_at", "pin_try.store",
    *(f"fact.{name}" for name in (
        "store", "day", "ticket", "step", "number", "service", "priority", "joined_at", "called_at", "started_at", "finished_at",
        "left_at", "outcome", "estimated", "promise_s",
    )),
}  # fmt: skip


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    with logged("debug") as out:
        yield out


# --- the registry


def test_every_column_is_somebodys_or_nobodys() -> None:
    columns = {f"{table.name}.{column.name}" for table in metadata.sorted_tables if table.name not in NOBODYS for column in table.columns}
    described = [where for kind in REGISTRY for where in kind.where]
    whose = [(kind.whose, where) for kind in REGISTRY for where in kind.where]
    assert len(whose) == len(set(whose))
    assert columns - set(described) - PLAIN == set(), "describe new columns in journal/personal.py, or say here why they are about nobody"
    assert set(described) <= columns
    assert not set(described) & PLAIN


@pytest.mark.parametrize("language", i18n.languages())
@pytest.mark.parametrize("kind", [kind.name for kind in REGISTRY])
def test_every_kind_is_told_in_words(kind: str, language: str) -> None:
    written = i18n.written(language)
    assert all(written.get(f"privacy.{kind}.{word}") for word in ("what", "why", "how_long"))


def test_the_page_tells_all_of_it(shared: TestClient) -> None:
    html = shared.get("/privacy?lang=en").text
    assert all(f'id="{kind.name}"' in html for kind in REGISTRY)
    assert "120 minutes after the visit, days for 90 days" in html


def test_events_have_no_place_for_a_name() -> None:
    """What a shopper tells goes beside the journal: the rules' commands and events have no such field."""
    from server.rules import commands, events

    fields = {name for module in (commands, events) for kind in vars(module).values() for name in getattr(kind, "__dataclass_fields__", {})}
    assert fields & {"phone", "email", "mail", "contact", "text", "note", "comment"} == set()


# --- erased is nowhere, on both databases


def _everything(journal: Journal) -> Any:
    def ask(session: Any) -> str:
        return str([session.execute(text(f'SELECT * FROM "{table.name}"')).fetchall() for table in metadata.sorted_tables])

    return journal.read(ask)


async def test_erased_and_exported_by_every_way_to_name_somebody(journal: Journal) -> None:
    for n, ref in enumerate(("t", "06 12 34 56 78", NAME)):
        ticket = f"00000000-0000-4000-8000-00000000000{n}"
        card, link = ContactCard(ticket, NAME, PHONE, 9e9), PhoneLink(f"hash{n}", ticket)
        await journal.append(Append("volt", f"2026-11-2{n}", 0, contacts=[card], links=[link]))
        subject = await personal.find(journal, ticket if ref == "t" else ref)
        assert subject == Subject((ticket,))
        found = await personal.export(journal, subject)
        empty = dict.fromkeys(("push", "address", "needs", "told", "note"), "")
        assert found["contact"] == [{"ticket": ticket, "store": "volt", "name": NAME, "phone": PHONE, "erase_at": 9e9, **empty}]
        assert found["link"][0]["token_hash"] == f"hash{n}"
        assert await personal.erase(journal, subject) == 2
        assert await personal.export(journal, subject) == {}
    kept = await _everything(journal)
    assert not [secret for secret in (*CANARIES, "hash0", "hash1", "hash2") if secret in kept]


@pytest.mark.parametrize("ref", [MAIL, "+33 6 12 34 56 78", "Zoé-Canari"])
async def test_whatever_one_gave_is_enough_to_be_found(journal: Journal, ref: str) -> None:
    """Also the address for messages, and only by the whole of it."""
    ticket = "00000000-0000-4000-8000-00000000000a"
    await reach.put(journal, "volt", ticket, 9e9, address=MAIL if ref == MAIL else "+33612345678", name=NAME)
    assert await personal.find(journal, ref) == Subject((ticket,))
    for other in ("canari", "@boite.example", "61234567", "", "0"):
        assert await personal.find(journal, other) == Subject()


async def test_somebody_of_the_staff_is_shown_and_erased(journal: Journal) -> None:
    accounts = Accounts(journal)
    await accounts.put_person(Person("volt", "zoe", NAME, "salesperson", "secret-hash"))
    await accounts.add_session(Session("token-hash", "volt", "zoe", "salesperson", 1.0, 1.0, 9e9))
    await Registry(journal).count_try("volt", "zoe", 1.0, (0.0,))
    config, changes = {"salespeople": {"zoe": {"name": NAME}}}, [{"field": "salespeople.zoe.name", "before": None, "after": NAME}]
    await settled.put(journal, settled.Version("volt", 1, 9.0, "zoe", json.dumps(changes), json.dumps(config)))
    subject = await personal.find(journal, f"{STAFF}zoe")
    found = await personal.export(journal, subject)
    assert set(found) == {"account", "session", "tries", "settings"}
    assert "hash" not in json.dumps(found)
    assert await personal.erase(journal, subject) == 4
    assert not [secret for secret in (NAME, "secret-hash", "token-hash") if secret in await _everything(journal)]


async def test_old_days_go_and_nobody_is_left_in_what_stays(journal: Journal) -> None:
    await journal.append(old := opened())
    await journal.append(new := replace(opened(), day="2099-01-01", receipts=(), facts=(), outgoing=(), contacts=(), links=()))
    assert await personal.retain(journal, "volt", old.day) == 0, "that day is the first to be kept"
    assert await personal.retain(journal, "elsewhere", "9999") == 0
    assert await personal.retain(journal, "volt", "9999") == 1, "the newest day stays"
    assert [head.day for head in await journal.days("volt", 9)] == [new.day]
    assert await journal.events("volt", old.day) == []
    assert await outgoing.next_due(journal) is None


# --- through the front door


def test_nothing_is_left_of_a_shopper_who_wants_to_be_forgotten(client: TestClient, settings: Settings, lines: io.StringIO) -> None:
    on_duty(client)
    told = join(client, name=NAME, phone=PHONE)
    own = bearer(told["token"])
    assert PHONE.encode() in _files(settings)
    tap(client, "next")
    assert NAME in client.get(f"{API}/views/staff").text
    assert client.post("/api/v1/ticket/forget", json={"id": uid()}, headers=own).json() == {"erased": True}
    assert client.post("/api/v1/ticket/forget", json={"id": uid()}, headers=own).json() == {"erased": False}
    assert client.get("/api/v1/ticket", headers=own).json()["phase"] == "called", "the place is kept"
    assert NAME not in client.get(f"{API}/views/staff").text
    is_problem(client.post("/api/v1/ticket/forget", json={"id": uid()}), 401, "token_needed")
    for secret in (NAME, PHONE):
        assert secret.encode() not in _files(settings), "database, write-ahead log, shared memory"
        assert secret not in lines.getvalue()
        assert secret not in metrics.text(lambda: None).decode()


def test_text_for_somebody_else_is_not_taken(client: TestClient) -> None:
    """Where a shopper could leave an e-mail address, the API has no field for it, or refuses it."""
    for field in ("email", "note", "comment"):
        body = {"id": uid(), "service": "advice", field: MAIL}
        is_problem(client.post(f"{API}/tickets", json=body), 422, "bad_field")
    assert MAIL.encode() not in _files(state_of(client).settings)


def test_the_stores_own_duration_counts(settings: Settings, config: StoreConfig, clock: HandClock) -> None:
    short = config.model_copy(update={"keep": config.keep.model_copy(update={"contact_after_visit_min": 10.0})})
    with TestClient(build_app(settings, [short], clock)) as client:
        on_duty(client)
        ticket = join(client, name=NAME)["id"]
        for verb in ("next", "start", "finish"):
            assert tap(client, verb, **({} if verb == "next" else {"ticket": ticket})).status_code == 200
        assert client.portal is not None
        rows = client.portal.call(state_of(client).house.live.journal.read, _erase_at)
    assert rows == [pytest.approx(clock.at + 600)]


def _erase_at(session: Any) -> list[float]:
    return [row[0] for row in session.execute(text("SELECT erase_at FROM contact"))]


def test_the_retention_job_drops_days_beyond_the_stores_limit(client: TestClient, clock: HandClock, config: StoreConfig) -> None:
    join(client, name=NAME)
    live = state_of(client).house.live
    assert client.portal is not None
    clock.at += timedelta(days=config.keep.days).total_seconds()
    assert client.portal.call(retention.once, live) == 0
    clock.at += timedelta(days=1).total_seconds()
    join(client)  # with which the store begins a new day, if it has not by itself
    assert client.portal.call(retention.once, live) == 1
    assert client.portal.call(retention.once, live) == 0, "the newest day stays"


def test_what_somebody_did_is_theirs_to_see(client: TestClient) -> None:
    """How much one person served is on their own screen, not on the manager's floor, which shows what they do now."""
    on_duty(client)
    ticket = join(client)["id"]
    for verb in ("next", "start", "finish"):
        assert tap(client, verb, **({} if verb == "next" else {"ticket": ticket})).status_code == 200
    assert client.get(f"{API}/views/staff").json()["me"]["served"] == 1
    sign_in(client, "sarah")
    posts = client.get(f"{API}/views/floor").json()["salespeople"]
    assert posts
    assert not [name for post in posts for name in post if name in ("served", "count", "mean_s", "total_s")]


def _files(settings: Settings) -> bytes:
    return b"".join(path.read_bytes() for path in Path(settings.database_file).parent.glob("avous.db*"))
