"""What each store decided about itself, and when: a stream of versions beside the days, kept for as long as the store is.

The newest version is in force. Texts are JSON that ``server.live.settled`` writes and reads; here they are only kept.
"""

from dataclasses import dataclass

from pydantic_core import from_json, to_json
from sqlalchemy import func
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


def about(session: Session, person: str, store: str) -> list[dict[str, object]]:
    """The versions that name this person of ``store``, or were decided by them: what is said of them there."""
    found = []
    for row in session.scalars(select(SettingRow)):
        said = from_json(row.config).get("salespeople", {}).get(person) if row.store == store else None
        changes = [c for c in from_json(row.changes) if row.store == store and _mine(c, person)]
        decided = row.by == _decider(row, person, store)
        if said is not None or changes or decided:
            found.append({
                "store": row.store, "version": row.version, "at": row.at, "decided": decided, "person": said, "changes": changes,
            })  # fmt: skip
    return found


def forget(session: Session, person: str, store: str) -> int:
    """Take this person out of every version; returns how many there were. What counts from now on is a version of its own."""
    named = {(said["store"], said["version"]) for said in about(session, person, store)}
    for row in [row for row in session.scalars(select(SettingRow)) if (row.store, row.version) in named]:
        if row.store == store:
            config = from_json(row.config)
            config.get("salespeople", {}).pop(person, None)
            row.config = to_json(config).decode()
            row.changes = to_json([c for c in from_json(row.changes) if not _mine(c, person)]).decode()
        row.by = FORGOTTEN if row.by == _decider(row, person, store) else row.by
        session.add(row)
    _go_on(session, {str(place) for place, _ in named})
    return len(named)


def about_address(session: Session, address: str) -> list[dict[str, object]]:
    """The versions that send the week by e-mail to this address."""
    rows = session.scalars(select(SettingRow).where(col(SettingRow.config).contains(to_json(address).decode(), autoescape=True)))
    return [{"store": row.store, "version": row.version, "at": row.at, "weekly": address} for row in rows if address in _mails(row)]


def forget_address(session: Session, address: str) -> int:
    """Send the week there no more, and take the address out of every version; returns how many there were."""
    places = [(str(said["store"]), said["version"]) for said in about_address(session, address)]
    for row in [row for row in session.scalars(select(SettingRow)) if address in row.config or address in row.changes]:
        config = from_json(row.config)
        if "weekly" in config:
            config["weekly"]["mail"] = [mail for mail in _mails(row) if mail != address]
        row.config = to_json(config).decode()
        row.changes = to_json([_without(change, address) for change in from_json(row.changes)]).decode()
        session.add(row)
    _go_on(session, {place for place, _ in places})
    return len(places)


def stores_with(session: Session, person: str) -> set[str]:
    """The stores whose settings name this person, or did."""
    rows = session.scalars(select(SettingRow).where(col(SettingRow.config).contains(f'"{person}"', autoescape=True)))
    return {row.store for row in rows if person in from_json(row.config).get("salespeople", {})}


def names_of(session: Session, store: str, person: str) -> set[str]:
    """Every name the settings of a store have had for this person."""
    rows = session.scalars(select(SettingRow.config).where(col(SettingRow.store) == store))
    return {from_json(config).get("salespeople", {}).get(person, {}).get("name", "") for config in rows} - {""}


def version_of(session: Session, store: str) -> int:
    """The number of the newest version; 0 where nothing was ever decided."""
    return session.scalar(select(func.max(SettingRow.version)).where(col(SettingRow.store) == store)) or 0


def _go_on(session: Session, stores: set[str]) -> None:
    """What is left counts as a version of its own: nodes read it, and a screen that looked at the one before is told so."""
    session.flush()
    for store in stores:
        row = session.get_one(SettingRow, (store, version_of(session, store)))
        session.add(SettingRow(store=store, version=row.version + 1, at=row.at, by=FORGOTTEN, changes="[]", config=row.config))


def _decider(row: SettingRow, person: str, store: str) -> str:
    """How a store's versions write down that this person of ``store`` decided."""
    return person if row.store == store else f"{person}@{store}"


def _mine(change: dict[str, object], person: str) -> bool:
    return f"{change['field']}.".startswith(f"salespeople.{person}.")


def _mails(row: SettingRow) -> list[str]:
    mails: list[str] = from_json(row.config).get("weekly", {}).get("mail", [])
    return mails


def _without(change: dict[str, object], address: str) -> dict[str, object]:
    """A change, its lists without the address."""
    return {name: [part for part in value if part != address] if isinstance(value, list) else value for name, value in change.items()}
