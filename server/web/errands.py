"""Work that nobody waits for: begun by a request or for the server's whole life, ended with the server."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

from server.background import end

ERRANDS_MAX: Final = 200  # at once; beyond it nothing is begun


class Errands:
    """A bounded set of tasks of this process."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, Any]) -> bool:
        """Begin it, unless too much is under way already; whether it was begun. The work itself logs what goes wrong."""
        if len(self._tasks) >= ERRANDS_MAX:
            work.close()
            return False
        task = asyncio.create_task(work, name="errand")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    @asynccontextmanager
    async def running(self, *work: Coroutine[Any, Any, Any]) -> AsyncIterator[None]:
        """Begin these, and end everything that is under way when this is over."""
        for each in work:
            self.begin(each)
        try:
            yield
        finally:
            await end(*self._tasks)
