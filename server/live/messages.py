"""What the live drivers and the faces say to each other: answers, screens, and the three things that can go wrong."""

from dataclasses import dataclass
from typing import Any, Literal

from server.journal.port import StorageTrouble
from server.rules.refusals import Refusal

__all__ = ["Answer", "Busy", "Screen", "StorageTrouble", "SubscriptionClosed", "UnknownScreen", "UnknownStore"]

Screen = tuple[str, ...]
"""("phone", ticket), ("staff", salesperson), ("board",), ("kiosk",) or ("floor",)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A decided command: it is on disk. ``repeated``: it was decided before, and this is the same answer again."""

    status: Literal["ok", "refused"]
    body: dict[str, Any]
    refusal: Refusal | None = None
    repeated: bool = False


class Busy(Exception):
    """Too much is waiting already; nothing was done. Come back after ``retry_after_s``."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"busy, try again in {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class UnknownStore(LookupError):
    """There is no store with this id here."""


class UnknownScreen(LookupError):
    """The store has no such ticket, salesperson or kind of screen."""


class SubscriptionClosed(Exception):
    """The screen's subscription is over: ``reason`` is "closed" (by its owner) or "stopping" (the server goes down)."""

    def __init__(self, reason: str = "closed") -> None:
        super().__init__(reason)
        self.reason = reason
