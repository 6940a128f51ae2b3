"""One command being decided: the events so far, and the state they lead to."""

from dataclasses import dataclass, field
from typing import NamedTuple

from server.rules.effects import WITH_EFFECTS, Effect, effects_of
from server.rules.events import Event
from server.rules.evolve import evolve
from server.rules.refusals import Code, Fact, Refusal
from server.rules.state import Salesperson, StoreDay, Ticket


class Step(NamedTuple):
    """What a command does: events to append, effects to deliver, and the day after them."""

    events: tuple[Event, ...]
    effects: tuple[Effect, ...]
    day: StoreDay


@dataclass(slots=True)
class Turn:
    """Collects events while a command is decided; ``day`` always includes the last one emitted."""

    day: StoreDay
    now: float
    events: list[Event] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        """Decide that this happens."""
        before, self.day = self.day, evolve(self.day, event)
        self.events.append(event)
        if type(event) in WITH_EFFECTS:
            self.effects.extend(effects_of(before, event, self.day))

    def step(self) -> Step:
        """What came of the command."""
        return Step(tuple(self.events), tuple(self.effects), self.day)


def no(code: Code, **facts: Fact) -> Refusal:
    """A refusal, with its facts."""
    return Refusal(code, facts)


def open_ticket(day: StoreDay, ticket_id: str) -> Ticket | Refusal:
    """The open ticket with this id, or why not."""
    ticket = day.tickets.get(ticket_id)
    if ticket is not None:
        return ticket
    ended = day.ended.get(ticket_id)
    if ended is None:
        return no(Code.UNKNOWN_TICKET)
    return no(Code.ALREADY_ENDED, number=ended.number, outcome=ended.outcome and ended.outcome.value)


def known_person(day: StoreDay, person_id: str) -> Salesperson | Refusal:
    """The salesperson with this id, on duty or not today, or why not."""
    if person_id not in day.plan.salespeople:
        return no(Code.UNKNOWN_SALESPERSON, salesperson=person_id)
    return day.salespeople.get(person_id) or no(Code.NOT_ON_DUTY, salesperson=person_id)
