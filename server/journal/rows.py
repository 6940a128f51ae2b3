"""An ``Append`` as rows of the tables: the same for every database."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, NamedTuple

from pydantic_core import to_json

from server.journal.codec import encode
from server.journal.port import Append
from server.rules.effects import DropFact, KeepFact

Row = tuple[Any, ...]

EVENT = ("store", "day", "version", "body")
RECEIPT = ("id", "store", "day", "sender", "command", "now", "first", "last", "answer", "refused")
OUTBOX = ("key", "store", "effect", "state", "tries", "due_at", "trouble")
CONTACT = ("ticket", "store", "name", "phone", "erase_at")
PHONE_LINK = ("token_hash", "store", "day", "ticket")
_OF_EFFECT = (
    "ticket", "step", "number", "service", "priority", "joined_at", "called_at", "started_at", "finished_at", "left_at",
    "outcome", "salesperson", "estimated", "promise_s",
)  # fmt: skip
FACT = (*_OF_EFFECT, "store", "day")
_fact_values = attrgetter(*_OF_EFFECT)
_WHOLE = tuple(field.name for field in fields(Append))


class Insert(NamedTuple):
    """Rows for one table; ``replace`` rows win over those with the same key."""

    table: str
    columns: tuple[str, ...]
    rows: list[Row]
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Ready(Append):
    """A batch with its rows. The loop makes them: it has just made what is in them, and another core would take twice as long."""

    inserts: Sequence[Insert] = ()


def ready(batch: Append) -> Ready:
    """The batch with its rows. Raises KeyError for what no journal knows."""
    return Ready(**{name: getattr(batch, name) for name in _WHOLE}, inserts=list(_inserts(batch)))


def merged(batches: Sequence[Ready]) -> list[Insert]:
    """Everything these batches insert, each table once, the fences (events, receipts) first. Facts are apart: see ``facts``."""
    whole: dict[str, Insert] = {}
    for batch in batches:
        for insert in batch.inserts:
            whole.setdefault(insert.table, insert._replace(rows=[])).rows.extend(insert.rows)
    return list(whole.values())


def _inserts(batch: Append) -> Iterator[Insert]:
    store, day = batch.store, batch.day
    events = [(store, day, version, encode(event)) for version, event in enumerate(batch.events, batch.after + 1)]
    yield Insert("event", EVENT, events)
    yield Insert("receipt", RECEIPT, [
        (r.id, store, day, r.sender, encode(r.command), r.now, r.first, r.last, to_json(r.answer).decode(), r.refused)
        for r in batch.receipts
    ])  # fmt: skip
    yield Insert("phone_link", PHONE_LINK, [(link.token_hash, store, day, link.ticket) for link in batch.links])
    yield Insert("contact", CONTACT, [(c.ticket, store, c.name, c.phone, c.erase_at) for c in batch.contacts], replace=True)
    yield Insert("outbox", OUTBOX, [(o.key, store, encode(o.effect), "waiting", 0, o.due_at, "") for o in batch.outgoing], replace=True)


def facts(batches: Iterable[Append]) -> tuple[Insert, list[tuple[str, str, str, int]]]:
    """(rows to keep, (store, day, ticket, step) to drop): the last word of the batches on each step counts."""
    last = {(batch.store, batch.day, fact.ticket, fact.step): fact for batch in batches for fact in batch.facts}
    keep = [(*_fact_values(fact), store, day) for (store, day, _, _), fact in last.items() if isinstance(fact, KeepFact)]
    return Insert("fact", FACT, keep, replace=True), [step for step, fact in last.items() if isinstance(fact, DropFact)]
