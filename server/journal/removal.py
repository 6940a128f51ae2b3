"""Deleting, and how much there was to delete."""

from sqlalchemy import CursorResult, Delete
from sqlalchemy.orm import Session


def removed(session: Session, statement: Delete) -> int:
    """Run a deletion; how many rows it took."""
    result = session.execute(statement)
    assert isinstance(result, CursorResult), "the database counts what it deletes"
    return int(result.rowcount)
