"""A lean twin: the same day as the twin through the rules, some thirty times faster.

Searches try thousands of days, and the rules remember far more of a day than a search needs. The kernel keeps only who waits,
who is idle and who serves whom, and writes the same log. It is no second truth: places, eligibility and preference are
computed by the very functions of ``server.rules.dispatch``, shifts are those of ``floor``, the calendar is the same
SimPy environment, and a test compares every decision and every time with the rules' over thousands of random scenarios.
Days with appointments or no-shows need the clock of the rules: refused.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from math import isnan

from simpy.events import NORMAL

from server.rules.dispatch import eligible, place, preference
from simulation.scenario.model import Scenario
from simulation.twin.calendar import Calendar
from simulation.twin.crew import Crew, plan_of
from simulation.twin.demand import NEVER_S, Demand
from simulation.twin.dispatchers import NOBODY, Pairs
from simulation.twin.floor import Floor
from simulation.twin.log import ANSWERED, CLOSED, LEFT, NEXT_STEP, Log

_Waiting = tuple[int, float, int]  # tier, ranked_at, visitor: the key of dispatch; shoppers are numbered as they joined
_Idle = tuple[tuple[int, int, float, str], int]  # dispatch.preference, person


class Kernel:
    """One day. ``run`` plays it and returns its log."""

    def __init__(self, scenario: Scenario, crew: Crew, demand: Demand) -> None:
        if demand.needs_rules:
            raise ValueError("a day with appointments, no-shows or void tickets needs the rules")
        self.log = log = Log(len(demand) + sum(map(len, demand.later.values())))
        self.env = Calendar()
        self._demand, self._drift, self._scenario = demand, scenario.drift, scenario
        self._at, self._needs, self._later = demand.at, list(demand.needs), demand.later
        self._row, self._step = [-1] * len(demand), [0] * len(demand)
        self._rows, self._open, self._waiting, self._counted_at, self._area_s = 0, 0, 0, 0.0, 0.0
        self._calendar, self._number = self.env._queue, self.env._eid
        self._visitor, self._service, self._queued_at, self._called_at = log.visitor, log.service, log.queued_at, log.called_at
        self._started_at, self._finished_at, self._ended_at = log.started_at, log.finished_at, log.ended_at
        self._person, self._outcome = log.person, log.outcome
        self._patience: list[tuple[float, int, int]] = []  # (until, visitor, step) of who waits, and some who no longer do
        self._alarm_at = NEVER_S
        self._gone = bytearray(len(demand))
        self._leaving: set[int] = set()
        self._speeds = [member.speeds for member in crew.members]
        self._lay_out(scenario, crew)
        self._floor = Floor(self, crew, self, scenario.horizon_s)
        self._busy = self._floor.busy
        self._finished = self._finish  # bound once: it is put into the calendar at every start

    def _lay_out(self, scenario: Scenario, crew: Crew) -> None:
        """The lines, the heaps of idle people per set of skills, and the places of dispatch for every kind of shopper."""
        plan = plan_of(scenario, crew)
        self._room = plan.open_max
        self._ids, self._order = [member.id for member in crew.members], [member.order for member in crew.members]
        kinds = list(dict.fromkeys(frozenset(m.skills) for m in crew.members))
        self._group = [kinds.index(frozenset(m.skills)) for m in crew.members]
        self._size = [len(kind) for kind in kinds]
        self._idle: list[list[_Idle]] = [[] for _ in kinds]
        self._lines: dict[str, list[_Waiting]] = {s: [] for s in plan.services}
        lines_of = [[line for s, line in self._lines.items() if eligible("", kind, s, None)] for kind in kinds]
        self._lines_of = [lines_of[group] for group in self._group]
        self._able = {s: [h for h, kind in zip(self._idle, kinds, strict=True) if eligible("", kind, s, None)] for s in plan.services}
        self._cards, self._standing = self._demand.cards, self._demand.standing
        self._favours = bool(self._cards or self._standing)
        # place() of somebody who joined at 0: without an appointment nothing in it but joined_at depends on time
        self._places = {
            (service, card, standing): place(plan, service, 0.0, card=card, standing=standing, slot_at=None, now=0.0)
            for service in plan.services for card in (False, True) for standing in (None, *plan.classes)
        }  # fmt: skip
        self._usual = {service: self._places[service, False, None] for service in plan.services}

    def run(self) -> Log:
        """Play the day to its end."""
        if self._drift is not None:
            self._floor.forbid(self._drift.absent, self._drift.absent_from_s)
        self._floor.plan()
        self.env.call_at(self._scenario.horizon_s, self._doors)
        self._play()
        self._turn_away()
        self.log.rows, self.log.queue_area_s = self._rows, self._area_s
        self.log.trim()
        self._floor.close()
        return self.log

    def _play(self) -> None:
        """Calls of the calendar and arrivals, merged in SimPy's order: by time, then as they were put in."""
        calendar, number, env, arrivals = self._calendar, self._number, self.env, iter(self._at)
        visitor, at, mine = 0, next(arrivals, NEVER_S), next(number)
        while calendar or at != NEVER_S:
            if calendar and ((first := calendar[0])[0] < at or (first[0] == at and first[2] < mine)):
                env._now, _, _, handler, value = heappop(calendar)
                handler(value)
            else:
                env._now = at
                self._arrive(visitor, at)
                visitor, at, mine = visitor + 1, next(arrivals, NEVER_S), next(number)

    # -- shoppers -----------------------------------------------------------------------------------------

    def _arrive(self, visitor: int, now: float) -> None:
        service, _, patience_s, walking_s = self._needs[visitor]
        if self._open >= self._room:
            self.log.balked_at.append(now)
            self.log.balked_for.append(service)
            return
        self._open += 1
        row = self._queue(visitor, service, now)
        best = self._best(service)
        if best is None:
            self._wait(visitor, service)
            if patience_s != NEVER_S:
                self._be_patient(now + patience_s, visitor, 0)
        elif walking_s > 0:  # nobody who waits can be served by somebody idle: no need to compare
            self._call(visitor, heappop(best)[1], now)
        else:
            person = heappop(best)[1]
            self._called_at[row], self._person[row], self._busy[person] = now, person, True
            self._start(visitor, person, row, now)

    def _queue(self, visitor: int, service: str, now: float) -> int:
        """A row for a shopper who begins to wait."""
        row = self._row[visitor] = self._rows
        self._rows = row + 1
        self._visitor[row], self._service[row], self._queued_at[row] = visitor, service, now
        if self._waiting:
            self._area_s += self._waiting * (now - self._counted_at)
        self._waiting += 1
        self._counted_at = now
        return row

    def _wait(self, visitor: int, service: str) -> None:
        if self._favours:
            tier, ahead = self._places[service, visitor in self._cards, self._standing.get(visitor)]
        else:
            tier, ahead = self._usual[service]
        heappush(self._lines[service], (tier, self._at[visitor] + ahead, visitor))

    def _be_patient(self, until_s: float, visitor: int, step: int) -> None:
        """One alarm for all who wait: most are called before their patience ends, and need no event of their own."""
        heappush(self._patience, (until_s, visitor, step))
        if until_s < self._alarm_at:
            self._alarm_at = until_s
            self.env.call_at(until_s, self._patience_ends)

    def _patience_ends(self, _: None) -> None:
        now, queue, person, outcome = self.env.now, self._patience, self._person, self._outcome
        while queue:
            until_s, visitor, step = queue[0]
            row = self._row[visitor]
            gone = self._step[visitor] != step or person[row] >= 0 or outcome[row]
            if not gone and until_s > now:
                break
            heappop(queue)
            if not gone:
                self._over(row, LEFT)
                self._open -= 1
                self._gone[visitor] = 1
        if self._alarm_at <= now or not queue:
            self._alarm_at = NEVER_S
        if queue and queue[0][0] < self._alarm_at:
            self._alarm_at = queue[0][0]
            self.env.call_at(self._alarm_at, self._patience_ends)

    def _over(self, row: int, outcome: str) -> None:
        """A shopper stops waiting without being served."""
        now = self.env.now
        self._outcome[row], self._ended_at[row] = outcome, now
        self._area_s += self._waiting * (now - self._counted_at)
        self._waiting -= 1
        self._counted_at = now

    def _call(self, visitor: int, person: int, now: float) -> None:
        """A shopper is called by a salesperson, and walks to them."""
        row = self._row[visitor]
        self._called_at[row], self._person[row], self._busy[person] = now, person, True
        walking_s = self._needs[visitor].walking_s
        if walking_s > 0:
            self.env.call_in(walking_s, self._walked, visitor)
        else:
            self._start(visitor, person, row, now)

    def _walked(self, visitor: int) -> None:
        row = self._row[visitor]
        if not self._outcome[row]:  # else the store closed while they walked
            self._start(visitor, self._person[row], row, self.env.now)

    def _start(self, visitor: int, person: int, row: int, now: float) -> None:
        service, work_s, _, _ = self._needs[visitor]
        self._started_at[row] = self._ended_at[row] = now
        if now != self._counted_at:
            self._area_s += self._waiting * (now - self._counted_at)
            self._counted_at = now
        self._waiting -= 1
        lasts_s = work_s / self._speeds[person][service]
        if self._drift is not None and now >= self._drift.from_s:
            lasts_s *= self._drift.service_factor
        heappush(self._calendar, (now + lasts_s, NORMAL, next(self._number), self._finished, visitor))

    def _finish(self, visitor: int) -> None:
        row, now, floor = self._row[visitor], self.env._now, self._floor
        person = self._person[row]
        self._finished_at[row] = now
        if floor.excess:
            floor.before_finish(person)
        if visitor in self._later and self._goes_on(visitor, person, row, now):
            return
        self._outcome[row] = ANSWERED
        self._open -= 1
        if person in self._leaving:
            self._leaving.discard(person)
            floor.after_finish(person)
            return
        following = self._next(person)
        if following < 0:
            self._busy[person] = False
            self._rest(person, now)
        else:
            self._call(following, person, now)

    def _goes_on(self, visitor: int, person: int, row: int, now: float) -> bool:
        """Whether the visit has one more step, which then begins to wait."""
        later, step = self._later[visitor], self._step[visitor]
        if step >= len(later):
            return False
        self._outcome[row] = NEXT_STEP
        need = self._needs[visitor] = later[step]
        self._step[visitor] = step + 1
        self._wait(visitor, need.service)
        if person in self._leaving:
            self._leaving.discard(person)
        else:
            self._rest(person, now)
        pairs = self._match()
        self._floor.after_finish(person)
        row = self._queue(visitor, need.service, now)
        self.log.step[row] = step + 1
        self.call(pairs)
        if self._person[row] < 0 and need.patience_s != NEVER_S:
            self._be_patient(now + need.patience_s, visitor, step + 1)
        return True

    # -- who is next ----------------------------------------------------------------------------------------

    def _next(self, person: int) -> int:
        """The first of those who wait whom this person can serve, taken out of the line; -1: nobody."""
        first, chosen, gone = None, None, self._gone
        for line in self._lines_of[person]:
            while line and gone[line[0][2]]:
                heappop(line)
            if line and (first is None or line[0] < first):
                first, chosen = line[0], line
        return -1 if chosen is None else heappop(chosen)[2]

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

    def _match(self) -> Pairs:
        """In the order of the ranking, everybody who can be served by somebody idle."""
        pairs: list[tuple[int, int]] = []
        while True:
            first, heap, chosen = None, None, None
            for service, line in self._lines.items():
                while line and self._gone[line[0][2]]:
                    heappop(line)
                if line and (first is None or line[0] < first) and (best := self._best(service)) is not None:
                    first, heap, chosen = line[0], best, line
            if first is None or heap is None or chosen is None:
                return pairs
            heappop(chosen)
            pairs.append((first[2], heappop(heap)[1]))

    # -- what the floor asks -----------------------------------------------------------------------------------

    def call(self, pairs: Pairs) -> None:
        """These shoppers are called by these salespeople."""
        for visitor, person in pairs:
            self._call(visitor, person, self.env.now)

    def sign_on(self, person: int, now: float) -> Pairs:
        """A salesperson comes on duty, or stays after all when about to go."""
        if person in self._leaving:
            self._leaving.discard(person)
            return NOBODY
        following = self._next(person)
        if following < 0:
            self._rest(person, now)
            return NOBODY
        return ((following, person),)

    def sign_off(self, person: int, now: float) -> None:
        """A salesperson goes, after the visit in hand if there is one."""
        heap = self._idle[self._group[person]]
        kept = [entry for entry in heap if entry[1] != person]
        if len(kept) == len(heap):
            self._leaving.add(person)
        else:
            heap[:] = kept
            heapify(heap)

    def _doors(self, _: None) -> None:
        if self._scenario.close == "cut":
            freed = self._turn_away()
            for line in self._lines.values():
                line.clear()
            for person in freed:
                self._rest(person, self.env.now)

    def _turn_away(self) -> Sequence[int]:
        """Everybody not yet being served is counted as closed; the salespeople who were waiting for them."""
        freed = []
        for row in range(self._rows):
            if not self._outcome[row] and isnan(self._started_at[row]):
                self._over(row, CLOSED)
                if self._person[row] >= 0:
                    freed.append(self._person[row])
                    self._floor.after_finish(self._person[row])
        return freed
