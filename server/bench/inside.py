"""Durable commands in this process: fifty people at one store's actor, against the disk and against the rules alone."""

import asyncio
import os
from pathlib import Path
from random import Random
from time import perf_counter, process_time, thread_time, time

from server.bench import people
from server.bench.figures import Figure, quantile
from server.bench.history import History, answered_otherwise, set_check
from server.bench.process import BenchFailed, Folder
from server.journal.migrate import migrate
from server.journal.sqlite import SqliteJournal
from server.live.clock import WallClock
from server.live.live import Live
from server.live.stores import parse_store, plan_for
from server.rules import commands as c
from server.rules.answers import answer
from server.rules.decide import Refusal, decide
from server.rules.state import new_day

CLIENTS, STAFF = 50, 12
ROW_BYTES = 900  # about what one command adds to the journal


def fsyncs_per_s(folder: Path, seconds: float) -> float:
    """Appends of one command's bytes to a file, each made durable before the next: what a design without group commit can do."""
    handle = os.open(folder / "raw", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        began, done = perf_counter(), 0
        while perf_counter() - began < seconds:
            os.write(handle, b"x" * ROW_BYTES)
            os.fsync(handle)
            done += 1
        return done / (perf_counter() - began)
    finally:
        os.close(handle)


def decided_per_s(seconds: float, seed: int) -> float:
    """The same people at the rules alone: decide, evolve and answer, nothing kept."""
    config, now = parse_store(people.store_table("rules", STAFF, time())), WallClock().now()
    day = new_day(plan_for(config, config.business_day(now)))
    lives = [life for _, life in people.crowd(Random(seed), CLIENTS, STAFF)]
    commands: list[c.Command] = [c.OpenDay(day.plan), *(next(life) for life in lives)]
    first = decide(day, commands.pop(0), now)
    assert not isinstance(first, Refusal)
    day, began, done = first.day, perf_counter(), 0
    while perf_counter() - began < seconds:
        for n, life in enumerate(lives):
            now += 0.001
            step = decide(day, commands[n], now)
            if isinstance(step, Refusal):
                commands[n] = life.send(None)
            else:
                day = step.day
                commands[n] = life.send(answer(commands[n], day, step.events))
        done += len(lives)
    return done / (perf_counter() - began)


async def inside(seconds: float, seed: int = 1) -> list[Figure]:
    """The case ``actor``. Raises BenchFailed when a promise was broken while it ran."""
    with Folder() as folder:
        database = folder / "journal.db"
        migrate(f"sqlite:///{database}")
        before = fsyncs_per_s(folder, seconds / 8)
        journal, history = SqliteJournal(database), History()
        live = Live(journal, [parse_store(people.store_table("s", STAFF, time()))], WallClock())
        await live.start()
        took_s: list[float] = []
        began, cpu_s, loop_s = perf_counter(), process_time(), thread_time()
        lives = people.crowd(Random(seed), CLIENTS, STAFF)
        await asyncio.gather(*(_live(live, who, life, Random(f"{seed} {who}"), history, took_s, began + seconds) for who, life in lives))
        lasted_s, cpu_s, loop_s = perf_counter() - began, process_time() - cpu_s, thread_time() - loop_s
        day = live.day("s").plan.day
        await live.stop()
        recovered = [r.id for r in await journal.recorded("s", day) if not r.refused and r.sender not in ("calendar", "tick")]
        await journal.close()
        faults = set_check(history, recovered).faults + answered_otherwise(history)
        if faults:
            raise BenchFailed(f"a promise was broken while it was measured: {faults[0]}")
        fsyncs = (before + fsyncs_per_s(folder, seconds / 8)) / 2
    rules, n = decided_per_s(seconds / 4, seed), len(took_s)
    return [
        Figure("actor", "durable commands, 50 at once", n / lasted_s, "/s", fsyncs, "appends with fsync /s", 15_000, "more"),
        Figure("actor", "over one fsync per command", n / lasted_s / fsyncs, "times", None, "", 3, "more"),
        Figure("actor", "p50", quantile(took_s, 0.5) * 1e3, "ms"),
        Figure("actor", "p99", quantile(took_s, 0.99) * 1e3, "ms", None, "", 15),
        Figure("actor", "worst", max(took_s) * 1e3, "ms"),
        Figure("actor", "loop", loop_s / n * 1e6, "µs per command", 1e6 / rules, "µs: decide, evolve, answer alone"),
        Figure("actor", "writing thread", (cpu_s - loop_s) / n * 1e6, "µs per command"),
        Figure("actor", "cores used", cpu_s / lasted_s, ""),
    ]


async def _live(live: Live, who: str, life: people.Life, rng: Random, history: History, took_s: list[float], until: float) -> None:
    command = next(life)
    while perf_counter() < until:
        id, op, began = people.new_id(rng), type(command).__name__, perf_counter()
        history.add(who, op, id, "invoke")
        told = await live.submit("s", id, command, who)
        took_s.append(perf_counter() - began)
        history.add(who, op, id, "fail" if told.refusal else "ok", told.body.get("seq"))
        command = life.send(None if told.refusal else told.body)
