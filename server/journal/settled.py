"""What each store decided about itself, and when: a stream of versions beside the days, kept for as long as the store is.

The newest version is in force. Texts are JSON that ``server.live.settled`` writes and reads; here they are only kept.
"""

from dataclasses import dataclass

from pydantic_core import from_json, to_json
from sqlalchemy.orm import Session

from server.journal.port import Journal
from server.journal.tables import SettingRow, col, select

HISTORY_MAX = 200
FORGOTTEN = "?"  # who decided a version, once that person asked to be forgotten


class ChangedMeanwhile(Exception):
    """Somebody else has changed the settings since they were looked at; nothing was written."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a store's settings. ``by`` is who decided it, "" for the store file."""

    store: str
    version: int
    at: float
    by: str
    changes: str
    config: str


async def newest(journal: Journal, store: str) -> Version | None:
    """What is in force; None where nothing was ever decided."""
    found = await history(journal, store, 1)
    return found[0] if found else None


async def history(journal: Journal, store: str, limit: int = HISTORY_MAX) -> list[Version]:
    """The last versions, newest first."""

    def ask(session: Session) -> list[Version]:
        wanted = select(SettingRow).where(col(SettingRow.store) == store).order_by(col(SettingRow.version).desc()).limit(limit)
        return [_version(row) for row in session.scalars(wanted)]

    return await journal.read(ask)


async def of_file(journal: Journal, store: str) -> Version | None:
    """The last version that came from the store file."""

    def ask(session: Session) -> Version | None:
        wanted = select(SettingRow).where(col(SettingRow.store) == store, col(SettingRow.by) == "")
        row = session.scalars(wanted.order_by(col(SettingRow.version).desc()).limit(1)).first()
        return None if row is None else _version(row)

    return await journal.read(ask)


async def founded(journal: Journal) -> list[str]:
    """The stores that began on a screen and not with a file, by id."""
    first = select(SettingRow.store).where(col(SettingRow.version) == 1, col(SettingRow.by) != "").order_by(SettingRow.store)
    return await journal.read(lambda session: list(session.scalars(first)))


async def put(journal: Journal, decided: Version) -> None:
    """Keep a version that follows the newest one. Raises ChangedMeanwhile when it does not."""

    def write(session: Session) -> None:
        last = session.scalars(select(SettingRow.version).where(col(SettingRow.store) == decided.store)).all()
        if decided.version != max(last, default=0) + 1:
            raise ChangedMeanwhile(decided.store)
        row = {name: getattr(decided, name) for name in Version.__slots__}
        session.add(SettingRow(**row))

    await journal.write(write)  # of two at the same moment on different nodes, the loser's is tried again


def _version(row: SettingRow) -> Version:
    return Version(row.store, row.version, row.at, row.by, row.changes, row.config)


def about(session: Session, person: str) -> list[dict[str, object]]:
    """The versions that name this person, or were decided by them: what is said of them there."""
    found = []
    for row in session.scalars(select(SettingRow)):
        said = from_json(row.config).get("salespeople", {}).get(person)
        if said is not None or row.by == person:
            found.append({"store": row.store, "version": row.version, "at": row.at, "decided": row.by == person, "person": said})
    return found


def forget(session: Session, person: str) -> int:
    """Take this person out of every version, the one in force too; returns how many there were."""
    named = {(said["store"], said["version"]) for said in about(session, person)}
    rows = [row for row in session.scalars(select(SettingRow)) if (row.store, row.version) in named]
    for row in rows:
        config = from_json(row.config)
        config.get("salespeople", {}).pop(person, None)
        mine = f"salespeople.{person}."
        row.config = to_json(config).decode()
        row.changes = to_json([c for c in from_json(row.changes) if not f"{c['field']}.".startswith(mine)]).decode()
        row.by = FORGOTTEN if row.by == person else row.by
        session.add(row)
    return len(rows)
