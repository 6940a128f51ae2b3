"""The server as a store runs it, attacked from outside: a real process without the demonstration's ease, real connections."""

import json
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.backup import backup
from server.settings import Settings
from server.web import limits
from tests import postgres
from tests.security.production import API, MANAGER_PIN, PUBLIC, SALES_PIN, STORE, Browser, Production
from tests.web.test_notify import AUTH, P256DH
from tests.web.walk import ways

NAME, PHONE, MAIL = "Zoé-Kanarienvogel", "0698712345", "kanarienvogel@boite.example"
PUSH = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/kanarienvogel-push",
    "keys": {"p256dh": P256DH, "auth": AUTH},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    folder = tmp_path_factory.mktemp("production")
    running = Production(folder, f"sqlite:///{folder}/avous.db", AVOUS_JOINS_PER_MINUTE="20", AVOUS_SIGN_INS_PER_MINUTE="200")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def manager(server: Production) -> Browser:
    """The first manager. Made once: the code of the first start works once."""
    return first_manager(server)


def first_manager(server: Production) -> Browser:
    browser = server.browser()
    body = {"code": server.code, "salesperson": "sarah", "pin": MANAGER_PIN}
    assert browser("POST", "/api/v1/setup", body).status_code == 201
    return browser


def uid() -> str:
    return str(uuid.uuid4())


def code_of(answer: Any) -> str:
    return str(answer.json()["code"])


# --- before anybody is in


def test_nobody_is_in_before_the_first_manager(server: Production) -> None:
    """Every route that is not public, and every account with the PINs that everybody tries: nothing opens."""
    somebody = server.browser()
    for way in ways():
        if way.policy.who.value not in ("public", "operator"):
            answer = somebody(way.method, way.path, {"id": uid()} if way.method == "POST" else None)
            assert answer.status_code in (401, 403), (way, answer.text)
    for person in ("sarah", "lea", "admin", "root"):
        for pin in ("0000", "1234", "4711", MANAGER_PIN):
            body = {"store": STORE, "salesperson": person, "pin": pin}
            assert code_of(somebody("POST", "/api/v1/session", body)) == "device_needed"
    assert code_of(somebody("GET", f"{API}/people")) == "device_needed"
    assert code_of(somebody("POST", "/api/v1/setup", {"code": "ABCDE-FGHJK", "salesperson": "sarah", "pin": MANAGER_PIN})) == "wrong_code"


def test_cookies_are_for_tls_and_this_host_only(manager: Browser) -> None:
    assert set(manager.cookies) == {"__Host-session", "__Host-device"}
    assert manager("GET", "/api/v1/session").json()["salesperson"] == "sarah"


def test_the_code_on_the_screen_is_spent(server: Production, manager: Browser) -> None:
    body = {"code": server.code, "salesperson": "sarah", "pin": "915264"}
    assert code_of(server.browser()("POST", "/api/v1/setup", body)) == "wrong_code"


# --- on the wire


def test_nobody_speaks_for_a_proxy(server: Production) -> None:
    """Without a proxy that is named, forwarded addresses are words: they open no metrics and escape no rate."""
    somebody = server.browser()
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert somebody("GET", "/metrics", **{header: "127.0.0.1"}).status_code == 403
    body = {"service": "advice"}
    answers = [somebody("POST", f"{API}/tickets", {"id": uid(), **body}, **{"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(40)]
    assert sum(answer.status_code == 429 for answer in answers) >= 15
    assert {answer.status_code for answer in answers} <= {201, 429}
    assert all(answer.json()["url"].startswith(f"{PUBLIC}/t/#") for answer in answers if answer.status_code == 201)


def test_the_host_that_is_asked_for_changes_nothing(server: Production) -> None:
    foreign = server.browser()("GET", f"{API}/qr.svg", Host="evil.example", Origin="")
    assert foreign.text == server.browser()("GET", f"{API}/qr.svg", Origin="").text
    refused = server.browser()(
        "POST", f"{API}/tickets", {"id": uid(), "service": "advice"}, Host="evil.example", Origin="https://evil.example"
    )
    assert code_of(refused) == "foreign_origin"


SECOND = b"GET /api/v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
TWO_LENGTHS = {
    "both, chunks end first": POST + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(SECOND)) + SECOND,
    "chunked in disguise": POST + b"Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n\r\n{}\r\n" + SECOND,
    "chunked with a tab": POST + b"Content-Length: 5\r\nTransfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n" + SECOND,
    "chunked, then not": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SECOND,
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: %d\r\n\r\n{}" % (2 + len(SECOND)) + SECOND,
    "a signed length": POST + b"Content-Length: +2\r\n\r\n{}" + SECOND,
    "a space before the colon": POST + b"Content-Length : 2\r\n\r\n{}" + SECOND,
    "a folded header": POST + b"X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}" + SECOND,
    "lines that end too soon": POST.replace(b"\r\n", b"\n") + b"Content-Length: 2\n\n{}" + SECOND,
}


@pytest.mark.parametrize("raw", TWO_LENGTHS.values(), ids=TWO_LENGTHS.keys())
def test_two_lengths_are_no_second_request(server: Production, raw: bytes) -> None:
    """Where a request could be read in two ways, it is refused and the line cut, or what follows is a request for everybody to see."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(raw)
        line.shutdown(socket.SHUT_WR)
        heard = b"".join(iter(lambda: line.recv(65536), b""))
    statuses = [part[:3] for part in heard.split(b"HTTP/1.1 ")[1:]]
    assert statuses
    assert statuses[0].startswith(b"4")
    assert len(statuses) == 1 or b"not_found" in heard.split(b"HTTP/1.1 ")[2]
    assert server.browser()("GET", "/health", Origin="").status_code == 200


NO_OR_TWO_HOSTS = {
    "two": b"GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "twice the same": b"GET /health HTTP/1.1\r\nhost: x\r\nHOST: x\r\n\r\n",
    "none": b"GET /health HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("raw", NO_OR_TWO_HOSTS.values(), ids=NO_OR_TWO_HOSTS.keys())
def test_a_request_names_one_host(server: Production, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(raw)
        head, _, body = b"".join(iter(lambda: line.recv(65536), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert json.loads(body) == {"code": "bad_request", "message": "The request cannot be read.", "status": 400}


FIRST = b"GET /health HTTP/1.1\r\nHost: x\r\n"
ENDLESS = {
    "one header": (FIRST + b"X: ", b"a"),
    "many headers": (FIRST, b"X: y\r\n"),
    "a name": (FIRST, b"n"),
    "the address": (b"GET /", b"a"),
    "a cookie": (FIRST + b"Cookie: ", b"a=b; "),
    "trailers": (b"POST /api/v1/codes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
}


@pytest.mark.parametrize("begin, more", ENDLESS.values(), ids=ENDLESS.keys())
def test_headers_without_an_end_are_not_read_to_it(server: Production, begin: bytes, more: bytes) -> None:
    """However long somebody goes on, a few hundred KiB are taken at most."""
    with socket.create_connection(("127.0.0.1", server.port), 20) as line:
        line.sendall(begin)
        sent, part = 0, more * (16384 // len(more))
        try:
            while sent < 64_000_000:
                line.sendall(part)
                sent += len(part)
        except OSError:  # shown the door
            pass
    assert sent < 16_000_000, "what the kernel's buffers on both sides hold, and no more"
    assert server.browser()("GET", "/health").status_code == 200


@pytest.mark.parametrize("size, status", [(16_000, b"200"), (limits.HEADERS_BYTES + 1, b"400")])
def test_how_long_headers_may_be(server: Production, size: int, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 20) as line:
        line.sendall(FIRST + b"Connection: close\r\nX: " + b"a" * size + b"\r\n\r\n")
        assert line.recv(200).split(b" ")[1] == status


def test_what_is_refused_says_nothing_of_the_inside(server: Production) -> None:
    for path in (
        "/..%2f..%2fetc/passwd",
        "/static/..%2f..%2fserver/settings.py",
        "/static/%00",
        "/api/v1/stores/%27%20OR%201=1--",
        "/s/../x",
    ):
        answer = server.browser()("GET", path, Origin="")
        assert answer.status_code in (400, 404), path
        assert not any(word in answer.text for word in ("Traceback", "site-packages", "sqlalchemy", "root:"))


# --- the canary


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_nobody_finds_who_was_forgotten(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """A whole visit with everything a shopper can tell; then "forget me"; then files, log, metrics and a new backup are searched."""
    if kind == "sqlite":
        alone: Production = request.getfixturevalue("server")
        _visit_and_search(alone, request.getfixturevalue("manager"), alone.directory, tmp_path)
        return
    cluster: postgres.Postgres = request.getfixturevalue("postgres_server")
    server = Production(tmp_path, cluster.fresh())
    try:
        _visit_and_search(server, first_manager(server), cluster.folder / "data", tmp_path)
    finally:
        server.stop()


CANARIES = (NAME, PHONE, MAIL, "kanarienvogel-push")


def _visit_and_search(server: Production, manager: Browser, folder: Path, tmp_path: Path) -> None:
    tablet = _tablet(server, manager)
    told = _join(server)
    phone = server.browser()
    phone.token = told["token"]
    assert phone("POST", "/api/v1/ticket/reach", {"id": uid(), "address": MAIL, "push": PUSH}).status_code == 200
    assert tablet("POST", f"{API}/staff/on", {"id": uid()}).status_code == 200
    _call(tablet, told["number"])
    assert NAME in tablet("GET", f"{API}/views/staff").text
    assert _found(folder), "the search finds what is there"
    assert phone("POST", "/api/v1/ticket/forget", {"id": uid()}).json() == {"erased": True}
    settings = Settings(database=server.environment["AVOUS_DATABASE"])
    if settings.shared:
        _checkpoint(settings.database)
    assert _found(folder) == []
    assert NAME not in tablet("GET", f"{API}/views/staff").text
    with pytest.MonkeyPatch.context() as patch:
        if settings.shared:
            patch.setenv("PATH", str(postgres.find()))
        backup(settings, copy := tmp_path / "after.backup")
    spoken = copy.read_bytes().decode("utf-8", "replace") + server.lines() + phone("GET", "/metrics", Origin="").text
    secrets = [told["token"], *tablet.cookies.values(), *manager.cookies.values(), MANAGER_PIN, SALES_PIN]
    assert [word for word in (*CANARIES, *secrets) if word in spoken] == []


def _tablet(server: Production, manager: Browser) -> Browser:
    """Léa, signed in on a tablet that a manager enrolled."""
    code = manager("POST", f"{API}/manager/codes", {"profile": "staff", "name": "Tablette"}).json()["code"]
    assert manager("POST", f"{API}/manager/pins", {"salesperson": "lea", "pin": SALES_PIN}).status_code == 204
    tablet = server.browser()
    assert tablet("POST", "/api/v1/device", {"code": code}).status_code == 201
    assert tablet("POST", "/api/v1/session", {"store": STORE, "salesperson": "lea", "pin": SALES_PIN}).status_code == 201
    return tablet


def _join(server: Production) -> dict[str, Any]:
    """A ticket with everything one can tell, as soon as this address may take one again."""
    for _ in range(20):
        answer = server.browser()("POST", f"{API}/tickets", {"id": uid(), "service": "advice", "name": NAME, "phone": PHONE})
        if answer.status_code == 201:
            told: dict[str, Any] = answer.json()
            return told
        time.sleep(min(5.0, answer.json()["retry_after_s"]))
    raise AssertionError(answer.text)


def _call(tablet: Browser, number: str) -> None:
    """This one is called, whoever else waits."""
    waiting = {row["number"]: row["ticket"] for row in tablet("GET", f"{API}/views/staff").json()["waiting"]}
    assert tablet("POST", f"{API}/staff/claim", {"id": uid(), "ticket": waiting[number]}).status_code == 200


def _checkpoint(address: str) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def _found(folder: Path) -> list[str]:
    """The files of the database with one of the canaries in them."""
    words = [word.encode() for word in CANARIES]
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "log"]
    return [path.name for path in files if any(word in _bytes(path) for word in words)]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # PostgreSQL has removed a file of its own since the folder was listed
        return b""
