"""Somebody of the staff in the days of the journal: what names them there, and how they are taken out of it.

Events, commands and answers name who works here by id, a day's plan by name too. Erasing puts an alias in the place of
the id and nothing in the place of the name, in a whole day at once: versions, times and order stay, so that folding
and replaying it give the same day, of somebody nobody knows. A day that is still under way gets one more event, a
plan decided by ``FORGOTTEN``: whoever has an older state in memory cannot add to the day before having read it again.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import Session

from server.journal import settled, streams
from server.journal.codec import encode
from server.journal.settled import FORGOTTEN
from server.journal.tables import Day, Event, Fact, OutboxRow, PersonRow, ReceiptRow, SessionRow, SQLModel, col, select, update
from server.rules.commands import ChangePlan
from server.rules.decide import decide
from server.rules.events import DayOpened
from server.rules.evolve import evolve
from server.rules.state import StoreDay, new_day
from server.rules.turn import Step

PERSON_FIELDS: Final = frozenset({"salesperson", "by", "to"})
"""Where events, commands, effects and the facts of a refusal name who works here; a test fails for a new field that is not looked at."""
NAME_FIELDS: Final = frozenset({"name", "by"})
Texts = tuple[type[SQLModel], tuple[str, ...]]
DAYS: Final[tuple[Texts, ...]] = ((Event, ("body",)), (ReceiptRow, ("command", "answer", "sender")))
MESSAGES: Final[Texts] = (OutboxRow, ("effect",))
SENDER: Final = "person:"


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody of the staff: ``id`` at home in ``store``, the ``names`` they went by, and who they are once erased."""

    store: str
    id: str
    names: frozenset[str] = frozenset()
    alias: str = ""

    @property
    def away(self) -> str:
        """How they are named in stores that are not their home."""
        return f"{self.id}@{self.store}"

    def anonymous(self) -> "Worker":
        """With an alias that nothing leads to."""
        return replace(self, alias=f"former-{secrets.token_hex(4)}")


def homes(session: Session, id: str) -> list[str]:
    """The stores where somebody with this id works, or did."""
    asked = (select(table.store).where(col(named) == id).distinct() for table, named in (
        (PersonRow, PersonRow.id), (SessionRow, SessionRow.person), (Fact, Fact.salesperson),
    ))  # fmt: skip
    found = {store for question in asked for store in session.scalars(question)}
    return sorted(found | settled.stores_with(session, id))


def known(session: Session, store: str, id: str) -> Worker:
    """This person, with every name the tables have for them."""
    names = set(session.scalars(select(PersonRow.name).where(col(PersonRow.store) == store, col(PersonRow.id) == id)))
    names |= settled.names_of(session, store, id)
    plans = select(Event.body).where(col(Event.store) == store, col(Event.body).contains('"salespeople"'))
    for body in session.scalars(plans.where(col(Event.body).contains(_quoted(id), autoescape=True))):
        names |= {said["name"] for key, said in _plan(from_json(body)).items() if key == id}
    return Worker(store, id, frozenset(names - {"", FORGOTTEN}))


def _plan(event: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = event.get("plan", {}).get("salespeople", {})
    return found


def shown(session: Session, who: Worker) -> list[dict[str, Any]]:
    """What the days say with this person in it: events, commands with their answers, and messages; of a plan their own part."""
    found: list[dict[str, Any]] = []
    for table, columns in (*DAYS, MESSAGES):
        for row in session.scalars(select(table).where(_may_name(table, columns, who))):
            if any(_changed(row, name, who) for name in columns):
                found.append(_told(row.model_dump(exclude={"id"} if table is Event else set()), columns, who))
    return found


def _told(row: dict[str, Any], columns: Iterable[str], who: Worker) -> dict[str, Any]:
    texts = {name: row[name] if name == "sender" else _own(from_json(row[name]), who) for name in columns}
    return {**{key: row[key] for key in ("store", "day", "version", "now") if key in row}, **texts}


def _own(value: Any, who: Worker) -> Any:
    """Without the colleagues of a plan: they have rights of their own."""
    match value:
        case {"salespeople": dict(people), **rest}:
            return {**rest, "salespeople": {key: said for key, said in people.items() if key == who.id}}
        case dict():
            return {key: _own(part, who) for key, part in value.items()}
        case _:
            return value


def days_with(session: Session, who: Worker) -> list[tuple[str, str]]:
    """(store, day) of the days that may name this person, the newest first."""
    found: set[tuple[str, str]] = set()
    for table, columns in DAYS:
        place = _column(table, "store"), _column(table, "day")
        found |= {(store, day) for store, day in session.execute(select(*place).where(_may_name(table, columns, who)).distinct())}
    return sorted(found, key=lambda place: place[1], reverse=True)


def out_of_day(session: Session, who: Worker, store: str, day: str) -> int:
    """Put the alias in the place of this person in one day of a store; returns how many rows named them."""
    rows = sum(
        _rewrite(session, table, columns, who, (_column(table, "store") == store, _column(table, "day") == day)) for table, columns in DAYS
    )
    if rows:
        _fence(session, who, store, day)
    return rows


def out_of_messages(session: Session, who: Worker) -> int:
    """The same for what the outbox keeps."""
    return _rewrite(session, *MESSAGES, who)


def out_of_facts(session: Session, who: Worker) -> int:
    """And for who served: the figures stay, of somebody nobody knows."""
    mine = (col(Fact.store) == who.store, col(Fact.salesperson) == who.id)
    count = session.scalar(select(func.count()).select_from(Fact).where(*mine))
    session.execute(update(Fact).where(*mine).values(salesperson=who.alias))
    return int(count or 0)


def _fence(session: Session, who: Worker, store: str, day: str) -> None:
    """A day under way has one more event, so that what was decided without knowing of this is too late."""
    head = session.get(Day, (store, day))
    if head is None or head.ended:
        return
    events = streams.events(session, store, day)
    first = events[0]
    assert isinstance(first, DayOpened), "a stream begins with its day being opened"
    now = reduce(evolve, events, new_day(first.plan))
    command, step = _plan_without(now, who.alias, settled.version_of(session, store))
    for n, event in enumerate(step.events, now.version + 1):
        session.add(Event(store=store, day=day, version=n, body=encode(event)))
    id, last = f"{FORGOTTEN}:{store}:{day}:{now.version}", now.version + len(step.events)
    session.add(ReceiptRow(
        id=id, store=store, day=day, sender=FORGOTTEN, command=encode(command), now=now.at, first=now.version + 1, last=last,
        answer="{}", refused=False,
    ))  # fmt: skip


def _plan_without(day: StoreDay, alias: str, version: int) -> tuple[ChangePlan, Step]:
    """The day's plan without the alias; with it as long as somebody waits for them or they are on the floor."""
    others = {key: person for key, person in day.plan.salespeople.items() if key != alias}
    for people in (others, day.plan.salespeople):
        command = ChangePlan(replace(day.plan, salespeople=people), FORGOTTEN, version)
        step = decide(day, command, day.at)
        if isinstance(step, Step) and not step.effects:
            return command, step
    raise AssertionError("a day can go on with the plan it has")


# --- texts ------------------------------------------------------------------------------------------------


def _may_name(table: type[SQLModel], columns: Iterable[str], who: Worker) -> ColumnElement[bool]:
    """A first look in SQL, which may find too much."""
    near = [_quoted(who.id), *(to_json(name).decode() for name in who.names)]
    texts = [name for name in columns if name != "sender"]
    here = [_column(table, name).contains(needle, autoescape=True) for name in texts for needle in near]
    far = [_column(table, name).contains(_quoted(who.away), autoescape=True) for name in texts]
    if "sender" in columns:
        here.append(col(ReceiptRow.sender) == f"{SENDER}{who.id}")
        far.append(col(ReceiptRow.sender) == f"{SENDER}{who.away}")
    return or_((_column(table, "store") == who.store) & or_(*here), *far)


def _rewrite(
    session: Session, table: type[SQLModel], columns: Iterable[str], who: Worker, place: Iterable[ColumnElement[bool]] = ()
) -> int:
    count = 0
    for row in session.scalars(select(table).where(_may_name(table, columns, who), *place)):
        changed = {name: text for name in columns if (text := _changed(row, name, who)) is not None}
        for name, text in changed.items():
            setattr(row, name, text)
        count += bool(changed)
    session.flush()
    return count


def _changed(row: Any, name: str, who: Worker) -> str | None:
    """A column's text without this person; None where it is the same."""
    text: str = getattr(row, name)
    if name == "sender":
        mine = {f"{SENDER}{id}" for id in _ids(row.store, who)}
        return f"{SENDER}{who.alias}" if text in mine else None
    before = from_json(text)
    after = _without(before, who, _ids(row.store, who), "")
    return None if after == before else to_json(after).decode()


def _ids(store: str, who: Worker) -> frozenset[str]:
    return frozenset({who.away, who.id}) if store == who.store else frozenset({who.away})


def _without(value: Any, who: Worker, ids: frozenset[str], field: str) -> Any:
    match value:
        case dict() if field == "salespeople" and who.id in ids:
            return {who.alias if key == who.id else key: _nobody(said, who) if key == who.id else said for key, said in value.items()}
        case dict():
            return {key: _without(part, who, ids, key) for key, part in value.items()}
        case list():
            return [_without(part, who, ids, field) for part in value]
        case str() if field in PERSON_FIELDS and value in ids:
            return who.alias
        case str() if field in NAME_FIELDS and value in who.names and who.id in ids:
            return FORGOTTEN
        case _:
            return value


def _nobody(said: dict[str, Any], who: Worker) -> dict[str, Any]:
    return {**said, "id": who.alias, "name": FORGOTTEN}


def _column(table: type[SQLModel], name: str) -> Any:
    return col(getattr(table, name))


def _quoted(text: str) -> str:
    return f'"{text}"'
