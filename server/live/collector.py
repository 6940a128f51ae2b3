"""Garbage collection decides the worst delay: with 10,000 sockets open one full collection stops the loop for 0.7 s.

What lives long (modules, templates, connections) is frozen after start and again as connections grow, so
that collections look only at what is new. Frozen objects are still freed by their reference counts.
"""

import gc

from server.live import limits


class Collector:
    """Freezes what is there at start, and after every thousand new screens."""

    def __init__(self) -> None:
        self._since = 0

    def start(self) -> None:
        """Forget everything allocated so far."""
        self._since = 0
        gc.collect()
        gc.freeze()

    def connected(self) -> None:
        """Count a new screen."""
        self._since += 1
        if self._since >= limits.FREEZE_EVERY_SUBSCRIPTIONS:
            self._since = 0
            gc.collect(1)  # freezing garbage would keep it; the young generations are cheap to look through
            gc.freeze()

    def stop(self) -> None:
        """Let the collector see everything again (tests start many servers in one process)."""
        gc.unfreeze()
