"""``avous doctor``: looks for what could go wrong with this installation, and says what to do about it."""

import errno
import http.client
import json
import shutil
import socket
import sqlite3
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from server.journal.migrate import configured, head
from server.live.clock import WallClock
from server.live.listener import is_everywhere, listen
from server.live.stores import BadStore, StoreConfig, load_store
from server.settings import Settings, origin_of
from server.web import i18n

FREE_MIN_BYTES = 500 * 1024 * 1024
CERTIFICATE_DAYS_MIN = 14
CONNECT_S = 3.0
PRINTER_PORT = 9163  # kiosk/printer
APART_MAX_S = 2.0  # between this machine's clock and the database's
BORN = 1_767_225_600.0  # 2026-01-01: a clock that says earlier is wrong


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``advice`` says what to do when it is not ``ok``."""

    check: str
    ok: bool
    found: str
    advice: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; a check that cannot be made is a finding too."""
    findings: list[Finding] = []
    for name, (check, advice) in CHECKS.items():
        try:
            findings += check(settings)
        except (OSError, ValueError, sqlite3.Error) as trouble:
            findings.append(Finding(name, False, f"could not be checked: {trouble}", advice))
    return findings


def report(findings: list[Finding], *, as_json: bool) -> str:
    """The findings as lines for people, or as JSON."""
    if as_json:
        return json.dumps({"ok": all(f.ok for f in findings), "findings": [asdict(f) for f in findings]}, ensure_ascii=False, indent=2)
    return "\n".join(f"{'ok  ' if f.ok else 'BAD '} {f.check}: {f.found}" + (f"\n     -> {f.advice}" if not f.ok else "") for f in findings)


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.shared:
        yield from _postgres(settings)
        return
    path = settings.database_file
    if not path.parent.is_dir():
        yield Finding("database", False, f"there is no directory {path.parent}", f"create it: mkdir -p {path.parent}")
        return
    yield _room(path.parent)
    if not path.exists():
        yield Finding("database", True, f"{path} does not exist yet: the server makes it when it starts")
        return
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        try:
            verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone() if "alembic_version" in tables else None
        except sqlite3.DatabaseError as broken:
            yield Finding("database", False, f"{path}: {broken}", "correct AVOUS_DATABASE, or restore the last backup: avous restore")
            return
    yield Finding("database", verdict == "ok", f"{path}: {verdict}", "restore the last backup; keep the broken file for repair")
    yield _migrations(version[0] if version else None)
    if version and version[0] == head() and not settings.demo:
        yield _managers(settings, _count_managers(path))


def _room(directory: Path) -> Finding:
    """Whether a database can be kept there, with its write-ahead log: tried with an empty one."""
    advice = "give the server's user a directory on a local disk that it may write to: network file systems cannot keep the log"
    try:
        with TemporaryDirectory(prefix=".avous-doctor-", dir=directory) as name, closing(sqlite3.connect(Path(name) / "try.db")) as tried:
            mode = str(tried.execute("PRAGMA journal_mode=WAL").fetchone()[0])
            tried.execute("CREATE TABLE t (x)")
    except (OSError, sqlite3.Error) as trouble:
        return Finding("write-ahead log", False, f"{directory}: {trouble}", advice)
    return Finding("write-ahead log", mode == "wal", f"{mode} in {directory}", advice)


def _migrations(current: str | None) -> Finding:
    newest = head()
    late = current is not None and current > newest
    advice = "install the version of À Vous that made these tables, or a later one" if late else "run: avous migrate (a backup first)"
    return Finding("migrations", current == newest, f"version {current or 'none'} of {newest}", advice)


def _postgres(settings: Settings) -> Iterator[Finding]:
    """Whether PostgreSQL answers, has the tables of this version, and can let go of what was erased. Nothing is changed there."""
    try:
        engine = create_engine(
            configured(settings.database).attributes["url"], connect_args={"connect_timeout": CONNECT_S}, poolclass=NullPool
        )
        with engine.connect() as connection:
            yield from _asked(connection, settings)
    except ModuleNotFoundError as missing:
        yield Finding("database", False, f"PostgreSQL needs {missing.name!r}", "install avous[postgres]")
    except DBAPIError as trouble:
        yield Finding("database", False, " ".join(str(trouble.orig).split()), "start PostgreSQL, or correct AVOUS_DATABASE")


def _asked(connection: Connection, settings: Settings) -> Iterator[Finding]:
    yield Finding("database", True, "PostgreSQL answers")
    apart_s = float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar() or 0.0) - WallClock().now()
    told = f"PostgreSQL's is {abs(apart_s):.1f} s {'ahead' if apart_s > 0 else 'behind'}"
    yield Finding("clocks", abs(apart_s) <= APART_MAX_S, told, "keep the clocks of both machines with NTP (timedatectl set-ntp true)")
    known = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar()
    current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
    yield _migrations(current)
    kept = connection.execute(text(KEPT)).scalars().all()
    yield Finding("erased text", not kept, f"in the write-ahead log for an hour{' and longer' if kept else ''}", "; ".join(kept))
    if current == head() and not settings.demo:
        yield _managers(settings, connection.execute(text(MANAGERS)).scalar() or 0)


KEPT = """
SELECT 'set wal_recycle = off in postgresql.conf' FROM pg_settings WHERE name = 'wal_recycle' AND setting <> 'off'
UNION ALL SELECT format('GRANT pg_checkpoint TO %I', current_user) WHERE NOT pg_has_role('pg_checkpoint', 'USAGE')
UNION ALL SELECT format('GRANT EXECUTE ON FUNCTION pg_switch_wal() TO %I', current_user)
          WHERE NOT has_function_privilege('pg_switch_wal()', 'EXECUTE')
"""
"""What keeps erased text in PostgreSQL's log, as what to do about it; see docs/topics/threats.md."""


def _disk(settings: Settings) -> Iterator[Finding]:
    if settings.shared:
        return
    directory = settings.database_file.parent
    if not directory.is_dir():
        return  # which is said of the database
    free = shutil.disk_usage(directory).free
    yield Finding("disk", free >= FREE_MIN_BYTES, f"{free / 1e9:.1f} GB free in {directory}", "free at least 0.5 GB")


def _clock(_: Settings) -> Iterator[Finding]:
    now = WallClock().now()
    told = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    synchronised = _timedatectl()
    found = told if synchronised is None else f"{told}, {'kept by NTP' if synchronised else 'kept by nobody'}"
    yield Finding(
        "clock", now > BORN and synchronised is not False, found, "set the clock, and keep it with NTP (timedatectl set-ntp true)"
    )


def _timedatectl() -> bool | None:
    """Whether the system keeps its clock by NTP; None where nobody can say."""
    tool = shutil.which("timedatectl")
    if tool is None:
        return None
    command = [tool, "show", "--property=NTPSynchronized", "--value"]
    # no shell; every word is written here but the place of timedatectl, which is where the operator's own PATH has it
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)  # noqa: S603
    return {"yes": True, "no": False}.get(said.stdout.strip())


def _stores(settings: Settings) -> Iterator[Finding]:
    if not settings.stores:
        yield Finding("stores", False, "no store file is set", "set AVOUS_STORES, or give --store FILE.toml")
    for path in settings.stores:
        try:
            yield _store(path, load_store(path), settings)
        except BadStore as bad:
            yield Finding(
                "stores", False, str(bad), "correct the file" if path.is_file() else "correct AVOUS_STORES, or give --store FILE.toml"
            )


def _store(path: Path, config: StoreConfig, settings: Settings) -> Finding:
    pins = sorted(id for id, person in config.salespeople.items() if person.pin)
    if pins and not settings.demo:
        return Finding("stores", False, f"{path}: PINs in the file ({', '.join(pins)})", "remove them, and set PINs with: avous pin")
    found = f"{config.name}: {len(config.services)} services, {len(config.salespeople)} people, {config.zone}"
    missing = sorted(set(config.languages) - set(i18n.languages()))
    return Finding("stores", not missing, found, f"{path}: languages: there are no texts in {', '.join(missing)}")


def _network(settings: Settings) -> Iterator[Finding]:
    try:
        listen(settings.host, settings.port).close()
        yield Finding("port", True, f"{settings.host} port {settings.port} is free")
    except OSError as taken:
        told = "À Vous runs there" if _is_ours(settings) else taken.strerror
        advice = LISTEN_ADVICE.get(taken.errno or 0, "correct AVOUS_HOST and AVOUS_PORT")
        yield Finding("port", _is_ours(settings), f"{settings.host} port {settings.port}: {told}", advice)
    local = urlsplit(settings.public_url or "").hostname in (None, "localhost", "127.0.0.1")
    told = settings.public_url or "AVOUS_PUBLIC_URL is not set: phones get the address the kiosk uses"
    safe = settings.demo or settings.https or local
    yield Finding("public address", safe, told, "use https: people's phones refuse notifications and cookies on plain http")


LISTEN_ADVICE = {
    errno.EADDRINUSE: "stop the other program, or set AVOUS_PORT",
    errno.EADDRNOTAVAIL: "set AVOUS_HOST to an address of this machine",
    errno.EACCES: "set AVOUS_PORT to 1024 or above: lower ones are for the system's own",
}


def _is_ours(settings: Settings) -> bool:
    """Whether it is this program that answers on the port: the doctor may come while the store is open."""
    host = settings.host if not is_everywhere(settings.host) else "::1" if ":" in settings.host else "127.0.0.1"
    line = http.client.HTTPConnection(host, settings.port, timeout=CONNECT_S)
    try:
        line.request("GET", "/health")
        return line.getresponse().read(100) == b'{"status":"ok"}'
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _certificate(settings: Settings) -> Iterator[Finding]:
    """The certificate people's phones are shown, as this machine sees it."""
    if not settings.https:
        return
    parts = urlsplit(settings.public_url or "")
    name, port = parts.hostname or "", parts.port or 443
    advice = "look at the proxy's log: it gets and renews the certificate"
    try:
        with (
            socket.create_connection((name, port), CONNECT_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=name) as shown,
        ):
            certificate = shown.getpeercert() or {}
    except socket.gaierror as unknown:
        yield Finding("certificate", False, f"{name}: {unknown.strerror}", "have the name of AVOUS_PUBLIC_URL lead to the proxy (DNS)")
        return
    except ssl.SSLError as wrong:
        yield Finding("certificate", False, f"{name}:{port}: {getattr(wrong, 'verify_message', '') or wrong.reason}", advice)
        return
    except OSError as trouble:
        yield Finding("certificate", False, f"{name}:{port}: {trouble}", "start the proxy, and let people reach it")
        return
    days = (ssl.cert_time_to_seconds(str(certificate["notAfter"])) - WallClock().now()) / 86_400
    yield Finding("certificate", days >= CERTIFICATE_DAYS_MIN, f"{name}: good for {days:.0f} days", advice)


MANAGERS = "SELECT count(*) FROM person WHERE role IN ('manager', 'region', 'admin') AND pin_hash IS NOT NULL"


def _count_managers(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return int(connection.execute(MANAGERS).fetchone()[0])


def _managers(settings: Settings, found: int) -> Finding:
    """Whether somebody can sign in as a manager."""
    if settings.oidc_issuer:
        return Finding("managers", True, f"{found} can sign in with a PIN, others with the account at {settings.oidc_issuer}")
    return Finding("managers", found > 0, f"{found} can sign in", "start the server and type the code it shows at /setup")


def _push(settings: Settings) -> Iterator[Finding]:
    """Whether phones whose page is closed can be told."""
    if settings.push_key is None:
        yield Finding("push keys", True, "none: phones are not told when their page is closed (AVOUS_PUSH_KEY)")
        return
    advice = "make a key with: vapid --gen, and install the extra [push]"
    try:
        from server.notify.ways import public_key  # which needs the extra

        public_key(settings.push_key.get_secret_value())
    except ImportError:
        yield Finding("push keys", False, "the extra [push] is not installed", advice)
    except Exception as unusable:  # the library's own errors have no common root
        yield Finding("push keys", False, f"the key cannot be used: {type(unusable).__name__}", advice)
    else:
        named = "example" not in settings.push_contact
        yield Finding("push keys", named, f"in order, sent as {settings.push_contact}", "say who runs this server: AVOUS_PUSH_CONTACT")


def _printer(settings: Settings) -> Iterator[Finding]:
    """The slip printer's agent of a kiosk on this machine; a machine without one is no trouble."""
    served, _ = _ask_agent("")
    if served is None:
        yield Finding("printer", True, f"its agent does not run on this machine (port {PRINTER_PORT})")
        return
    if settings.public_url and origin_of(settings.public_url) != served:
        yield Finding("printer", False, f"its agent serves {served}", f"start it with --origin {origin_of(settings.public_url)}")
        return
    _, state = _ask_agent(served)
    yield Finding("printer", state == "ok", PRINTER_SAID.get(state, state), PRINTER_ADVICE.get(state, "look at the agent's log"))


PRINTER_SAID = {"ok": "ready", "paper": "no paper", "printer": "does not answer its agent"}
PRINTER_ADVICE = {"paper": "put a new roll in", "printer": "switch the printer on, and look at its cable and the agent's --printer"}


def _ask_agent(origin: str) -> tuple[str | None, str]:
    """(the page's origin that the agent serves, how the printer is); None where there is no agent. It tells its state to that page only."""
    line = http.client.HTTPConnection("127.0.0.1", PRINTER_PORT, timeout=CONNECT_S)
    try:
        line.request("GET", "/status", headers={"Origin": origin})
        answer = line.getresponse()
        return answer.headers.get("Access-Control-Allow-Origin", ""), str(json.loads(answer.read(1000)).get("state", ""))
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        return None, ""
    finally:
        line.close()


CHECKS: dict[str, tuple[Callable[[Settings], Iterator[Finding]], str]] = {
    "database": (_database, "correct AVOUS_DATABASE, or restore the last backup: avous restore"),
    "disk": (_disk, "look at the disk with: df -h"),
    "clock": (_clock, "set the clock, and keep it with NTP (timedatectl set-ntp true)"),
    "stores": (_stores, "correct the file"),
    "network": (_network, "correct AVOUS_HOST, AVOUS_PORT and AVOUS_PUBLIC_URL"),
    "certificate": (_certificate, "correct AVOUS_PUBLIC_URL, and look at the proxy's log"),
    "push keys": (_push, "make a key with: vapid --gen"),
    "printer": (_printer, "start its agent again: python -m kiosk.printer"),
}
"""Each check, and what to do when it cannot be made."""
