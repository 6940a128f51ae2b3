"""The seed alone decides who comes and when; the demand file is checked; the demo's store and crowd fit together."""

import tomllib
from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from simulation.crowd.character import draw
from simulation.crowd.demand import BadDemand, Demand, load
from simulation.crowd.play import arrivals

STORES = Path(__file__).parents[2] / "simulation" / "stores"
MIDNIGHT = 1_000_000.0


@pytest.fixture
def demand() -> Demand:
    return load(STORES / "volt.crowd.toml")


def test_the_same_seed_draws_the_same_people(demand: Demand) -> None:
    now = MIDNIGHT + 14 * 3600

    def play(seed: int) -> list[object]:
        return list(islice(arrivals(Random(seed), demand, now, MIDNIGHT, 40.0), 50))

    assert play(3) == play(3)
    assert play(3) != play(4)


def test_a_play_that_begins_in_the_middle_of_the_day_finds_people_there(demand: Demand) -> None:
    now = MIDNIGHT + 14 * 3600
    times = [arrival.at for arrival in arrivals(Random(5), demand, now, MIDNIGHT, 40.0)]
    assert times == sorted(times)
    assert sum(1 for at in times if at < now + 90) >= demand.already
    assert times[-1] < MIDNIGHT + demand.closes_s


def test_a_play_that_begins_before_opening_finds_nobody(demand: Demand) -> None:
    first = next(arrivals(Random(5), demand, MIDNIGHT + 9 * 3600, MIDNIGHT, 40.0))
    assert first.at >= MIDNIGHT + demand.opens_s


def test_characters_have_the_shares_of_the_file(demand: Demand, rng: Random) -> None:
    crowd = [draw(rng, demand) for _ in range(6000)]
    services = Counter(who.service for who in crowd)
    for name, need in demand.needs.items():
        assert services[name] / len(crowd) == pytest.approx(need.share, abs=0.02)
    assert sum(who.card for who in crowd) / len(crowd) == pytest.approx(demand.habits.card, abs=0.01)
    assert Counter(who.way for who in crowd)["slip"] / len(crowd) == pytest.approx(demand.habits.slip, abs=0.02)


def test_the_crowd_knows_the_store_it_plays_in(demand: Demand) -> None:
    store = tomllib.loads((STORES / "volt.toml").read_text(encoding="utf-8"))
    assert demand.store == store["id"]
    assert demand.zone == store["zone"]
    assert set(demand.needs) == set(store["services"])
    assert {(id, worker.pin) for id, worker in demand.workers.items()} <= {(id, p["pin"]) for id, p in store["salespeople"].items()}
    assert sum(need.share for need in demand.needs.values()) == pytest.approx(1)
    for need in demand.needs.values():
        assert {*need.planned, *need.added} <= set(store["services"])


def test_a_free_desk_is_left_for_a_human(demand: Demand) -> None:
    store = tomllib.loads((STORES / "volt.toml").read_text(encoding="utf-8"))
    free = {id for id, p in store["salespeople"].items() if p.get("skills")} - set(demand.workers)
    assert len(free) >= 2


@pytest.mark.parametrize(
    "text, says",
    [("store = ", "demand.toml"), ('store = "x"', "zone is missing"), ('store="x"\nzone="y"\nopens="ten"\ncloses="20:00"', "ten")],
)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "demand.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadDemand, match=says):
        load(path)
