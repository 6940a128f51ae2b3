"""Feeds the screens of one store. A screen has one slot for its latest view, and never a queue.

After every commit each distinct screen's view is built once, encoded once, and put into the slots of
those who look at it, but only if anything in it changed besides ``seq`` and ``at``. A socket that is
slow finds one newer view in its slot, not a backlog; a screen that comes back is given the current view.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from pydantic_core import to_json

from server.live.messages import Screen, SubscriptionClosed

View = dict[str, Any]
Build = Callable[[Screen], View]  # raises UnknownScreen


class Subscription:
    """One socket's place. ``latest`` waits for the next view; what was not taken in time is replaced."""

    __slots__ = ("_closed", "_slot", "_waiter", "_watch", "screen")

    def __init__(self, screen: Screen, watch: "_Watch") -> None:
        self.screen = screen
        self._watch = watch
        self._slot: bytes | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._closed: str | None = None

    async def latest(self) -> bytes:
        """The newest view this screen has not been given, as JSON. Raises SubscriptionClosed when it is over."""
        while (view := self._slot) is None:
            if self._closed:
                raise SubscriptionClosed(self._closed)
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        self._slot = None
        return view

    def put(self, view: bytes) -> None:
        """Replace what is in the slot."""
        self._slot = view
        self._wake()

    def close(self, reason: str = "closed") -> None:
        """Give the place back; harmless to repeat."""
        if self._closed is None:
            self._closed = reason
            self._watch.screens.discard(self)
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class _Watch:
    """What one distinct screen shows now, and who looks at it."""

    __slots__ = ("encoded", "screens", "view")

    def __init__(self) -> None:
        self.view: View = {}
        self.encoded = b""
        self.screens: set[Subscription] = set()


class Hub:
    """The screens of one store."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._watches: dict[Screen, _Watch] = {}

    def __len__(self) -> int:
        return sum(len(watch.screens) for watch in self._watches.values())

    def view(self, screen: Screen) -> tuple[int, bytes]:
        """(seq, JSON) of what the screen shows now: what a push at that seq contains, byte for byte."""
        view = self._build(screen)
        return view["seq"], to_json(view)

    def subscribe(self, screen: Screen, seen: int | None) -> Subscription:
        """Look at a screen. Its current view comes at once, unless ``seen`` says it is there already."""
        view = self._build(screen)
        watch = self._watches.setdefault(screen, _Watch())
        if not watch.screens:
            watch.view, watch.encoded = view, to_json(view)
        subscription = Subscription(screen, watch)
        watch.screens.add(subscription)
        if seen != view["seq"]:
            subscription.put(to_json(view))
        return subscription

    def publish(self) -> int:
        """Bring every screen that is looked at up to date; returns how many views were delivered."""
        delivered = 0
        for screen, watch in list(self._watches.items()):
            if not watch.screens:
                del self._watches[screen]
            elif _changed(view := self._build(screen), watch.view):
                watch.view, watch.encoded = view, to_json(view)
                for subscription in watch.screens:
                    subscription.put(watch.encoded)
                delivered += len(watch.screens)
        return delivered

    def close(self, reason: str) -> None:
        """End every subscription."""
        for watch in list(self._watches.values()):
            for subscription in list(watch.screens):
                subscription.close(reason)
        self._watches.clear()


def _changed(new: View, old: View) -> bool:
    """Whether anything a person could see differs: ``seq`` and ``at`` alone are not worth a message."""
    return {**new, "seq": 0, "at": ""} != {**old, "seq": 0, "at": ""}
