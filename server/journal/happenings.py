"""Events of some kinds over several days: what reports count that is no finished step (who balked, stars, what was read)."""

from collections.abc import Collection

from sqlalchemy import or_
from sqlalchemy.orm import Session

from server.journal.codec import decode
from server.journal.port import Journal
from server.journal.tables import Event, col, select
from server.rules import events as ev


async def read(journal: Journal, store: str, kinds: Collection[type], from_day: str, to_day: str) -> list[tuple[str, ev.Event]]:
    """(day, event) of these kinds, from one business day to another (both included), in order."""

    def ask(session: Session) -> list[tuple[str, ev.Event]]:
        named = or_(*(col(Event.body).contains(f'"{kind.__name__}"') for kind in kinds))
        wanted = select(col(Event.day), col(Event.body)).where(
            col(Event.store) == store, col(Event.day) >= from_day, col(Event.day) <= to_day, named
        )
        rows = session.execute(wanted.order_by(col(Event.day), col(Event.version)))
        found: list[tuple[str, ev.Event]] = [(day, decode(body)) for day, body in rows]
        return [(day, event) for day, event in found if type(event) in kinds]

    return await journal.read(ask)
