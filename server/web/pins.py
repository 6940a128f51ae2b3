"""PINs: kept as argon2id hashes, tried slowly, locked after a few wrong ones.

A four-digit PIN is weak by itself; what protects it is that it counts on enrolled devices only, that every
try costs 19 MiB and two passes, that few run at once, and that an account locks for longer and longer. Each
try is written down before it is looked at, so neither haste nor a restart wins another one.
"""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.journal.devices import Registry
from server.live.clock import Clock
from server.web.limits import PIN_HASHES_AT_ONCE, PIN_LOCK_MAX_S, PIN_LOCK_S, PIN_TRIES
from server.web.problems import Problem

PASSES, MEMORY_KIB = 2, 19 * 1024
HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Bbu3jDjnDmnT2EczS7qnyA$nPCWHHoax7OzmpcS/tJ0Ngq7oWbyRzvIzhSaLOLcboQ"
"""A hash of nobody's PIN: checking it takes as long as checking somebody's, so that time does not tell who exists."""
LOCKS: tuple[float, ...] = (*[0.0] * (PIN_TRIES - 1), *(min(PIN_LOCK_MAX_S, PIN_LOCK_S * 2.0**n) for n in range(10)))
"""For how long the 1st, 2nd, … wrong PIN in a row locks the account."""


class Pins:
    """Makes and checks PIN hashes off the event loop."""

    def __init__(self, clock: Clock, registry: Registry) -> None:
        self._clock, self._registry = clock, registry
        self._turn = asyncio.Semaphore(PIN_HASHES_AT_ONCE)

    async def hash(self, pin: str) -> str:
        """What to keep of a PIN."""
        async with self._turn:
            return await asyncio.to_thread(HASHER.hash, pin)

    async def fits(self, pin: str, kept: str) -> bool:
        """Whether this hash is of this PIN; for the server's own use, uncounted."""
        async with self._turn:
            return await asyncio.to_thread(_verify, kept, pin)

    async def check(self, account: tuple[str, str] | None, pin: str, kept: str | None) -> None:
        """Problem ``wrong_pin``, or ``account_locked`` after too many of them; nothing when the PIN is right.

        ``account``: (store, person), None for somebody who does not exist.
        """
        if account is not None:
            locked_s = await self._registry.count_try(*account, self._clock.now(), LOCKS)
            if locked_s > 0:
                raise Problem("account_locked", retry_after_s=locked_s)
        if not await self.fits(pin, kept or NOBODY) or not kept or account is None:
            raise Problem("wrong_pin")
        await self._registry.forgive(*account)


def _verify(kept: str, pin: str) -> bool:
    try:
        return HASHER.verify(kept, pin)
    except (VerificationError, InvalidHashError):
        return False
