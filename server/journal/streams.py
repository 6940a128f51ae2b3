"""Reading streams and receipts: the same questions on every database.

What is asked all the time is built once: building a question costs more than asking SQLite.
"""

from collections.abc import Sequence

from pydantic_core import from_json
from sqlalchemy import bindparam, func
from sqlalchemy.orm import Session

from server.journal.codec import decode
from server.journal.port import DayHead, Kept, Recorded
from server.journal.tables import Day, Event, ReceiptRow, col, select
from server.rules import events as ev

ASKED_MAX = 500  # ids in one question


def days(session: Session, store: str, limit: int) -> list[DayHead]:
    """The store's newest streams, newest first."""
    last = select(func.max(Event.version)).where(col(Event.store) == Day.store, col(Event.day) == Day.day).scalar_subquery()
    found = session.execute(select(Day, last).where(col(Day.store) == store).order_by(col(Day.day).desc()).limit(limit))
    return [DayHead(day.store, day.day, day.base, version or 0, day.ended) for day, version in found]


_EVENTS = (
    select(Event.body)
    .where(col(Event.store) == bindparam("store"), col(Event.day) == bindparam("day"), col(Event.version) > bindparam("after"))
    .order_by(col(Event.version))
)


def events(session: Session, store: str, day: str, after: int = 0) -> list[ev.Event]:
    """The events of a stream after a version, in order."""
    return [decode(body) for body in session.scalars(_EVENTS, {"store": store, "day": day, "after": after})]


_NEWEST = (
    select(col(Day.store), func.max(Day.day).label("day"))
    .where(col(Day.store).in_(bindparam("stores", expanding=True)))
    .group_by(col(Day.store))
    .subquery()
)
_LAST = select(func.max(Event.version)).where(col(Event.store) == _NEWEST.c.store, col(Event.day) == _NEWEST.c.day).scalar_subquery()
_HEADS = select(_NEWEST.c.store, _NEWEST.c.day, _LAST)


def heads(session: Session, stores: Sequence[str]) -> dict[str, tuple[str, int]]:
    """(day, version) of the newest stream of each store that has one."""
    return {store: (day, version or 0) for store, day, version in session.execute(_HEADS, {"stores": stores})}


def recorded(session: Session, store: str, day: str) -> list[Recorded]:
    """The commands of a day, in the order they were decided: by the version they were decided on, whichever node it was."""
    wanted = select(ReceiptRow).where(col(ReceiptRow.store) == store, col(ReceiptRow.day) == day)
    order = (col(ReceiptRow.first), col(ReceiptRow.last), col(ReceiptRow.seq))
    return [
        Recorded(r.id, r.sender, decode(r.command), r.now, r.first, r.last, r.refused) for r in session.scalars(wanted.order_by(*order))
    ]


def receipts(session: Session, ids: Sequence[str]) -> dict[str, Kept]:
    """The receipts there are for these ids."""
    found: dict[str, Kept] = {}
    for start in range(0, len(ids), ASKED_MAX):
        wanted = select(ReceiptRow).where(col(ReceiptRow.id).in_(ids[start : start + ASKED_MAX]))
        found.update({r.id: _kept(r) for r in session.scalars(wanted)})
    return found


def _kept(row: ReceiptRow) -> Kept:
    return Kept(row.id, row.store, row.day, row.sender, decode(row.command), from_json(row.answer), row.refused)
