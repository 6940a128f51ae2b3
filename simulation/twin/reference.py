"""The twin: a store's day played in SimPy, with shoppers who come, lose patience, walk and are served.

The twin knows how people behave; who is served next it asks the store's rules. (``kernel`` plays the same days faster.)
Shoppers are drawn beforehand (``demand``), so a day depends on the plan only through the decisions taken.
A shift end never cuts a visit short; at the horizon the store drains (who waits is served, whoever is
scheduled to the end stays) or cuts (who waits is counted as closed).
"""

from heapq import heappop, heappush
from math import isnan

from simulation.scenario.model import Close, Drift
from simulation.twin.calendar import Calendar
from simulation.twin.crew import Crew
from simulation.twin.demand import NEVER_S, Demand, Need
from simulation.twin.dispatchers import Dispatcher, Pairs
from simulation.twin.floor import Floor
from simulation.twin.log import ANSWERED, CLOSED, LEFT, NEXT_STEP, VANISHED, VOID, Log

NO_SHOW_S = 60.0  # a salesperson waits this long for a shopper who, in the record, never came


class Twin:
    """One day. ``run`` plays it and returns its log; ``log`` grows meanwhile."""

    def __init__(
        self, crew: Crew, demand: Demand, dispatcher: Dispatcher, horizon_s: float, close: Close = "drain", drift: Drift | None = None
    ) -> None:
        self.log = Log(len(demand) + sum(map(len, demand.later.values())))
        self.env = Calendar()
        self._crew, self._demand, self._ask = crew.members, demand, dispatcher
        self._horizon_s, self._close, self._drift = horizon_s, close, drift
        self._next = 0  # visitor to come
        self._needs: list[Need] = list(demand.needs)
        self._row = [-1] * len(demand)
        self._step = [0] * len(demand)
        self._arrivals, self._later, self._last = demand.at, demand.later, len(demand)
        self._patience: list[tuple[float, int, int]] = []  # (until, visitor, step) of who waits, and some who no longer do
        self._alarm_at = NEVER_S
        self._waiting, self._counted_at, self._area_s = 0, 0.0, 0.0
        self._clocked = demand.needs_rules
        self._tick_at: float | None = None
        self._floor = Floor(self, crew, dispatcher, horizon_s)

    def run(self) -> Log:
        """Play the day to its end."""
        if self._drift is not None:
            self._floor.forbid(self._drift.absent, self._drift.absent_from_s)
        self._floor.plan()
        self.env.call_at(self._horizon_s, self._doors)
        if self._arrivals:
            self.env.call_at(self._arrivals[0], self._arrive)
        self._watch_clock()
        self.env.play()
        self._finish_day()
        return self.log

    # -- shoppers -----------------------------------------------------------------------------------------

    def _arrive(self, _: None) -> None:
        visitor, now = self._next, self.env.now
        self._next += 1
        need = self._needs[visitor]
        pairs = self._ask.join(visitor, need.service, now)
        if pairs is None:
            self.log.balked_at.append(now)
            self.log.balked_for.append(need.service)
        else:
            self._queue(visitor, 0, need, pairs, now)
        if self._next < self._last:
            self.env.call_at(self._arrivals[self._next], self._arrive)

    def _queue(self, visitor: int, step: int, need: Need, pairs: Pairs, now: float) -> None:
        """A shopper begins to wait for a step, and perhaps is called at once."""
        row = self._row[visitor] = self.log.add(visitor, step, need.service, now)
        self._count(1, now)
        if pairs:
            self.call(pairs)
        if need.patience_s != NEVER_S and self.log.person[row] < 0:
            self._be_patient(visitor, step, now + need.patience_s)
        if self._clocked:
            if visitor in self._demand.void_at and self._demand.absent[visitor] == step:
                self.env.call_at(self._demand.void_at[visitor], self._turns_void, visitor)
            self._watch_clock()

    def _be_patient(self, visitor: int, step: int, until_s: float) -> None:
        """One alarm for all who wait: most are called before their patience ends, and need no event of their own."""
        heappush(self._patience, (until_s, visitor, step))
        if until_s < self._alarm_at:
            self._alarm_at = until_s
            self.env.call_at(until_s, self._patience_ends)

    def _patience_ends(self, _: None) -> None:
        now, queue, log = self.env.now, self._patience, self.log
        while queue:
            until_s, visitor, step = queue[0]
            row = self._row[visitor]
            gone = self._step[visitor] != step or log.person[row] >= 0 or log.outcome[row]
            if not gone and until_s > now:
                break
            heappop(queue)
            if not gone:
                self._over(row, LEFT)
                self.call(self._ask.leave(visitor, now))
        if self._alarm_at <= now or not queue:
            self._alarm_at = NEVER_S
        if queue and queue[0][0] < self._alarm_at:
            self._alarm_at = queue[0][0]
            self.env.call_at(self._alarm_at, self._patience_ends)

    def call(self, pairs: Pairs) -> None:
        """Shoppers are called by salespeople, and walk to them."""
        now, absent = self.env.now, self._demand.absent
        for visitor, person in pairs:
            row = self._row[visitor]
            self.log.called_at[row], self.log.person[row] = now, person
            self._floor.busy[person] = True
            if visitor in absent and absent[visitor] == self._step[visitor]:
                seen_at = now if self._demand.void_at.get(visitor, NEVER_S) <= now else now + NO_SHOW_S
                self.env.call_at(seen_at, self._no_show, (visitor, person))
                continue
            walking_s = self._way_s(visitor, now)
            if walking_s > 0:
                self.env.call_in(walking_s, self._walked, (visitor, person))
            else:
                self._start(visitor, person, now)

    def _way_s(self, visitor: int, now: float) -> float:
        """How long a shopper who is called now will walk."""
        return self._needs[visitor].walking_s

    def _walked(self, pair: tuple[int, int]) -> None:
        visitor, person = pair
        if not self.log.outcome[self._row[visitor]]:  # else the store closed while they walked
            self._start(visitor, person, self.env.now)

    def _no_show(self, pair: tuple[int, int]) -> None:
        """Nobody came to the salesperson, who goes on."""
        (visitor, person), now = pair, self.env.now
        void = visitor in self._demand.void_at
        self._over(self._row[visitor], VOID if void else VANISHED)
        pairs = self._ask.no_show(visitor, person, now, void=void)
        self._floor.after_finish(person)
        self.call(pairs)
        self._watch_clock()

    def _turns_void(self, visitor: int) -> None:
        row = self._row[visitor]
        if self.log.person[row] < 0 and not self.log.outcome[row]:
            self._over(row, VOID)
            self.call(self._ask.void(visitor, self.env.now))

    def _over(self, row: int, outcome: str) -> None:
        """A shopper stops waiting without being served."""
        self.log.outcome[row], self.log.ended_at[row] = outcome, self.env.now
        self._count(-1, self.env.now)

    def _start(self, visitor: int, person: int, now: float) -> None:
        row, need = self._row[visitor], self._needs[visitor]
        self.log.started_at[row] = self.log.ended_at[row] = now
        self._count(-1, now)
        self._ask.start(visitor, person, now)
        lasts_s = need.work_s / self._crew[person].speeds[need.service]
        if self._drift is not None and now >= self._drift.from_s:
            lasts_s *= self._drift.service_factor
        self.env.call_in(lasts_s, self._finish, (visitor, person))

    def _finish(self, pair: tuple[int, int]) -> None:
        visitor, person = pair
        row, step, now, log = self._row[visitor], self._step[visitor], self.env.now, self.log
        later = self._later.get(visitor, ())
        log.finished_at[row] = now
        if self._floor.excess:
            self._floor.before_finish(person)
        if step >= len(later):
            log.outcome[row] = ANSWERED
            pairs = self._ask.finish(visitor, person, None, now)
            self._floor.after_finish(person)
            if pairs:
                self.call(pairs)
            return
        log.outcome[row] = NEXT_STEP
        need = self._needs[visitor] = later[step]
        self._step[visitor] = step + 1
        pairs = self._ask.finish(visitor, person, need.service, now)
        self._floor.after_finish(person)
        self._queue(visitor, step + 1, need, pairs, now)

    def _count(self, change: int, now: float) -> None:
        """Keep the integral of the number waiting."""
        self._area_s += self._waiting * (now - self._counted_at)
        self._waiting += change
        self._counted_at = now

    # -- the clock ----------------------------------------------------------------------------------------

    def _watch_clock(self) -> None:
        """Have the dispatcher ticked when it next has something to do."""
        due = self._ask.next_tick()
        if due is not None and due < self._horizon_s and (self._tick_at is None or due < self._tick_at):
            self._tick_at = due
            self.env.call_at(due, self._tick)

    def _tick(self, _: None) -> None:
        self._tick_at = None
        self.call(self._ask.tick(self.env.now))
        self._watch_clock()

    def _doors(self, _: None) -> None:
        cut = self._close == "cut"
        self._ask.close(self.env.now, cut=cut, freed=self._turn_away() if cut else ())

    def _turn_away(self) -> list[int]:
        """Everybody not yet being served is counted as closed; the salespeople who were waiting for them."""
        log, freed = self.log, []
        for row in range(log.rows):
            if not log.outcome[row] and isnan(log.started_at[row]):
                self._over(row, CLOSED)
                if log.person[row] >= 0:
                    freed.append(log.person[row])
                    self._floor.after_finish(log.person[row])
        return freed

    def _finish_day(self) -> None:
        self._turn_away()
        self.log.queue_area_s = self._area_s
        self.log.trim()
        self._ask.end(self.env.now)
        self._floor.close()
