"""A visit out of the facts of its steps, and the other things a period's report is made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from server.rules import events as ev
from server.rules.effects import KeepFact
from server.rules.state import Outcome


@dataclass(frozen=True, slots=True)
class Visit:
    """One ticket: how it ended, and its steps in order. Unanswered or void, it ended in its last step."""

    day: str
    steps: tuple[KeepFact, ...]

    @property
    def outcome(self) -> str:
        """How the ticket ended: the outcome of its last step."""
        return self.steps[-1].outcome

    @property
    def first(self) -> KeepFact:
        """The step the shopper came for; the promise speaks of it."""
        return self.steps[0]

    @property
    def service(self) -> str:
        """The service that an unanswered shopper was waiting for, and an answered one came for."""
        return self.first.service if self.outcome == Outcome.ANSWERED else self.steps[-1].service


@dataclass(frozen=True, slots=True)
class Balked:
    """Somebody who saw the wait and took no ticket."""

    day: str
    at: float
    service: str


@dataclass(frozen=True, slots=True)
class Rated:
    """Stars, one to five, of one visit."""

    day: str
    ticket: str
    stars: int


@dataclass(frozen=True, slots=True)
class Read:
    """A piece of content somebody finished while waiting."""

    day: str
    ticket: str
    item: str


@dataclass(frozen=True, slots=True)
class Doors:
    """How many people came in by the door in an hour of a day, as a counter there says (imported)."""

    day: str
    hour: int
    came: int


@dataclass(frozen=True, slots=True)
class Period:
    """Everything recorded of a store in some business days. ``zone`` names its time zone."""

    zone: str
    days: tuple[str, ...]
    facts: Sequence[tuple[str, KeepFact]]
    balked: Sequence[Balked] = ()
    ratings: Sequence[Rated] = ()
    read: Sequence[Read] = ()
    doors: Sequence[Doors] = ()
    floor: Sequence[tuple[str, ev.Event]] = ()  # (day, what happened): coming, going, breaks, calls, ends; see server.reports.duty


def visits(facts: Iterable[tuple[str, KeepFact]]) -> list[Visit]:
    """The visits behind the facts, in order of (day, ticket), their steps in order."""
    rows = sorted(facts, key=lambda row: (row[0], row[1].ticket, row[1].step))
    return [Visit(day, tuple(fact for _, fact in steps)) for (day, _), steps in groupby(rows, key=lambda row: (row[0], row[1].ticket))]


def wait_s(step: KeepFact) -> float | None:
    """From joining the line of this step to the call (to the start where no call is recorded); None for who was never called."""
    called = step.called_at if step.called_at is not None else step.started_at
    return None if called is None else max(0.0, called - step.joined_at)


def walking_s(step: KeepFact) -> float | None:
    """From the call to the start, None where one of them is missing."""
    return None if step.called_at is None or step.started_at is None else max(0.0, step.started_at - step.called_at)


def service_s(step: KeepFact) -> float | None:
    """From start to finish; None where it did not take place, or its end is only guessed (a forgotten finish)."""
    return None if step.estimated or step.started_at is None or step.finished_at is None else max(0.0, step.finished_at - step.started_at)


def hour_of(at: float, zone: ZoneInfo) -> int:
    """The hour of the day, 0 to 23, on the store's clock."""
    return datetime.fromtimestamp(at, zone).hour


def by(rows: Iterable[tuple[str, Visit]]) -> dict[str, list[Visit]]:
    """Visits in groups of the same key."""
    ordered = sorted(rows, key=itemgetter(0))
    return {key: [visit for _, visit in group] for key, group in groupby(ordered, key=itemgetter(0))}
