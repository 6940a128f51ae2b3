"""Garbage collection decides the worst delay: with 10,000 sockets open one full collection stops the loop for 0.7 s.

So there is none while anybody waits. What outlives the second generation (connections, the newest views) is frozen with
what was there at the start, so that collections look only at what is new. Frozen objects are still freed by their
reference counts; connections take their own knots apart when they end (``server.serve``), and what else lies there in
knots is found in a quiet hour.
"""

import gc
from typing import Any

from server.live import limits


class Collector:
    """Freezes what is there at start, after every thousand new screens, and what outlives the second generation."""

    def __init__(self) -> None:
        self._since, self._usual = 0, gc.get_threshold()

    def start(self) -> None:
        """Forget everything allocated so far."""
        self._since = 0
        gc.enable()
        self.clean()
        gc.set_threshold(limits.GARBAGE_YOUNG, limits.GARBAGE_OLDER, limits.GARBAGE_OLDEST)
        gc.callbacks.append(self._collected)

    def connected(self) -> None:
        """Count a new screen."""
        self._since += 1
        if self._since >= limits.FREEZE_EVERY_SUBSCRIPTIONS:
            self._since = 0
            gc.collect(1)  # freezing garbage would keep it; the young generations are cheap to look through
            gc.freeze()

    def stop(self) -> None:
        """Let the collector see everything again (tests start many servers in one process)."""
        if self._collected in gc.callbacks:
            gc.callbacks.remove(self._collected)
            gc.set_threshold(*self._usual)
            gc.unfreeze()

    def clean(self) -> None:
        """Look through everything: half a second for 10,000 sockets, so only while nobody waits."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def _collected(self, phase: str, info: dict[str, Any]) -> None:
        if phase == "stop" and info["generation"] == 1:
            gc.freeze()
