"""Webhooks in the tables: who is told, what there is to tell, and how far each has come."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import func
from sqlalchemy.orm import Session

from server.journal.claims import hold
from server.journal.port import Journal
from server.journal.removal import removed
from server.journal.tables import HappeningRow, WebhookRow, col, delete, select, update


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told what happens in a store. ``kinds`` are words with spaces between; ``cursor`` is the last it took."""

    id: str
    store: str
    url: str
    secret: str
    kinds: str
    created_at: float
    cursor: int = 0
    tries: int = 0
    due_at: float = 0.0
    paused: bool = False
    trouble: str = ""
    taken_at: float | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing to tell, with its number in the store."""

    store: str
    seq: int
    key: str
    kind: str
    at: float
    body: str


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell that has no number yet. ``key`` is the same whenever the same thing is said."""

    key: str
    kind: str
    at: float
    body: str


NAMES: Final = tuple(field.name for field in fields(Webhook))


async def add(journal: Journal, hook: Webhook) -> Webhook:
    """A new webhook, which is told what happens from now on."""

    def write(session: Session) -> Webhook:
        hold(session, f"hooks {hook.store}")
        row = WebhookRow(**{name: getattr(hook, name) for name in NAMES} | {"cursor": _newest(session, hook.store)})
        session.add(row)
        return _hook(row)

    return await journal.write(write)


async def of_store(journal: Journal, store: str) -> list[Webhook]:
    """A store's webhooks, oldest first."""

    def ask(session: Session) -> list[Webhook]:
        rows = session.scalars(select(WebhookRow).where(col(WebhookRow.store) == store).order_by(col(WebhookRow.created_at)))
        return [_hook(row) for row in rows]

    return await journal.read(ask)


async def stores(journal: Journal) -> set[str]:
    """The stores that have a webhook."""
    return await journal.read(lambda session: set(session.scalars(select(WebhookRow.store).distinct())))


async def drop(journal: Journal, store: str, id: str) -> bool:
    """No more of it; whether there was one."""
    same = (col(WebhookRow.store) == store, col(WebhookRow.id) == id)
    return bool(await journal.write(lambda session: removed(session, delete(WebhookRow).where(*same))))


async def change(journal: Journal, store: str, id: str, **values: Any) -> Webhook | None:
    """The webhook with these values; None when there is none."""

    def write(session: Session) -> Webhook | None:
        row = session.get(WebhookRow, id, with_for_update=True)
        if row is None or row.store != store:
            return None
        for name, value in values.items():
            setattr(row, name, value)
        return _hook(row)

    return await journal.write(write)


async def tell(journal: Journal, store: str, news: Sequence[News]) -> int:
    """Number what was not said before; how much of it there was."""

    def write(session: Session) -> int:
        hold(session, f"hooks {store}")
        mine = (col(HappeningRow.store) == store, col(HappeningRow.key).in_([item.key for item in news]))
        known = set(session.scalars(select(HappeningRow.key).where(*mine)))
        fresh = [item for item in news if item.key not in known]
        for seq, item in enumerate(fresh, _newest(session, store) + 1):
            session.add(HappeningRow(store=store, seq=seq, key=item.key, kind=item.kind, at=item.at, body=item.body))
        return len(fresh)

    return await journal.write(write)


async def after(journal: Journal, store: str, seq: int, limit: int) -> list[Happening]:
    """What a store has told after a number, in order."""

    def ask(session: Session) -> list[Happening]:
        mine = (col(HappeningRow.store) == store, col(HappeningRow.seq) > seq)
        rows = session.scalars(select(HappeningRow).where(*mine).order_by(col(HappeningRow.seq)).limit(limit))
        return [Happening(r.store, r.seq, r.key, r.kind, r.at, r.body) for r in rows]

    return await journal.read(ask)


async def reached(journal: Journal, store: str) -> tuple[str, int] | None:
    """(day, version) of the last event of the journal that something was told of; None before the first."""

    def ask(session: Session) -> tuple[str, int] | None:
        mine = (col(HappeningRow.store) == store, col(HappeningRow.key).startswith("event "))
        key = session.scalars(select(HappeningRow.key).where(*mine).order_by(col(HappeningRow.seq).desc()).limit(1)).first()
        if key is None:
            return None
        _, day, version, _ = key.split(" ")
        return day, int(version)

    return await journal.read(ask)


async def due(journal: Journal, now: float, lease_s: float, limit: int) -> list[Webhook]:
    """Webhooks with something to take, whose time has come; this node's to deliver to until ``now + lease_s``."""
    newest = select(func.max(HappeningRow.seq)).where(col(HappeningRow.store) == col(WebhookRow.store)).scalar_subquery()
    wanted = (col(WebhookRow.paused).is_(False), col(WebhookRow.due_at) <= now, newest > col(WebhookRow.cursor))

    def lease(session: Session) -> list[Webhook]:
        rows = session.scalars(select(WebhookRow).where(*wanted).limit(limit).with_for_update(skip_locked=True)).all()
        found = [_hook(row) for row in rows]
        for row in rows:
            row.due_at = now + lease_s
        return found

    waiting = await journal.read(lambda session: session.scalars(select(WebhookRow.id).where(*wanted).limit(1)).first())
    return await journal.write(lease) if waiting is not None else []


async def settle(journal: Journal, hook: Webhook, **values: Any) -> None:
    """Write down how far a delivery came, unless somebody has set the cursor elsewhere meanwhile."""
    same = (col(WebhookRow.id) == hook.id, col(WebhookRow.cursor) == hook.cursor)

    def write(session: Session) -> None:
        session.execute(update(WebhookRow).where(*same).values(**values))

    await journal.write(write)


async def forget(journal: Journal, before: float) -> int:
    """Let go of what was told before an instant, but for the newest of each store, which knows where numbers go on."""
    newest = select(func.max(HappeningRow.seq)).group_by(col(HappeningRow.store)).scalar_subquery()
    old = (col(HappeningRow.at) < before, col(HappeningRow.seq).not_in(newest))
    return await journal.write(lambda session: removed(session, delete(HappeningRow).where(*old)))


def _newest(session: Session, store: str) -> int:
    return session.scalar(select(func.max(HappeningRow.seq)).where(col(HappeningRow.store) == store)) or 0


def _hook(row: WebhookRow) -> Webhook:
    return Webhook(**{name: getattr(row, name) for name in NAMES})
