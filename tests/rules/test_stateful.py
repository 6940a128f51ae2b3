"""Hypothesis drives the rules and the naive model with the same commands; they must agree on everything visible."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from server.rules import commands as c
from server.rules import dispatch
from server.rules.deadlines import next_deadline
from server.rules.decide import Step, decide
from server.rules.plan import DayPlan, Mode, SalespersonPlan, ServicePlan, Timings
from server.rules.state import new_day
from tests.rules import invariants
from tests.rules.naive import Naive

SERVICES = ("advice", "payment", "repair")
PEOPLE = {"ana": ("advice", "payment", "repair"), "bob": ("advice",), "cyd": ("payment", "repair"), "dee": ("advice", "repair")}
people = st.sampled_from(sorted(PEOPLE))
services = st.sampled_from((*SERVICES, "nothing"))
numbers = st.integers(0, 40)


def plan_of(mode: Mode, *, pick_allowed: bool) -> DayPlan:
    return DayPlan(
        store="s", day="d", mode=mode, pick_allowed=pick_allowed, open_max=12, classes={"member": 300.0},
        services={s: ServicePlan(s, letter=s[0].upper(), rank=1 + (s == "repair"), doubt_after_s=600.0) for s in SERVICES},
        salespeople={p: SalespersonPlan(p, p.title(), skills, order=int(p == "cyd")) for p, skills in PEOPLE.items()},
        timings=Timings(aways_max=2, recalls_max=2),
    )  # fmt: skip


class Twice(RuleBasedStateMachine):
    """One store, written twice."""

    @initialize(mode=st.sampled_from(("claim", "offer", "both")), pick_allowed=st.booleans(), on=st.sets(people))
    def open(self, mode: Mode, pick_allowed: bool, on: set[str]) -> None:
        plan = plan_of(mode, pick_allowed=pick_allowed)
        self.now, self.made = 0.0, 0
        self.naive = Naive(plan)
        first = decide(new_day(plan), c.OpenDay(plan), 0.0)
        assert isinstance(first, Step)
        self.day = first.day
        for person in sorted(on):
            self.both(c.SignOn(person))

    def both(self, command: c.Command) -> None:
        """Send it to both; they must both do it or both refuse."""
        due = next_deadline(self.day)
        if due is not None and due <= self.now and not isinstance(command, c.Tick):
            self.both(c.Tick())
        result = decide(self.day, command, self.now)
        assert isinstance(result, Step) == self.naive.apply(command, self.now), (command, result)
        if isinstance(result, Step):
            invariants.check_step(self.day, result)
            self.day = result.day

    def ticket(self, number: int) -> str:
        """Mostly a ticket that is open."""
        ids = [s.id for s in self.naive.shoppers]
        return ids[number % len(ids)] if ids and number < 36 else f"t{number}"

    @rule(service=services, steps=st.lists(services, max_size=2), card=st.booleans(), standing=st.sampled_from((None, "member", "alien")),
          slot=st.none() | st.floats(-2000, 5000))  # fmt: skip
    def join(self, service: str, steps: list[str], card: bool, standing: str | None, slot: float | None) -> None:
        self.made += 1
        at = None if slot is None else self.now + slot
        self.both(c.Join(f"t{self.made}", service, tuple(steps), card=card and self.made % 3 == 0, standing=standing, appointment_at=at))

    @rule(person=people)
    def next(self, person: str) -> None:
        self.both(c.ClaimNext(person))

    @rule(person=people, number=numbers, kind=st.sampled_from((c.Claim, c.Accept, c.Start, c.Finish, c.Recall, c.MarkNoShow, c.HandBack)))
    def tap(self, person: str, number: int, kind: Any) -> None:
        self.both(kind(person, self.ticket(number)))

    @rule(person=people, kind=st.sampled_from((c.Accept, c.Start, c.Finish, c.Finish, c.Start)))
    def go_on(self, person: str, kind: Any) -> None:
        """The tap that makes sense for what the person holds."""
        held = self.day.salespeople[person].ticket if person in self.day.salespeople else None
        self.both(kind(person, held or "none"))

    @rule(person=people, number=numbers)
    def decline(self, person: str, number: int) -> None:
        held = self.day.salespeople[person].ticket if person in self.day.salespeople else None
        self.both(c.Decline(person, held or self.ticket(number), "busy"))

    @rule(person=people, kind=st.sampled_from((c.SignOn, c.Pause, c.Resume, c.SignOff)))
    def duty(self, person: str, kind: Any) -> None:
        self.both(kind(person))

    @rule(number=numbers, kind=st.sampled_from((c.Leave, c.ComeBack, c.ComeBack)))
    def shopper(self, number: int, kind: Any) -> None:
        self.both(kind(self.ticket(number)))

    @rule(number=numbers, minutes=st.sampled_from((5.0, 20.0, 21.0, 0.0)))
    def away(self, number: int, minutes: float) -> None:
        self.both(c.StepAway(self.ticket(number), minutes))

    @rule(number=numbers, service=services)
    def change(self, number: int, service: str) -> None:
        self.both(c.ChangeService(self.ticket(number), service))

    @rule(service=services)
    def balk(self, service: str) -> None:
        self.both(c.Balk(service))

    @rule(seconds=st.sampled_from((1.0, 12.0, 60.0, 90.0, 600.0, 1500.0)))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.both(c.Tick())

    @invariant()
    def same_to_look_at(self) -> None:
        if not hasattr(self, "day"):
            return
        invariants.check_day(self.day)
        assert [t.id for t in dispatch.all_waiting(self.day)] == [s.id for s in self.naive.line()]
        assert {t.id: (t.phase.value, t.salesperson, t.service) for t in self.day.tickets.values()} == {
            s.id: (s.where, s.who, s.service) for s in self.naive.shoppers
        }
        assert {t.id: t.outcome and t.outcome.value for t in self.day.ended} == self.naive.gone
        assert {p.id: p.duty.value for p in self.day.salespeople.values()} == {p.id: p.doing for p in self.naive.floor.values()}
        assert self.day.counts.balked == self.naive.balked


@pytest.mark.timeout(900)
def test_the_rules_and_the_naive_model_agree() -> None:
    run_state_machine_as_test(Twice, settings=settings(max_examples=500, stateful_step_count=50, suppress_health_check=list(HealthCheck)))


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_the_rules_and_the_naive_model_agree_at_length() -> None:
    run_state_machine_as_test(
        Twice, settings=settings(max_examples=20_000, stateful_step_count=100, suppress_health_check=list(HealthCheck))
    )
