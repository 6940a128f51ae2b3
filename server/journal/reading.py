"""The port's questions about streams, the same on every database: each is a function of a session."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from server.journal import streams
from server.journal.port import DayHead, Kept, Recorded
from server.rules.events import Event

T = TypeVar("T")


class StreamReader(ABC):
    """What ``read`` gives for nothing."""

    @abstractmethod
    async def read(self, question: Callable[[Session], T]) -> T:
        """See the port."""

    async def days(self, store: str, limit: int = 2) -> list[DayHead]:
        """See the port."""
        return await self.read(lambda session: streams.days(session, store, limit))

    async def events(self, store: str, day: str, after: int = 0) -> list[Event]:
        """See the port."""
        return await self.read(lambda session: streams.events(session, store, day, after))

    async def recorded(self, store: str, day: str) -> list[Recorded]:
        """See the port."""
        return await self.read(lambda session: streams.recorded(session, store, day))

    async def receipts(self, ids: Sequence[str]) -> dict[str, Kept]:
        """See the port."""
        return await self.read(lambda session: streams.receipts(session, ids))
