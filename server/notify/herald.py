"""Watches the tickets of shoppers who left a way to reach them, and sends the three messages of a visit.

It looks at the same views the phones get, so what it says is what the screen says. A ticket is watched from the moment
its shopper leaves an address, or from the start of the server, until the visit is over or begins.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any, Final

from server.background import end
from server.journal import reach
from server.journal.reach import Reach
from server.live.live import Live
from server.live.messages import Busy, SubscriptionClosed, UnknownScreen, UnknownStore
from server.notify.ladder import How, Note, Way, climb
from server.notify.ways import Message, WebPush

log = logging.getLogger(__name__)

WATCHED_MAX: Final = 2000  # tickets watched at once by this process
RUNGS: Final = ("two_ahead", "next")
Words = Callable[..., str]
"""(language, key, **values) -> text."""


class Herald:
    """``words`` are the catalogues; ``unreached(store, number)`` tells staff that nobody could be reached."""

    def __init__(self, live: Live, push: WebPush | None, message: Message, words: Words, unreached: Callable[[str, str], None]) -> None:
        self._live, self._push, self._message, self._words, self._unreached = live, push, message, words, unreached
        self._watching: dict[str, asyncio.Task[None]] = {}
        self._sending: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Go on with everybody an earlier run knew."""
        for found in await reach.every(self._live.journal):
            self.watch(found.store, found.ticket, anew=False)

    async def stop(self) -> None:
        """Stop watching; messages on their way are given up."""
        await end(*self._watching.values(), *self._sending)

    def watch(self, store: str, ticket: str, *, anew: bool = True) -> None:
        """Watch a ticket. ``anew``: its shopper is looking at the page now and need not be told what it shows."""
        if ticket in self._watching or len(self._watching) >= WATCHED_MAX:
            return
        task = asyncio.create_task(self._follow(store, ticket, anew), name="herald")
        self._watching[ticket] = task
        task.add_done_callback(lambda _: self._watching.pop(ticket, None))

    async def _follow(self, store: str, ticket: str, anew: bool) -> None:
        try:
            subscription = self._live.subscribe(store, ("phone", ticket))
        except (UnknownScreen, UnknownStore, Busy):
            return
        seen, done = asyncio.Event(), set[str]()
        try:
            while True:
                view = json.loads(await subscription.latest())
                if view["phase"] in ("serving", "ended"):
                    return
                rung = rung_of(view)
                if view["call"] and (view["call"]["seen"] or view["call"]["coming"]):
                    seen.set()
                if rung and rung not in done:
                    done.add(rung)
                    if not anew:
                        seen = asyncio.Event() if rung.startswith("called") else seen
                        self._send(store, ticket, rung, view, seen)
                anew = False
        except SubscriptionClosed:
            return
        finally:
            subscription.close()

    def _send(self, store: str, ticket: str, rung: str, view: dict[str, Any], seen: asyncio.Event) -> None:
        task = asyncio.create_task(self._climb(store, ticket, rung, view, seen), name="message")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _climb(self, store: str, ticket: str, rung: str, view: dict[str, Any], seen: asyncio.Event) -> None:
        journal = self._live.journal
        known = await reach.get(journal, ticket)
        if known is None:
            return
        note = self.note(store, rung, view, self._live.token(ticket))

        async def settle(message: str, how: How) -> None:
            await reach.settle(journal, ticket, message, how)
            if how is How.GONE:
                await reach.put(journal, store, ticket, 0.0, push="")

        called = rung.startswith("called")
        reached = await climb(note, self._ways(known), lambda m: reach.claim(journal, ticket, m), settle, seen if called else None)
        if called and not reached:
            self._unreached(store, view["number"])

    def _ways(self, known: Reach) -> list[tuple[Way, str]]:
        ways: list[tuple[Way, str]] = []
        if known.push and self._push:
            ways.append((self._push, known.push))
        if known.address and self._message.can(known.address):
            ways.append((self._message, known.address))
        return ways

    def note(self, store: str, rung: str, view: dict[str, Any], token: str) -> Note:
        """The message of a rung in the shopper's language."""
        kind, call = rung.partition("/")[0], view["call"] or {}
        values = {"store": self._live.store(store).name, "number": view["number"]} | {part: call.get(part, "") for part in ("name", "desk")}
        place = self._words(view["language"], "notify.desk", **values) if values["desk"] else ""
        text = {end: self._words(view["language"], f"notify.{kind}{end}", **values, place=place).strip() for end in ("_title", "")}
        return Note(rung, text["_title"], text[""], f"/t/#{token}")


def rung_of(view: dict[str, Any]) -> str:
    """Where in the visit a view is: "two_ahead", "next", "closer" (come, it is soon), "called/0" (with the number of recalls), or ""."""
    if view["phase"] == "called" and view["call"]:
        return f"called/{view['call']['recalls']}"
    if view["phase"] == "waiting" and view["closer"]:
        return "closer"
    return view["moment"] if view["phase"] == "waiting" and view["moment"] in RUNGS else ""
