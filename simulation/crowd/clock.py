"""Store time, as the server tells it: the demo's clock runs up to sixty times as fast as the wall's."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any


class StoreClock:
    """The server's clock read once and carried on here; all durations given to it are in store seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._store_at = 0.0
        self._read_at = 0.0
        self.speed = 1.0

    def read(self, answer: dict[str, Any], asked_at: float | None = None) -> None:
        """Take the answer of ``GET /api/v1/clock``; ``asked_at`` (monotonic) halves the error of the way back."""
        answered_at = self._monotonic()
        self._read_at = answered_at if asked_at is None else (asked_at + answered_at) / 2
        self._store_at = instant(answer["now"])
        self.speed = float(answer["speed"])

    def now(self) -> float:
        """Seconds since the epoch, store time."""
        return self._store_at + (self._monotonic() - self._read_at) * self.speed

    async def sleep(self, store_s: float) -> None:
        """Let this much store time pass."""
        await asyncio.sleep(max(store_s, 0.0) / self.speed)

    async def sleep_until(self, at: float) -> None:
        """Wait until this instant of store time; at once when it is past."""
        await self.sleep(at - self.now())


def instant(text: str) -> float:
    """Seconds since the epoch of an ISO 8601 instant."""
    return datetime.fromisoformat(text).timestamp()
