"""The twin: the rules and the kernel take the same decisions, nothing is lost, and shifts mean what they say."""

from itertools import pairwise
from random import Random

import numpy as np
import pytest

from server.rules.decide import Step, decide
from server.rules.state import new_day
from simulation.scenario.model import Scenario
from simulation.scenario.reading import loads
from simulation.twin.crew import crew_of, plan_of
from simulation.twin.demand import draw
from simulation.twin.dispatchers import RulesDispatcher
from simulation.twin.kernel import Kernel
from simulation.twin.log import Log
from simulation.twin.reference import Twin
from simulation.twin.simulate import play_day
from tests.simulation.random_days import day


def facts(log: Log) -> dict[str, str]:
    """Everything a log says; nan as text so that it equals itself."""
    return {name: repr(getattr(log, name)) for name in Log.__slots__}


def both_engines_agree(scenario: Scenario, seed: int) -> None:
    crew, demand = crew_of(scenario), draw(scenario, seed)
    rules, kernel = (play_day(scenario, crew, demand, engine) for engine in ("rules", "kernel"))
    assert facts(rules) == facts(kernel), f"seed {seed}: {scenario}"


def test_the_kernel_decides_exactly_like_the_rules(rng: Random) -> None:
    for _ in range(120):
        both_engines_agree(day(rng), rng.randrange(10**9))


@pytest.mark.nightly
def test_the_kernel_decides_exactly_like_the_rules_thousands_of_times(rng: Random) -> None:
    for _ in range(5_000):
        both_engines_agree(day(rng), rng.randrange(10**9))


def test_littles_law_is_exact_in_every_run(rng: Random) -> None:
    for number in range(120):
        scenario = day(rng, appointments=number % 4 == 0)
        log = play_day(scenario, crew_of(scenario), draw(scenario, number))
        waits = np.array(log.ended_at) - np.array(log.queued_at)
        assert log.queue_area_s == pytest.approx(float(waits.sum()), rel=1e-9, abs=1e-6)


def test_every_shopper_ends_exactly_once_and_the_rules_count_the_same(rng: Random) -> None:
    for number in range(60):
        scenario = day(rng, appointments=number % 2 == 0)
        crew, demand = crew_of(scenario), draw(scenario, number)
        rules = RulesDispatcher(plan_of(scenario, crew), crew.members, demand)
        log = Twin(crew, demand, rules, scenario.horizon_s, scenario.close).run()
        last = dict(zip(log.visitor, log.outcome, strict=True))
        accounts = rules.day.accounts
        assert len(last) == accounts["joined"] == len(demand) - len(log.balked_at)
        assert len(log.balked_at) == accounts["balked"]
        assert accounts["open"] == 0
        for outcome in ("answered", "left", "closed"):
            assert list(last.values()).count(outcome) == accounts[outcome]


def test_nobody_serves_two_at_once_or_what_they_cannot(rng: Random) -> None:
    for number in range(60):
        scenario = day(rng)
        crew = crew_of(scenario)
        log = play_day(scenario, crew, draw(scenario, number))
        for person, member in enumerate(crew.members):
            own = sorted((c, f, s) for c, f, s, p in zip(log.called_at, log.finished_at, log.service, log.person, strict=True)
                         if p == person and f == f)  # fmt: skip
            assert all(service in member.skills for _, _, service in own)
            assert all(before[1] <= after[0] for before, after in pairwise(own))


def test_a_twin_day_replays_to_the_same_events(rng: Random) -> None:
    for number in range(10):
        scenario = day(rng, appointments=True)
        crew, demand = crew_of(scenario), draw(scenario, number)
        plan = plan_of(scenario, crew)
        rules = RulesDispatcher(plan, crew.members, demand, keep=True)
        Twin(crew, demand, rules, scenario.horizon_s, scenario.close).run()
        assert rules.history is not None
        state = new_day(plan)
        for now, command, events in rules.history:
            step = decide(state, command, now)
            assert isinstance(step, Step)
            assert step.events == events
            state = step.day
        assert state == rules.day


BASE = """
horizon_min = 100
[services.advice]
arrivals_per_hour = 60
interarrival = {kind = "deterministic"}
service_time = {kind = "deterministic", mean_min = 7}
"""


def log_of(text: str) -> tuple[Log, list[str]]:
    scenario = loads(BASE + text)
    crew = crew_of(scenario)
    return play_day(scenario, crew, draw(scenario, 1)), [m.id for m in crew.members]


def test_a_shift_end_never_cuts_a_visit_short_and_nobody_starts_after_it() -> None:
    log, _ = log_of('[salespeople.lea]\nskills = ["advice"]\nshifts = [[0, 30], [60, 100]]')
    started = [s / 60 for s in log.started_at if s == s]
    assert not [s for s in started if 30 <= s < 60]
    assert max(s for s in started if s < 30) + 7 > 30  # the visit in hand at the end of the shift was finished


def test_a_shrinking_pool_never_has_more_than_its_count_start() -> None:
    log, _ = log_of('[pools.p]\ncount = [[0, 4], [30, 2]]\nskills = ["advice"]')
    spans = [(s / 60, f / 60) for s, f in zip(log.started_at, log.finished_at, strict=True) if s == s]
    for start, _ in spans:
        if 30 < start < 100:
            assert sum(1 for s, f in spans if s <= start < f) <= 2


def test_cut_counts_who_waits_as_closed_and_drain_serves_them() -> None:
    cut, _ = log_of('[pools.p]\nskills = ["advice"]')
    assert "closed" not in cut.outcome
    scenario = loads('close = "cut"\n' + BASE + '[pools.p]\nskills = ["advice"]')
    log = play_day(scenario, crew_of(scenario), draw(scenario, 1))
    assert log.outcome.count("closed") == len(log.outcome) - log.outcome.count("answered") > 0
    assert max(s for s in log.started_at if s == s) < 6000


def test_a_full_store_turns_shoppers_away() -> None:
    scenario = loads("max_in_system = 3\n" + BASE + '[pools.p]\nskills = ["advice"]')
    log = play_day(scenario, crew_of(scenario), draw(scenario, 1))
    assert len(log.balked_at) + len(log.queued_at) == 99
    assert len(log.balked_at) > 50


def test_drift_slows_visits_and_sends_people_away() -> None:
    log, ids = log_of('[salespeople.lea]\nskills=["advice"]\n[salespeople.max]\nskills=["advice"]\n'
                      '[drift]\nfrom_min = 50\nservice_factor = 2\nabsent = ["max"]')  # fmt: skip
    late = [(s, f, p) for s, f, p in zip(log.started_at, log.finished_at, log.person, strict=True) if s >= 3000]
    assert late
    assert {ids[p] for _, _, p in late} == {"lea"}
    assert all(f - s == pytest.approx(840) for s, f, _ in late)


def test_the_kernel_refuses_what_needs_the_clock() -> None:
    scenario = loads(BASE + '[services.advice.appointments]\nevery_min = 20\n[pools.p]\nskills = ["advice"]')
    crew, demand = crew_of(scenario), draw(scenario, 1)
    with pytest.raises(ValueError, match="needs the rules"):
        Kernel(scenario, crew, demand)


def test_of_two_pools_with_as_many_skills_the_first_in_the_file_is_called_first() -> None:
    other = '[services.other]\nservice_time = {kind = "deterministic", mean_min = 1}\n[pools.o]\nskills = ["other"]\n'
    log, ids = log_of(other + "".join(f'[pools.{name}]\nskills = ["advice"]\ncount = 8\n' for name in "zb"))
    assert {ids[p][0] for p in log.person} == {"z"}
