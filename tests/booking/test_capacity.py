"""Slots against a slow second opinion: every appointment gets a person of its own, and walk-ins keep their share."""

import random
from itertools import product

import pytest

from server.booking.capacity import HOUR_S, Desk, Taken, Worker, slots, suffices

MIN = 60.0
BOTH, ONE = frozenset({"a", "b"}), frozenset({"a"})


def desk(*workers: Worker, taken: tuple[Taken, ...] = (), share: float = 0.5) -> Desk:
    return Desk(0.0, 8 * HOUR_S, workers, taken, share)


def worker(skills: frozenset[str], *spells: tuple[float, float]) -> Worker:
    return Worker(skills, spells or ((0.0, 8 * HOUR_S),))


def test_one_person_gives_half_of_each_hour() -> None:
    alone = desk(worker(ONE))
    assert alone.left("a", 0.0, 30 * MIN) == 1
    booked = desk(worker(ONE), taken=(Taken("a", 0.0, 30 * MIN),))
    assert booked.left("a", 30 * MIN, 30 * MIN) == 0  # the other half of the hour is for those who just come
    assert booked.left("a", HOUR_S, 30 * MIN) == 1
    assert desk(worker(ONE), taken=(Taken("a", 0.0, 30 * MIN),), share=0.0).left("a", 30 * MIN, 30 * MIN) == 1


def test_a_long_visit_fits_where_its_share_is_longer() -> None:
    """45 minutes are more than half an hour's half: they are held against a longer block."""
    assert desk(worker(ONE)).left("a", 0.0, 45 * MIN) == 1


def test_nothing_outside_opening_hours_and_shifts() -> None:
    late = worker(ONE, (4 * HOUR_S, 8 * HOUR_S))
    assert desk(late).left("a", 3 * HOUR_S, 30 * MIN) == 0
    assert desk(late).left("a", 4 * HOUR_S, 30 * MIN) == 1
    assert desk(late).left("a", 7 * HOUR_S + 45 * MIN, 30 * MIN) == 0
    assert desk(worker(ONE)).left("b", 0.0, 30 * MIN) == 0


def test_one_who_can_do_both_is_not_counted_twice() -> None:
    shop = desk(worker(BOTH), worker(ONE), share=0.0, taken=(Taken("b", 0.0, HOUR_S),))
    assert shop.left("a", 0.0, 30 * MIN) == 1
    assert shop.left("b", 0.0, 30 * MIN) == 0


def test_slots_come_on_the_grid_soonest_first() -> None:
    found = list(slots(desk(worker(ONE), taken=(Taken("a", 0.0, 30 * MIN),)), "a", 30 * MIN, 15 * MIN, after=10 * MIN))
    assert found[0] == (HOUR_S, 1)
    assert [at for at, _ in found] == sorted(at for at, _ in found)
    assert found[-1][0] + 30 * MIN == 8 * HOUR_S


@pytest.mark.parametrize("seed", range(20))
def test_suffices_is_what_trying_every_assignment_finds(seed: int) -> None:
    """Hall's condition against all assignments of up to four people to demands of one each."""
    chance = random.Random(seed)
    for _ in range(30):
        people = [frozenset(s for s in "abc" if chance.random() < 0.5) for _ in range(chance.randint(0, 4))]
        demand = {s: float(chance.randint(0, 2)) for s in "abc"}
        told = all(suffices(s, demand, [(skills, 1.0) for skills in people]) for s in "abc" if demand[s])
        wanted = [s for s in "abc" for _ in range(int(demand[s]))]
        found = any(
            len(set(chosen)) == len(chosen) and all(s in people[p] for s, p in zip(wanted, chosen, strict=True))
            for chosen in product(range(len(people)), repeat=len(wanted))
        )
        assert told == found, (seed, people, demand)
