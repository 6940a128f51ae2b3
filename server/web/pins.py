"""PINs: kept as argon2id hashes, tried slowly, locked after a few wrong ones.

A four-digit PIN is weak by itself; what protects it is that every try costs 19 MiB and two passes, that
few run at once, and that an account locks for longer and longer.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.live.clock import Clock
from server.web.limits import BUCKETS, PIN_HASHES_AT_ONCE, PIN_LOCK_MAX_S, PIN_LOCK_S, PIN_TRIES
from server.web.problems import Problem

PASSES, MEMORY_KIB = 2, 19 * 1024
HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Bbu3jDjnDmnT2EczS7qnyA$nPCWHHoax7OzmpcS/tJ0Ngq7oWbyRzvIzhSaLOLcboQ"
"""A hash of nobody's PIN: checking it takes as long as checking somebody's, so that time does not tell who exists."""


@dataclass(slots=True)
class _Tries:
    wrong: int = 0
    locked_until: float = 0.0


class Pins:
    """Makes and checks PIN hashes off the event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()
        self._turn = asyncio.Semaphore(PIN_HASHES_AT_ONCE)

    async def hash(self, pin: str) -> str:
        """What to keep of a PIN."""
        async with self._turn:
            return await asyncio.to_thread(HASHER.hash, pin)

    async def fits(self, pin: str, kept: str) -> bool:
        """Whether this hash is of this PIN; for the server's own use, uncounted."""
        async with self._turn:
            return await asyncio.to_thread(_verify, kept, pin)

    async def check(self, account: tuple[str, str], pin: str, kept: str | None) -> None:
        """Problem ``wrong_pin``, or ``account_locked`` after too many of them; nothing when the PIN is right."""
        tries = self._tries.setdefault(account, _Tries())
        self._tries.move_to_end(account)
        if len(self._tries) > BUCKETS:
            self._tries.popitem(last=False)
        self._refuse_while_locked(tries)
        async with self._turn:
            self._refuse_while_locked(tries)  # others may have failed while this one waited
            right = await asyncio.to_thread(_verify, kept or NOBODY, pin)
        if right and kept:
            self._tries.pop(account, None)
            return
        self._count(tries)
        raise Problem("wrong_pin")

    def _refuse_while_locked(self, tries: _Tries) -> None:
        left = tries.locked_until - self._clock.now()
        if left > 0:
            raise Problem("account_locked", retry_after_s=left)

    def _count(self, tries: _Tries) -> None:
        tries.wrong += 1
        if tries.wrong >= PIN_TRIES:
            tries.locked_until = self._clock.now() + min(PIN_LOCK_MAX_S, PIN_LOCK_S * 2.0 ** (tries.wrong - PIN_TRIES))


def _verify(kept: str, pin: str) -> bool:
    try:
        return HASHER.verify(kept, pin)
    except (VerificationError, InvalidHashError):
        return False
