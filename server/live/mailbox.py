"""What waits for a store's turn, in two lanes: staff first. Both are bounded, so a full one refuses at once.

Behind a full lane of shoppers a salesperson's tap would wait for a thousand joins; and the tap is what makes the
line shorter. The other lane is never starved: a share of every turn is its own.
"""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from server.live import limits
from server.live.messages import Busy

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Letters in two lanes; ``urgent(letter)`` says which belongs to staff."""

    def __init__(self, urgent: Callable[[T], bool]) -> None:
        self._urgent = urgent
        self._staff: deque[T] = deque()
        self._others: deque[T] = deque()

    def __len__(self) -> int:
        return len(self._staff) + len(self._others)

    def put(self, letter: T) -> None:
        """Add it to the end of its lane. Raises Busy when that is full."""
        lane, most = (self._staff, limits.STAFF_LANE_MAX) if self._urgent(letter) else (self._others, limits.MAILBOX_MAX)
        if len(lane) >= most:
            raise Busy(limits.MAILBOX_RETRY_S)
        lane.append(letter)

    def take(self, most: int) -> list[T]:
        """The letters of the next turn, staff first, an eighth of it kept for the others."""
        kept = min(len(self._others), most // 8)
        letters = [self._staff.popleft() for _ in range(min(len(self._staff), most - kept))]
        letters += [self._others.popleft() for _ in range(min(len(self._others), most - len(letters)))]
        return letters
