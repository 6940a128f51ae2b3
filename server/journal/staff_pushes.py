"""The browsers in which salespeople asked to be told of offers: one row per browser, gone when they say so or it is gone."""

import hashlib
import json
from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import Session

from server.journal.port import Journal
from server.journal.removal import removed
from server.journal.tables import StaffPushRow, col, delete, select

PER_PERSON = 5  # browsers of one salesperson; beyond it another one gives way


async def put(journal: Journal, store: str, person: str, subscription: str) -> None:
    """Tell this browser from now on, whoever used it before."""
    row = StaffPushRow(endpoint_hash=_hash(subscription), store=store, person=person, subscription=subscription)

    def write(session: Session) -> None:
        session.merge(row)
        session.flush()
        own = session.scalars(select(StaffPushRow).where(*_whose(store, [person]))).all()
        for spare in [r for r in own if r.endpoint_hash != row.endpoint_hash][: max(0, len(own) - PER_PERSON)]:
            session.delete(spare)

    await journal.write(write)


async def of(journal: Journal, store: str, people: Collection[str] | None = None) -> list[tuple[str, str]]:
    """(person, subscription) of these people of a store, or of all."""

    def ask(session: Session) -> list[tuple[str, str]]:
        return [(row.person, row.subscription) for row in session.scalars(select(StaffPushRow).where(*_whose(store, people)))]

    return await journal.read(ask)


def language_of(subscription: str, usual: str) -> str:
    """The language of the page on which they asked to be told; ``usual`` for a browser kept before this was."""
    return str(json.loads(subscription).get("language", usual))


async def drop(journal: Journal, subscription: str) -> None:
    """This browser is told no more."""
    same = col(StaffPushRow.endpoint_hash) == _hash(subscription)
    await journal.write(lambda session: removed(session, delete(StaffPushRow).where(same)))


def _whose(store: str, people: Collection[str] | None) -> list[Any]:
    own = [] if people is None else [col(StaffPushRow.person).in_(people)]
    return [col(StaffPushRow.store) == store, *own]


def _hash(subscription: str) -> str:
    return hashlib.sha256(str(json.loads(subscription)["endpoint"]).encode()).hexdigest()
