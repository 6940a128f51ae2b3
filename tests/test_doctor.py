"""``avous doctor`` with each fault really made: what it found, and one sentence that says what to do."""

import ipaddress
import shutil
import socket
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.printer.agent import Agent
from kiosk.printer.device import Printer
from server import doctor
from server.bench.process import free_port
from server.doctor import Finding, examine
from server.journal.migrate import migrate
from server.live.clock import WallClock
from server.settings import Settings
from tests.journal.databases import fresh
from tests.postgres import Postgres

STORE = """
id = "volt"
name = "Volt"
hours = {mon = ["10:00", "20:00"]}
services.advice.labels = {fr = "Conseil"}
salespeople.lea = {name = "Léa", skills = ["advice"]}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation in order, but that nobody can sign in yet."""
    (tmp_path / "volt.toml").write_text(STORE, "utf-8")
    file = fresh(tmp_path / "avous.db")
    return Settings(database=f"sqlite:///{file}", stores=(tmp_path / "volt.toml",), port=free_port())


@pytest.fixture(autouse=True)
def _no_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The port of a printer's agent may be somebody's: another test's, or a kiosk on this machine."""
    monkeypatch.setattr(doctor, "PRINTER_PORT", free_port())


def bad(settings: Settings) -> dict[str, Finding]:
    """What is not in order, by name; each with what to do."""
    found = {finding.check: finding for finding in examine(settings) if not finding.ok}
    for finding in found.values():
        assert finding.advice, finding
        assert "\n" not in finding.advice
        assert len(finding.advice) < 130, "one sentence"
    return found


def only(settings: Settings, check: str) -> Finding:
    """The one thing that is wrong, besides that nobody can sign in yet."""
    found = bad(settings)
    assert set(found) - {"managers"} == {check}, found
    return found[check]


def test_in_order_but_for_the_first_manager(settings: Settings) -> None:
    assert set(bad(settings)) == {"managers"}
    assert bad(settings.model_copy(update={"oidc_issuer": "https://login.example"})) == {}


def test_no_directory(settings: Settings, tmp_path: Path) -> None:
    found = only(settings.model_copy(update={"database": f"sqlite:///{tmp_path}/none/avous.db"}), "database")
    assert found.advice == f"create it: mkdir -p {tmp_path}/none"


def test_no_database_yet_is_no_fault(settings: Settings, tmp_path: Path) -> None:
    assert bad(settings.model_copy(update={"database": f"sqlite:///{tmp_path}/new.db"})) == {}


def test_something_else_than_a_database(settings: Settings) -> None:
    settings.database_file.write_bytes(b"hello " * 1000)
    found = only(settings, "database")
    assert "file is not a database" in found.found
    assert "AVOUS_DATABASE" in found.advice


def test_a_broken_database(settings: Settings) -> None:
    with settings.database_file.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 40_000)
    found = bad(settings)["database"]
    assert "backup" in found.advice


def test_migrations_missing_and_from_the_future(settings: Settings) -> None:
    for version, advice in (("0001", "run: avous migrate"), ("9999", "install the version of À Vous that made these tables")):
        with sqlite3.connect(settings.database_file) as tables:
            tables.execute("UPDATE alembic_version SET version_num = ?", (version,))
        tables.close()
        assert only(settings, "migrations").advice.startswith(advice)


def test_a_directory_that_cannot_be_written(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """As another user finds it; root may write anywhere."""

    def refused(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor, "TemporaryDirectory", refused)
    found = only(settings, "write-ahead log")
    assert "Permission denied" in found.found
    assert "server's user" in found.advice


def test_a_full_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
    assert only(settings, "disk").advice == "free at least 0.5 GB"


@pytest.mark.parametrize("wrong", [0.0, 1_600_000_000.0])
def test_a_wrong_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, wrong: float) -> None:
    monkeypatch.setattr(doctor, "WallClock", lambda: type("Clock", (), {"now": lambda _: wrong})())
    assert "NTP" in only(settings, "clock").advice


@pytest.mark.parametrize("said, kept", [("no", "kept by nobody"), ("yes", None)])
def test_a_clock_that_nobody_keeps(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, kept: str | None
) -> None:
    tool = tmp_path / "timedatectl"
    tool.write_text(f"#!/bin/sh\necho {said}\n", "utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    found = bad(settings)
    assert ("clock" in found) == (kept is not None)
    assert kept is None or kept in found["clock"].found


def test_stores(settings: Settings, tmp_path: Path) -> None:
    assert "AVOUS_STORES" in only(settings.model_copy(update={"stores": (tmp_path / "none.toml",)}), "stores").advice
    assert "AVOUS_STORES" in only(settings.model_copy(update={"stores": ()}), "stores").advice
    file = settings.stores[0]
    file.write_text(STORE.replace('["advice"]', '["advce"]'), "utf-8")
    found = only(settings, "stores")
    assert "salespeople.lea.skills" in found.found
    assert found.advice == "correct the file"
    file.write_text(STORE.replace('"Léa"', '"Léa", pin = "4711"'), "utf-8")
    assert "avous pin" in only(settings, "stores").advice


def test_the_port(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert only(settings.model_copy(update={"port": other.getsockname()[1]}), "port").advice.startswith("stop the other program")
    assert "an address of this machine" in only(settings.model_copy(update={"host": "192.0.2.7"}), "port").advice


def test_a_plain_address(settings: Settings) -> None:
    assert "https" in only(settings.model_copy(update={"public_url": "http://shop.example"}), "public address").advice


# --- certificates


def certificate(folder: Path, days: float) -> tuple[Path, Path]:
    """One for 127.0.0.1 that ends so many days from now, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "queue.example")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=90)).not_valid_after(now + timedelta(days=days))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    (folder / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*form))
    return folder / "cert.pem", folder / "key.pem"


@contextmanager
def shown(cert: Path, key: Path) -> Iterator[str]:
    """Somebody who shows this certificate; their address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            try:
                context.wrap_socket(listening.accept()[0], server_side=True).close()
            except OSError:
                return  # who does not believe it says so and goes

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(20)


@pytest.mark.parametrize(
    "days, known, told", [(60, True, None), (3, True, "good for 3 days"), (-1, True, "expired"), (60, False, "self-signed")]
)
def test_certificates(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: float, known: bool, told: str | None
) -> None:
    cert, key = certificate(tmp_path, days + 0.5)
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    with shown(cert, key) as url:
        found = bad(settings.model_copy(update={"public_url": url})).get("certificate")
    assert (found is None) == (told is None), found
    assert found is None or (told or "") in found.found
    assert found is None or "proxy's log" in found.advice


def test_nobody_shows_a_certificate(settings: Settings) -> None:
    assert only(settings.model_copy(update={"public_url": f"https://127.0.0.1:{free_port()}"}), "certificate").advice.startswith(
        "start the proxy"
    )


def test_a_name_that_leads_nowhere(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    found = bad(settings.model_copy(update={"public_url": "https://queue.example"}))["certificate"]
    assert "DNS" in found.advice


# --- what is beside it


def test_push_keys(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Settings(**{**settings.model_dump(), "push_key": "AAAA"})
    assert "vapid --gen" in only(broken, "push keys").advice


@contextmanager
def agent(device: str, origin: str, port: int) -> Iterator[None]:
    """A slip printer's agent."""
    with Agent(Printer(device), origin, port) as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.02,))
        thread.start()
        yield
        serving.shutdown()
        thread.join()


def test_a_printer_that_is_off_or_serves_another_page(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setattr(doctor, "PRINTER_PORT", port)
    assert set(bad(settings)) == {"managers"}, "a machine without a kiosk"
    with agent(f"tcp://127.0.0.1:{free_port()}", "http://127.0.0.1:8080", port):
        found = only(settings, "printer")
        assert (found.found, found.advice.partition(",")[0]) == ("does not answer its agent", "switch the printer on")
        elsewhere = bad(settings.model_copy(update={"public_url": "http://localhost:8000"}))["printer"]
        assert elsewhere.advice == "start it with --origin http://localhost:8000"


def test_postgresql(postgres_server: Postgres, settings: Settings) -> None:
    away = settings.model_copy(update={"database": f"postgresql://avous@127.0.0.1:{free_port()}/x"})
    assert "start PostgreSQL" in only(away, "database").advice
    url = postgres_server.empty()
    there = settings.model_copy(update={"database": url})
    assert "avous migrate" in only(there, "migrations").advice
    migrate(url)
    assert set(bad(there)) == {"managers"}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "install the version" in only(there, "migrations").advice


def test_postgresqls_clock(postgres_server: Postgres, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    url = postgres_server.fresh()
    real = WallClock
    monkeypatch.setattr(doctor, "WallClock", lambda: type("Clock", (), {"now": lambda _: real().now() - 60})())
    found = only(settings.model_copy(update={"database": url}), "clocks")
    assert "s ahead" in found.found
    assert "NTP" in found.advice


def test_every_check_has_a_sentence_for_when_it_cannot_be_made(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Settings) -> Iterator[Finding]:
        raise OSError("no more")

    for name, (_, advice) in list(doctor.CHECKS.items()):
        monkeypatch.setitem(doctor.CHECKS, name, (broken, advice))
    assert set(bad(settings)) == set(doctor.CHECKS)
