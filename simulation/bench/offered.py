"""A lean simulated day that shows the wait everybody was *offered*, also those who left before their turn.

Who leaves stays in line as an invisible ghost: when its turn comes, the time is written down and nobody's
minute is used. Everything is a heap of instants; ranking, eligibility and preference are the rules' own
functions. The estimators under test see ``situation()``: what a live store would know, and no ghost.
"""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from server.rules import dispatch
from server.rules.plan import DayPlan
from server.rules.state import Key
from server.waits.models import Fact
from server.waits.situation import (
    FOREVER,
    LATE_GUESS_S,
    LATE_MAX_S,
    Appointment,
    Hand,
    Person,
    Situation,
    Waiter,
    Window,
    kind_of,
    return_chance,
)
from simulation.scenario.model import Scenario
from simulation.twin.crew import Crew, Member
from simulation.twin.demand import Demand, Need

_JOIN, _LEAVE, _DUE, _FINISH, _SHIFT, _MISSED = range(6)


@dataclass(slots=True, eq=False)
class Shopper:
    """One visit. ``offered_s`` is set when the first step's turn comes, ghost or not."""

    index: int
    joined_at: float
    needs: tuple[Need, ...]
    card: bool
    standing: str | None
    slot: float | None
    step: int = 0
    queued_at: float = 0.0
    key: Key = (0, 0.0, 0, "")
    ghost: bool = False
    offered_s: float | None = None
    served: bool = False

    @property
    def need(self) -> Need:
        """The step waited for or served now."""
        return self.needs[self.step]

    @property
    def kind(self) -> str:
        """As the estimate calls it."""
        return kind_of(self.card, self.slot is not None, self.standing)


@dataclass(slots=True, eq=False)
class Server:
    """One salesperson of the day. ``planned`` is the roster; ``real`` what happens."""

    member: Member
    planned: tuple[Window, ...]
    real: tuple[Window, ...]
    idle_since: float = 0.0
    serving: Shopper | None = None
    called_at: float = 0.0
    started_at: float = 0.0


@dataclass(slots=True)
class OfferedDay:
    """One day of a scenario. ``base`` is added to every instant that estimators see."""

    scenario: Scenario
    plan: DayPlan
    crew: Crew
    demand: Demand
    base: float = 0.0
    watch: Callable[["OfferedDay", Shopper], None] | None = None  # somebody joins and has to wait
    learn: Callable[[Fact], None] | None = None
    joins: Callable[[str, str, float], None] | None = None
    slot_past: Callable[[str, float | None], None] | None = None  # service, how late (None: did not come)
    ended: Callable[["OfferedDay", Shopper, float, bool], None] | None = None  # a wait is over: seconds, whether by a call
    now: float = 0.0
    line: list[tuple[Key, Shopper]] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    shoppers: list[Shopper] = field(default_factory=list)
    starts: list[tuple[float, float, str]] = field(default_factory=list)  # (at, wait, service) of visits begun, in order
    arrived: set[tuple[str, float]] = field(default_factory=set)  # slots whose shopper is here
    _heap: list[tuple[float, bool, int, int, int]] = field(default_factory=list)
    _tick: int = 0
    _slots: list[tuple[str, float]] = field(default_factory=list)

    def run(self) -> list[Shopper]:
        """The whole day, drained: everybody's offered wait."""
        self.servers = [self._server(m) for m in self.crew.members]
        for i, at in enumerate(self.demand.at):
            needs = (self.demand.needs[i], *self.demand.later.get(i, ()))
            card, standing = i in self.demand.cards, self.demand.standing.get(i)
            self.shoppers.append(Shopper(i, at, needs, card, standing, self.demand.slots.get(i)))
            self._at(at, _JOIN, i)
        for i, server in enumerate(self.servers):
            for start, _ in server.real:
                self._at(max(start, 0.0), _SHIFT, i)
        self._slots = [(name, slot) for name, book in self.scenario.appointments.items() for slot in book.slots]
        for i, (_, at) in enumerate(self._slots):
            self._at(at + self.plan.timings.appointment_late_s, _MISSED, i)
        while self._heap:
            self.now, _, _, what, index = heappop(self._heap)
            self._happen(what, index)
        return self.shoppers

    def _at(self, at: float, what: int, index: int) -> None:
        """As the rules' ``Tick`` has it: who has an appointment at the very instant at which a break ends ranks as one by then."""
        self._tick += 1
        heappush(self._heap, (at, what != _DUE, self._tick, what, index))

    def _server(self, member: Member) -> Server:
        planned = tuple((a, FOREVER if b >= self.scenario.horizon_s else b) for a, b in member.shifts or _pool_shifts(self.crew, member))
        drift, real = self.scenario.drift, planned
        if drift is not None and member.id in drift.absent:
            real = tuple((a, min(b, drift.absent_from_s)) for a, b in planned if a < drift.absent_from_s)
        return Server(member, planned, real)

    def _happen(self, what: int, index: int) -> None:
        if what == _JOIN:
            self._join(self.shoppers[index])
        elif what == _LEAVE:
            self._leave(self.shoppers[index])
        elif what == _DUE:
            self._due(self.shoppers[index])
        elif what == _FINISH:
            self._finish(self.servers[index])
        elif what == _MISSED:
            if self.slot_past is not None and self._slots[index] not in self.arrived:
                self.slot_past(self._slots[index][0], None)
        else:
            self.servers[index].idle_since = max(self.servers[index].idle_since, self.now)
            self._call_next(self.servers[index])

    # --- shoppers

    def _join(self, shopper: Shopper) -> None:
        if shopper.slot is not None:
            self.arrived.add((shopper.need.service, shopper.slot))
            if self.slot_past is not None:
                self.slot_past(shopper.need.service, self.now - shopper.slot)
        if self.joins is not None:
            self.joins(shopper.need.service, shopper.kind, self.base + self.now)
        self._queue(shopper)

    def _queue(self, shopper: Shopper) -> None:
        """Into line for the step, at the place that dispatch gives by the time of joining; called at once if somebody is idle."""
        shopper.queued_at = self.now
        tier, ranked_at = self._place(shopper)
        shopper.key = (tier, ranked_at, shopper.index, str(shopper.index))
        server = self._idle_for(shopper)
        if server is not None:
            self._call(server, shopper)
            return
        if self.watch is not None and shopper.step == 0:
            self.watch(self, shopper)
        insort(self.line, (shopper.key, shopper))
        if shopper.need.patience_s < float("inf"):
            self._at(self.now + shopper.need.patience_s, _LEAVE, shopper.index)
        if (due := self._due_at(shopper)) is not None:
            self._at(due, _DUE, shopper.index)

    def _due_at(self, shopper: Shopper) -> float | None:
        """When an early appointment will count; an appointment is for the first step."""
        return shopper.slot if shopper.slot is not None and shopper.step == 0 and shopper.slot > self.now else None

    def _place(self, shopper: Shopper) -> tuple[int, float]:
        slot = shopper.slot if shopper.step == 0 else None
        if slot is not None and shopper.joined_at - slot > self.plan.timings.appointment_late_s:
            slot = None
        service, joined, standing = shopper.need.service, shopper.joined_at, shopper.standing
        return dispatch.place(self.plan, service, joined, card=shopper.card, standing=standing, slot_at=slot, now=self.now)

    def _due(self, shopper: Shopper) -> None:
        if shopper.step == 0 and (shopper.key, shopper) in self.line:
            self.line.remove((shopper.key, shopper))
            tier, ranked_at = self._place(shopper)
            shopper.key = (tier, ranked_at, shopper.index, str(shopper.index))
            insort(self.line, (shopper.key, shopper))

    def _leave(self, shopper: Shopper) -> None:
        waiting = not shopper.ghost and self.now >= shopper.queued_at + shopper.need.patience_s
        if waiting and any(s is shopper for _, s in self.line):
            shopper.ghost = True
            self._end_wait(shopper, called=False)
            self._tell(shopper, None, left_at=self.now)

    # --- salespeople

    def _here(self, server: Server) -> bool:
        return any(start <= self.now < end for start, end in server.real)

    def _able(self, server: Server, shopper: Shopper) -> bool:
        return dispatch.eligible(server.member.id, server.member.skills, shopper.need.service, None)

    def _idle_for(self, shopper: Shopper) -> Server | None:
        able = [s for s in self.servers if s.serving is None and self._here(s) and self._able(s, shopper)]
        return min(able, key=lambda s: dispatch.preference(len(s.member.skills), s.idle_since, s.member.id, s.member.order), default=None)

    def _call_next(self, server: Server) -> None:
        """The first in line this salesperson can serve; ghosts on the way have had their turn."""
        if server.serving is not None or not self._here(server):
            return
        for entry in list(self.line):
            if self._able(server, entry[1]):
                self.line.remove(entry)
                if self._call(server, entry[1]):
                    return

    def _call(self, server: Server, shopper: Shopper) -> bool:
        """Whether this was a real shopper, who is now being served."""
        start = self.now + shopper.need.walking_s
        if shopper.step == 0:
            shopper.offered_s = start - shopper.joined_at
        if shopper.ghost:
            return False
        shopper.served = shopper.served or shopper.step == 0
        self._end_wait(shopper, called=True)
        server.serving, server.called_at, server.started_at = shopper, self.now, start
        self.starts.append((self.base + self.now, self.now - shopper.queued_at, shopper.need.service))
        lasts = shopper.need.work_s / server.member.speeds.get(shopper.need.service, 1.0)
        if self.scenario.drift is not None and start >= self.scenario.drift.from_s:
            lasts *= self.scenario.drift.service_factor
        self._at(start + lasts, _FINISH, self.servers.index(server))
        return True

    def _end_wait(self, shopper: Shopper, *, called: bool) -> None:
        if self.ended is not None and shopper.step == 0:
            self.ended(self, shopper, self.now + (shopper.need.walking_s if called else 0.0) - shopper.joined_at, called)

    def _finish(self, server: Server) -> None:
        shopper = server.serving
        assert shopper is not None
        server.serving, server.idle_since = None, self.now
        self._tell(shopper, server)
        if shopper.step + 1 < len(shopper.needs):
            shopper.step += 1
            self._queue(shopper)
        self._call_next(server)

    # --- what a live store would know

    def _tell(self, shopper: Shopper, server: Server | None, left_at: float | None = None) -> None:
        if self.learn is None:
            return
        base, ticket = self.base, f"{self.base:.0f}-{shopper.index}"
        who = shopper.need.service, shopper.kind, base + shopper.queued_at
        if server is None:
            self.learn(Fact(*who, None, None, None, base + (left_at or 0.0), "left", None, False, ticket, shopper.step + 1))
            return
        times = (base + server.called_at, base + server.started_at, base + self.now)
        self.learn(Fact(*who, *times, None, "answered", server.member.id, False, ticket, shopper.step + 1))

    def waiter(self, shopper: Shopper) -> Waiter:
        """A waiting shopper as the estimate sees it."""
        tier, ranked_at, serial, name = shopper.key
        ranked_at += self.base
        due = None if (at := self._due_at(shopper)) is None else self.base + at
        queued_at, joined_at = self.base + shopper.queued_at, self.base + shopper.joined_at
        return Waiter(name, shopper.need.service, tier, ranked_at, serial, queued_at, shopper.kind, due_at=due, joined_at=joined_at)

    def situation(self, *, knowing: bool = False) -> Situation:
        """The store now. ``knowing``: without those who are absent for good (only the oracle knows)."""
        waiting = tuple(self.waiter(s) for _, s in self.line if not s.ghost)
        people = tuple(p for s in self.servers if (p := self._person(s, knowing=knowing)) is not None)
        return Situation(self.base + self.now, self.plan, people, waiting, self._book())

    def _book(self) -> tuple[Appointment, ...]:
        return tuple(Appointment(name, self.base + at) for name, at in self._slots if (name, at) not in self.arrived)

    def _person(self, server: Server, *, knowing: bool) -> Person | None:
        hand = None
        if server.serving is not None:
            stage = "serving" if self.now >= server.started_at else "calling"
            since = self.base + (server.started_at if stage == "serving" else server.called_at)
            hand = Hand(stage, server.serving.need.service, since, self.waiter(server.serving))
        windows, chance = server.planned, 1.0
        if server.real != server.planned and self.now >= server.real[-1][1]:
            gone = server.real[-1][1]
            windows = () if knowing else tuple(self._late(w) for w in windows if w[0] > gone and self.now < w[0] + LATE_MAX_S)
            chance = return_chance(gone, server.planned, self.now)
        windows = tuple((self.base + a, self.base + b) for a, b in windows if b > self.now)
        if not windows and hand is None:
            return None
        member, idle_since = server.member, self.base + server.idle_since
        return Person(member.id, member.skills, windows, hand, idle_since, chance if hand is None else 1.0, order=member.order)

    def _late(self, window: Window) -> Window:
        return (self.now + LATE_GUESS_S, window[1]) if window[0] <= self.now else window


def _pool_shifts(crew: Crew, member: Member) -> tuple[Window, ...]:
    """When the pool is large enough to need this member (members are numbered from 1)."""
    if member.pool is None:
        return ((0.0, FOREVER),)
    number, steps = int(member.id.rsplit("-", 1)[1]), crew.counts[member.pool]
    ends = [start for start, _ in steps[1:]] + [FOREVER]
    return tuple((start, end) for (start, count), end in zip(steps, ends, strict=True) if count >= number)
