"""A little store for examples: commands in, what happened out. State is only ever built by commands."""

from typing import Any

from server.rules import commands as c
from server.rules.decide import Refusal, Step, decide
from server.rules.events import Event
from server.rules.plan import DayPlan, Mode, SalespersonPlan, ServicePlan, Timings
from server.rules.state import Salesperson, StoreDay, Ticket, new_day

MINUTE = 60.0


def small_plan(mode: Mode = "claim", timings: Timings | None = None, **changes: Any) -> DayPlan:
    """Advice and payment; Léa does both, Karim only advice, Zoé only payment."""
    return DayPlan(
        store="volt", day="2026-11-21", closes_at=10 * 3600.0, ends_at=12 * 3600.0,
        services={"advice": ServicePlan("advice", letter="C", doubt_after_s=1800.0), "payment": ServicePlan("payment", letter="P")},
        salespeople={
            "lea": SalespersonPlan("lea", "Léa", ("advice", "payment"), "4"),
            "karim": SalespersonPlan("karim", "Karim", ("advice",), "5"),
            "zoe": SalespersonPlan("zoe", "Zoé", ("payment",), "caisse"),
        },
        classes={"member": 5 * MINUTE}, mode=mode, timings=timings or Timings(),
        **changes,
    )  # fmt: skip


class Shop:
    """Drives one day; ``now`` only moves when told."""

    def __init__(self, mode: Mode = "claim", timings: Timings | None = None, *, on: tuple[str, ...] = (), **changes: Any) -> None:
        plan = small_plan(mode, timings, **changes)
        self.day: StoreDay = new_day(plan)
        self.now = 0.0
        self.log: list[Event] = []
        self.effects: list[object] = []
        self.do(c.OpenDay(plan))
        for person in on:
            self.do(c.SignOn(person))

    def ask(self, command: c.Command, after_s: float = 1.0) -> Step | Refusal:
        """Send a command a moment later; the day moves on when it is not refused."""
        self.now += after_s
        result = decide(self.day, command, self.now)
        if isinstance(result, Step):
            self.day = result.day
            self.log += result.events
            self.effects += result.effects
        return result

    def do(self, command: c.Command, after_s: float = 1.0) -> list[str]:
        """Send a command that must be accepted; the names of its events."""
        result = self.ask(command, after_s)
        assert isinstance(result, Step), result
        return [type(event).__name__ for event in result.events]

    def no(self, command: c.Command, after_s: float = 1.0) -> Refusal:
        """Send a command that must be refused."""
        result = self.ask(command, after_s)
        assert isinstance(result, Refusal), result
        return result

    def join(self, ticket: str, service: str = "advice", after_s: float = 1.0, **more: Any) -> Ticket:
        """A shopper joins."""
        self.do(c.Join(ticket, service, **more), after_s)
        return self.day.tickets[ticket]

    def wait(self, seconds: float) -> list[str]:
        """Let time pass, with a tick at the end of it."""
        return self.do(c.Tick(), seconds)

    def ticket(self, ticket: str) -> Ticket:
        """The ticket, open or ended."""
        found = self.day.ticket(ticket)
        assert found is not None
        return found

    def person(self, person: str) -> Salesperson:
        """The salesperson on the floor."""
        return self.day.salespeople[person]

    def serve(self, person: str, ticket: str) -> None:
        """Claim and start."""
        self.do(c.Claim(person, ticket))
        self.do(c.Start(person, ticket))
