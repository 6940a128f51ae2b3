"""What the estimator is taught: every finished step once, whichever node finished it."""

import logging
from collections.abc import Callable, Iterable, Sequence

from server.journal import facts
from server.journal.port import Journal
from server.rules.effects import DropFact, KeepFact
from server.rules.events import Event, StepFinished, TicketEnded

log = logging.getLogger(__name__)
Observe = Callable[[str, KeepFact], None]


class Lessons:
    """One store's; a pupil that fails is logged, the store goes on."""

    def __init__(self, journal: Journal, store: str, observe: Observe | None) -> None:
        self._journal, self._store, self._observe = journal, store, observe
        self._known: set[tuple[str, int]] = set()

    def new_day(self) -> None:
        """Nothing of this day is known yet."""
        self._known.clear()

    def give(self, finished: Iterable[KeepFact | DropFact]) -> None:
        """Teach the steps that are new."""
        for fact in finished if self._observe else ():
            if isinstance(fact, KeepFact) and (fact.ticket, fact.step) not in self._known:
                self._known.add((fact.ticket, fact.step))
                self._teach(fact)

    async def of_others(self, day: str, events: Sequence[Event]) -> list[KeepFact]:
        """The steps that ended in these events of another node, from the journal. Raises StorageTrouble."""
        tickets = [event.ticket for event in events if isinstance(event, StepFinished | TicketEnded)]
        return await facts.of(self._journal, self._store, day, tickets) if tickets and self._observe else []

    def _teach(self, fact: KeepFact) -> None:
        assert self._observe is not None
        try:
            self._observe(self._store, fact)
        except Exception:
            log.exception("learning from a visit failed")
