"""A backup made under load is a prefix of what was acknowledged, whole, and can be put back; the doctor says what is wrong."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest

from server.app import build_app
from server.backup import BadBackup, _without_password, backup, restore
from server.doctor import examine
from server.journal.migrate import head, migrate
from server.journal.port import Journal
from server.journal.postgres import PostgresJournal
from server.journal.sqlite import SqliteJournal
from server.live.stores import parse_store
from server.rules.commands import Join
from server.rules.events import TicketJoined
from server.settings import Settings
from tests.journal.databases import fresh
from tests.postgres import Postgres
from tests.web.conftest import STORE, TABLE, HandClock, uid


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=f"sqlite:///{fresh(tmp_path / 'avous.db')}", rollouts=1)


@pytest.fixture(params=["sqlite", "postgres"])
def busy(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> tuple[Settings, int, Callable[[Path], Journal]]:
    """Settings of a store on each database, how many backups to make of it, and how one is put back elsewhere."""
    if request.param == "sqlite":

        def from_file(source: Path) -> Journal:
            copy = settings.model_copy(update={"database": f"sqlite:///{source}.db"})
            restore(copy, source)
            return SqliteJournal(copy.database_file)

        return settings, 5, from_file
    server: Postgres = request.getfixturevalue("postgres_server")
    monkeypatch.setenv("PATH", f"{server.binaries}:{os.environ['PATH']}")

    def from_dump(source: Path) -> Journal:  # as docs/how-to/back-up-and-restore.md says
        url = server.empty()
        subprocess.run(["pg_restore", "--no-owner", f"--dbname={url}", str(source)], check=True)
        migrate(url)
        return PostgresJournal(url)

    return Settings(database=server.fresh(), rollouts=1), 2, from_dump


async def test_a_backup_under_load_holds_what_was_acknowledged(
    busy: tuple[Settings, int, Callable[[Path], Journal]], tmp_path: Path
) -> None:
    settings, backups, put_back = busy
    app = build_app(settings, [parse_store(TABLE | {"open_max": 5000})], HandClock())
    acknowledged: list[str] = []

    async def joins(stop: asyncio.Event) -> None:
        while not stop.is_set():
            id = uid()
            answer = await app.state.house.live.submit(STORE, id, Join(id, "advice"), "join")
            assert answer.status == "ok", answer
            acknowledged.append(id)

    async with app.router.lifespan_context(app):
        stop = asyncio.Event()
        crowd = [asyncio.create_task(joins(stop)) for _ in range(4)]
        sure: list[int] = []
        for n in range(backups):
            await asyncio.sleep(0.1)
            sure.append(len(acknowledged))
            await asyncio.to_thread(backup, settings, tmp_path / f"{n}.backup")
        after = len(acknowledged)
        stop.set()
        await asyncio.gather(*crowd)
        whole = await _tickets(app.state.house.live.journal)
    assert after > sure[0], "the store went on meanwhile"
    for n, before in enumerate(sure):
        journal = put_back(tmp_path / f"{n}.backup")
        found = await _tickets(journal)
        await journal.close()
        assert found == whole[: len(found)]
        assert set(acknowledged[:before]) <= set(found)
    assert sure[-1] > 0


async def _tickets(journal: Journal) -> list[str]:
    (head,) = await journal.days(STORE)
    return [event.ticket for event in await journal.events(STORE, head.day) if isinstance(event, TicketJoined)]


def test_a_backup_replaces_nothing_and_is_for_its_owner(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    assert backup(settings, target) == target.stat().st_size
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BadBackup, match="exists already"):
        backup(settings, target)
    with pytest.raises(BadBackup, match="move it away first"):
        restore(settings, target)
    with pytest.raises(BadBackup, match="no directory"):
        backup(settings, tmp_path / "nowhere" / "copy")


def test_what_is_no_backup_is_not_restored(settings: Settings, tmp_path: Path) -> None:
    elsewhere = settings.model_copy(update={"database": f"sqlite:///{tmp_path}/new.db"})
    (tmp_path / "letter").write_text("Dear Sir" * 1000, "utf-8")
    with pytest.raises(BadBackup, match="not a database"):
        restore(elsewhere, tmp_path / "letter")
    with sqlite3.connect(tmp_path / "other") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(BadBackup, match="not a database of À Vous"):
        restore(elsewhere, tmp_path / "other")
    assert not elsewhere.database_file.exists()


def test_the_password_is_not_among_the_processes() -> None:
    """Everybody on a machine can list what its programs were called with."""
    assert _without_password("postgresql://avous:p%40ss@db:5432/avous?sslmode=require") == (
        "postgresql://avous@db:5432/avous?sslmode=require",
        "p@ss",
    )
    assert _without_password("postgresql://avous@db/avous") == ("postgresql://avous@db/avous", "")
    assert _without_password("postgresql:///avous") == ("postgresql:///avous", "")


def test_what_was_erased_before_is_not_in_the_backup(settings: Settings, tmp_path: Path) -> None:
    with sqlite3.connect(settings.database_file) as tables:
        tables.execute("INSERT INTO person VALUES ('volt', 'zoe', 'Zoé-Canari', 'salesperson', 'hash')")
        tables.commit()
        tables.execute("DELETE FROM person")
    tables.close()
    backup(settings, tmp_path / "copy")
    assert b"Canari" not in (tmp_path / "copy").read_bytes()


# --- the doctor


def _said(settings: Settings) -> dict[str, tuple[bool, str, str]]:
    return {finding.check: (finding.ok, finding.found, finding.advice) for finding in examine(settings)}


def test_the_doctor_looks_at_everything(settings: Settings) -> None:
    found = _said(settings)
    assert set(found) >= {
        "database",
        "migrations",
        "write-ahead log",
        "disk",
        "clock",
        "stores",
        "port",
        "public address",
        "managers",
        "printer",
        "push keys",
    }
    assert all(advice for ok, _, advice in found.values() if not ok)
    assert found["database"][0]
    assert found["migrations"][0]
    assert not found["managers"][0]
    assert "/setup" in found["managers"][2]


def test_the_doctor_sees_old_tables_and_a_certificate_that_nobody_shows(settings: Settings) -> None:
    with sqlite3.connect(settings.database_file) as tables:
        tables.execute("UPDATE alembic_version SET version_num = '0001'")
    tables.close()
    found = _said(settings.model_copy(update={"public_url": "https://127.0.0.1:9"}))
    assert found["migrations"][:2] == (False, f"version 0001 of {_said(settings)['migrations'][1].rpartition(' ')[2]}")
    assert "avous migrate" in found["migrations"][2]
    assert not found["certificate"][0]
    assert "proxy" in found["certificate"][2]


def test_the_doctor_tries_the_push_keys(settings: Settings) -> None:
    assert _said(settings)["push keys"][0]
    broken = _said(Settings(**{**settings.model_dump(), "push_key": "AAAA"}))["push keys"]
    assert not broken[0]
    assert "vapid" in broken[2]


def test_the_doctor_looks_at_postgresql_and_changes_nothing(postgres_server: Postgres) -> None:
    url = postgres_server.empty()
    found = _said(Settings(database=url))
    assert found["database"][0]
    assert found["migrations"][:2] == (False, f"version none of {head()}")
    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
        connection.execute("DROP ROLE IF EXISTS patient")
        connection.execute("CREATE ROLE patient LOGIN")
    migrate(url)
    found = _said(Settings(database=url))
    assert found["migrations"][0]
    assert found["erased text"][0], "a superuser, and wal_recycle is off"
    assert not found["managers"][0]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO patient")
    found = _said(Settings(database=url.replace("avous@", "patient@")))
    assert found["erased text"][2] == "GRANT pg_checkpoint TO patient; GRANT EXECUTE ON FUNCTION pg_switch_wal() TO patient"
    found = _said(Settings(database="postgresql://nobody@127.0.0.1:9/x"))
    assert "start PostgreSQL" in found["database"][2]


def test_the_doctor_knows_an_open_store_from_a_stranger(settings: Settings, free_port: int) -> None:
    answers = [b'{"status":"ok"}', b"something else"]

    class Somebody(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answers[0])

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", free_port), Somebody) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        there = settings.model_copy(update={"port": free_port})
        assert _said(there)["port"][:2] == (True, f"127.0.0.1 port {free_port}: À Vous runs there")
        answers.reverse()
        assert not _said(there)["port"][0]
        other.shutdown()


def test_the_doctor_sees_a_full_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    assert not _said(settings)["disk"][0]
