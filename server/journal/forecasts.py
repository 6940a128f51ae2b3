"""What was believed about each wait when it began, kept beside the fact that says what became of it.

Nothing personal, and nothing that cannot be lost: a forecast that was not written in time is missing from the
correction after a restart, no more. Rows go with the days they belong to.
"""

import json
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from server.journal.port import Journal
from server.journal.tables import ForecastRow, col, delete, metadata, select

_TABLE = metadata.tables[str(ForecastRow.__tablename__)]
_DROP = _TABLE.delete().where(
    _TABLE.c.store == bindparam("of_store"), _TABLE.c.day == bindparam("of_day"), _TABLE.c.ticket == bindparam("of_ticket")
)
_KEEP = _TABLE.insert()


class Kept(NamedTuple):
    """One forecast. ``raw`` and ``said``: seconds at each level, before and after the correction, mean first."""

    day: str
    ticket: str
    service: str
    at: float
    raw: tuple[float, ...]
    said: tuple[float, ...]


async def put(journal: Journal, store: str, forecasts: Sequence[Kept]) -> None:
    """Keep these; the same (day, ticket) again replaces."""
    await journal.write(partial(_put, store, forecasts))


async def read(journal: Journal, store: str, from_day: str) -> dict[tuple[str, str], Kept]:
    """The store's forecasts from a day on, by (day, ticket)."""

    def ask(session: Session) -> dict[tuple[str, str], Kept]:
        rows = session.scalars(select(ForecastRow).where(col(ForecastRow.store) == store, col(ForecastRow.day) >= from_day))
        return {
            (r.day, r.ticket): Kept(r.day, r.ticket, r.service, r.at, tuple(json.loads(r.raw)), tuple(json.loads(r.said))) for r in rows
        }

    return await journal.read(ask)


async def forget(journal: Journal, store: str, before_day: str) -> None:
    """Drop the forecasts of earlier days: nobody asks about them any more."""
    old = delete(ForecastRow).where(col(ForecastRow.store) == store, col(ForecastRow.day) < before_day)

    def drop(session: Session) -> None:
        session.execute(old)

    await journal.write(drop)


def _put(store: str, forecasts: Sequence[Kept], session: Session) -> None:
    """Rows as rows, not as objects: this runs between two commits of everybody's commands."""
    last = {(f.day, f.ticket): f for f in forecasts}
    connection = session.connection()
    connection.execute(_DROP, [{"of_store": store, "of_day": day, "of_ticket": ticket} for day, ticket in last])
    connection.execute(_KEEP, [{**f._asdict(), "store": store, "raw": _text(f.raw), "said": _text(f.said)} for f in last.values()])


def _text(seconds: Sequence[float]) -> str:
    return json.dumps([round(value, 2) for value in seconds])
