"""A day that really happened, through the actor and the journal, played again by the twin: the same events, one by one.

A small crowd of people (a plain list of what happens next, nothing of the simulation) uses a live store in offer mode: they join,
lose patience, accept, start, finish, send on to the till. What the journal keeps of it goes the way every recorded day goes, facts
→ Visits CSV → ``replay.recorded``, and the twin must decide exactly what the live store decided, at the same instants.
"""

import csv
import io
from dataclasses import asdict, replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

import pytest

from server.journal import facts
from server.live.live import Live
from server.live.stores import StoreConfig, plan_for
from server.rules import commands as c
from server.rules import events as ev
from server.rules.plan import DayPlan
from simulation.past.replay import demand_of, recorded, scenario_of, usual
from simulation.past.visits import parse
from simulation.twin.crew import Crew, Member
from simulation.twin.dispatchers import RulesDispatcher
from simulation.twin.reference import Twin
from tests.live.support import DAY, PARIS, HandClock, OpenLive, store

MIDNIGHT = datetime.fromisoformat(DAY).replace(tzinfo=PARIS).timestamp()
LASTS_S = 5400
FAR_S = 86_400.0
LONGEST_S = 1700.0  # a visit of over half an hour may be taken for a forgotten finish, which a replay shortens
TICKETS = ("ticket", "over", "overtook", "before")  # fields of events that name tickets


def quiet_store() -> StoreConfig:
    """Offers are taken at once here, so no clock of the rules runs out."""
    service = {"doubt_after_s": FAR_S}
    return store(
        mode="offer", timings={"breather_s": 0.0, "offer_s": 600.0},
        services={"advice": {"letter": "C", "labels": {"fr": "Conseil"}, **service},
                  "payment": {"letter": "P", "labels": {"fr": "Caisse"}, "head_start_s": 60.0, **service}},
    )  # fmt: skip


class People:
    """Shoppers and salespeople of one live day. Every instant is a whole number of seconds, and no two are the same."""

    def __init__(self, live: Live, clock: HandClock, rng: Random) -> None:
        self.live, self.clock, self.rng = live, clock, rng
        self.calendar: list[tuple[float, int, str, Any]] = []
        self.numbers, self.ids, self.taken = count(), count(), set[float]()
        self.order: list[str] = []
        self.seen = 0

    def plan(self, after_s: float, what: str, value: Any) -> None:
        at = float(round(self.clock.at + max(1.0, after_s)))
        while at in self.taken:
            at += 1.0
        self.taken.add(at)
        heappush(self.calendar, (at, next(self.numbers), what, value))

    async def send(self, command: c.Command, sender: str) -> None:
        answer = await self.live.submit("volt", f"c{next(self.ids)}", command, sender)
        assert answer.refusal is None, (command, answer.refusal)
        await self.take_offers()

    async def news(self) -> list[ev.Event]:
        """What has happened since this was last asked."""
        happened = await self.live.journal.events("volt", DAY, self.seen)
        self.seen += len(happened)
        return happened

    async def take_offers(self) -> None:
        """Whoever is offered somebody accepts at once; then they begin, and will be finished some time."""
        taken: list[tuple[str, str]] = []
        while offered := [(e.salesperson, e.ticket) for e in await self.news() if isinstance(e, ev.OfferMade)]:
            for person, ticket in offered:
                await self.live.submit("volt", f"c{next(self.ids)}", c.Accept(person, ticket), person)
            taken += offered
        for person, ticket in taken:
            await self.live.submit("volt", f"c{next(self.ids)}", c.Start(person, ticket), person)
            self.plan(min(self.rng.lognormvariate(5.4, 0.8), LONGEST_S), "finish", (person, ticket))

    async def run(self) -> None:
        for person, late_s in (("lea", 0), ("karim", 300), ("zoe", 900)):
            self.plan(late_s, "on", person)
        at = 0.0
        while (at := at + self.rng.expovariate(1 / 75)) < LASTS_S:
            self.plan(at, "join", None)
        while self.calendar:
            self.clock.at, _, what, value = heappop(self.calendar)
            await self.happen(what, value)

    async def happen(self, what: str, value: Any) -> None:
        if what == "on":
            await self.send(c.SignOn(value), value)
        elif what == "join":
            name = f"t{len(self.order)}"
            self.order.append(name)
            standing = "member" if self.rng.random() < 0.2 else None
            await self.send(c.Join(name, self.rng.choice(("advice", "advice", "payment")), standing=standing), "kiosk")
            self.plan(self.rng.expovariate(1 / 420), "patience", name)
        elif what == "patience":
            ticket = self.live.day("volt").tickets.get(value)
            if ticket is not None and ticket.phase.name == "WAITING" and ticket.step == 0:
                await self.send(c.Leave(value), f"phone:{value}")
        elif what == "finish":
            person, name = value
            day = self.live.day("volt")
            again = day.tickets[name].service == "advice" and self.rng.random() < 0.4
            await self.send(c.Finish(person, name, ("payment",) if again else ()), person)


def of_day(event: ev.Event, order: list[str]) -> tuple[Any, ...]:
    """An event with instants in seconds of the day and tickets by order of joining."""
    names = {ticket: f"#{k}" for k, ticket in enumerate(order)}

    def plain(value: Any, key: str) -> Any:
        if isinstance(value, float) and value > 1e6:
            return round(value - MIDNIGHT, 3)
        if isinstance(value, str):
            return names.get(value, value) if key in TICKETS else value
        if isinstance(value, list | tuple):
            return tuple(plain(v, key) for v in value)
        return {k: plain(v, k) for k, v in value.items()} if isinstance(value, dict) else value

    return (type(event).__name__, *plain(asdict(event), "").items())


def shifted(plan: DayPlan) -> DayPlan:
    """The live plan with instants in seconds of the day."""
    return replace(plan, opens_at=plan.opens_at - MIDNIGHT, closes_at=plan.closes_at - MIDNIGHT, ends_at=plan.ends_at - MIDNIGHT)


@pytest.mark.parametrize("number", range(2))
async def test_the_twin_decides_what_the_live_store_decided(open_live: OpenLive, clock: HandClock, seed: int, number: int) -> None:
    config = quiet_store()
    live = await open_live(config)
    people = People(live, clock, Random(seed + number))
    await people.run()
    happened = [e for e in await live.journal.events("volt", DAY) if not isinstance(e, ev.DayOpened)]
    kept = await facts.read(live.journal, "volt")
    text = io.StringIO(newline="")
    csv.writer(text).writerows([facts.VISIT_COLUMNS, *facts.visit_rows(kept, config.zone)])
    visits = parse(text.getvalue().splitlines())
    assert not visits.problems
    past = recorded(datetime.fromisoformat(DAY).date(), visits.rows, usual(visits))
    assert len(past.visits) == len(people.order)

    came = {e.salesperson: e.at - MIDNIGHT for e in happened if isinstance(e, ev.SalespersonSignedOn)}
    skills = {name: person.skills for name, person in plan_for(config, past.day).salespeople.items()}
    horizon_s = clock.at - MIDNIGHT + 600
    crew = Crew(tuple(Member(n, skills[n], dict.fromkeys(skills[n], 1.0), ((at, horizon_s),)) for n, at in sorted(came.items())), {})
    demand = demand_of(past)
    plan = shifted(plan_for(config, past.day))
    dispatcher = RulesDispatcher(plan, crew.members, demand, keep=True)
    Twin(crew, demand, dispatcher, replace(scenario_of(past), horizon_s=horizon_s).horizon_s).run()
    assert dispatcher.history is not None
    again = [e for _, _, events in dispatcher.history for e in events if not isinstance(e, ev.DayOpened) and e.at <= clock.at - MIDNIGHT]

    one = [of_day(e, people.order) for e in happened]
    two = [of_day(e, [str(k) for k in range(len(demand))]) for e in again]
    assert len(one) > 200
    for live_event, twin_event in zip(one, two, strict=True):
        assert live_event == twin_event
