"""What the live drivers ask of a journal, whatever database is behind it.

The contract is small on purpose: one way in (``append``: all or nothing, fenced by the stream's version
and by the ids of the commands), reads of a stream, and two doors for the small tables beside it
(``read`` and ``write`` take a function of a session). SQLite and PostgreSQL are behind this door, and pass the
same suite, ``tests/journal/test_contract.py``.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, runtime_checkable

from sqlalchemy.orm import Session

from server.rules.commands import Command
from server.rules.effects import DropFact, Effect, KeepFact
from server.rules.events import Event

T = TypeVar("T")
Json = dict[str, Any]
Heard = Callable[[str, str, int], None]
"""(store, day, version): another node says that this stream has moved."""


class StorageTrouble(Exception):
    """The database is locked, full, gone or unsure: nothing was acknowledged; try again after ``retry_after_s``."""

    def __init__(self, reason: str, retry_after_s: float = 1.0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class VersionConflict(Exception):
    """Somebody else has appended to this stream: read it again and decide again. Nothing was written."""


class AlreadyDone(Exception):
    """Some commands of the batch had their effect before: ``receipts`` says which and how. Nothing was written."""

    def __init__(self, receipts: Mapping[str, "Kept"]) -> None:
        super().__init__(f"{len(receipts)} of these commands are done already")
        self.receipts = receipts


@dataclass(frozen=True, slots=True)
class Receipt:
    """One decided command. Its events are the versions ``first``..``last`` (none when last < first).

    ``answer`` is the body of the answer, or ``{"code", "facts"}`` when ``refused``.
    """

    id: str
    sender: str
    command: Command
    now: float
    first: int
    last: int
    answer: Json
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt as it is found again: by whom, for what command, with which answer."""

    id: str
    store: str
    day: str
    sender: str
    command: Command
    answer: Json
    refused: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """A command of a recorded day: replaying these in order gives the day's events again."""

    id: str
    sender: str
    command: Command
    now: float
    first: int
    last: int
    refused: bool


@dataclass(frozen=True, slots=True)
class DayHead:
    """A stream: ``base`` is what the versions of earlier days add up to, so that a screen's seq never goes back."""

    store: str
    day: str
    base: int
    version: int
    ended: bool


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An effect to deliver at least once, not before ``due_at``. A second one with the same key only moves the time."""

    key: str
    effect: Effect
    due_at: float


@dataclass(frozen=True, slots=True)
class ContactCard:
    """All that is personal about one ticket; gone at ``erase_at`` at the latest."""

    ticket: str
    name: str
    phone: str
    erase_at: float


@dataclass(frozen=True, slots=True)
class Farewell:
    """The visit of this ticket is over: its contact, if there is one, goes at ``erase_at`` or before."""

    ticket: str
    erase_at: float


@dataclass(frozen=True, slots=True)
class PhoneLink:
    """Which ticket a phone's secret link opens; only the SHA-256 of the token is kept."""

    token_hash: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Append:
    """One store's batch: everything in it is written, or nothing is.

    ``after`` is the version the batch was decided on; ``base`` matters only with the first events of a day.
    """

    store: str
    day: str
    after: int
    base: int = 0
    events: Sequence[Event] = ()
    receipts: Sequence[Receipt] = ()
    facts: Sequence[KeepFact | DropFact] = ()
    outgoing: Sequence[Outgoing] = ()
    contacts: Sequence[ContactCard] = ()
    farewells: Sequence[Farewell] = ()
    links: Sequence[PhoneLink] = ()
    ended: bool = field(default=False)


class Journal(Protocol):
    """The port. Every method may raise StorageTrouble, and then has not acknowledged anything."""

    async def append(self, batch: Append) -> None:
        """Make the batch durable, or raise VersionConflict, AlreadyDone or StorageTrouble and write nothing of it.

        After StorageTrouble the outcome may be unknown (a commit that failed late): read the stream again.
        """

    async def days(self, store: str, limit: int = 2) -> list[DayHead]:
        """The store's newest streams, newest first."""

    async def events(self, store: str, day: str, after: int = 0) -> list[Event]:
        """The stream's events with a version greater than ``after``, in order."""

    async def recorded(self, store: str, day: str) -> list[Recorded]:
        """Every command of the day with the time it was decided at, in order: a day that can be replayed."""

    async def receipts(self, ids: Sequence[str]) -> dict[str, Kept]:
        """The receipts there are for these command ids."""

    async def read(self, question: Callable[[Session], T]) -> T:
        """What the function answers on a consistent view of the tables; it must not write."""

    async def write(self, change: Callable[[Session], T]) -> T:
        """Run the function in one transaction of its own, committed when it returns."""

    async def scrub(self, tables: Collection[str] = ()) -> None:
        """Leave no trace of what was deleted from these tables, or is still left from before, in the database's files and logs."""

    async def close(self) -> None:
        """Finish what is under way and let go of the database."""


@runtime_checkable
class SharedJournal(Journal, Protocol):
    """A journal that other nodes append to as well."""

    async def heads(self, stores: Sequence[str]) -> dict[str, tuple[str, int]]:
        """(day, version) of the newest stream of each of these stores that has one: the truth about what others wrote."""

    async def listen(self, heard: Heard) -> None:
        """Call ``heard`` soon after another node's append, in this loop; now and then it may be forgotten."""
