"""API keys in the tables: hashes only, with what each may do."""

from dataclasses import dataclass, fields
from typing import Final

from sqlalchemy.orm import Session

from server.journal.port import Journal
from server.journal.tables import ApiKeyRow, col, select, update


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program of a store's owner. ``shown`` is how its key begins; ``scopes`` are words with spaces between."""

    id: str
    store: str
    name: str
    shown: str
    key_hash: str
    scopes: str
    created_at: float
    used_at: float | None = None
    revoked_at: float | None = None


NAMES: Final = tuple(field.name for field in fields(ApiKey))


async def put(journal: Journal, key: ApiKey) -> None:
    """Keep a new key."""
    await journal.write(lambda session: session.add(ApiKeyRow(**{name: getattr(key, name) for name in NAMES})))


async def of_hash(journal: Journal, key_hash: str) -> ApiKey | None:
    """The key with this hash, revoked or not."""

    def ask(session: Session) -> ApiKey | None:
        row = session.scalars(select(ApiKeyRow).where(col(ApiKeyRow.key_hash) == key_hash)).first()
        return _key(row) if row else None

    return await journal.read(ask)


async def of_store(journal: Journal, store: str) -> list[ApiKey]:
    """A store's keys, newest first, revoked ones too."""

    def ask(session: Session) -> list[ApiKey]:
        rows = session.scalars(select(ApiKeyRow).where(col(ApiKeyRow.store) == store).order_by(col(ApiKeyRow.created_at).desc()))
        return [_key(row) for row in rows]

    return await journal.read(ask)


async def touch(journal: Journal, id: str, now: float) -> None:
    """It was used."""

    def write(session: Session) -> None:
        session.execute(update(ApiKeyRow).where(col(ApiKeyRow.id) == id).values(used_at=now))

    await journal.write(write)


async def revoke(journal: Journal, store: str, id: str, now: float) -> bool:
    """Nobody's from now on; whether there was one."""

    def write(session: Session) -> bool:
        row = session.get(ApiKeyRow, id, with_for_update=True)
        if row is None or row.store != store:
            return False
        row.revoked_at = row.revoked_at or now
        return True

    return await journal.write(write)


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(**{name: getattr(row, name) for name in NAMES})
