"""One history format for every load and fault test: who asked what when, and what came back.

A line is ``{t, client, op, id, type, value}``. ``type`` is "invoke" (sent), "ok" (answered), "fail" (refused
for good: nothing happened) or "info" (nobody knows: the connection broke, the server was killed). An
unknown command may have happened or not; the retry with the same id decides.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["invoke", "ok", "fail", "info"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line; ``t`` in seconds of the recorder's clock."""

    t: float
    client: str
    op: str
    id: str
    type: Kind
    value: Any = None


@dataclass(slots=True)
class History:
    """Lines in the order they happened, as one process saw them."""

    entries: list[Entry] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic

    def add(self, client: str, op: str, id: str, type: Kind, value: Any = None) -> None:
        """Write down what happens now."""
        self.entries.append(Entry(self.clock(), client, op, id, type, value))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def save(self, path: Path) -> None:
        """As JSON lines, for whoever looks into a failure."""
        path.write_text("".join(json.dumps(asdict(entry)) + "\n" for entry in self.entries), encoding="utf-8")


def load(path: Path) -> History:
    """A saved history."""
    return History([Entry(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()])


def of_type(history: Iterable[Entry], type: Kind) -> Iterator[Entry]:
    """Only the entries of one type."""
    return (entry for entry in history if entry.type == type)
