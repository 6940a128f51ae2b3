"""Things that one node at a time may do, and things that are done once: rows to hold, whatever database it is."""

from sqlalchemy.orm import Session

from server.journal.port import Journal
from server.journal.removal import removed
from server.journal.tables import ClaimRow, col, delete


def hold(session: Session, key: str) -> None:
    """Until this transaction is over, no other transaction goes past its own ``hold`` of the same key."""
    if session.get(ClaimRow, key, with_for_update=True) is None:
        session.add(ClaimRow(key=key, at=0.0))
        session.flush()


async def first(journal: Journal, key: str, now: float, forget_before: float) -> bool:
    """Whether this is to be done now, by whoever asks: True once per key. Claims older than ``forget_before`` go."""

    def write(session: Session) -> bool:
        removed(session, delete(ClaimRow).where(col(ClaimRow.at) > 0.0, col(ClaimRow.at) < forget_before))
        if session.get(ClaimRow, key, with_for_update=True) is not None:
            return False
        session.add(ClaimRow(key=key, at=now))
        session.flush()
        return True

    return await journal.write(write)
