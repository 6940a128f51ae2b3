"""Appointments in the tables. A slot is given in one transaction with the look at what is taken, whoever else asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from sqlalchemy.orm import Session

from server.journal.claims import hold
from server.journal.port import Journal
from server.journal.tables import BookingRow, col, select, update

BOOKED, HERE, NO_SHOW, CANCELLED = "booked", "here", "no_show", "cancelled"
TAKES_TIME: Final = (BOOKED, HERE)


@dataclass(frozen=True, slots=True)
class Booking:
    """One appointment. ``state`` is one of the words above; ``day`` the business day of ``at``."""

    id: str
    store: str
    day: str
    service: str
    at: float
    until: float
    language: str
    companions: int
    code: str
    token_hash: str
    made_at: float
    erase_at: float
    name: str = ""
    address: str = ""
    state: str = BOOKED
    ticket: str | None = None
    moves: int = 0


Fits = Callable[[Sequence[Booking]], bool]
"""Whether one more fits among those of the day that take people's time."""
NAMES: Final = tuple(field.name for field in fields(Booking))


async def give(journal: Journal, booking: Booking, fits: Fits) -> Booking | None:
    """The appointment, kept; the same again for an id that has one; None when it does not fit any more."""

    def write(session: Session) -> Booking | None:
        hold(session, f"booking {booking.store}")
        if (known := session.get(BookingRow, booking.id)) is not None:
            return _booking(known)
        if not fits(_taken(session, booking.store, booking.day)):
            return None
        session.add(BookingRow(**_row(booking)))
        return booking

    return await journal.write(write)


async def move(journal: Journal, booking: Booking, to: Booking, fits: Fits) -> Booking | None:
    """The appointment at its new time (``to``); None when that does not fit, or somebody changed it meanwhile."""

    def write(session: Session) -> Booking | None:
        hold(session, f"booking {booking.store}")
        row = session.get(BookingRow, booking.id, with_for_update=True)
        others = [taken for taken in _taken(session, booking.store, to.day) if taken.id != booking.id]
        if row is None or _booking(row) != booking or not fits(others):
            return None
        for name, value in _row(to).items():
            setattr(row, name, value)
        return to

    return await journal.write(write)


async def change(journal: Journal, id: str, states: Sequence[str], **values: Any) -> Booking | None:
    """The appointment with these values, if it is in one of these states; else None."""

    def write(session: Session) -> Booking | None:
        row = session.get(BookingRow, id, with_for_update=True)
        if row is None or row.state not in states:
            return None
        for name, value in values.items():
            setattr(row, name, value)
        return _booking(row)

    return await journal.write(write)


async def of_day(journal: Journal, store: str, day: str) -> list[Booking]:
    """Every appointment of a business day, in order."""

    def ask(session: Session) -> list[Booking]:
        same = (col(BookingRow.store) == store, col(BookingRow.day) == day)
        return [_booking(row) for row in session.scalars(select(BookingRow).where(*same).order_by(col(BookingRow.at), col(BookingRow.id)))]

    return await journal.read(ask)


async def taken(journal: Journal, store: str, days: Sequence[str]) -> dict[str, list[Booking]]:
    """What takes people's time on these days."""
    return await journal.read(lambda session: {day: _taken(session, store, day) for day in days})


async def of_token(journal: Journal, token_hash: str) -> Booking | None:
    """The appointment that a link opens."""
    return await _one(journal, col(BookingRow.token_hash) == token_hash)


async def of_code(journal: Journal, store: str, day: str, code: str) -> Booking | None:
    """The appointment of a code on a day."""
    return await _one(journal, col(BookingRow.store) == store, col(BookingRow.day) == day, col(BookingRow.code) == code)


async def of_id(journal: Journal, store: str, id: str) -> Booking | None:
    """A store's appointment by its id."""
    return await _one(journal, col(BookingRow.store) == store, col(BookingRow.id) == id)


async def codes(journal: Journal, store: str, day: str) -> set[str]:
    """The codes that are in use on a day."""
    return {booking.code for booking in await of_day(journal, store, day)}


async def sweep(journal: Journal, store: str, late_before: float, now: float) -> list[Booking]:
    """Mark as not shown up who is booked before ``late_before``, and erase what people told where its time is over; the no-shows."""

    def write(session: Session) -> list[Booking]:
        late = (col(BookingRow.store) == store, col(BookingRow.state) == BOOKED, col(BookingRow.at) < late_before)
        rows = session.scalars(select(BookingRow).where(*late)).all()
        for row in rows:
            row.state = NO_SHOW
        told = (col(BookingRow.name) != "") | (col(BookingRow.address) != "")
        session.execute(update(BookingRow).where(col(BookingRow.erase_at) <= now, told).values(name="", address=""))
        return [_booking(row) for row in rows]

    return await journal.write(write)


def _taken(session: Session, store: str, day: str) -> list[Booking]:
    wanted = (col(BookingRow.store) == store, col(BookingRow.day) == day, col(BookingRow.state).in_(TAKES_TIME))
    return [_booking(row) for row in session.scalars(select(BookingRow).where(*wanted))]


async def _one(journal: Journal, *same: Any) -> Booking | None:
    def ask(session: Session) -> Booking | None:
        row = session.scalars(select(BookingRow).where(*same).limit(1)).first()
        return _booking(row) if row else None

    return await journal.read(ask)


def _booking(row: BookingRow) -> Booking:
    return Booking(**{name: getattr(row, name) for name in NAMES})


def _row(booking: Booking) -> dict[str, Any]:
    return {name: getattr(booking, name) for name in NAMES}


def moved(booking: Booking, at: float, day: str, erase_at: float) -> Booking:
    """The same appointment at another time."""
    return replace(booking, at=at, until=at + booking.until - booking.at, day=day, erase_at=erase_at, moves=booking.moves + 1)
