"""The early call in the twin: who waits next is asked to come closer before a salesperson is expected to be free.

The rules decide as in a live store (``server.rules.early``). A shopper who was asked walks at once, and at the call has
only the rest of the way to go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from server.rules import commands as c
from server.rules import events as ev
from server.rules.plan import DayPlan, Timings
from simulation.scenario.model import Close, Drift
from simulation.twin.crew import Crew, Member
from simulation.twin.demand import Demand
from simulation.twin.dispatchers import Pairs, RulesDispatcher
from simulation.twin.reference import Twin


def inviting(plan: DayPlan, typical_s: Mapping[str, float], walking_s: Mapping[str, float], timings: Timings) -> DayPlan:
    """The plan with what the store has learned of each service, and when it invites."""
    services = {
        id: replace(service, typical_s=typical_s.get(id, service.typical_s), walking_s=walking_s.get(id, service.walking_s))
        for id, service in plan.services.items()
    }
    return replace(plan, services=services, timings=replace(plan.timings, early_from_s=timings.early_from_s, early_s=timings.early_s))


class Inviting(RulesDispatcher):
    """Remembers who was asked to come closer, and when. ``asked``: how many in all."""

    def __init__(self, plan: DayPlan, crew: Sequence[Member], demand: Demand) -> None:
        self.invited: dict[int, float] = {}
        self.asked = 0
        super().__init__(plan, crew, demand)

    def tick(self, now: float) -> Pairs:
        """As the rules say; invitations are noted."""
        events = self._do(c.Tick(), now)
        fresh = {int(e.ticket): now for e in events if type(e) is ev.ShopperInvited}
        self.invited |= fresh
        self.asked += len(fresh)
        return self._accept(events, now)

    def next_tick(self) -> float | None:
        """Somebody who comes while a visit overruns should be invited at once, not in the past."""
        due = super().next_tick()
        return None if due is None else max(due, self.day.at)


class EarlyTwin(Twin):
    """A day in which who was asked to come closer has walked part of the way before the call."""

    def __init__(
        self, crew: Crew, demand: Demand, plan: DayPlan, horizon_s: float, close: Close = "drain", drift: Drift | None = None
    ) -> None:
        self.inviting = Inviting(plan, crew.members, demand)
        super().__init__(crew, demand, self.inviting, horizon_s, close, drift)
        self._clocked = True

    def _way_s(self, visitor: int, now: float) -> float:
        asked_at = self.inviting.invited.pop(visitor, now)
        return max(0.0, super()._way_s(visitor, now) - (now - asked_at))

    def _start(self, visitor: int, person: int, now: float) -> None:
        super()._start(visitor, person, now)
        self._watch_clock()  # the end of this visit may be near enough to invite somebody
