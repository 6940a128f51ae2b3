"""A lean answer to "who is served next": the same order as the rules, kept in heaps.

Searches try thousands of days, and the rules remember far more of a day than a search needs. This book keeps
only who waits and who is idle. It is no second truth: places, eligibility and preference are computed by the
very functions of ``server.rules.dispatch``, and a test compares every decision and every time with the
rules' over thousands of random scenarios. Days with appointments or no-shows need the clock of the rules: refused.
"""

# ruff: noqa: D102  -- the protocol says what every method promises

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from server.rules.dispatch import eligible, place, preference
from server.rules.plan import DayPlan
from simulation.crew import Member
from simulation.demand import Demand
from simulation.dispatchers import NOBODY, Pairs

_Waiting = tuple[int, float, int, int]  # tier, ranked_at, serial, visitor: the key of dispatch with a number as id
_Idle = tuple[tuple[int, int, float, str], int]  # dispatch.preference, person


class LeanDispatcher:
    """Heaps of waiting shoppers per service and of idle salespeople per set of skills."""

    def __init__(self, plan: DayPlan, crew: Sequence[Member], demand: Demand) -> None:
        if demand.needs_rules:
            raise ValueError("a day with appointments, no-shows or void tickets needs the rules")
        self._plan, self._room, self._open, self._joined = plan, plan.open_max, 0, 0
        self._ids, self._order = [member.id for member in crew], [member.order for member in crew]
        kinds = list(dict.fromkeys(frozenset(m.skills) for m in crew))
        self._group = [kinds.index(frozenset(m.skills)) for m in crew]
        self._size = [len(kind) for kind in kinds]
        self._idle: list[list[_Idle]] = [[] for _ in kinds]
        self._lines: dict[str, list[_Waiting]] = {s: [] for s in plan.services}
        self._lines_of = [[line for s, line in self._lines.items() if eligible("", kind, s, None)] for kind in kinds]
        self._able = {s: [h for h, kind in zip(self._idle, kinds, strict=True) if eligible("", kind, s, None)] for s in plan.services}
        self._gone = bytearray(len(demand))
        self._serial = [0] * len(demand)
        self._joined_at = [0.0] * len(demand)
        self._cards, self._standing = demand.cards, demand.standing
        self._leaving: set[int] = set()

    def join(self, visitor: int, service: str, now: float) -> Pairs | None:
        if self._open >= self._room:
            return None
        self._open += 1
        self._joined += 1
        self._serial[visitor], self._joined_at[visitor] = self._joined, now
        best = self._best(service)
        if best is None:
            self._wait(visitor, service)
            return NOBODY
        return ((visitor, heappop(best)[1]),)  # nobody who waits can be served by somebody idle: no need to compare

    hears_starts = False

    def start(self, visitor: int, person: int, now: float) -> None:
        pass

    def finish(self, visitor: int, person: int, following: str | None, now: float) -> Pairs:
        if following is None:
            self._open -= 1
        else:
            self._wait(visitor, following)
        if person in self._leaving:
            self._leaving.discard(person)
        elif following is None:
            return self._free(person, now)
        else:
            self._rest(person, now)
        return self._match() if following is not None else NOBODY

    def leave(self, visitor: int, now: float) -> Pairs:
        self._open -= 1
        self._gone[visitor] = 1
        return NOBODY

    def no_show(self, visitor: int, person: int, now: float, *, void: bool) -> Pairs:
        raise NotImplementedError("no-shows need the rules")

    def void(self, visitor: int, now: float) -> Pairs:
        raise NotImplementedError("void tickets need the rules")

    def sign_on(self, person: int, now: float) -> Pairs:
        if person in self._leaving:
            self._leaving.discard(person)
            return NOBODY
        return self._free(person, now)

    def sign_off(self, person: int, now: float) -> None:
        heap = self._idle[self._group[person]]
        kept = [entry for entry in heap if entry[1] != person]
        if len(kept) == len(heap):
            self._leaving.add(person)
        else:
            heap[:] = kept
            heapify(heap)

    def tick(self, now: float) -> Pairs:
        return NOBODY

    def next_tick(self) -> float | None:
        return None

    def close(self, now: float, *, cut: bool, freed: Sequence[int]) -> None:
        if cut:
            for line in self._lines.values():
                line.clear()
        for person in freed:
            self._rest(person, now)

    def end(self, now: float) -> None:
        pass

    def _wait(self, visitor: int, service: str) -> None:
        joined_at = self._joined_at[visitor]
        tier, ranked_at = place(
            self._plan, service, joined_at, card=visitor in self._cards, standing=self._standing.get(visitor), slot_at=None, now=joined_at
        )
        heappush(self._lines[service], (tier, ranked_at, self._serial[visitor], visitor))

    def _head(self, line: list[_Waiting]) -> _Waiting | None:
        """The first of a line; those who left are taken out when they come to the front."""
        gone = self._gone
        while line and gone[line[0][3]]:
            heappop(line)
        return line[0] if line else None

    def _best(self, service: str) -> list[_Idle] | None:
        """The heap whose top is the idle salesperson this service goes to."""
        best = None
        for heap in self._able[service]:
            if heap and (best is None or heap[0] < best[0]):
                best = heap
        return best

    def _rest(self, person: int, now: float) -> None:
        group = self._group[person]
        heappush(self._idle[group], (preference(self._size[group], now, self._ids[person], self._order[person]), person))

    def _free(self, person: int, now: float) -> Pairs:
        """Somebody became free and nobody else changed: they take the first they can serve, or rest."""
        first, chosen = None, None
        for line in self._lines_of[self._group[person]]:
            head = self._head(line) if line else None
            if head is not None and (first is None or head < first):
                first, chosen = head, line
        if first is None or chosen is None:
            self._rest(person, now)
            return NOBODY
        heappop(chosen)
        return ((first[3], person),)

    def _match(self) -> Pairs:
        """In the order of the ranking, everybody who can be served by somebody idle."""
        pairs: list[tuple[int, int]] = []
        while True:
            first, heap, chosen = None, None, None
            for service, line in self._lines.items():
                head = self._head(line) if line else None
                if head is not None and (first is None or head < first) and (best := self._best(service)) is not None:
                    first, heap, chosen = head, best, line
            if first is None or heap is None or chosen is None:
                return pairs
            heappop(chosen)
            pairs.append((first[3], heappop(heap)[1]))
