"""What may not stand in the project's files: prints, paths of one machine, addresses nobody agreed to."""

import ast
import re
from ipaddress import ip_address

import pytest

from tests.tidy.sources import files, python_files, text, tree

# host -> why it may be named. Nothing of ours is fetched from elsewhere, so this list stays short.
HOSTS: dict[str, str] = {
    "127.0.0.1": "this machine",
    "localhost": "this machine",
    "[::1]": "this machine",
    "0.0.0.0": "every interface of this machine",
    "testserver": "the name Starlette's test client gives the app",
    "a.testserver": "a stranger who looks like it",
    "eviltestserver": "a stranger who looks like it",
    "www.w3.org": "names of XML and SVG vocabularies",
    "json-schema.org": "name of the JSON Schema dialect",
    "spec.openapis.org": "name of an OpenAPI dialect",
    "fcm.googleapis.com": "a browser's push service, in subscriptions that tests make up and nobody calls",
    "[:": "the beginning of an address that is none",
}
RESERVED = ("example", "test", "invalid", "localhost", "example.com", "example.org", "example.net")  # nobody's names (RFC 2606)
ADDRESS = re.compile(r"\b(?:https?|wss?)://[^\s\"'`<>)\\,;]+")
MACHINE = re.compile(r"(?<![\w./-])/(?:work|root|home/\w+|Users/\w+|tmp/[\w-]+)(?:/|\b)")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
LOCKS = ("requirements-build.lock", "requirements-dev.lock", "requirements-image.lock", "requirements.lock")


def _host(address: str) -> str | None:
    """The host named, or None if it is filled in at run time."""
    host = re.split(r"[/?#]", address.split("://", 1)[1], maxsplit=1)[0].rpartition("@")[2]
    return re.sub(r":\d*$", "", host) if host and not set(host) & set("{}$%*…") else None


def _allowed(host: str) -> bool:
    name = host.lower().rstrip(".")
    return name in HOSTS or _nobodys(name) or any(name == reserved or name.endswith(f".{reserved}") for reserved in RESERVED)


def _nobodys(host: str) -> bool:
    """An address that leads nowhere on the internet."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address.is_multicast or not address.is_global


def test_every_address_in_the_files_is_agreed() -> None:
    strange = [
        f"{path}: {address}"
        for path in files()
        for address in ADDRESS.findall(text(path))
        if (host := _host(address)) is not None and not _allowed(host)
    ]
    assert not strange, "\n".join(strange)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_releases_and_hashes_only(lock: str) -> None:
    words = next(text(p) for p in files() if str(p) == lock)
    assert "://" not in words
    assert "-url" not in words
    releases = re.findall(r"^([\w.-]+)==", words, re.MULTILINE)
    assert releases
    assert words.count("--hash=sha256:") >= len(releases)


def test_no_path_of_one_machine() -> None:
    found = [f"{path}: {m.group()}" for path in files() if str(path) not in LOCKS for m in MACHINE.finditer(text(path))]
    assert not found, "\n".join(found)


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{path}: {m.group()}"
        for path in files()
        if path.suffix in {".py", ".js", ".css", ".html", ".md"}
        for m in UNFINISHED.finditer(text(path))
    ]
    assert not found, "\n".join(found)


def test_no_print_in_the_rooms() -> None:
    printed = [
        f"{path}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not printed, "\n".join(printed)


@pytest.mark.parametrize(
    "words, host",
    [
        ("see https:/" + "/cdn.somewhere.com/x.js", "cdn.somewhere.com"),
        ("ws://127.0.0.1:8080/ws/phone", "127.0.0.1"),
        ("http://[::1]:80/", "[::1]"),
        ("https://user:secret@queue.example.org:8443/t", "queue.example.org"),
        ('f"http://{host}:{port}/"', None),
    ],
)
def test_the_host_of_an_address(words: str, host: str | None) -> None:
    assert _host(ADDRESS.findall(words)[0]) == host


def test_the_rules_bite() -> None:
    assert not _allowed("cdn.somewhere.com")
    assert not _allowed("example.com.somewhere.net")
    assert _allowed("queue.example.org")
    assert MACHINE.search("see /" + "work/main/server")
    assert MACHINE.search("'/" + "root/.cache'")
    assert not MACHINE.search("docs/" + "work/ and network/" + "rooted and ./" + "tmp/x")
    assert UNFINISHED.search("# TO" + "DO later")
