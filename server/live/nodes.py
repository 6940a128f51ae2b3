"""Several nodes on one journal: hearing of what the others wrote, soon by their word and surely by looking.

A wake-up says which stream has moved; one that got lost costs a second, because the heads of all streams are
looked at that often. Nodes come and go without being counted: whoever can reach the journal is one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from server.background import end
from server.journal.port import SharedJournal, StorageTrouble
from server.live import limits

log = logging.getLogger(__name__)


class Follower(Protocol):
    """A store that can be told where its stream is."""

    def hear(self, day: str, version: int) -> None:
        """Somebody says that the stream of ``day`` is at ``version``."""


class Nodes:
    """This node's view of what the others do."""

    def __init__(self, journal: SharedJournal, stores: Mapping[str, Follower], discover: Callable[[], Awaitable[None]]) -> None:
        """``discover`` takes up stores that were founded on another node."""
        self._journal, self._stores, self._discover = journal, stores, discover
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen and to look."""
        await self._journal.listen(self._heard)
        self._task = asyncio.create_task(self._look_for_ever(), name="nodes")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            await end(self._task)
            self._task = None

    def _heard(self, store: str, day: str, version: int) -> None:
        if store in self._stores:
            self._stores[store].hear(day, version)

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(limits.LOOK_EVERY_S)
            try:
                await self._discover()
                for store, (day, version) in (await self._journal.heads(list(self._stores))).items():
                    self._heard(store, day, version)
            except StorageTrouble as trouble:
                log.info("what other nodes wrote is looked at later: %s", trouble)
