"""Visits rows as a Parquet file, for those who analyse with other tools."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import pyarrow
from pyarrow import parquet

INSTANT = pyarrow.timestamp("ms", tz="UTC")


def table_of(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """The rows of a Visits CSV as Parquet: ``*_at`` as instants, ``step`` as a number, the rest as text; empty is null."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    out = io.BytesIO()
    parquet.write_table(pyarrow.table({name: _column(name, column) for name, column in zip(columns, values, strict=True)}), out)
    return out.getvalue()


def _column(name: str, texts: Sequence[str]) -> pyarrow.Array:
    if name.endswith("_at"):
        return pyarrow.array([datetime.fromisoformat(text).astimezone(UTC) if text else None for text in texts], INSTANT)
    if name == "step":
        return pyarrow.array([int(text) if text else None for text in texts], pyarrow.int32())
    return pyarrow.array([text or None for text in texts], pyarrow.string())
