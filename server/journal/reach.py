"""How a waiting shopper can be reached when the page is closed, and what was sent: columns of the one erasable row."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from server.journal.port import Journal
from server.journal.tables import Contact, col, select

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reach:
    """Ways to a shopper: a browser's push subscription, a telephone number or e-mail address. Empty: none given."""

    ticket: str
    store: str
    push: str = ""
    address: str = ""


async def get(journal: Journal, ticket: str) -> Reach | None:
    """The ways to this ticket's shopper; None when nothing is kept."""

    def ask(session: Session) -> Reach | None:
        row = session.get(Contact, ticket)
        return Reach(row.ticket, row.store, row.push, row.address) if row else None

    return await journal.read(ask)


async def every(journal: Journal) -> list[Reach]:
    """Everybody who left a way to reach them."""

    def ask(session: Session) -> list[Reach]:
        rows = session.scalars(select(Contact).where((col(Contact.push) != "") | (col(Contact.address) != "")))
        return [Reach(row.ticket, row.store, row.push, row.address) for row in rows]

    return await journal.read(ask)


async def put(journal: Journal, store: str, ticket: str, erase_at: float, **values: str) -> None:
    """Keep ``push``, ``address``, ``needs`` or ``note`` with what is known of the shopper; ``erase_at`` only where nothing was."""

    def write(session: Session) -> None:
        row = session.get(Contact, ticket, with_for_update=True) or Contact(ticket=ticket, store=store, erase_at=erase_at)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)

    await journal.write(write)


async def needs(journal: Journal, store: str, tickets: list[str]) -> dict[str, dict[str, Any]]:
    """What these shoppers of a store prepared, by ticket."""

    def ask(session: Session) -> dict[str, dict[str, Any]]:
        wanted = (col(Contact.store) == store, col(Contact.ticket).in_(tickets), col(Contact.needs) != "")
        rows = session.execute(select(Contact.ticket, Contact.needs).where(*wanted))
        return {ticket: json.loads(text) for ticket, text in rows}

    return await journal.read(ask)


async def note(journal: Journal, store: str, ticket: str) -> str:
    """What a salesperson wrote down about this visit; empty for nothing."""
    wanted = select(Contact.note).where(col(Contact.store) == store, col(Contact.ticket) == ticket)
    return await journal.read(lambda session: session.scalars(wanted).first() or "")


async def claim(journal: Journal, ticket: str, message: str) -> bool:
    """Whether this message may be sent now: True once per ticket and message, whoever asks, also after a crash."""
    return await _told(journal, ticket, lambda told: message not in told and told.update({message: "begun"}) is None)


async def settle(journal: Journal, ticket: str, message: str, how: str) -> None:
    """Write down how the sending went."""
    await _told(journal, ticket, lambda told: told.update({message: how}))


async def told(journal: Journal, ticket: str) -> dict[str, str]:
    """What was sent to this shopper, and how that went."""

    def ask(session: Session) -> dict[str, str]:
        row = session.get(Contact, ticket)
        return json.loads(row.told) if row and row.told else {}

    return await journal.read(ask)


async def _told(journal: Journal, ticket: str, change: Callable[[dict[str, str]], T]) -> T | bool:
    def write(session: Session) -> T | bool:
        row = session.get(Contact, ticket, with_for_update=True)
        if row is None:  # erased meanwhile: nobody to tell
            return False
        known: dict[str, str] = json.loads(row.told) if row.told else {}
        result = change(known)
        row.told = json.dumps(known)
        session.add(row)
        return result

    return await journal.write(write)
