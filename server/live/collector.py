"""Garbage collection decides the worst delay: with 10,000 sockets open one full collection stops the loop for 0.7 s.

What lives long (modules, templates, connections, the newest views) is frozen: after start, as connections grow, and
after every full collection, so that each looks only at what is new since the last one. Frozen objects are
still freed by their reference counts; connections take their own knots apart when they end (``server.serve``).
"""

import gc
from typing import Any

from server.live import limits


class Collector:
    """Freezes what is there at start, after every thousand new screens, and what outlives a full collection."""

    def __init__(self) -> None:
        self._since = 0

    def start(self) -> None:
        """Forget everything allocated so far."""
        self._since = 0
        gc.enable()
        gc.collect()
        gc.freeze()
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
            gc.unfreeze()

    def _collected(self, phase: str, info: dict[str, Any]) -> None:
        if phase == "stop" and info["generation"] == 2:
            gc.freeze()
