"""One history for every load and every fault: who asked what when, and what came back; and pure checkers over it.

``type`` is "invoke" (sent), "ok" (done), "fail" (refused for good: nothing changed) or "info" (nobody knows: the
connection broke, the server was killed). An unknown command may have happened or not; the retry with the same id decides.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, NamedTuple

Kind = Literal["invoke", "ok", "fail", "info"]


class Entry(NamedTuple):
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
    clock: Callable[[], float] = perf_counter

    def add(self, client: str, op: str, id: str, type: Kind, value: Any = None) -> None:
        """Write down what happens now."""
        self.entries.append(Entry(self.clock(), client, op, id, type, value))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def count(self, type: Kind) -> int:
        """How many lines of this type."""
        return sum(1 for entry in self.entries if entry.type == type)

    def save(self, path: Path) -> None:
        """As JSON lines, for whoever looks into a failure."""
        path.write_text("".join(json.dumps(entry._asdict()) + "\n" for entry in self.entries), encoding="utf-8")


def load(path: Path) -> History:
    """A saved history."""
    return History([Entry(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()])


@dataclass(frozen=True, slots=True)
class SetReport:
    """How the set of commands that had an effect compares with the set that was acknowledged."""

    acknowledged: int
    recovered: int
    unknown: int
    lost: tuple[str, ...]
    unexpected: tuple[str, ...]
    duplicated: tuple[str, ...]

    @property
    def faults(self) -> list[str]:
        """Every broken promise in a sentence."""
        return [
            *(f"{id} was acknowledged and is lost" for id in self.lost),
            *(f"{id} was never sent, or refused, and is there" for id in self.unexpected),
            *(f"{id} had its effect more than once" for id in self.duplicated),
        ]


def set_check(history: Iterable[Entry], recovered: Sequence[str]) -> SetReport:
    """``recovered`` lists the ids of the commands found to have had their effect, once per effect.

    lost: acknowledged and not there. unexpected: there, but never sent, or refused. duplicated: there twice.
    unknown: sent, never answered.
    """
    ids: dict[Kind, set[str]] = defaultdict(set)
    for entry in history:
        ids[entry.type].add(entry.id)
    sent, done = ids["invoke"], ids["ok"]
    refused = ids["fail"] - done
    times = Counter(recovered)
    return SetReport(
        acknowledged=len(done), recovered=len(times), unknown=len(sent - done - refused), lost=tuple(sorted(done - times.keys())),
        unexpected=tuple(sorted(times.keys() - (sent - refused))), duplicated=tuple(sorted(id for id, n in times.items() if n > 1)),
    )  # fmt: skip


def answered_otherwise(history: Iterable[Entry]) -> list[str]:
    """Every answer to the same command id is the same answer."""
    answers: dict[str, list[Any]] = defaultdict(list)
    for entry in history:
        if entry.type in ("ok", "fail"):
            answers[entry.id].append((entry.type, entry.value))
    return [f"{id} was answered {told[0]} and {other}" for id, told in answers.items() for other in told[1:] if other != told[0]]


def went_back(seqs: Iterable[int]) -> list[str]:
    """A screen's seq never goes back."""
    return [f"seq went from {early} back to {late}" for early, late in pairwise(seqs) if late < early]
