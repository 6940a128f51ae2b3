"""Which slots can be booked: from opening hours, who is there with which skills, and how long a visit takes.

A slot is free when two things hold with the new appointment in it:

* *at each instant* the appointments under way find different people who can serve them, and who are there until the
  new one is over;
* *over each block of time* they take no more than their share of the people's time, so that walk-ins keep theirs.

Both are one question: do people with these skills suffice for these demands? By Hall's theorem (P. Hall, "On
representatives of subsets", 1935) they do exactly when every set of services demands no more than everybody able to
serve one of them can give; only sets with the new service in them can be broken by it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from math import ceil

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who serves: what, and from when to when."""

    skills: frozenset[str]
    spells: tuple[tuple[float, float], ...]

    def there(self, start: float, end: float) -> bool:
        """Whether they are there all that time."""
        return any(begins <= start and end <= ends for begins, ends in self.spells)

    def seconds(self, start: float, end: float) -> float:
        """How long they are there between the two."""
        return sum(max(0.0, min(end, ends) - max(start, begins)) for begins, ends in self.spells)


@dataclass(frozen=True, slots=True)
class Taken:
    """An appointment that was given."""

    service: str
    at: float
    until: float


@dataclass(frozen=True, slots=True)
class Desk:
    """One day: when it is open, who is there, what is taken, and the share of people's time that walk-ins keep."""

    opens_at: float
    closes_at: float
    workers: Sequence[Worker]
    taken: Sequence[Taken]
    walk_in_share: float

    def left(self, service: str, at: float, length_s: float) -> int:
        """How many more appointments of this length can begin at ``at``; 0 outside the opening hours."""
        until = at + length_s
        if not self.opens_at <= at < until <= self.closes_at:
            return 0
        able = [worker for worker in self.workers if service in worker.skills and worker.there(at, until)]
        for more in range(len(able), 0, -1):
            if self._one_each(service, at, until, more) and self._in_their_share(service, at, until, more):
                return more
        return 0

    def _one_each(self, service: str, at: float, until: float, more: int) -> bool:
        """At each instant of it, as many people as appointments."""
        there = [(worker.skills, 1.0) for worker in self.workers if worker.there(at, until)]
        for instant in {at, *(taken.at for taken in self.taken if at < taken.at < until)}:
            demand = {service: float(more)}
            for taken in self.taken:
                if taken.at <= instant < taken.until:
                    demand[taken.service] = demand.get(taken.service, 0.0) + 1.0
            if not suffices(service, demand, there):
                return False
        return True

    def _in_their_share(self, service: str, at: float, until: float, more: int) -> bool:
        """In each block of time that it touches, no more than the appointments' share."""
        for start, end in self._blocks(at, until):
            demand = {service: more * _overlap(at, until, start, end)}
            for taken in self.taken:
                demand[taken.service] = demand.get(taken.service, 0.0) + _overlap(taken.at, taken.until, start, end)
            time = [(worker.skills, (1.0 - self.walk_in_share) * worker.seconds(start, end)) for worker in self.workers]
            if not suffices(service, demand, time):
                return False
        return True

    def _blocks(self, at: float, until: float) -> Iterator[tuple[float, float]]:
        """From opening on: hours, or as long as an appointment needs to fit into its share; the last one takes the rest."""
        length_s = max(HOUR_S, ceil((until - at) / (1.0 - self.walk_in_share) / HOUR_S) * HOUR_S)
        count = max(1, int((self.closes_at - self.opens_at) // length_s))
        for number in range(count):
            start = self.opens_at + number * length_s
            end = self.closes_at if number == count - 1 else start + length_s
            if start < until and at < end:
                yield start, end


def suffices(service: str, demand: Mapping[str, float], supply: Sequence[tuple[Collection[str], float]]) -> bool:
    """Whether those who can serve suffice for the demand, as far as ``service`` is concerned (the module says why)."""
    others = [name for name, amount in demand.items() if amount > 0.0 and name != service]
    for chosen in chain.from_iterable(combinations(others, size) for size in range(len(others) + 1)):
        wanted = {service, *chosen}
        most = sum(amount for skills, amount in supply if not wanted.isdisjoint(skills))
        if sum(demand[name] for name in wanted) > most + 1e-6:
            return False
    return True


def slots(desk: Desk, service: str, length_s: float, grid_s: float, after: float) -> Iterator[tuple[float, int]]:
    """(instant, how many more) of every slot of the day from ``after`` on that is not full, in order."""
    at = desk.opens_at + max(0, ceil((after - desk.opens_at) / grid_s)) * grid_s
    while at + length_s <= desk.closes_at:
        if left := desk.left(service, at, length_s):
            yield at, left
        at += grid_s


def _overlap(at: float, until: float, start: float, end: float) -> float:
    return max(0.0, min(until, end) - max(at, start))
