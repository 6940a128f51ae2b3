"""Asks all sockets whether somebody is still there, a few at a time: one timer of the house instead of two of each socket.

Every socket is asked once in ``limits.PING_S`` and given up when it has not answered ``limits.PING_TIMEOUT_S`` later, as
before, but those of one beat are asked one after the other with the same frame, while the code and the receiver are warm.
"""

import asyncio
import random
import struct
from typing import Final, Protocol

from server.web import limits

BEAT_S: Final = 0.1
ROUND: Final = round(limits.PING_S / BEAT_S)
PATIENCE: Final = round(limits.PING_TIMEOUT_S / BEAT_S)
STOPPED_S: Final = 2.0  # beats missed by less are made up for; after a longer stop, what was answered meanwhile is not read yet
PING: Final = b"\x89\x04"  # RFC 6455, 5.5.2, whole and not masked, with four bytes to be said again
PONG: Final = b"\x8a\x84"  # the answer's beginning: whole and masked, then the mask, then the four bytes


class Asked(Protocol):
    """A socket that is asked."""

    def ask(self, word: int) -> None:
        """Send a ping with this word (32 bits), unless the socket is closing."""

    def expect(self) -> None:
        """The time to answer is over: give the socket up if it has not."""


class Heartbeat:
    """The sockets of one process, in the order in which they are asked; it belongs to the event loop that called ``start``."""

    def __init__(self) -> None:
        self._beats: list[dict[Asked, None]] = [{} for _ in range(ROUND)]
        self._places: dict[Asked, int] = {}
        self._now = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._places)

    def start(self) -> None:
        """Begin to ask."""
        loop = asyncio.get_running_loop()
        self._due = loop.time()
        self._later(loop)

    def stop(self) -> None:
        """Ask no more."""
        if self._timer is not None:
            self._timer.cancel()

    def join(self, socket: Asked) -> None:
        """Ask this socket from now on, the first time after a whole round."""
        self._places[socket] = self._now
        self._beats[self._now][socket] = None

    def leave(self, socket: Asked) -> None:
        """The socket is closed; harmless to repeat."""
        if (place := self._places.pop(socket, None)) is not None:
            del self._beats[place][socket]

    def beat(self) -> None:
        """Ask those whose turn it is, and look whether those asked some time ago have answered."""
        self._now = (self._now + 1) % ROUND
        for socket in list(self._beats[(self._now - PATIENCE) % ROUND]):
            socket.expect()
        word = random.getrandbits(32)
        for socket in list(self._beats[self._now]):
            socket.ask(word)

    def _later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due += BEAT_S
        if loop.time() - self._due > STOPPED_S:
            self._due = loop.time()
        self._timer = loop.call_at(self._due, self._beat, loop)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        self._later(loop)
        self.beat()


def ping(word: int) -> bytes:
    """The frame that asks."""
    return PING + struct.pack("!I", word)


def word_of(frame: bytes) -> int | None:
    """The word that a pong says again, if that is all that ``frame`` is; None for anything else."""
    if len(frame) != 10 or not frame.startswith(PONG):
        return None
    mask, said = struct.unpack_from("!II", frame, 2)
    return int(mask ^ said)
