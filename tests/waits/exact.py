"""The rules driven with visits of known length: what roll-outs must reproduce to the tick."""

from heapq import heappop, heappush
from random import Random

from server.rules import commands as c
from server.rules.decide import Step, decide
from server.rules.effects import Effect
from server.rules.plan import DayPlan, SalespersonPlan, ServicePlan, Timings
from server.rules.state import Duty, Phase, StoreDay, new_day

SERVICES = ("advice", "payment", "repair", "pickup")
FAR = 1e12


def random_plan(rng: Random) -> DayPlan:
    """A few services with ranks and head starts, people with overlapping skills."""
    names = SERVICES[: rng.randint(1, 4)]
    services = {n: ServicePlan(n, rank=rng.choice((1, 1, 2)), head_start_s=rng.choice((0.0, 0.0, 120.0)), doubt_after_s=FAR) for n in names}
    people = {}
    for i in range(rng.randint(1, 7)):
        skills = tuple(sorted(rng.sample(names, rng.randint(1, len(names)))))
        people[f"p{i}"] = SalespersonPlan(f"p{i}", f"P{i}", skills, order=rng.choice((0, 0, 1)))
    timings = Timings(offer_s=FAR, recall_after_s=FAR, hold_s=FAR, undo_s=0.0)
    return DayPlan("s", "d", "UTC", 0.0, FAR, FAR, services, people, {"member": 300.0}, timings, "offer")


class Store:
    """Accepts every offer at once, starts at once, finishes after ``length(person, service)``."""

    def __init__(self, plan: DayPlan, lengths: dict[tuple[str, str], float]) -> None:
        self.day: StoreDay = new_day(plan)
        self.lengths = lengths
        self.effects: list[Effect] = []
        self.ends: list[tuple[float, str, str]] = []
        self.started: dict[str, float] = {}
        self.do(c.OpenDay(plan), 0.0)

    def do(self, command: c.Command, now: float) -> None:
        """One command that must be possible, then everything that follows from it at once."""
        step = decide(self.day, command, now)
        assert isinstance(step, Step), (command, step)
        self.day = step.day
        self.effects += step.effects
        while offered := [p for p in self.day.salespeople.values() if p.duty is Duty.OFFERED]:
            for person in offered:
                self._serve(person.id, person.ticket or "", now)

    def _serve(self, person: str, ticket: str, now: float) -> None:
        for command in (c.Accept(person, ticket), c.Start(person, ticket)):
            step = decide(self.day, command, now)
            assert isinstance(step, Step), (command, step)
            self.day = step.day
        self.started[ticket] = now
        heappush(self.ends, (now + self.length(person, self.day.tickets[ticket].service), person, ticket))

    def length(self, person: str, service: str) -> float:
        """How long this visit takes."""
        return self.lengths[person, service]

    def run_until(self, now: float) -> None:
        """Finish what is over by ``now``."""
        while self.ends and self.ends[0][0] <= now:
            at, person, ticket = heappop(self.ends)
            self.do(c.Finish(person, ticket, steps=()), at)

    def waiting(self) -> list[str]:
        """Tickets in line."""
        return [t.id for t in self.day.tickets.values() if t.phase is Phase.WAITING]


def random_store(rng: Random) -> tuple[Store, float]:
    """A store in the middle of a busy day, and the instant."""
    plan = random_plan(rng)
    lengths = {(p, s): float(rng.randint(60, 1500)) + rng.randint(1, 500) / 512 for p in plan.salespeople for s in SERVICES}
    store = Store(plan, lengths)
    now = 0.0
    for person in plan.salespeople:
        now += rng.random()
        store.do(c.SignOn(person), now)
    served = sorted({s for p in plan.salespeople.values() for s in p.skills})
    for i in range(rng.randint(3, 40)):
        now += rng.expovariate(1 / 40)
        store.run_until(now)
        standing = rng.choice((None, None, None, "member"))
        store.do(c.Join(f"t{i}", rng.choice(served), card=rng.random() < 0.1, standing=standing), now)
    return store, now + rng.random()
