"""Feeds the screens of one store. A screen has one slot for its latest view, and never a queue.

After every commit each distinct screen's view is built once, encoded once, and put into the slots of
those who look at it, but only if anything in it changed besides ``seq`` and ``at``. What was shown is kept as
bytes: a view is thirty objects, and ten thousand of them are what the garbage collector has to walk through.
A sink takes it from there at once if its socket is free; a socket that is slow finds one newer view in its slot, not a backlog;
a screen that comes back is given the current view.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from server.live.messages import Screen, SubscriptionClosed
from server.live.screens import Shown


class Encoded:
    """A view as JSON. ``wire`` is for whoever sends it: what a thousand sockets are sent is framed once."""

    __slots__ = ("json", "wire")

    def __init__(self, json: bytes) -> None:
        self.json = json
        self.wire: bytes | None = None


class Showing(Protocol):
    """Everything that the screens of a store show at one moment."""

    def show(self, screen: Screen) -> Shown:
        """What ``screen`` shows. Raises UnknownScreen."""

    def sign(self, screen: Screen) -> object:
        """Something by which to see that the screen shows the same as when it was equal; None where that is not known."""


Turn = Callable[[], Showing]
"""What is shown now."""


class Sink(Protocol):
    """A socket that takes views without being waited for."""

    def offer(self, view: Encoded) -> bool:
        """Send it now, or say False: the newest view is offered again when ``Subscription.flush`` is called."""

    def over(self, reason: str) -> None:
        """No more views will come."""


class Subscription:
    """One socket's place: views go to its sink, or are asked for with ``latest``. What was not taken in time is replaced."""

    __slots__ = ("_closed", "_sink", "_slot", "_waiter", "_watch", "screen")

    def __init__(self, screen: Screen, watch: "_Watch") -> None:
        self.screen = screen
        self._watch = watch
        self._sink: Sink | None = None
        self._slot: Encoded | None = None
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
        return view.json

    def feed(self, sink: Sink) -> None:
        """From now on give every view to ``sink``, the one that waits first."""
        self._sink = sink
        self.flush()

    def flush(self) -> None:
        """Offer what is in the slot: the socket may be free again."""
        if self._slot is not None and self._sink is not None and self._sink.offer(self._slot):
            self._slot = None

    def put(self, view: Encoded) -> None:
        """Replace what is in the slot, or send it past it."""
        if self._sink is not None and self._sink.offer(view):
            self._slot = None
        else:
            self._slot = view
            self._wake()

    def close(self, reason: str = "closed") -> None:
        """Give the place back; harmless to repeat. The sink is told unless its owner closes it."""
        if self._closed is None:
            self._closed = reason
            self._watch.remove(self)
            self._wake()
            sink, self._sink = self._sink, None
            if sink is not None and reason != "closed":
                sink.over(reason)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class _Watch:
    """What one distinct screen shows now, and who looks at it."""

    __slots__ = ("_hub", "screens", "shown", "sign")

    def __init__(self, hub: "Hub") -> None:
        self._hub, self.shown = hub, b""
        self.sign: object = None
        self.screens: set[Subscription] = set()

    def add(self, subscription: Subscription) -> None:
        """One more looks at it."""
        self.screens.add(subscription)
        self._hub.count += 1

    def remove(self, subscription: Subscription) -> None:
        """One less."""
        self.screens.discard(subscription)
        self._hub.count -= 1


class Hub:
    """The screens of one store."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._watches: dict[Screen, _Watch] = {}
        self.count = 0  # subscriptions that are open

    def __len__(self) -> int:
        return self.count

    def view(self, screen: Screen) -> tuple[int, bytes]:
        """(seq, JSON) of what the screen shows now: what a push at that seq contains, byte for byte."""
        shown = self._turn().show(screen)
        return shown.seq, shown.json

    def subscribe(self, screen: Screen, seen: int | None) -> Subscription:
        """Look at a screen. Its current view comes at once, unless ``seen`` says it is there already."""
        shown = self._turn().show(screen)
        watch = self._watches.get(screen)
        if watch is None:
            watch = self._watches[screen] = _Watch(self)
        if not watch.screens:
            watch.shown, watch.sign = shown.rest, None
        subscription = Subscription(screen, watch)
        watch.add(subscription)
        if seen != shown.seq:
            subscription.put(Encoded(shown.json))
        return subscription

    def publish(self) -> int:
        """Bring every screen that is looked at up to date; returns how many views were delivered."""
        delivered = 0
        for view, subscriptions in self._news():
            for subscription in subscriptions:
                subscription.put(view)
            delivered += len(subscriptions)
        return delivered

    def _news(self) -> list[tuple[Encoded, tuple[Subscription, ...]]]:
        """What is to be shown to whom. Sent is afterwards, in one go: a receiver that is still awake costs half as much to reach."""
        news: list[tuple[Encoded, tuple[Subscription, ...]]] = []
        page, unwatched = self._turn(), []
        for screen, watch in self._watches.items():
            if not watch.screens:
                unwatched.append(screen)
                continue
            sign = page.sign(screen)
            if sign is not None and sign == watch.sign:
                continue
            watch.sign = sign
            if (shown := page.show(screen)).rest != watch.shown:
                watch.shown = shown.rest
                news.append((Encoded(shown.json), tuple(watch.screens)))
        for screen in unwatched:
            del self._watches[screen]
        return news

    def close(self, reason: str) -> None:
        """End every subscription."""
        for watch in list(self._watches.values()):
            for subscription in list(watch.screens):
                subscription.close(reason)
        self._watches.clear()
