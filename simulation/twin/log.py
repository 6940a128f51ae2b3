"""What happened in a simulated or replayed day, one row per step of a visit, in the order they began to wait."""

from math import nan

WAITING, ANSWERED, NEXT_STEP = "", "answered", "next_step"
LEFT, VANISHED, CLOSED, VOID = "left", "vanished", "closed", "void"


_COLUMNS = ("visitor", "step", "service", "queued_at", "called_at", "started_at", "finished_at", "ended_at", "outcome", "person")


class Log:
    """Columns of equal length; times in seconds, nan when it did not happen.

    ``person`` is an index into the crew (-1: nobody). ``balked_at`` and ``balked_for`` are the shoppers who
    found the store full. ``duty`` has (person, from, until) of everybody on the floor. ``queue_area_s`` is the
    integral of the number waiting, kept by the clock and not from the rows: Little's law can be checked on it.
    """

    __slots__ = (
        *_COLUMNS, "balked_at", "balked_for", "duty", "queue_area_s", "rows",
    )  # fmt: skip

    def __init__(self, rows_max: int) -> None:
        self.rows = 0
        self.visitor = [-1] * rows_max
        self.step = [0] * rows_max
        self.service = [""] * rows_max
        self.queued_at = [nan] * rows_max
        self.called_at = [nan] * rows_max
        self.started_at = [nan] * rows_max
        self.finished_at = [nan] * rows_max
        self.ended_at = [nan] * rows_max  # of the waiting: start, leaving or closing
        self.outcome = [WAITING] * rows_max
        self.person = [-1] * rows_max
        self.balked_at: list[float] = []
        self.balked_for: list[str] = []
        self.duty: list[tuple[int, float, float]] = []
        self.queue_area_s = 0.0

    def add(self, visitor: int, step: int, service: str, now: float) -> int:
        """A shopper begins to wait; the number of the new row."""
        row = self.rows
        self.rows = row + 1
        self.visitor[row], self.step[row], self.service[row], self.queued_at[row] = visitor, step, service, now
        return row

    def trim(self) -> None:
        """The day is over: drop the rows of steps that never came."""
        for name in _COLUMNS:
            del getattr(self, name)[self.rows :]
