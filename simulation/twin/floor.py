"""Who of the crew is on duty in a simulated day: shifts of people, counts of pools.

Nobody is sent home in the middle of a visit. Whoever is scheduled until the end of the day stays until the
last shopper has been served; when a pool shrinks, idle members go first, then whoever finishes first.
"""

from collections.abc import Sequence
from typing import Protocol

from simulation.twin.calendar import Calendar
from simulation.twin.crew import Crew, Member
from simulation.twin.dispatchers import Pairs
from simulation.twin.log import Log


class Day(Protocol):
    """What the floor needs of the twin."""

    env: Calendar
    log: Log

    def call(self, pairs: Pairs) -> None:
        """These shoppers are called by these salespeople."""


class Register(Protocol):
    """Who is told that somebody comes on duty or goes."""

    def sign_on(self, person: int, now: float) -> Pairs:
        """A salesperson comes on duty, or stays after all when about to go."""

    def sign_off(self, person: int, now: float) -> None:
        """A salesperson goes, after the visit in hand if there is one."""


class Floor:
    """The people of one day. ``busy[person]``: calling or serving. Shifts that end at ``stay_from_s`` do not end."""

    def __init__(self, day: Day, crew: Crew, register: Register, stay_from_s: float) -> None:
        self._day, self._ask, self._stay_from_s = day, register, stay_from_s
        self._members: Sequence[Member] = crew.members
        self._counts = crew.counts
        self._pools = {name: [i for i, m in enumerate(crew.members) if m.pool == name] for name in crew.counts}
        self._excess = dict.fromkeys(crew.counts, 0)  # members to send home as they finish
        self.excess = 0  # of all pools
        self._on_since: dict[int, float] = {}
        self._leaving: set[int] = set()
        self._absent: set[int] = set()
        self.busy = [False] * len(crew.members)

    def plan(self) -> None:
        """Put every coming and going of the day into the calendar."""
        for person, member in enumerate(self._members):
            for start, end in member.shifts:
                self._day.env.call_at(start, self._come, person)
                if end < self._stay_from_s:
                    self._day.env.call_at(end, self._go, person)
        for name, counts in self._counts.items():
            for start, count in counts:
                self._day.env.call_at(start, self._resize, (name, count))

    def forbid(self, names: tuple[str, ...], from_s: float) -> None:
        """From then on these people are not there, whatever their shifts say."""
        for person, member in enumerate(self._members):
            if member.id in names:
                self._day.env.call_at(from_s, self._vanish, person)

    def _vanish(self, person: int) -> None:
        self._absent.add(person)
        self._go(person)

    def _come(self, person: int) -> None:
        if person not in self._absent:
            self._on(person)

    def _go(self, person: int) -> None:
        if person in self._on_since:
            self._off(person)

    def _on(self, person: int) -> None:
        now = self._day.env.now
        self._leaving.discard(person)
        self._on_since.setdefault(person, now)
        self._day.call(self._ask.sign_on(person, now))

    def _off(self, person: int) -> None:
        self._ask.sign_off(person, self._day.env.now)
        if self.busy[person]:
            self._leaving.add(person)
        else:
            self._gone(person)

    def _gone(self, person: int) -> None:
        self._day.log.duty.append((person, self._on_since.pop(person), self._day.env.now))

    def _resize(self, change_to: tuple[str, int]) -> None:
        """A pool changes size: idle members go at once, others as they finish."""
        name, count = change_to
        present = [p for p in self._pools[name] if p in self._on_since]
        change = count - (len(present) - self._excess[name])
        kept = min(self._excess[name], max(change, 0))
        self._excess[name] -= kept
        self.excess -= kept
        for person in [p for p in self._pools[name] if p not in self._on_since][: max(change - kept, 0)]:
            self._on(person)
        idle = [p for p in reversed(present) if not self.busy[p]][: max(-change, 0)]
        for person in idle:
            self._off(person)
        self._excess[name] += max(-change, 0) - len(idle)
        self.excess += max(-change, 0) - len(idle)

    def before_finish(self, person: int) -> None:
        """A visit is about to end: a pool that is too large lets this member go after it."""
        pool = self._members[person].pool
        if pool is not None and self._excess[pool] > 0:
            self._excess[pool] -= 1
            self.excess -= 1
            self._off(person)

    def after_finish(self, person: int) -> None:
        """The visit is over; whoever was waiting for that goes home."""
        self.busy[person] = False
        if self._leaving and person in self._leaving:
            self._leaving.discard(person)
            self._gone(person)

    def close(self) -> None:
        """The day is over: what is left of duty ends."""
        for person in tuple(self._on_since):
            self._gone(person)
