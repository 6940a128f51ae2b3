"""Pure functions over events and a history (``server.bench.history``): each returns the broken promises, none when all is well."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from server.bench.history import Entry
from server.journal.port import Recorded
from server.rules import events as ev
from server.rules.decide import Refusal, decide
from server.rules.evolve import evolve
from server.rules.state import StoreDay, new_day
from tests.rules import invariants


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
