"""Personal data: one erasable row per ticket, and nothing of it anywhere else."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.journal.port import ContactCard, Journal
from server.journal.removal import removed
from server.journal.tables import Contact, col, delete, select


async def put(journal: Journal, store: str, card: ContactCard) -> None:
    """Keep or replace a ticket's contact (a join writes it with the join itself)."""
    row = Contact(ticket=card.ticket, store=store, name=card.name, phone=card.phone, erase_at=card.erase_at)

    def write(session: Session) -> None:
        session.merge(row)

    await journal.write(write)


async def get(journal: Journal, ticket: str) -> ContactCard | None:
    """What is kept of this ticket's shopper."""

    def ask(session: Session) -> ContactCard | None:
        row = session.get(Contact, ticket)
        return ContactCard(row.ticket, row.name, row.phone, row.erase_at) if row else None

    return await journal.read(ask)


async def names(journal: Journal, store: str) -> dict[str, str]:
    """The first names known in a store, by ticket."""

    def ask(session: Session) -> dict[str, str]:
        rows = session.execute(select(Contact.ticket, Contact.name).where(col(Contact.store) == store, col(Contact.name) != ""))
        return {row[0]: row[1] for row in rows}

    return await journal.read(ask)


async def erase(journal: Journal, tickets: Sequence[str]) -> int:
    """Erase the contacts of these tickets, without a trace in the file; returns how many there were."""

    def write(session: Session) -> int:
        return removed(session, delete(Contact).where(col(Contact.ticket).in_(tickets)))

    erased = await journal.write(write)
    if erased:
        await journal.scrub(("contact",))
    return erased


async def erase_due(journal: Journal, now: float) -> list[tuple[str, str]]:
    """Erase every contact whose time is over; returns their (store, ticket)."""

    def write(session: Session) -> list[tuple[str, str]]:
        due = session.scalars(select(Contact).where(col(Contact.erase_at) <= now)).all()
        for row in due:
            session.delete(row)
        return [(row.store, row.ticket) for row in due]

    erased = await journal.write(write)
    if erased:
        await journal.scrub(("contact",))
    return erased
