"""Cuts database connections that nobody answers: a network that swallows packets would hold a thread for minutes."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

LOOK_EVERY_S = 0.5


class Watchdog:
    """Looks after every question under way; one that takes longer than ``patience_s`` loses its connection, and so ends."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._under_way: dict[int, float] = {}
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, connection: Any) -> Iterator[None]:
        """Watch this connection (it has a ``fileno()``) for the time of the block."""
        number = connection.fileno()
        with self._lock:
            self._under_way[number] = time.monotonic() + self._patience_s
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="journal-watch", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._under_way.pop(number, None)

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            now = time.monotonic()
            with self._lock:
                for number, until in list(self._under_way.items()):
                    if now > until:
                        del self._under_way[number]
                        _cut(number)


def _cut(number: int) -> None:
    """End the conversation on this descriptor; whoever reads from it sees its end. The descriptor stays its owner's."""
    with suppress(OSError), socket.socket(fileno=os.dup(number)) as line:
        line.shutdown(socket.SHUT_RDWR)
