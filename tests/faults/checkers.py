"""Pure functions over a history and what was recovered: each returns the broken promises, none when all is well."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

from server.journal.port import Recorded
from server.rules import events as ev
from server.rules.decide import Refusal, decide
from server.rules.evolve import evolve
from server.rules.state import StoreDay, new_day
from tests.faults.history import Entry, of_type
from tests.rules import invariants


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
    def broken(self) -> bool:
        """Whether a promise was broken."""
        return bool(self.lost or self.unexpected or self.duplicated)


def set_check(history: Iterable[Entry], recovered: Sequence[str]) -> SetReport:
    """``recovered`` lists the ids of the commands found to have had their effect, once per effect.

    lost: acknowledged and not there. unexpected: there, but never sent, or refused. duplicated: there twice.
    unknown: sent, never answered.
    """
    history = list(history)
    sent = {entry.id for entry in of_type(history, "invoke")}
    acknowledged = {entry.id for entry in of_type(history, "ok")}
    refused = {entry.id for entry in of_type(history, "fail")} - acknowledged
    times = Counter(recovered)
    return SetReport(
        acknowledged=len(acknowledged), recovered=len(times), unknown=len(sent - acknowledged - refused),
        lost=tuple(sorted(acknowledged - times.keys())), unexpected=tuple(sorted(times.keys() - (sent - refused))),
        duplicated=tuple(sorted(id for id, count in times.items() if count > 1)),
    )  # fmt: skip


def exactly_once(history: Iterable[Entry]) -> list[str]:
    """Every answer to the same command id is the same answer."""
    answers: dict[str, list[Any]] = defaultdict(list)
    for entry in history:
        if entry.type in ("ok", "fail"):
            answers[entry.id].append((entry.type, entry.value))
    return [f"{id} was answered {told[0]} and {other}" for id, told in answers.items() for other in told[1:] if other != told[0]]


def one_claim(events: Iterable[ev.Event]) -> list[str]:
    """A ticket has at most one claimer at a time, a salesperson at most one ticket."""
    holder: dict[str, str] = {}
    faults = []
    for event in events:
        match event:
            case ev.TicketClaimed(ticket=ticket, salesperson=person):
                if ticket in holder:
                    faults.append(f"{ticket} claimed by {person} while {holder[ticket]} has it")
                if person in holder.values():
                    faults.append(f"{person} claimed {ticket} while holding another")
                holder[ticket] = person
            case ev.StepFinished() | ev.TicketEnded() | ev.TicketParked() | ev.TicketHandedBack() | ev.TicketTransferred():
                holder.pop(event.ticket, None)
            case ev.ShopperSteppedAway() | ev.TapUndone():
                holder.pop(event.ticket, None)
    return faults


def ordered(seqs: Iterable[int]) -> list[str]:
    """A screen's seq never goes back."""
    seqs = list(seqs)
    return [f"seq went from {early} back to {late}" for early, late in pairwise(seqs) if late < early]


def view_equals(pushed: Mapping[int, bytes], fetched: Mapping[int, bytes]) -> list[str]:
    """The view pushed at a seq is the view fetched at that seq."""
    return [f"seq {seq}: pushed and fetched differ" for seq in pushed.keys() & fetched.keys() if pushed[seq] != fetched[seq]]


def numbers_are_unique(events: Iterable[ev.Event]) -> list[str]:
    """No two tickets of a day have the same number, no ticket joined twice."""
    joined = [event for event in events if isinstance(event, ev.TicketJoined)]
    numbers = Counter(event.number for event in joined)
    tickets = Counter(event.ticket for event in joined)
    return [f"{name} given {count} times" for name, count in (numbers + tickets).items() if count > 1]


def fold(events: Sequence[ev.Event]) -> StoreDay:
    """The day that these events lead to."""
    first = events[0]
    assert isinstance(first, ev.DayOpened)
    return reduce(evolve, events, new_day(first.plan))


def folds(events: Sequence[ev.Event]) -> list[str]:
    """The events fold to a state in which every invariant of the rules holds."""
    try:
        day = fold(events)
        invariants.check_day(day)
        invariants.check_ended(day)
    except AssertionError as fault:
        return [f"invariant: {fault}"]
    return []


def replays(recorded: Sequence[Recorded], events: Sequence[ev.Event]) -> list[str]:
    """The recorded commands, put through the rules again, give the identical list of events."""
    first = events[0]
    assert isinstance(first, ev.DayOpened)
    day, again = new_day(first.plan), list[ev.Event]()
    for record in recorded:
        step = decide(day, record.command, record.now)
        if isinstance(step, Refusal) != record.refused:
            return [f"{record.id}: {'refused' if record.refused else 'done'} then, not now"]
        if not isinstance(step, Refusal):
            day = step.day
            again += step.events
    return [] if again == list(events) else [f"{len(events)} events recorded, {len(again)} replayed, not the same"]


def real_time_order(history: Iterable[Entry], recorded: Iterable[Recorded]) -> list[str]:
    """Whoever asks after somebody was answered is decided on a state that knows of that answer, on whichever node."""
    records = {record.id: record for record in recorded}
    answered_at, faults = -1, list[str]()
    floor: dict[str, int] = {}
    for entry in history:
        record = records.get(entry.id)
        if record is None:
            continue
        if entry.type == "invoke":
            floor.setdefault(entry.id, answered_at)
        elif entry.type in ("ok", "fail"):
            answered_at = max(answered_at, record.last)
            if record.first - 1 < floor.get(entry.id, -1):
                faults.append(f"{entry.id} was decided on version {record.first - 1}, after version {floor[entry.id]} had been answered")
    return faults
