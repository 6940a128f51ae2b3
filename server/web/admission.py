"""Who is let in when more come than can be served: staff before shoppers before those who only look.

Decided when a request's headers are complete, before anything is built for it, so that a refusal costs next to
nothing and comes at once, with a time to come back (``Retry-After``). Two things are looked at: how many requests
of the lane are under way (a bound, always), and how late the event loop is. A loop that is late serves fewer
shoppers and viewers at a time, and a socket that wants to open waits outside until it has caught up; staff keep their lane.
"""

import asyncio
from collections import Counter
from enum import StrEnum
from functools import cache
from secrets import SystemRandom

from server import metrics
from server.web import i18n, limits
from server.web.problems import Problem

VARIANTS = 10  # times to come back, so that not everybody does at once
CHANCE = SystemRandom()


class Lane(StrEnum):
    """Who asks, as far as method and path tell. Health is always answered: whoever restarts a server reads it."""

    HEALTH = "health"
    STAFF = "staff"
    SHOPPER = "shopper"
    VIEW = "view"


ALWAYS = float("inf")
MOST = {
    Lane.HEALTH: (limits.STAFF_AT_ONCE, ALWAYS, limits.STAFF_AT_ONCE),
    Lane.STAFF: (limits.STAFF_AT_ONCE, ALWAYS, limits.STAFF_AT_ONCE),
    Lane.SHOPPER: (limits.SHOPPERS_AT_ONCE, limits.SHOPPERS_LATE_S, limits.SHOPPERS_WHEN_LATE),
    Lane.VIEW: (limits.VIEWS_AT_ONCE, limits.VIEWS_LATE_S, limits.VIEWS_WHEN_LATE),
}
"""Requests under way: while all is well, and while the loop is late by more than the seconds between the two."""


def lane_of(method: str, path: str) -> Lane:
    """The lane of a request."""
    if path in ("/health", "/ready", "/metrics"):
        return Lane.HEALTH
    if method in ("GET", "HEAD"):
        return Lane.VIEW
    staff = path.startswith(("/api/v1/stores/", "/api/v1/session")) and ("/staff/" in path or "/manager/" in path or "/session" in path)
    return Lane.STAFF if staff else Lane.SHOPPER


def glance(data: bytes) -> tuple[Lane, bytes] | None:
    """(lane, Accept-Language) of the one whole request that ``data`` is, looked at and not read; None for anything less plain.

    A fifth of what parsing costs, for requests that are refused whatever they say.
    """
    head, ended, body = data.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    said = {name.lower(): value.strip() for name, _, value in (field.partition(b":") for field in fields)}
    words = line.split(b" ")
    if not ended or len(words) != 3 or said.keys() & _NOT_PLAIN or said.get(b"content-length", b"0") != b"%d" % len(body):
        return None
    return lane_of(words[0].decode("latin-1"), words[1].partition(b"?")[0].decode("latin-1")), said.get(b"accept-language", b"")


_NOT_PLAIN = {b"transfer-encoding", b"upgrade", b"connection", b"expect"}


class Admission:
    """The door of one process; it belongs to the event loop that called ``start``."""

    def __init__(self) -> None:
        self.late_s = 0.0  # how late the loop was at worst, forgotten within a second
        self._inside: Counter[Lane] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pulse: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        """Begin to feel the loop's pulse."""
        self._loop = asyncio.get_running_loop()
        self._beat()

    def stop(self) -> None:
        """Feel it no more."""
        if self._pulse is not None:
            self._pulse.cancel()

    def full(self, lane: Lane) -> bool:
        """Whether there is no place in the lane."""
        usually, late_s, when_late = MOST[lane]
        return self._inside[lane] >= (when_late if self.late_s > late_s else usually)

    def enter(self, lane: Lane) -> bool:
        """Take a place in the lane until ``leave``; False when there is none."""
        if self.full(lane):
            metrics.REFUSED.labels(lane).inc()
            return False
        self._inside[lane] += 1
        return True

    def leave(self, lane: Lane) -> None:
        """What took a place is answered."""
        self._inside[lane] -= 1

    def pause_s(self) -> float:
        """How long the next request of somebody just refused is left unread: nothing on a loop in time, more on one that is not."""
        return min(limits.BUSY_RETRY_S, limits.PAUSE_PER_LATE * self.late_s) if self.late_s > 2 * limits.PULSE_S else 0.0

    def socket_may_open(self) -> bool:
        """Whether a handshake is served now."""
        if self.late_s <= limits.VERY_LATE_S:
            return True
        metrics.REFUSED.labels("socket").inc()
        return False

    def _beat(self) -> None:
        assert self._loop is not None
        now = self._loop.time()
        late_s = now - self._due if self._due else 0.0
        self.late_s = max(late_s, self.late_s * limits.LATE_FADES)
        self._due = now + limits.PULSE_S
        self._pulse = self._loop.call_at(self._due, self._beat)


def retry_s() -> float:
    """When to come back: not everybody at once."""
    return limits.BUSY_RETRY_S * (1.0 + CHANCE.random())


def refusal(accept_language: bytes) -> bytes:
    """A whole response that says "busy", in the one error shape and in the first language of the header that there is."""
    languages = i18n.languages("errors")
    asked = (part.strip()[:2].decode("latin-1").lower() for part in accept_language.split(b","))
    return _ready(next((language for language in asked if language in languages), "en"), CHANCE.randrange(VARIANTS))


@cache
def _ready(language: str, variant: int) -> bytes:
    return Problem("busy", retry_after_s=limits.BUSY_RETRY_S * (1.0 + variant / VARIANTS)).raw(language)
