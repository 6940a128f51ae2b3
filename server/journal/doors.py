"""Door counts of a store: what a counter at the entrance saw, hour by hour; imported, and replaced by importing again."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from server.journal.port import Journal
from server.journal.tables import DoorCountRow, col, select


class DoorCount(NamedTuple):
    """So many people came in during this hour (0 to 23, the store's clock) of this business day."""

    day: str
    hour: int
    came: int


async def put(journal: Journal, store: str, counts: Sequence[DoorCount]) -> None:
    """Keep these; the same hour again replaces."""
    rows = [DoorCountRow(store=store, day=count.day, hour=count.hour, came=count.came) for count in counts]

    def write(session: Session) -> None:
        for row in rows:
            session.merge(row)

    await journal.write(write)


async def read(journal: Journal, store: str, from_day: str, to_day: str) -> list[DoorCount]:
    """The counts from one business day to another (both included), in order."""

    def ask(session: Session) -> list[DoorCount]:
        wanted = select(DoorCountRow).where(
            col(DoorCountRow.store) == store, col(DoorCountRow.day) >= from_day, col(DoorCountRow.day) <= to_day
        )  # fmt: skip
        rows = session.scalars(wanted.order_by(col(DoorCountRow.day), col(DoorCountRow.hour)))
        return [DoorCount(row.day, row.hour, row.came) for row in rows]

    return await journal.read(ask)
