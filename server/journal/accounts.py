"""Who may sign in, and who is signed in: people and sessions. Hashes only, never a PIN or a token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, bindparam
from sqlalchemy.orm import Session as Tables

from server.journal import contacts
from server.journal import links as phone_links
from server.journal.port import Journal
from server.journal.tables import PersonRow, Secret, SessionRow, col, delete, metadata, select, update

DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a store's staff; ``role`` is "salesperson" or "manager"."""

    store: str
    id: str
    name: str
    role: str
    pin_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, by the hash of its token. ``expires_at`` is absolute; idleness is judged by ``seen_at``."""

    token_hash: str
    store: str
    person: str
    role: str
    created_at: float
    seen_at: float
    expires_at: float
    device: str | None = None


_SESSIONS = metadata.tables["session"]
_OF_HASHES = _SESSIONS.select().where(_SESSIONS.c.token_hash.in_(bindparam("hashes", expanding=True)))
"""Asked twice a second about everybody signed in: as plain rows, for a third of what objects cost."""


class Accounts:
    """The small tables beside the journal. Every method may raise StorageTrouble."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def people(self, store: str) -> list[Person]:
        """Everybody who works in a store, by name."""

        def ask(tables: Tables) -> list[Person]:
            rows = tables.scalars(select(PersonRow).where(col(PersonRow.store) == store).order_by(col(PersonRow.name)))
            return [Person(r.store, r.id, r.name, r.role, r.pin_hash) for r in rows]

        return await self._journal.read(ask)

    async def person(self, store: str, id: str) -> Person | None:
        """One of the staff."""
        return next((p for p in await self.people(store) if p.id == id), None)

    async def put_person(self, person: Person) -> None:
        """Add or replace; a ``pin_hash`` of None leaves the PIN there is."""

        def write(tables: Tables) -> None:
            old = tables.get(PersonRow, (person.store, person.id))
            pin_hash = person.pin_hash or (old.pin_hash if old else None)
            tables.merge(PersonRow(store=person.store, id=person.id, name=person.name, role=person.role, pin_hash=pin_hash))

        await self._journal.write(write)

    async def set_pin_hash(self, store: str, id: str, pin_hash: str | None) -> None:
        """Replace somebody's PIN; None: they cannot sign in."""
        same = (col(PersonRow.store) == store, col(PersonRow.id) == id)
        await self._journal.write(lambda tables: _do(tables, update(PersonRow).where(*same).values(pin_hash=pin_hash)))

    async def add_session(self, session: Session) -> None:
        """Keep a new session."""
        await self._journal.write(lambda tables: tables.add(SessionRow(**_fields(session))))

    async def session(self, token_hash: str) -> Session | None:
        """The session with this token's hash, expired or not: the caller judges."""

        return (await self.still([token_hash])).get(token_hash)

    async def touch_sessions(self, token_hashes: Sequence[str], seen_at: float) -> None:
        """Somebody used these."""
        same = col(SessionRow.token_hash).in_(token_hashes)
        await self._journal.write(lambda tables: _do(tables, update(SessionRow).where(same).values(seen_at=seen_at)))

    async def end_session(self, token_hash: str) -> None:
        """Signed out here."""
        same = col(SessionRow.token_hash) == token_hash
        await self._journal.write(lambda tables: _do(tables, delete(SessionRow).where(same)))

    async def end_sessions(self, store: str, person: str) -> None:
        """Signed out everywhere."""
        same = (col(SessionRow.store) == store, col(SessionRow.person) == person)
        await self._journal.write(lambda tables: _do(tables, delete(SessionRow).where(*same)))

    async def end_sessions_of_device(self, device: str) -> None:
        """Signed out on this device, whoever it was."""
        same = col(SessionRow.device) == device
        await self._journal.write(lambda tables: _do(tables, delete(SessionRow).where(same)))

    async def sessions(self, store: str, person: str | None = None) -> list[Session]:
        """Who is signed in to a store, or the sessions of one of its people; newest first, those that ran out too."""

        def ask(tables: Tables) -> list[Session]:
            wanted = _SESSIONS.select().where(_SESSIONS.c.store == store).order_by(_SESSIONS.c.created_at.desc())
            wanted = wanted if person is None else wanted.where(_SESSIONS.c.person == person)
            return [Session(**row) for row in tables.execute(wanted).mappings()]

        return await self._journal.read(ask)

    async def still(self, token_hashes: Sequence[str]) -> dict[str, Session]:
        """Those of these sessions that nobody has ended."""

        def ask(tables: Tables) -> dict[str, Session]:
            rows = tables.execute(_OF_HASHES, {"hashes": token_hashes}).mappings()
            return {row["token_hash"]: Session(**row) for row in rows}

        return await self._journal.read(ask)

    async def drop_sessions(self, expired_at: float) -> None:
        """Forget sessions that ended before an instant."""
        over = col(SessionRow.expires_at) <= expired_at
        await self._journal.write(lambda tables: _do(tables, delete(SessionRow).where(over)))

    async def begin_demo(self) -> None:
        """Mark these tables as a demonstration's: the PINs in them are printed in a file for everybody to read."""
        await self._journal.write(lambda tables: _none(tables.merge(Secret(name=DEMO, value="1"))))

    async def end_demo(self) -> bool:
        """Take the PINs and sessions of a demonstration away, if these tables served one; whether they did."""

        def write(tables: Tables) -> bool:
            mark = tables.get(Secret, DEMO)
            if mark is not None:
                tables.execute(update(PersonRow).values(pin_hash=None))
                tables.execute(delete(SessionRow))
                tables.delete(mark)
            return mark is not None

        return await self._journal.write(write)

    async def contact_name(self, ticket: str) -> str:
        """The first name of a ticket's shopper; empty when there is none."""
        card = await contacts.get(self._journal, ticket)
        return card.name if card else ""

    async def contact_names(self, store: str, tickets: Sequence[str]) -> dict[str, str]:
        """First names by ticket, for those who gave one."""
        known = await contacts.names(self._journal, store)
        return {ticket: known[ticket] for ticket in tickets if ticket in known}

    async def ticket_of_token(self, token_hash: str) -> tuple[str, str, str] | None:
        """(store, day, ticket) of a phone link, by the SHA-256 of its token in hexadecimal."""
        return await phone_links.find(self._journal, token_hash)


def _fields(record: Session) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _do(tables: Tables, statement: Executable) -> None:
    tables.execute(statement)


def _none(_: object) -> None:
    return None
