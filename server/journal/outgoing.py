"""The outbox: effects written with their events, delivered at least once afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from server.journal.codec import decode
from server.journal.port import Journal
from server.journal.removal import removed
from server.journal.tables import OutboxRow, col, delete, select, update
from server.rules.effects import Effect


@dataclass(frozen=True, slots=True)
class Parcel:
    """One effect on its way; ``tries`` were made so far."""

    key: str
    store: str
    effect: Effect
    tries: int
    due_at: float


_DUE = select(OutboxRow).where(col(OutboxRow.state) == "waiting", col(OutboxRow.due_at) <= bindparam("now")).order_by(col(OutboxRow.due_at))


async def due(journal: Journal, now: float, limit: int) -> list[Parcel]:
    """The effects whose time has come, oldest first."""

    def ask(session: Session) -> list[Parcel]:
        rows = session.scalars(_DUE.limit(limit), {"now": now})
        return [Parcel(r.key, r.store, decode(r.effect), r.tries, r.due_at) for r in rows]

    return await journal.read(ask)


async def take(journal: Journal, now: float, limit: int, lease_s: float) -> list[Parcel]:
    """The same, and this node's to deliver: until ``now + lease_s`` nobody else is given them."""
    if not await due(journal, now, 1):
        return []  # the usual case costs no transaction

    def lease(session: Session) -> list[Parcel]:
        rows = session.scalars(_DUE.limit(limit).with_for_update(skip_locked=True), {"now": now}).all()
        for row in rows:
            row.due_at = now + lease_s
        return [Parcel(r.key, r.store, decode(r.effect), r.tries, r.due_at) for r in rows]

    return await journal.write(lease)


async def ahead(journal: Journal, now: float, limit: int) -> list[tuple[str, float]]:
    """(key, when it is due) of effects that wait and whose time has not come, the last of them first."""
    later = select(col(OutboxRow.key), col(OutboxRow.due_at)).where(col(OutboxRow.state) == "waiting", col(OutboxRow.due_at) > now)

    def ask(session: Session) -> list[tuple[str, float]]:
        return [(key, due_at) for key, due_at in session.execute(later.order_by(col(OutboxRow.due_at).desc()).limit(limit))]

    return await journal.read(ask)


async def make_due(journal: Journal, places: Sequence[tuple[str, float]], now: float) -> None:
    """Let these (key, when it is due) be due now, unless they were put off again or settled meanwhile."""

    def write(session: Session) -> None:
        for key, due_at in places:
            same = (col(OutboxRow.key) == key, col(OutboxRow.due_at) == due_at, col(OutboxRow.state) == "waiting")
            session.execute(update(OutboxRow).where(*same).values(due_at=now))

    await journal.write(write)


async def next_due(journal: Journal) -> float | None:
    """When the next effect is due, if any waits."""

    def ask(session: Session) -> float | None:
        return session.scalar(select(OutboxRow.due_at).where(col(OutboxRow.state) == "waiting").order_by(col(OutboxRow.due_at)).limit(1))

    return await journal.read(ask)


async def settle(journal: Journal, key: str, was_due_at: float, state: str, due_at: float, trouble: str = "") -> None:
    """Write down how a delivery went, unless the effect was put off meanwhile (its time has moved)."""

    def write(session: Session) -> None:
        same = (col(OutboxRow.key) == key, col(OutboxRow.due_at) == was_due_at)
        values = {"state": state, "due_at": due_at, "trouble": trouble, "tries": OutboxRow.tries + 1}
        session.execute(update(OutboxRow).where(*same).values(values))

    await journal.write(write)


async def tidy(journal: Journal, before: float) -> int:
    """Forget what was settled before an instant; returns how many."""

    def write(session: Session) -> int:
        settled = (col(OutboxRow.state) != "waiting", col(OutboxRow.due_at) < before)
        return removed(session, delete(OutboxRow).where(*settled))

    return await journal.write(write)
