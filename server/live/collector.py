"""Garbage collection decides the worst delay: with 10,000 sockets open one full collection stops the loop for 0.7 s.

So there is none while anybody waits. What outlives the second generation (connections, the newest views) is frozen with
what was there at the start, so that collections look only at what is new. Frozen objects are still freed by their
reference counts; connections take their own knots apart when they end (``server.connections``, ``server.serve``), and
what else lies there in knots is found in a quiet hour.

The interpreter counts objects made less objects freed, so a store whose new tickets and views replace frozen ones hardly
counts, while what is new grows: a young collection then stops the loop for 50 to 100 ms. Ours come by the clock instead.
"""

import asyncio
import gc
import time
from typing import Any

from server.live import limits


class Collector:
    """Freezes what is there at start, after every thousand new screens, and what outlives the second generation."""

    def __init__(self) -> None:
        self._since, self._usual, self._looks = 0, gc.get_threshold(), 0
        self._timer: asyncio.TimerHandle | None = None
        self._began, self.worst_s = 0.0, 0.0  # the longest pause since the start, those in quiet hours left out

    def start(self) -> None:
        """Forget everything allocated so far, then look at what is new, often and in small portions (in the running loop)."""
        self._since = 0
        gc.enable()
        gc.freeze()  # what is garbage in it goes in the first quiet hour: nobody waits for a start to look through everything
        gc.set_threshold(limits.GARBAGE_YOUNG, limits.GARBAGE_OLDER, limits.GARBAGE_OLDEST)
        gc.callbacks.append(self._collected)
        self._look_later(asyncio.get_running_loop())

    def connected(self) -> None:
        """Count a new screen."""
        self._since += 1
        if self._since >= limits.FREEZE_EVERY_SUBSCRIPTIONS:
            self._since = 0
            gc.collect(1)  # freezing garbage would keep it; the young generations are cheap to look through
            gc.freeze()

    def stop(self) -> None:
        """Let the collector see everything again (tests start many servers in one process)."""
        if self._timer is not None:
            self._timer.cancel()
        if self._collected in gc.callbacks:
            gc.callbacks.remove(self._collected)
            gc.set_threshold(*self._usual)
            gc.unfreeze()

    def clean(self) -> None:
        """Look through everything: half a second for 10,000 sockets, so only while nobody waits."""
        worst_s = self.worst_s
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self.worst_s = worst_s

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = loop.call_later(limits.GARBAGE_EVERY_S, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """At the youngest, and now and then at those that outlived such a look."""
        self._looks += 1
        gc.collect(1 if self._looks % limits.GARBAGE_OLDER == 0 else 0)
        self._look_later(loop)

    def _collected(self, phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
            return
        if info["generation"] == 1:
            gc.freeze()
        self.worst_s = max(self.worst_s, time.perf_counter() - self._began)
