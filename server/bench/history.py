"""One history for every load: who asked what when, and what came back; and pure checkers over it.

``type`` is "invoke" (sent), "ok" (done), "fail" (refused: nothing changed) or "info" (nobody knows: the connection
broke). A figure counts only if the promises held while it was measured.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from time import perf_counter
from typing import Any, Literal, NamedTuple

Kind = Literal["invoke", "ok", "fail", "info"]


class Entry(NamedTuple):
    """One line; ``t`` in seconds of the machine's steady clock."""

    t: float
    client: str
    op: str
    id: str
    type: Kind
    value: Any = None


@dataclass(slots=True)
class History:
    """Lines in the order they happened."""

    entries: list[Entry] = field(default_factory=list)

    def add(self, client: str, op: str, id: str, type: Kind, value: Any = None) -> None:
        """Write down what happens now."""
        self.entries.append(Entry(perf_counter(), client, op, id, type, value))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def count(self, type: Kind) -> int:
        """How many lines of this type."""
        return sum(1 for entry in self.entries if entry.type == type)


def lost_or_invented(history: Iterable[Entry], recovered: Sequence[str]) -> list[str]:
    """``recovered`` are the ids of the commands whose effect is in the journal, once per effect."""
    history = list(history)
    sent = {entry.id for entry in history if entry.type == "invoke"}
    done = {entry.id for entry in history if entry.type == "ok"}
    refused = {entry.id for entry in history if entry.type == "fail"} - done
    times = Counter(recovered)
    faults = [f"{id} was acknowledged and is lost" for id in done - times.keys()]
    faults += [f"{id} was never sent, or refused, and is there" for id in times.keys() - (sent - refused)]
    return faults + [f"{id} had its effect {count} times" for id, count in times.items() if count > 1]


def answered_otherwise(history: Iterable[Entry]) -> list[str]:
    """Every answer to the same command id is the same answer."""
    answers: dict[str, list[Any]] = defaultdict(list)
    for entry in history:
        if entry.type in ("ok", "fail"):
            answers[entry.id].append((entry.type, entry.value))
    return [f"{id} was answered {told[0]} and {other}" for id, told in answers.items() for other in told[1:] if other != told[0]]


def went_back(screens: Iterable[Sequence[int]]) -> list[str]:
    """A screen's seq never goes back."""
    return [f"a screen went from {early} back to {late}" for seqs in screens for early, late in pairwise(seqs) if late < early]
