"""Every kind of personal data this system keeps: where, why, for how long, and how it is shown and erased.

One list, read by ``avous erase`` and ``avous export --person``, by the retention job, by the page /privacy and by
docs/reference/personal-data.md. Every column of every table is either part of a kind here or on the list of what is
about nobody; a test fails for a column that is neither. The words for people are messages: ``privacy.{kind}``.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import func, literal, or_
from sqlalchemy.orm import Session

from server.journal import people, settled
from server.journal.people import Worker
from server.journal.port import Journal
from server.journal.removal import removed
from server.journal.tables import (
    BookingRow,
    Contact,
    Day,
    Event,
    Fact,
    HappeningRow,
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
ROUNDS_MAX: Final = 5  # through the days: what somebody had under way while they were erased is found in the next one
DIGITS_MIN: Final = 6  # of a phone number that is looked for


class SeveralPeople(ValueError):
    """An id that somebody has in more than one store; the text says how to say which."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is about: a shopper's tickets, somebody of the staff, or an address that gets the week by e-mail."""

    tickets: tuple[str, ...] = ()
    worker: Worker | None = None
    address: str = ""


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
    if column == "ticket":
        return _column(table, column).in_(subject.tickets)
    who = _worker(subject)
    return (_column(table, "store") == who.store) & (_column(table, column) == who.id)


def _column(table: type[SQLModel], name: str) -> Any:
    return col(getattr(table, name))


def _worker(subject: Subject) -> Worker:
    return subject.worker or Worker("", "")


def _appointments(subject: Subject) -> Any:
    return col(BookingRow.id).in_(subject.tickets) | col(BookingRow.ticket).in_(subject.tickets)


def _show_appointments(session: Session, subject: Subject) -> Rows:
    return [row.model_dump(exclude={"token_hash"}) for row in session.scalars(select(BookingRow).where(_appointments(subject)))]


def _erase_appointments(session: Session, subject: Subject) -> int:
    """The row goes: who wants to be forgotten before the appointment gives it back."""
    return removed(session, delete(BookingRow).where(_appointments(subject)))


def _settings(session: Session, subject: Subject) -> Rows:
    who = _worker(subject)
    return [*settled.about(session, who.id, who.store), *(settled.about_address(session, subject.address) if subject.address else ())]


def _out_of_settings(session: Session, subject: Subject) -> int:
    who = _worker(subject)
    gone = settled.forget_address(session, subject.address) if subject.address else 0
    return gone + (settled.forget(session, who.id, who.store) if who.id else 0)


def _visits(session: Session, subject: Subject) -> Rows:
    """The records of these tickets: times and services, nobody's name."""
    if not subject.tickets:
        return []
    events = _naming(session, Event, ("body",), subject)
    receipts = _naming(session, ReceiptRow, ("command", "answer", "sender"), subject)
    effects, told = _naming(session, OutboxRow, ("effect",), subject), _naming(session, HappeningRow, ("body",), subject)
    return [
        *({"store": row.store, "day": row.day, "version": row.version, "event": json.loads(row.body)} for row in events),
        *({"store": row.store, "day": row.day, "sender": row.sender, "command": json.loads(row.command), "answer": json.loads(row.answer)}
          for row in receipts),
        *({"store": row.store, "key": row.key, "effect": json.loads(row.effect)} for row in effects),
        *({"store": row.store, "seq": row.seq, "happening": json.loads(row.body)} for row in told),
    ]  # fmt: skip


def _naming(session: Session, table: type[SQLModel], columns: Sequence[str], subject: Subject) -> Any:
    return session.scalars(select(table).where(or_(*(
        _column(table, name).contains(ticket, autoescape=True) for name in columns for ticket in subject.tickets
    ))))  # fmt: skip


def _day(session: Session, subject: Subject) -> Rows:
    return people.shown(session, _worker(subject))


def _out_of_messages(session: Session, subject: Subject) -> int:
    return people.out_of_messages(session, _worker(subject))


def _out_of_facts(session: Session, subject: Subject) -> int:
    return people.out_of_facts(session, _worker(subject))


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
    Kind("work", "staff", ("fact.salesperson",), _show(Fact, "salesperson"), _out_of_facts),
    Kind(
        "day", "staff", ("event.body", "receipt.command", "receipt.answer", "receipt.sender", "outbox.effect"),
        _day, _out_of_messages,
    ),
)  # fmt: skip
"""Everything. A kind without ``erase`` holds no name: a visit's ticket id leads to nobody once its contact and link are
gone. Who served (``work``) and what they did on the floor (``day``) stay in the store's figures and days, of an alias."""

NOBODYS: Final = frozenset({
    "alembic_version", "day", "enrolment", "forecast", "secret", "device", "api_key", "webhook", "claim",
    "door_count",
})  # fmt: skip
"""Tables about nobody: settings, codes, devices, counters, beliefs about waits."""


async def find(journal: Journal, ref: str) -> Subject:
    """Whom ``ref`` means: a ticket's or an appointment's id, a number, an address, a first name as it was given, or somebody of
    the staff as ``staff:ID`` or ``staff:STORE/ID``. Raises SeveralPeople where the id is not enough."""
    if ref.startswith(STAFF):
        return await _of_staff(journal, ref.removeprefix(STAFF))
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
        tickets = tuple(sorted(own | ({ref} if re.fullmatch(r"[0-9a-f-]{36}", ref) else set())))
        return Subject(tickets, address=ref if settled.about_address(session, ref) else "")

    return await journal.read(ask)


async def _of_staff(journal: Journal, ref: str) -> Subject:
    store, _, id = ref.rpartition("/")

    def ask(session: Session) -> Subject:
        stores = [store] if store else people.homes(session, id)
        if len(stores) > 1:
            raise SeveralPeople(f"{id} works in {', '.join(stores)}: say {STAFF}{stores[0]}/{id}, or the other one")
        return Subject(worker=people.known(session, stores[0], id)) if stores else Subject()

    return await journal.read(ask)


async def export(journal: Journal, subject: Subject) -> dict[str, Rows]:
    """All that is kept about somebody, by kind; kinds without any are left out."""
    found = await journal.read(lambda session: {kind.name: kind.show(session, subject) for kind in REGISTRY if _concerns(kind, subject)})
    return {name: rows for name, rows in found.items() if rows}


async def erase(journal: Journal, subject: Subject, *, still_waiting: bool = False) -> int:
    """Erase everything that can identify somebody, without a trace in the database's files; returns how many rows.

    ``still_waiting``: what the shopper's phone needs to be called stays.
    """
    subject = replace(subject, worker=subject.worker and subject.worker.anonymous())
    kinds = [kind for kind in REGISTRY if _concerns(kind, subject) and not (still_waiting and kind.lasting)]

    def write(session: Session) -> int:
        return sum(kind.erase(session, subject) for kind in kinds if kind.erase is not None)

    erased = await journal.write(write)
    if subject.worker is not None:
        erased += await _out_of_days(journal, subject.worker)
    if erased:
        await journal.scrub({table for kind in kinds if kind.erase is not None for table in kind.tables})
    return erased


async def _out_of_days(journal: Journal, who: Worker) -> int:
    """Day by day, each in a transaction of its own, until none names them: a store that is open goes on between two of them."""
    gone = 0
    for _ in range(ROUNDS_MAX):
        before = gone
        for store, day in await journal.read(partial(people.days_with, who=who)):
            gone += await journal.write(partial(people.out_of_day, who=who, store=store, day=day))
        if gone == before:
            break
    return gone


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
    if kind.whose == "shopper":
        return bool(subject.tickets)
    return subject.worker is not None or (bool(subject.address) and kind.name == "settings")
