"""Alarms: raised in time, kept up through flicker, over when it is calm; and the outlook they rest on."""

import numpy as np
import pytest

from server.rules.plan import DayPlan, SalespersonPlan, ServicePlan
from server.waits.alarms import AHEAD_S, CALM, CALM_LOOKS, LOOKS, NEAR, Watch
from server.waits.models import Models
from server.waits.outlook import Outlook, outlook, with_one_more
from server.waits.situation import Person, Situation

LIMIT_S = 600.0


def seen(at: float, **waits: float) -> Outlook:
    """An outlook in which everybody who joins ``m<minutes>`` from now or later waits so long."""
    found = np.zeros((len(AHEAD_S), 10))
    for name, wait in waits.items():
        found[np.array(AHEAD_S) >= 60 * float(name[1:])] = wait
    return Outlook(at, AHEAD_S, {"advice": found})


def looks(watch: Watch, *outlooks: Outlook) -> list[tuple[int, int]]:
    return [(len(raised), len(over)) for raised, over in (watch.look(one, {"advice": LIMIT_S}) for one in outlooks)]


def test_some_looks_running_raise_it_and_say_when() -> None:
    watch = Watch()
    assert looks(watch, *(seen(60 * i, m12=700) for i in range(LOOKS))) == [(0, 0)] * (LOOKS - 1) + [(1, 0)]
    alarm, last = watch.active["advice"], 60 * (LOOKS - 1)
    assert (alarm.raised_at, alarm.crosses_at, alarm.worst_s) == (last, last + 720, 700)


def test_near_the_limit_is_told_too() -> None:
    watch = Watch()
    looks(watch, *(seen(60 * i, m12=LIMIT_S * NEAR) for i in range(LOOKS)))
    alarm = watch.active["advice"]
    assert (alarm.crosses_at - alarm.raised_at, alarm.worst_s) == (720, LIMIT_S * NEAR)


def test_one_look_alone_or_what_is_too_late_to_mend_raises_nothing() -> None:
    assert looks(Watch(), *(seen(60 * i, m12=700 if i % 2 else 100) for i in range(20))) == [(0, 0)] * 20
    assert looks(Watch(), *(seen(60 * i, m0=LIMIT_S * NEAR - 1) for i in range(5))) == [(0, 0)] * 5, "far enough from the limit"
    assert looks(Watch(), *(seen(60 * i, m0=900, m8=300) for i in range(5))) == [(0, 0)] * 5, "it passes by itself within eight minutes"
    assert looks(Watch(), *(seen(60 * i, m40=900) for i in range(5))) == [(0, 0)] * 5, "too far ahead to be sure"


def test_it_stays_through_flicker_and_ends_once() -> None:
    watch = Watch()
    looks(watch, *(seen(60 * i, m12=700) for i in range(LOOKS)))
    flicker = [seen(120 + 60 * i, m12=650 if i % 3 else 200) for i in range(30)]
    assert looks(watch, *flicker) == [(0, 0)] * 30
    calm = [seen(2000 + 60 * i, m0=LIMIT_S * CALM - 1) for i in range(CALM_LOOKS)]
    assert looks(watch, *calm) == [(0, 0)] * (CALM_LOOKS - 1) + [(0, 1)]
    assert not watch.active


def test_a_service_without_a_limit_or_unknown_has_no_alarm() -> None:
    watch = Watch()
    for at in (0, 60):
        assert watch.look(seen(at, m12=9000), {"repair": LIMIT_S}) == ([], [])


def store(people: int, rate: float = 20.0) -> tuple[Situation, Models]:
    services = {"advice": ServicePlan("advice", {"fr": "Conseil"}, "A", typical_s=600.0)}
    crew = {f"p{i}": SalespersonPlan(f"p{i}", f"P{i}", ("advice",)) for i in range(people)}
    plan = DayPlan("s", "2026-11-21", "UTC", 0.0, 1e9, 1e9, services, crew, {})
    models = Models.prior(plan)
    here = tuple(Person(name, ("advice",)) for name in crew)
    return Situation(1000.0, plan, here, ()), models


@pytest.mark.parametrize("people", [1, 3])
def test_who_joins_now_waits_as_the_estimate_says(people: int) -> None:
    situation, models = store(people)
    ahead = outlook(situation, models.parameters(situation.now), (0.0,), 200, 7)
    assert ahead.waits["advice"].shape == (1, 200)
    assert ahead.quantile("advice", 0.9)[0] < 120.0, "somebody is idle: only the walk to them"


def test_nobody_to_serve_is_an_endless_wait_and_one_more_person_ends_it() -> None:
    situation, models = store(1)
    empty = situation._replace(people=())
    beliefs = models.parameters(situation.now)
    assert np.isinf(outlook(empty, beliefs, (0.0, 600.0), 50, 1).quantile("advice", 0.5)).all()
    helped = outlook(with_one_more(empty, "advice", 300.0), beliefs, (0.0, 600.0), 50, 1).quantile("advice", 0.5)
    assert 300.0 <= helped[0] < 420.0, "until they open, and the walk to them"


def test_one_more_person_never_makes_it_longer() -> None:
    situation, models = store(1)
    beliefs = models.parameters(situation.now)
    plain = outlook(situation, beliefs, AHEAD_S, 200, 3).quantile("advice", 0.9)
    helped = outlook(with_one_more(situation, "advice", 0.0), beliefs, AHEAD_S, 200, 3).quantile("advice", 0.9)
    assert (helped <= plain + 1e-6).all()
