"""What the version before this one wrote is read, migrated, served, and can be taken back, on SQLite and PostgreSQL.

``tests/journal/previous.json`` is the whole database of half a day in a store, written by the program of commit 48c3d7c with its own
migrations and its own events: calls, a no-show, a transfer, somebody who left, contacts, links, forecasts, devices' codes.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Boolean, MetaData, create_engine, insert, select, text
from starlette.testclient import TestClient

from server.app import build_app
from server.journal import personal
from server.journal.migrate import configured, head, migrate
from server.live.live import Live
from server.live.stores import parse_store
from server.settings import Settings
from tests.live.support import folded
from tests.web.conftest import API, TABLE, HandClock, bearer, is_problem, join, sign_in, state_of, tap

BEFORE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "journal" / "previous.json").read_text("utf-8"))
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database as the version before left it."""
    address = f"sqlite:///{tmp_path}/avous.db" if request.param == "sqlite" else str(request.getfixturevalue("postgres_server").empty())
    command.upgrade(configured(address), BEFORE["revision"])
    _with_tables(address, _fill)
    return address


def _with_tables(url: str, work: Callable[[Any, MetaData], Any]) -> Any:
    engine = create_engine(configured(url).attributes["url"])
    with engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        found = work(connection, tables)
    engine.dispose()
    return found


def _fill(connection: Any, tables: MetaData) -> None:
    for name, rows in BEFORE["tables"].items():
        flags = {column.name for column in tables.tables[name].columns if isinstance(column.type, Boolean)}
        for row in rows:
            connection.execute(insert(tables.tables[name]).values({k: bool(v) if k in flags else v for k, v in row.items()}))
    if connection.dialect.name == "postgresql":  # what the rows' own numbers would have left behind
        for name, column in (("event", "id"), ("receipt", "seq")):
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', '{column}'), (SELECT max({column}) FROM {name}))"))


def _rows(connection: Any, tables: MetaData) -> Rows:
    """What there is of the tables and columns that the version before knew."""
    found = {}
    for name, rows in BEFORE["tables"].items():
        if rows:
            columns = [tables.tables[name].columns[column] for column in rows[0]]
            found[name] = [dict(row) for row in connection.execute(select(*columns)).mappings()]
    return found


def _sorted(tables: Rows) -> dict[str, list[str]]:
    return {name: sorted(json.dumps(row, sort_keys=True, default=str) for row in rows) for name, rows in tables.items()}


def test_it_is_of_the_version_before() -> None:
    assert BEFORE["revision"] < head()
    assert len(BEFORE["tables"]["event"]) > 30


def test_nothing_is_lost_going_up_and_down_again(url: str) -> None:
    before = _sorted(_with_tables(url, _rows))
    migrate(url)
    assert _sorted(_with_tables(url, _rows)) == before
    command.downgrade(configured(url), BEFORE["revision"])
    assert _sorted(_with_tables(url, _rows)) == before
    migrate(url)
    assert _sorted(_with_tables(url, _rows)) == before


def test_the_day_goes_on_where_it_was(url: str) -> None:
    """Links open their tickets, in the phase and place they had; who is served is finished; new shoppers come after the old ones."""
    settings = Settings(database=url, demo=True, rollouts=5)
    with TestClient(build_app(settings, [parse_store(TABLE)], HandClock(BEFORE["now"] + 5)), raise_server_exceptions=False) as client:
        for told in BEFORE["tickets"]:
            view = client.get("/api/v1/ticket", headers=bearer(told["token"])).json()
            assert (view["number"], view["phase"]) == (told["number"], told["phase"])
            assert view["seq"] >= told["seq"]
        sign_in(client)  # who was on duty still is
        card = client.get(f"{API}/views/staff").json()["card"]
        for verb in ("start", "finish"):
            assert tap(client, verb, ticket=card["ticket"]).status_code == 200
        fresh = join(client)["number"]
        assert fresh not in [told["number"] for told in BEFORE["tickets"]]
        live: Live = state_of(client).house.live
        assert client.portal is not None
        client.portal.call(_folds_to_what_is_shown, live)
        is_problem(client.get("/api/v1/ticket", headers=bearer("x" * 22)), 404, "unknown_token")


async def _folds_to_what_is_shown(live: Live) -> None:
    (day,) = await live.journal.days("essai", 1)
    assert await folded(live.journal, "essai", day.day) == live.day("essai")
    assert len(await live.journal.events("essai", day.day)) > len(BEFORE["tables"]["event"])


def test_people_of_before_are_found_shown_and_erased(url: str) -> None:
    from server.startup import open_journal

    async def forget() -> None:
        journal = open_journal(Settings(database=url))
        subject = await personal.find(journal, "06 12 34 56 78")
        found = await personal.export(journal, subject)
        assert found["contact"][0]["address"] == "zoe@boite.example"
        assert len(found["visit"]) > 3
        assert await personal.erase(journal, subject) == 2
        assert "contact" not in await personal.export(journal, subject)
        await journal.close()

    asyncio.run(forget())
