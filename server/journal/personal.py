"""Every kind of personal data this system keeps: where, why, for how long, and how it is shown and erased.

One list, read by ``avous erase`` and ``avous export --person``, by the retention job, by the page /privacy and by
docs/reference/personal-data.md. Every column of every table is either part of a kind here or on the list of what is
about nobody; a test fails for a column that is neither. The words for people are messages: ``privacy.{kind}``.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import func, literal, or_
from sqlalchemy.orm import Session

from server.journal import settled
from server.journal.port import Journal
from server.journal.removal import removed
from server.journal.tables import (
    BookingRow,
    Contact,
    Day,
    Event,
    Fact,
    OutboxRow,
    PersonRow,
    PhoneLinkRow,
    PinTryRow,
    ReceiptRow,
    SessionRow,
    SQLModel,
    StaffPushRow,
    col,
    delete,
    select,
    update,
)  # fmt: skip

Rows = list[dict[str, Any]]
STAFF: Final = "staff:"
DIGITS_MIN: Final = 6  # of a phone number that is looked for


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is about: a shopper's tickets, or somebody of the staff."""

    tickets: tuple[str, ...] = ()
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of personal data. ``where`` names ``table.column``s; a ``lasting`` kind is needed while the shopper waits."""

    name: str
    whose: Literal["shopper", "staff"]
    where: tuple[str, ...]
    show: Callable[[Session, Subject], Rows]
    erase: Callable[[Session, Subject], int] | None
    lasting: bool = False

    @property
    def tables(self) -> frozenset[str]:
        """The tables it is in."""
        return frozenset(place.partition(".")[0] for place in self.where)


def _show(table: type[SQLModel], column: str, hidden: Sequence[str] = ()) -> Callable[[Session, Subject], Rows]:
    def show(session: Session, subject: Subject) -> Rows:
        rows = session.scalars(select(table).where(_about(table, column, subject)))
        return [{key: value for key, value in row.model_dump().items() if key not in hidden} for row in rows]

    return show


def _erase(table: type[SQLModel], column: str) -> Callable[[Session, Subject], int]:
    def erase(session: Session, subject: Subject) -> int:
        return removed(session, delete(table).where(_about(table, column, subject)))

    return erase


def _about(table: type[SQLModel], column: str, subject: Subject) -> Any:
    wanted = subject.tickets if column == "ticket" else (subject.person,)
    return col(getattr(table, column)).in_(wanted)


def _appointments(subject: Subject) -> Any:
    return col(BookingRow.id).in_(subject.tickets) | col(BookingRow.ticket).in_(subject.tickets)


def _show_appointments(session: Session, subject: Subject) -> Rows:
    return [row.model_dump(exclude={"token_hash"}) for row in session.scalars(select(BookingRow).where(_appointments(subject)))]


def _erase_appointments(session: Session, subject: Subject) -> int:
    """The row goes: who wants to be forgotten before the appointment gives it back."""
    return removed(session, delete(BookingRow).where(_appointments(subject)))


def _settings(session: Session, subject: Subject) -> Rows:
    return settled.about(session, subject.person or "")


def _out_of_settings(session: Session, subject: Subject) -> int:
    return settled.forget(session, subject.person or "")


def _visits(session: Session, subject: Subject) -> Rows:
    """The journal's own record of these tickets: times and services, nobody's name."""
    if not subject.tickets:
        return []
    rows = session.scalars(
        select(Event).where(or_(*(col(Event.body).contains(ticket) for ticket in subject.tickets))).order_by(col(Event.id))
    )
    return [{"store": row.store, "day": row.day, "version": row.version, "event": json.loads(row.body)} for row in rows]


REGISTRY: Final = (
    Kind(
        "contact", "shopper",
        ("contact.name", "contact.phone", "contact.push", "contact.address", "contact.needs", "contact.told", "contact.note"),
        _show(Contact, "ticket"), _erase(Contact, "ticket"),
    ),
    Kind(
        "link", "shopper", ("phone_link.token_hash", "phone_link.ticket"), _show(PhoneLinkRow, "ticket"), _erase(PhoneLinkRow, "ticket"),
        lasting=True,
    ),
    Kind("booking", "shopper", ("booking.name", "booking.address", "booking.token_hash"), _show_appointments, _erase_appointments),
    Kind(
        "visit", "shopper", ("event.body", "receipt.command", "receipt.answer", "receipt.sender", "outbox.effect", "happening.body"),
        _visits, None,
    ),
    Kind(
        "account", "staff", ("person.id", "person.name", "person.role", "person.pin_hash"),
        _show(PersonRow, "id", ("pin_hash",)), _erase(PersonRow, "id"),
    ),
    Kind(
        "session", "staff", ("session.person", "session.device", "session.created_at", "session.seen_at"),
        _show(SessionRow, "person", ("token_hash",)), _erase(SessionRow, "person"),
    ),
    Kind(
        "tries", "staff", ("pin_try.person", "pin_try.wrong", "pin_try.locked_until"),
        _show(PinTryRow, "person"), _erase(PinTryRow, "person"),
    ),
    Kind(
        "staff_push", "staff", ("staff_push.person", "staff_push.subscription", "staff_push.endpoint_hash"),
        _show(StaffPushRow, "person", ("subscription",)), _erase(StaffPushRow, "person"),
    ),
    Kind("settings", "staff", ("setting.by", "setting.changes", "setting.config"), _settings, _out_of_settings),
    Kind("work", "staff", ("fact.salesperson",), _show(Fact, "salesperson"), None),
)  # fmt: skip
"""Everything. A kind without ``erase`` holds no name: a visit's ticket id leads to nobody once its contact and link are
gone; who served is kept for the store's figures until the retention job takes it out (``work``), and shown only in sums."""

NOBODYS: Final = frozenset({
    "alembic_version", "day", "enrolment", "forecast", "secret", "device", "api_key", "webhook", "claim",
})  # fmt: skip
"""Tables about nobody: settings, codes, devices, counters, beliefs about waits."""


async def find(journal: Journal, ref: str) -> Subject:
    """Whom ``ref`` means: a ticket's or an appointment's id, a number, an address, a first name as it was given, or ``staff:ID``."""
    if ref.startswith(STAFF):
        return Subject(person=ref.removeprefix(STAFF))
    if not ref.strip():
        return Subject()  # whoever gave nothing is not everybody who gave nothing
    digits = re.sub(r"\D", "", ref)

    def ask(session: Session) -> Subject:
        rows = [
            *session.execute(select(Contact.ticket, Contact.name, Contact.phone, Contact.address)),
            *session.execute(select(BookingRow.id, BookingRow.name, literal(""), BookingRow.address)),
        ]
        own = {
            id for id, *told in rows if ref in told or (len(digits) >= DIGITS_MIN and digits in [re.sub(r"\D", "", t) for t in told[1:]])
        }
        return Subject(tuple(sorted(own | ({ref} if re.fullmatch(r"[0-9a-f-]{36}", ref) else set()))))

    return await journal.read(ask)


async def export(journal: Journal, subject: Subject) -> dict[str, Rows]:
    """All that is kept about somebody, by kind; kinds without any are left out."""
    found = await journal.read(lambda session: {kind.name: kind.show(session, subject) for kind in REGISTRY if _concerns(kind, subject)})
    return {name: rows for name, rows in found.items() if rows}


async def erase(journal: Journal, subject: Subject, *, still_waiting: bool = False) -> int:
    """Erase everything that can identify somebody, without a trace in the database's files; returns how many rows.

    ``still_waiting``: what the shopper's phone needs to be called stays.
    """

    kinds = [kind for kind in REGISTRY if _concerns(kind, subject) and not (still_waiting and kind.lasting)]

    def write(session: Session) -> int:
        return sum(kind.erase(session, subject) for kind in kinds if kind.erase is not None)

    erased = await journal.write(write)
    if erased:
        await journal.scrub({table for kind in kinds if kind.erase is not None for table in kind.tables})
    return erased


async def retain(journal: Journal, store: str, before_day: str) -> int:
    """Let go of a store's days before ``before_day`` ("2026-08-23"): streams, receipts, links, outbox; returns how many days.

    What stays of them is one fact per finished step, about nobody: also who served is taken out. The newest day stays in
    any case: it knows where the numbers of the screens' views go on.
    """

    def write(session: Session) -> int:
        newest = session.scalar(select(func.max(Day.day)).where(col(Day.store) == store))
        before = min(before_day, newest or before_day)
        gone = list(session.scalars(select(Day.day).where(col(Day.store) == store, col(Day.day) < before)))
        for table in (Event, ReceiptRow, PhoneLinkRow, BookingRow, Day):
            session.execute(delete(table).where(col(table.store) == store, col(table.day) < before))
        keys = (col(OutboxRow.key) > f"{store}:", col(OutboxRow.key) < f"{store}:{before}")
        session.execute(delete(OutboxRow).where(col(OutboxRow.store) == store, *keys))
        served = (col(Fact.store) == store, col(Fact.day) < before_day, col(Fact.salesperson).is_not(None))
        session.execute(update(Fact).where(*served).values(salesperson=None))
        return len(gone)

    gone = await journal.write(write)
    await journal.scrub(("phone_link", "booking", "outbox") if gone else ())
    return gone


def _concerns(kind: Kind, subject: Subject) -> bool:
    return bool(subject.tickets) if kind.whose == "shopper" else subject.person is not None
