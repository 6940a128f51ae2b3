"""Three hundred store days under faults, each from its own seed; a seed that fails says how to play it again."""

import logging
import os
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import pytest

from server.journal import sqlite
from server.live.live import Live
from tests.faults import simulator

pytestmark = pytest.mark.faults
DAYS = int(os.environ.get("AVOUS_DAYS", "300"))
SHARES = 6
KEPT = [int(line.split()[0]) for line in Path(__file__).with_name("seeds.txt").read_text("utf-8").splitlines() if not line.startswith("#")]


def play_some(seeds: list[int]) -> tuple[list[str], Counter[str]]:
    """(broken promises, what happened) of several days."""
    broken, happened = list[str](), Counter[str]()
    for seed in seeds:
        try:
            with _without_log():
                lines, world = simulator.play(seed)
        except Exception as bug:
            broken.append(f"python -m tests.faults.simulator --seed {seed}  # {bug!r}")
            continue
        broken += [f"python -m tests.faults.simulator --seed {seed}  # {line}" for line in lines]
        happened += world.happened + Counter(entry.type for entry in world.history)
        happened["days"] += 1
        happened["views"] += sum(len(seqs) for seqs in world.seqs.values())
        happened["delivered"] += sum(world.printer.printed.values())
    return broken, happened


@contextmanager
def _without_log() -> Iterator[None]:
    """Trouble is what this is about."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def test_the_seeds_that_once_failed() -> None:
    assert play_some(KEPT)[0] == []


def test_a_seed_is_a_history() -> None:
    """The same seed gives the same day, to the last answer."""
    days = [simulator.play(KEPT[-1])[1] for _ in range(2)]
    assert days[0].history.entries == days[1].history.entries
    assert days[0].seqs == days[1].seqs


async def _as_it_is(self: Live, store: str, seen: int | None = None) -> None:
    return


@pytest.mark.parametrize("promise", ["a refusal is decided on the newest state", "a screen never goes back"])
def test_a_server_without_one_of_its_fences_is_found_out(monkeypatch: pytest.MonkeyPatch, promise: str) -> None:
    """What the checkers are worth: take a fence away, and some day of thirty must break a promise."""
    if promise == "a screen never goes back":
        monkeypatch.setattr(Live, "fresh", _as_it_is)
    else:
        monkeypatch.setattr(sqlite, "NEXT", f"{sqlite.NEXT} AND 0")
    assert any(play_some([seed])[0] for seed in range(100, 130))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("share", range(SHARES))  # for as many processes as run the tests
def test_three_hundred_store_days(seed: int, share: int) -> None:
    _look_at(*play_some(_seeds(seed, DAYS // SHARES)))


@pytest.mark.nightly
@pytest.mark.timeout(6 * 3600)
def test_twenty_thousand_store_days(seed: int) -> None:
    seeds = _seeds(seed, 20_000)
    broken, happened = list[str](), Counter[str]()
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as processes:
        for lines, counted in processes.map(play_some, [seeds[n : n + 25] for n in range(0, len(seeds), 25)]):
            broken += lines
            happened += counted
    _look_at(broken, happened)


def _seeds(seed: int, count: int) -> list[int]:
    return random.Random(seed).sample(range(2**32), count)


def _look_at(broken: list[str], happened: Counter[str]) -> None:
    print(f"{happened['days']} store days: {dict(happened)}")
    assert broken == [], "\n".join(broken[:20])
    assert min(happened[kind] for kind in ("ok", "fail", "info", "crashes", "clock jumps", "views", "delivered")) > happened["days"] / 10
