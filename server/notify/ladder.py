"""One message climbs the ways to a shopper, cheapest first, until one works; each way is tried at most once.

A way is claimed in the journal before it is used, so that neither a crash nor another node sends the same twice: a
message that may have been sent is never sent again. For the call itself, a way that worked is believed when the
shopper's phone acknowledges; when it does not in time, the next way is tried too. It is over within ``OVER_S``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

WAY_S: Final = 4.5  # for one way to say how it went
SEEN_S: Final = 4.0  # for the phone to say that it rang
OVER_S: Final = 15.0  # two ways and the pause between them, with room for the journal


class How(StrEnum):
    """How one way went."""

    SENT = "sent"  # the service took it
    GONE = "gone"  # the subscription is over and is forgotten
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Note:
    """What is said: in the shopper's language, nothing promotional. ``rung`` is its place in the visit."""

    rung: str
    title: str
    body: str
    url: str = ""
    calendar: bytes = b""  # a file that an e-mail brings along


class Sender(Protocol):
    """Takes notes to an address of its own kind."""

    async def send(self, to: str, note: Note) -> How:
        """Send it; may raise or hang."""


class Way(Sender, Protocol):
    """One way to a shopper."""

    name: str


Claim = Callable[[str], Awaitable[bool]]
Settle = Callable[[str, How], Awaitable[None]]


async def climb(note: Note, ways: Sequence[tuple[Way, str]], claim: Claim, settle: Settle, seen: asyncio.Event | None = None) -> bool:
    """Try each (way, address) in turn; whether the message was taken by a service or ``seen`` by the shopper.

    Without ``seen`` (a message that is no call) the first way that works ends it.
    """
    taken = False
    for way, to in ways:
        if seen is not None and seen.is_set():
            return True
        message = f"{note.rung}/{way.name}"
        if not await claim(message):
            continue
        how = await _sent(way, to, note)
        await settle(message, how)
        if how is not How.SENT:
            continue
        taken = True
        if seen is None or await _in_time(seen):
            return True
    return taken or (seen is not None and await _in_time(seen))


async def _sent(way: Way, to: str, note: Note) -> How:
    try:
        async with asyncio.timeout(WAY_S):
            return await way.send(to, note)
    except Exception:  # whatever the outside world does, the next way is tried
        return How.FAILED


async def _in_time(seen: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(SEEN_S):
            return await seen.wait()
    except TimeoutError:
        return False
