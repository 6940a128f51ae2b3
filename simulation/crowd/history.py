"""What every client asked and was told, as JSON lines that pure checkers can read.

One line per fact: ``{"t", "client", "op", "id", "type", "value"}`` with ``t`` in wall seconds since the
epoch. ``type`` is ``invoke`` (asked), ``ok`` (acknowledged), ``fail`` (refused: nothing changed) or
``info`` (the outcome is unknown: it may or may not have happened; a repeat with the same id resolves it).
Tokens and PINs are never written.
"""

import json
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TextIO

Type = Literal["invoke", "ok", "fail", "info"]


class History:
    """An append-only log of one crowd; without a path it keeps nothing but the counts."""

    def __init__(self, path: Path | None = None) -> None:
        self._file: TextIO | None = path.open("a", encoding="utf-8", buffering=1) if path else None
        self.counts: dict[tuple[str, str], int] = {}

    def add(self, client: str, op: str, id: str, type: Type, value: Any = None) -> None:
        """Write one line."""
        self.counts[op, type] = self.counts.get((op, type), 0) + 1
        if self._file:
            line = {"t": time.time(), "client": client, "op": op, "id": id, "type": type, "value": value}
            self._file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")

    def count(self, op: str, type: Type) -> int:
        """How many lines of this kind so far."""
        return self.counts.get((op, type), 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file:
            self._file.close()
