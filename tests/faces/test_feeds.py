"""A feed that is followed gives text and nothing else, whatever its server does; asked only where the operator allows it."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from server.content import feeds as rooms
from server.content.feeds import BYTES_MAX, Feeds, FeedTrouble, entries
from server.content.library import items
from server.live.stores import StoreConfig, parse_store

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Le mag</title>
<item><title>Bien choisir son &lt;b&gt;casque&lt;/b&gt;</title><link>https://mag.example/casque</link>
<description><![CDATA[<p onclick="x()">Trois questions.</p><script>alert(1)</script><p>Et
<a href="javascript:x()">une r&eacute;ponse</a>.</p>
<img src="https://track.example/pixel">]]></description></item>
<item><title></title><link>https://mag.example/nothing</link></item>
<item><title>Court</title><link>javascript:alert(1)</link><description>Un mot.</description></item></channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><id>urn:x</id><updated>2026-11-20T10:00:00Z</updated>
<entry><title>Atom too</title><id>urn:x:1</id><updated>2026-11-20T10:00:00Z</updated><link href="https://mag.example/atom"/>
<content type="html">&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</content></entry></feed>"""
BOMB = '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>'


class FeedServer(ThreadingHTTPServer):
    """A feed's server that can be told how to behave; it counts what it is asked."""

    daemon_threads = True
    body, status, extra = RSS, 200, {"ETag": '"1"'}
    asked: list[dict[str, str]]
    hang = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/feed"


class _Answer(BaseHTTPRequestHandler):
    server: FeedServer

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))
        if self.server.status == 0:
            self.server.hang.wait(5)
            return
        same = self.headers.get("If-None-Match") == self.server.extra.get("ETag") and self.server.status == 200
        self.send_response(304 if same else self.server.status)
        for name, value in self.server.extra.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if same else self.server.body.encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def source() -> Iterator[FeedServer]:
    server = FeedServer(("127.0.0.1", 0), _Answer)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.hang.set()
    server.shutdown()
    thread.join()
    server.server_close()


def store(url: str, **more: Any) -> StoreConfig:
    return parse_store(
        {
            "id": "volt",
            "name": "V",
            "hours": {},
            "services": {"sound": {"labels": {"fr": "Son"}}},
            "feeds": [{"url": url, "language": "fr", **more}],
        }
    )


@pytest.fixture
def following(source: FeedServer) -> Feeds:
    return Feeds(lambda: [store(source.url, service="sound")], ["127.0.0.1"])


async def test_entries_become_items_of_plain_text(source: FeedServer, following: Feeds) -> None:
    await following.refresh()
    first, short = following.items("volt")
    assert (first["kind"], first["title"], first["language"], first["service"]) == ("news", "Bien choisir son casque", "fr", "sound")
    assert first["body"] == [
        ["p", {}, "Trois questions."],
        ["p", {}, "Et une réponse."],
        ["p", {}, ["a", {"href": "https://mag.example/casque"}, "mag.example"]],
    ]
    assert (short["body"], short["minutes"]) == ([["p", {}, "Un mot."]], 0.5)
    assert following.items("elsewhere") == []


def test_atom_is_read_too_and_what_is_no_feed_is_trouble() -> None:
    (item,) = entries(ATOM.encode())
    assert item["text"] == ["One.", "Two."]
    for wrong in (b"<html><body>404</body></html>", b"", b"/etc/hostname", b"http://127.0.0.1/x"):
        with pytest.raises(FeedTrouble, match="not a feed"):
            entries(wrong)


def test_entities_bring_nothing_from_elsewhere() -> None:
    with pytest.raises(FeedTrouble):
        entries((BOMB + "<rss><channel><item><title>&c;</title></item></channel></rss>").encode())


async def test_it_is_asked_politely_and_not_again_before_its_time(
    source: FeedServer, following: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    await following.refresh()
    await following.refresh()
    assert len(source.asked) == 1
    monkeypatch.setattr(rooms, "EVERY_S", 0.0)
    await following.refresh()
    assert source.asked[1]["If-None-Match"] == '"1"'
    assert len(following.items("volt")) == 2, "not modified: what was there stays"


@pytest.mark.parametrize(
    "status, body, extra",
    [
        (500, "", {}), (200, "<oops", {}), (200, "x" * (BYTES_MAX + 1), {}), (302, "", {"Location": "http://localhost:1/inside"}),
        (302, "", {"Location": "/feed"}), (302, "", {}), (0, "", {}),
    ],
)  # fmt: skip
async def test_trouble_keeps_what_was_there(
    source: FeedServer, following: Feeds, status: int, body: str, extra: dict[str, str], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    await following.refresh()
    monkeypatch.setattr(rooms, "EVERY_S", 0.0)
    monkeypatch.setattr(rooms, "FETCH_S", 0.5)
    source.status, source.body, source.extra = status, body, extra
    await following.refresh()
    assert "feed http://127.0.0.1" in caplog.text
    assert len(following.items("volt")) == 2


async def test_only_hosts_the_operator_named_are_asked(source: FeedServer, caplog: pytest.LogCaptureFixture) -> None:
    await Feeds(lambda: [store(source.url)], ["mag.example"]).refresh()
    assert source.asked == []
    assert "AVOUS_FEED_HOSTS" in caplog.text


@pytest.mark.parametrize("inside", ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
async def test_a_name_that_leads_inside_is_not_asked(
    source: FeedServer, inside: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has the name of a magazine could point it anywhere; what was looked up once is what is connected to."""
    asked = _leading_to(inside, source, monkeypatch)
    url = f"http://mag.example:{source.server_address[1]}/feed"
    await Feeds(lambda: [store(url)], ["mag.example"]).refresh()
    assert (source.asked, asked) == ([], ["mag.example"])
    assert "not an address to call (private)" in caplog.text


async def test_an_operator_may_name_a_host_inside(source: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _leading_to("127.0.0.1", source, monkeypatch)
    url = f"http://mag.example:{source.server_address[1]}/feed"
    await Feeds(lambda: [store(url)], ["mag.example"], inside=["mag.example"]).refresh()
    assert [headers["Host"] for headers in source.asked] == [f"mag.example:{source.server_address[1]}"]
    assert asked == ["mag.example"], "looked up once a call: the connection is made to the address that was looked at"


def _leading_to(address: str, source: FeedServer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have every name lead to this address; the names that are asked for."""
    asked: list[str] = []

    async def getaddrinfo(host: str, *_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        asked.append(host)
        return [(2, 1, 6, "", (address, source.server_address[1]))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return asked


async def test_nobody_waits_for_a_feed(source: FeedServer, following: Feeds) -> None:
    source.status = 0
    async with asyncio.timeout(10), following.followed():
        await asyncio.sleep(0.1)
        assert following.items("volt") == []


async def test_news_is_shown_in_its_own_language_only(source: FeedServer, following: Feeds) -> None:
    await following.refresh()
    shown = {language: {i["kind"] for i in items("volt", language, "sound", more=following.items("volt"))} for language in ("fr", "en")}
    assert "news" in shown["fr"]
    assert "news" not in shown["en"]
