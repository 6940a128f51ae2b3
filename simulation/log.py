"""What happened in a simulated or replayed day, one row per step of a visit, in the order they began to wait."""

from math import nan

WAITING, ANSWERED, NEXT_STEP = "", "answered", "next_step"
LEFT, VANISHED, CLOSED, VOID = "left", "vanished", "closed", "void"


class Log:
    """Columns of equal length; times in seconds, nan when it did not happen.

    ``person`` is an index into the crew (-1: nobody). ``balked_at`` and ``balked_for`` are the shoppers who
    found the store full. ``duty`` has (person, from, until) of everybody on the floor. ``queue_area_s`` is the
    integral of the number waiting, kept by the clock and not from the rows: Little's law can be checked on it.
    """

    __slots__ = (
        "balked_at", "balked_for", "called_at", "duty", "ended_at", "finished_at", "outcome", "person", "queue_area_s", "queued_at",
        "service", "started_at", "step", "visitor",
    )  # fmt: skip

    def __init__(self) -> None:
        self.visitor: list[int] = []
        self.step: list[int] = []
        self.service: list[str] = []
        self.queued_at: list[float] = []
        self.called_at: list[float] = []
        self.started_at: list[float] = []
        self.finished_at: list[float] = []
        self.ended_at: list[float] = []  # of the waiting: start, leaving or closing
        self.outcome: list[str] = []
        self.person: list[int] = []
        self.balked_at: list[float] = []
        self.balked_for: list[str] = []
        self.duty: list[tuple[int, float, float]] = []
        self.queue_area_s = 0.0

    def add(self, visitor: int, step: int, service: str, now: float) -> int:
        """A shopper begins to wait; the number of the new row."""
        self.visitor.append(visitor)
        self.step.append(step)
        self.service.append(service)
        self.queued_at.append(now)
        self.called_at.append(nan)
        self.started_at.append(nan)
        self.finished_at.append(nan)
        self.ended_at.append(nan)
        self.outcome.append(WAITING)
        self.person.append(-1)
        return len(self.visitor) - 1
