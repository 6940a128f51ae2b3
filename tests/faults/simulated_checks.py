"""What must hold after a simulated day, whatever happened in it."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from server.bench.history import answered_otherwise, set_check, went_back
from server.journal import facts, outgoing
from server.journal.tables import OutboxRow, select
from server.rules import events as ev
from tests.faults import checkers

if TYPE_CHECKING:
    from tests.faults.simulator import World

OURS = ("tick", "waits", "calendar", "settings")  # commands the server gives itself


def seq_of(view: bytes) -> int:
    """The seq of an encoded view."""
    return int(from_json(view)["seq"])


async def broken(world: "World") -> list[str]:
    """Every promise that was broken, in words."""
    node = world.nodes[0]
    heads = await node.journal.days("volt", 10)
    streams = {head.day: (await node.journal.events("volt", head.day), await node.journal.recorded("volt", head.day)) for head in heads}
    faults = list(world.differing)
    for day, (events, recorded) in streams.items():
        faults += [f"{day}: {fault}" for fault in _stream(events, recorded)]
        faults += checkers.real_time_order(world.history, recorded)
    effects = [record.id for _, recorded in streams.values() for record in recorded if not record.refused and record.sender not in OURS]
    faults += set_check(world.history, effects).faults
    faults += answered_otherwise(world.history)
    faults += [f"phone of {ticket}: {fault}" for ticket, seqs in world.seqs.items() for fault in went_back(seqs)]
    faults += _memory(world, {day: events for day, (events, _) in streams.items()})
    faults += await _day_is_over(world, heads)
    return faults + await _delivered(world)


def _stream(events: list[ev.Event], recorded: Any) -> list[str]:
    faults = checkers.one_claim(events) + checkers.numbers_are_unique(events) + checkers.folds(events) + checkers.replays(recorded, events)
    back = [f"time went back at version {n + 1}" for n, (early, late) in enumerate(pairwise(events), 1) if late.at < early.at]
    return faults + back


def _memory(world: "World", streams: dict[str, list[ev.Event]]) -> list[str]:
    """Every node's memory is the journal, folded."""
    faults = []
    for node in world.nodes:
        assert node.live is not None
        day = node.live.day("volt")
        if checkers.fold(streams[day.plan.day]) != day:
            faults.append(f"{node.name}: memory at version {day.version} is not what the journal folds to")
    return faults


async def _day_is_over(world: "World", heads: Any) -> list[str]:
    """The first day has ended, every ticket of it has exactly one outcome, and each finished step is a fact."""
    first = heads[-1]
    events = await world.nodes[0].journal.events("volt", first.day)
    ended = {event.ticket for event in events if isinstance(event, ev.TicketEnded)}
    kept = {fact.ticket for _, fact in await facts.read(world.nodes[0].journal, "volt", first.day, first.day)}
    faults = [] if first.ended and len(heads) == 2 else [f"days: {heads}"]
    return faults + [f"{ticket} ended and left no fact" for ticket in sorted(ended - kept)]


async def _delivered(world: "World") -> list[str]:
    """What the outbox calls done was delivered; nothing waits any more that is due."""
    journal = world.nodes[0].journal
    done = await journal.read(lambda session: list(session.scalars(select(OutboxRow.key).where(OutboxRow.state == "done"))))
    due = await outgoing.due(journal, 4e9, 10)
    faults = [f"{key} is called done and was not delivered" for key in done if not world.printer.printed[key]]
    return faults + [f"{parcel.key} still waits after {parcel.tries} tries" for parcel in due]
