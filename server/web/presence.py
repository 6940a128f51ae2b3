"""Being in the store: the code that kiosk and board show changes every minute, so that a photograph of it fills no line from home.

A code is an HMAC of the store and the minute with the server's own secret (the one of the phone links), so nothing is
stored. It is good for the minute it is shown and ``GRACE`` further ones: time to scan, to choose and to read. A store
that does not want it leaves ``presence`` off.
"""

import hashlib
import hmac
from typing import Final

from server.live.live import Live

ROTATES_S: Final = 60.0
GRACE: Final = 5  # minutes after the one in which it was shown
LETTERS: Final = 16  # hexadecimal: 64 bits, for a few minutes


def code(live: Live, store: str, now: float, ago: int = 0) -> str:
    """The code shown at this instant of real time, or ``ago`` minutes before."""
    return hashlib.sha256(live.token(f"presence {store} {int(now // ROTATES_S) - ago}").encode()).hexdigest()[:LETTERS]


def is_here(live: Live, store: str, now: float, shown: str) -> bool:
    """Whether this code is, or a few minutes ago was, on the screens of the store."""
    return any(hmac.compare_digest(shown.encode(), code(live, store, now, ago).encode()) for ago in range(GRACE + 1))
