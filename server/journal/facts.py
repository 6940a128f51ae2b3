"""One row per finished step: what the waits learn from, what the manager's reports and the Visits CSV are made of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import tuple_
from sqlalchemy.orm import Session

from server.journal.port import Journal
from server.journal.tables import Fact, col, delete, select
from server.rules.effects import KeepFact

PUT_MAX = 400  # rows of one transaction of an import
VISIT_COLUMNS = (
    "day", "ticket", "step", "service", "priority", "joined_at", "called_at", "started_at", "finished_at", "left_at", "outcome",
    "salesperson",
)  # fmt: skip
_STEP: list[Any] = [col(getattr(Fact, field.name)) for field in fields(KeepFact)]  # columns, not objects: a quarter of a year is many rows


async def read(journal: Journal, store: str, from_day: str = "", to_day: str = "9999") -> list[tuple[str, KeepFact]]:
    """(day, fact) of a store's finished steps, from one day to another (both included), in order of joining."""

    def ask(session: Session) -> list[tuple[str, KeepFact]]:
        wanted = select(col(Fact.day), *_STEP).where(col(Fact.store) == store, col(Fact.day) >= from_day, col(Fact.day) <= to_day)
        rows: Iterable[Any] = session.execute(wanted.order_by(col(Fact.day), col(Fact.joined_at), col(Fact.ticket), col(Fact.step)))
        return [(day, KeepFact(*step)) for day, *step in rows]

    return await journal.read(ask)


async def more_than(journal: Journal, store: str, from_day: str, count: int) -> bool:
    """Whether more than ``count`` of a store's steps finished from a day on; no more of them are looked at."""

    def ask(session: Session) -> bool:
        wanted = select(col(Fact.day)).where(col(Fact.store) == store, col(Fact.day) >= from_day).offset(count).limit(1)
        return session.execute(wanted).first() is not None

    return await journal.read(ask)


async def of(journal: Journal, store: str, day: str, tickets: Sequence[str]) -> list[KeepFact]:
    """The finished steps of these tickets of a day."""

    def ask(session: Session) -> list[KeepFact]:
        wanted = select(*_STEP).where(col(Fact.store) == store, col(Fact.day) == day, col(Fact.ticket).in_(tickets))
        return [KeepFact(*step) for step in session.execute(wanted.order_by(col(Fact.ticket), col(Fact.step)))]

    return await journal.read(ask)


async def put(journal: Journal, store: str, facts: Iterable[tuple[str, KeepFact]]) -> int:
    """Keep many facts (an import), each replacing what there is for its (day, ticket, step); returns how many."""
    done, todo = 0, iter(facts)
    while chunk := list(islice(todo, PUT_MAX)):
        await journal.write(partial(_put, store, chunk))
        done += len(chunk)
    return done


def _put(store: str, chunk: Sequence[tuple[str, KeepFact]], session: Session) -> None:
    last = {(day, fact.ticket, fact.step): Fact(store=store, day=day, **asdict(fact)) for day, fact in chunk}
    key = tuple_(col(Fact.day), col(Fact.ticket), col(Fact.step))
    session.execute(delete(Fact).where(col(Fact.store) == store, key.in_(list(last))))
    session.add_all(last.values())


def visit_rows(facts: Iterable[tuple[str, KeepFact]], zone: str) -> Iterator[tuple[str, ...]]:
    """Rows of the Visits CSV (``VISIT_COLUMNS``): local ISO times of the store's zone, empty for unknown.

    The ticket is its number of the day: the file leaves the house, and ids open phones.
    """
    local = ZoneInfo(zone)
    for day, fact in facts:
        yield (
            day, fact.number, str(fact.step), fact.service, fact.priority, _iso(fact.joined_at, local), _iso(fact.called_at, local),
            _iso(fact.started_at, local), _iso(fact.finished_at, local), _iso(fact.left_at, local), fact.outcome, fact.salesperson or "",
        )  # fmt: skip


def _iso(at: float | None, zone: ZoneInfo) -> str:
    return "" if at is None else datetime.fromtimestamp(at, zone).isoformat(timespec="milliseconds")
