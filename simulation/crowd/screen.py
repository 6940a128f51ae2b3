"""One screen: a socket that comes back by itself and the latest view it was sent."""

import asyncio
import contextlib
import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from simulation.crowd.clock import StoreClock
from simulation.crowd.history import History

View = dict[str, Any]

POLICY, TOKEN_UNKNOWN, TAKEN_OVER = 1008, 4401, 4409
FINAL = {POLICY, TOKEN_UNKNOWN, TAKEN_OVER}  # coming back would not help
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0  # wall time, full jitter
CATCH_UP_S = 3.0  # wall time to wait for the view that shows one's own command


class Screen:
    """The view a person looks at. ``hello`` is what is said first, without ``seen``, which is added at each return."""

    def __init__(
        self, url: str, hello: View, clock: StoreClock, history: History, rng: Random, name: str, headers: dict[str, str] | None = None
    ) -> None:
        self._url, self._hello, self._headers = url, hello, headers or {}
        self._clock, self._history, self._rng, self.name = clock, history, rng, name
        self.view: View = {}
        self.closed_code: int | None = None  # set when the server said that coming back is useless
        self._news = asyncio.Event()

    @property
    def seq(self) -> int:
        """Sequence number of the view shown, -1 before the first."""
        return int(self.view.get("seq", -1))

    def show(self, view: View | None) -> None:
        """Look at this view, unless it is older than the one shown."""
        if view and int(view["seq"]) >= self.seq:
            self.view = view
            self._news.set()

    async def run(self) -> None:
        """Keep the socket open for ever; returns only when the server says that it is useless to come back."""
        pause_s = FIRST_PAUSE_S
        while self.closed_code is None:
            try:
                async with connect(
                    self._url, additional_headers=self._headers, proxy=None, compression=None, max_size=2**18, close_timeout=2
                ) as socket:
                    pause_s = FIRST_PAUSE_S
                    await self._listen(socket)
            except ConnectionClosed as closed:
                pause_s = self._after_close(closed, pause_s)
            except (OSError, InvalidHandshake, TimeoutError):
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            if self.closed_code is None:
                await asyncio.sleep(self._rng.uniform(0, pause_s))

    async def _listen(self, socket: ClientConnection) -> None:
        seen = None if self.seq < 0 else self.seq
        await socket.send(json.dumps({"type": "hello", **self._hello, "seen": seen}))
        async for message in socket:
            view = json.loads(message)
            if "seq" in view:
                self._history.add(self.name, "view", self._hello.get("screen", "phone"), "ok", {"seq": view["seq"], "behind": self.seq})
                self.show(view)

    def _after_close(self, closed: ConnectionClosed, pause_s: float) -> float:
        code = closed.rcvd.code if closed.rcvd else 1006
        if code in FINAL:
            self.closed_code = code
            self._news.set()
        hint = re.search(r"\d+", closed.rcvd.reason) if closed.rcvd else None
        return int(hint.group()) / 1000 if hint else min(pause_s * 2, LONGEST_PAUSE_S)

    async def until(self, wanted: Callable[[View], bool], within_s: float | None = None) -> bool:
        """Wait for a view that is ``wanted``; False after ``within_s`` (store seconds) or when the screen is dead."""
        limit_s = None if within_s is None else max(within_s, 0.0) / self._clock.speed
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while not (self.view and wanted(self.view)):
                    if self.closed_code is not None:
                        return False
                    self._news.clear()
                    await self._news.wait()
                return True
        return False

    async def caught_up(self, seq: int) -> None:
        """Wait (briefly) until one's own command shows."""
        await self.until(lambda view: int(view["seq"]) >= seq, CATCH_UP_S * self._clock.speed)
