"""Roll-outs against the rules, ticket by ticket, when every visit's length is known."""

from dataclasses import replace
from random import Random

import pytest

from server.rules import commands as c
from server.rules.dispatch import all_waiting
from server.waits import comers
from server.waits.curves import constant
from server.waits.estimator import futures
from server.waits.parameters import Parameters, Punctuality
from server.waits.situation import Appointment, situation_of
from tests.waits.exact import SERVICES, Store, random_store

pytestmark = pytest.mark.one_sample  # in a few of ten thousand stores two things happen within one tick, and the rules tell them apart

ROUND_S = 0.1  # roll-outs count in 1/256 s


def known(store: Store) -> Parameters:
    """Beliefs that are the lengths themselves."""
    return Parameters({s: constant(600.0) for s in SERVICES}, factor={key: length / 600.0 for key, length in store.lengths.items()})


@pytest.mark.parametrize("case", range(150))
def test_every_ticket_starts_when_the_rules_start_it(case: int, seed: int) -> None:
    """The static order is exact: earliest eligible salesperson, ticket by ticket, through the rules themselves."""
    store, now = random_store(Random(f"{seed} {case}"))
    store.run_until(now)
    waiting = [t.id for t in all_waiting(store.day)]
    found = futures(situation_of(store.day, now), known(store), 3, seed)
    assert found.shape == (len(waiting), 3)
    store.run_until(1e9)
    for name, row in zip(waiting, found, strict=True):
        if name in store.started:
            assert row == pytest.approx(store.started[name] - now, abs=ROUND_S), f"{name} of case {case}"
        else:
            assert (row > 1e8).all()


@pytest.mark.parametrize("case", range(150))
def test_with_comers_it_is_exact_in_the_order_of_time(case: int, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Appointments who are sure to come at their slot pass the line, or find somebody idle: still the rules' times."""
    monkeypatch.setattr(comers, "HORIZON_MIN_S", comers.HORIZON_MAX_S)  # else slots beyond what usually matters are left out
    rng = Random(f"comer {seed} {case}")
    store, now = random_store(rng)
    store.run_until(now)
    waiting = [t.id for t in all_waiting(store.day)]
    served = sorted({s for p in store.day.plan.salespeople.values() for s in p.skills})
    seconds = rng.sample(range(1, 1500), rng.randint(1, 5))  # never two at one instant: the rules would go by serial numbers
    book = tuple(Appointment(rng.choice(served), now + float(at)) for at in seconds)
    beliefs = replace(known(store), punctuality=dict.fromkeys(SERVICES, Punctuality(1.0, 0.0, 1e-9)))
    found = futures(situation_of(store.day, now, book), beliefs, 2, seed)
    for i, slot in enumerate(sorted(book, key=lambda a: a.at)):
        store.run_until(slot.at)
        store.do(c.Join(f"booked{i}", slot.service, appointment_at=slot.at), slot.at)
    store.run_until(1e9)
    for name, row in zip(waiting, found, strict=True):
        if name in store.started:
            assert row == pytest.approx(store.started[name] - now, abs=ROUND_S), f"{name} of case {case}"
