"""What people are told: true when said, mostly improving, later only with a reason."""

from random import Random

import pytest

from server.rules import commands as c
from server.rules.waiting import Range
from server.waits.estimator import NOBODY, Quantiles, Waits
from server.waits.promise import LONGEST_S, down, holds, latest, retell, show, told, up
from tests.waits.exact import Store, random_store


def wait(p50: float, spread: float = 0.5) -> Quantiles:
    """Quantiles around a median."""
    return Quantiles(p50, *(p50 * (1 + spread * z) for z in (-0.8, -0.4, 0.0, 0.4, 0.6, 0.8, 1.0)))


@pytest.mark.parametrize("case", range(200))
def test_rounding_never_makes_the_statement_false(case: int, seed: int) -> None:
    seconds = Random(f"{seed} {case}").uniform(0, 5000)
    assert down(seconds) <= seconds <= up(seconds)
    step = 60 if up(seconds) <= 600 else 300
    assert up(seconds) % step == 0
    assert up(seconds) - seconds < step + 1


def test_steps_are_one_minute_below_ten_and_five_above() -> None:
    assert [up(s) for s in (1, 60, 61, 599, 600, 601, 900)] == [60, 60, 120, 600, 600, 900, 900]
    assert [down(s) for s in (0, 59, 60, 599, 600, 899, 900)] == [0, 0, 60, 540, 600, 600, 900]


def test_what_cannot_be_said_is_not_said() -> None:
    assert told(NOBODY, 0.0) is None
    assert told(wait(3 * LONGEST_S), 0.0) is None


def test_holds_is_a_distribution_function() -> None:
    q = wait(600)
    values = [holds(q, s) for s in range(0, 2000, 10)]
    assert values == sorted(values)
    assert holds(q, q.p50_s) == pytest.approx(0.5)
    assert holds(q, q.p90_s) == pytest.approx(0.9)
    assert holds(NOBODY, 1e6) == 0.0


@pytest.fixture
def store() -> Store:
    """A store with somebody in line."""
    for case in range(1000):
        found, now = random_store(Random(f"line {case}"))
        found.run_until(now)
        if len(found.waiting()) >= 3:
            return found
    raise AssertionError("no random store has a line")


def test_it_improves_at_once_and_gets_worse_only_when_it_became_unlikely(store: Store) -> None:
    now = store.day.at
    ticket = store.day.tickets[store.waiting()[-1]]._replace(shown=Range(300.0, 900.0, now))
    assert retell(store.day, latest(store.day), ticket, wait(400), now) == Range(240.0, 600.0, now)
    assert retell(store.day, latest(store.day), ticket, wait(850, 0.3), now) is None, "a little worse changes nothing"
    worse = retell(store.day, latest(store.day), ticket, wait(1200), now)
    assert worse is not None
    assert worse.high_s > 900
    assert worse.why == "slower"


def test_the_reason_is_what_happened(store: Store) -> None:
    now = store.day.at
    ticket = store.day.tickets[store.waiting()[-1]]
    service = ticket.service
    store.do(c.Join("card", service, card=True), now + 1)
    before = ticket._replace(shown=Range(60.0, 120.0, now))
    later = retell(store.day, latest(store.day), before, wait(1200), now + 2)
    assert later is not None
    assert later.why == "card"


def test_nothing_new_means_nothing_said(store: Store) -> None:
    now = store.day.at
    waits = Waits(now, {name: wait(500) for name in store.waiting()}, {})
    first = show(store.day, waits, now)
    assert first is not None
    store.do(first, now)
    assert show(store.day, waits, now) is None


def test_a_number_taken_back_and_said_again_has_a_reason(store: Store) -> None:
    now = store.day.at
    ticket = store.day.tickets[store.waiting()[-1]]._replace(shown=None, promise_s=300.0)
    late = ticket.queued_at + 1000.0
    again = retell(store.day, latest(store.day), ticket, wait(600), late)
    assert again is not None
    assert again.why
    first = retell(store.day, latest(store.day), ticket._replace(queued_at=now), wait(600), now)
    assert first is not None
    assert first.why == ""
