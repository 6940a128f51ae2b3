"""RSS and Atom feeds that a store follows: fetched by the server now and then, never while somebody waits for an answer.

A feed comes from outside, so it is bounded in size and time, asked for only at hosts that the operator has named (an
address inside the company's network is nobody's news), and what is taken from it is text: titles, a few paragraphs
without any markup, and a link. One that fails keeps what it gave before, and is asked again later.
"""

import asyncio
import hashlib
import io
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import feedparser
import httpx2

from server.background import beside
from server.live.stores import FeedConfig, StoreConfig
from server.outward import Forbidden, is_address, resolve

EVERY_S: Final = 1800.0  # a feed is asked again after this long ...
LOOK_S: Final = 30.0  # ... and a feed that a store has just been given, after this long at most
FETCH_S: Final = 15.0  # all of one fetch, redirects included
BYTES_MAX: Final = 512 * 1024
REDIRECTS_MAX: Final = 3
ACCEPT: Final = "application/atom+xml, application/rss+xml, */*;q=0.5"
TITLE_MAX, SUMMARY_MAX, TEXT_MAX = 80, 160, 1500
WORDS_PER_MIN: Final = 200
log = logging.getLogger(__name__)

Item = dict[str, Any]


class FeedTrouble(Exception):
    """A feed that gave nothing: one sentence."""


@dataclass(slots=True)
class _Known:
    """What a feed gave last, and when it was asked."""

    asked_at: float
    entries: list[Item] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)  # what to show the server so that it answers "not modified"


class Feeds:
    """``stores()`` are the stores as they are now; ``hosts`` the ones that may be asked.

    A host's name has to lead to the internet, wherever it leads from one day to the next, unless it is one of ``inside`` too.
    """

    def __init__(self, stores: Callable[[], Sequence[StoreConfig]], hosts: Sequence[str], inside: Sequence[str] = ()) -> None:
        self._stores, self._hosts = stores, frozenset(hosts)
        self._trusted = frozenset(host for host in hosts if host in inside or is_address(host))
        self._known: dict[str, _Known] = {}

    def items(self, store: str) -> list[Item]:
        """What the store's feeds have given, newest first; nothing is fetched for that."""
        feeds = next((config.feeds for config in self._stores() if config.id == store), [])
        return [_shown(entry, feed) for feed in feeds for entry in self._entries(feed)]

    def followed(self) -> AbstractAsyncContextManager[None]:
        """Follow them in the background for as long as this lasts."""
        return beside(self._follow(), "feeds")

    async def refresh(self) -> None:
        """Ask the feeds whose time has come."""
        now = time.monotonic()
        wanted = {feed.url for config in self._stores() for feed in config.feeds}
        self._known = {url: known for url, known in self._known.items() if url in wanted}
        for url in sorted(wanted):
            known = self._known.get(url)
            if known is None or now - known.asked_at >= EVERY_S:
                self._known[url] = await self._asked(url, known or _Known(now))

    def _entries(self, feed: FeedConfig) -> list[Item]:
        known = self._known.get(feed.url)
        return known.entries[: feed.items_max] if known else []

    async def _follow(self) -> None:
        while True:
            await self.refresh()
            await asyncio.sleep(LOOK_S)

    async def _asked(self, url: str, known: _Known) -> _Known:
        known.asked_at = time.monotonic()
        try:
            async with asyncio.timeout(FETCH_S), httpx2.AsyncClient(timeout=FETCH_S) as http:
                body, tags = await self._fetched(http, url, known.tags)
            if body is not None:
                known.entries, known.tags = await asyncio.to_thread(entries, body), tags
        except Forbidden as why:
            log.warning("feed %s: not an address to call (%s)", url, why)
        except (FeedTrouble, httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as trouble:
            log.warning("feed %s: %s", url, str(trouble) or type(trouble).__name__)
        return known

    async def _fetched(self, http: httpx2.AsyncClient, url: str, tags: dict[str, str]) -> tuple[bytes | None, dict[str, str]]:
        """The feed's bytes (None: as before) and its tags."""
        for _ in range(REDIRECTS_MAX + 1):
            self._allow(url)
            target = await resolve(url, self._trusted, plain=True)
            headers = {"Accept": ACCEPT, "Host": target.host, **tags}
            async with http.stream("GET", target.url, headers=headers, extensions={"sni_hostname": target.name}) as answer:
                if answer.is_redirect:
                    url = urljoin(url, answer.headers.get("location", ""))
                    continue
                if answer.status_code == httpx2.codes.NOT_MODIFIED:
                    return None, tags
                if answer.status_code != httpx2.codes.OK:
                    raise FeedTrouble(f"answered {answer.status_code}")
                body = await _bounded(answer)
                asks = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
                return body, {asks[name]: answer.headers[name] for name in asks if name in answer.headers}
        raise FeedTrouble("redirects without end")

    def _allow(self, url: str) -> None:
        """FeedTrouble for an address that nobody has allowed."""
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or (parts.hostname or "") not in self._hosts:
            raise FeedTrouble(f"its host {parts.hostname!r} is not among AVOUS_FEED_HOSTS")


async def _bounded(answer: httpx2.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > BYTES_MAX:
            raise FeedTrouble(f"larger than {BYTES_MAX // 1024} KB")
    return bytes(body)


def entries(body: bytes) -> list[Item]:
    """The entries of a feed as plain texts. FeedTrouble when it is none."""
    found = feedparser.parse(io.BytesIO(body))
    read = [item for entry in found.entries if (item := _read(entry)) is not None]
    if not read:
        raise FeedTrouble("no entries with a title in it" if found.get("version") else "not a feed")
    return read


def _read(entry: Any) -> Item | None:
    title = _short(" ".join(_paragraphs(entry.get("title", ""))), TITLE_MAX)
    link = entry.get("link", "")
    text = _paragraphs(entry.content[0].value if entry.get("content") else entry.get("summary", ""))
    if not title:
        return None
    summary = _short(text[0] if text else title, SUMMARY_MAX)
    kept, room = [], TEXT_MAX
    for paragraph in text:
        kept.append(_short(paragraph, room))
        room -= len(paragraph)
        if room <= 0:
            break
    id = hashlib.sha256((entry.get("id") or link or title).encode()).hexdigest()[:12]
    return {
        "id": f"feed-{id}",
        "title": title,
        "summary": summary,
        "text": kept,
        "link": link if link.startswith(("https://", "http://")) else "",
    }


def _shown(entry: Item, feed: FeedConfig) -> Item:
    """An entry as the screens get items; its text as trees of the elements that ``markdown`` allows."""
    words = sum(len(paragraph.split()) for paragraph in entry["text"])
    more = [["p", {}, ["a", {"href": entry["link"]}, urlsplit(entry["link"]).hostname or entry["link"]]]] if entry["link"] else []
    return {
        "id": entry["id"], "language": feed.language, "kind": "news", "minutes": max(0.5, round(2 * words / WORDS_PER_MIN) / 2),
        "title": entry["title"], "summary": entry["summary"], "service": feed.service,
        "body": [*(["p", {}, paragraph] for paragraph in entry["text"]), *more],
    }  # fmt: skip


class _Text(HTMLParser):
    """The text of some HTML, cut where blocks end."""

    BLOCKS: Final = frozenset({"p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "tr", "blockquote"})
    SILENT: Final = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = [""]
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self.SILENT
        if tag in self.BLOCKS:
            self.parts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT and self._silent > 0
        if tag in self.BLOCKS:
            self.parts.append("")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts[-1] += data


def _paragraphs(html: str) -> list[str]:
    reader = _Text()
    reader.feed(html)
    reader.close()
    return [text for part in reader.parts if (text := " ".join("".join(c for c in part if c.isprintable() or c.isspace()).split()))]


def _short(text: str, most: int) -> str:
    """The text, cut at a word where it is too long."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return (head.rpartition(" ")[0] or head) + "…"
