"""Who may sign in, and who is signed in: people, sessions, devices. Hashes only, never a PIN or a token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session as Tables

from server.journal import contacts
from server.journal import links as phone_links
from server.journal.port import Journal
from server.journal.tables import Device as DeviceRow
from server.journal.tables import PersonRow, SessionRow, col, delete, select, update


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


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled kiosk, board or tablet; ``profile`` says which routes it may use."""

    id: str
    store: str
    profile: str
    name: str
    token_hash: str
    created_at: float
    revoked_at: float | None = None


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

        def ask(tables: Tables) -> Session | None:
            r = tables.get(SessionRow, token_hash)
            return Session(r.token_hash, r.store, r.person, r.role, r.created_at, r.seen_at, r.expires_at) if r else None

        return await self._journal.read(ask)

    async def touch_session(self, token_hash: str, seen_at: float) -> None:
        """Somebody used it."""
        same = col(SessionRow.token_hash) == token_hash
        await self._journal.write(lambda tables: _do(tables, update(SessionRow).where(same).values(seen_at=seen_at)))

    async def end_session(self, token_hash: str) -> None:
        """Signed out here."""
        same = col(SessionRow.token_hash) == token_hash
        await self._journal.write(lambda tables: _do(tables, delete(SessionRow).where(same)))

    async def end_sessions(self, store: str, person: str) -> None:
        """Signed out everywhere."""
        same = (col(SessionRow.store) == store, col(SessionRow.person) == person)
        await self._journal.write(lambda tables: _do(tables, delete(SessionRow).where(*same)))

    async def drop_sessions(self, expired_at: float) -> None:
        """Forget sessions that ended before an instant."""
        over = col(SessionRow.expires_at) <= expired_at
        await self._journal.write(lambda tables: _do(tables, delete(SessionRow).where(over)))

    async def put_device(self, device: Device) -> None:
        """Enrol or replace a device."""
        await self._journal.write(lambda tables: _none(tables.merge(DeviceRow(**_fields(device)))))

    async def device(self, token_hash: str) -> Device | None:
        """The device with this token's hash, revoked or not: the caller judges."""

        def ask(tables: Tables) -> Device | None:
            r = tables.scalar(select(DeviceRow).where(col(DeviceRow.token_hash) == token_hash))
            return Device(r.id, r.store, r.profile, r.name, r.token_hash, r.created_at, r.revoked_at) if r else None

        return await self._journal.read(ask)

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


def _fields(record: Session | Device) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _do(tables: Tables, statement: object) -> None:
    tables.execute(statement)  # type: ignore[call-overload]


def _none(_: object) -> None:
    return None
