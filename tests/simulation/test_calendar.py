"""The calendar: calls come in SimPy's order, beside SimPy's own processes."""

from collections.abc import Generator
from typing import Any

import simpy

from simulation.twin.calendar import Calendar


def test_calls_come_in_order_of_time_then_of_asking() -> None:
    env, seen = Calendar(), list[tuple[float, object]]()
    for delay, value in ((5.0, "b"), (5.0, "c"), (1.0, "a"), (0.0, "now")):
        env.call_in(delay, lambda v: seen.append((env.now, v)), value)
    env.call_at(-3.0, lambda v: seen.append((env.now, v)), "past")
    env.play()
    assert seen == [(0.0, "now"), (0.0, "past"), (1.0, "a"), (5.0, "b"), (5.0, "c")]


def test_simpy_processes_run_beside_calls_with_play_and_with_run() -> None:
    for play in (Calendar.play, Calendar.run):
        env, seen = Calendar(), list[tuple[float, str]]()

        def walker(env: Calendar = env, seen: list[tuple[float, str]] = seen) -> Generator[simpy.Event, Any, None]:
            yield env.timeout(2)
            seen.append((env.now, "process"))

        def called(when: float, seen: list[tuple[float, str]] = seen) -> None:
            seen.append((when, "call"))

        env.process(walker())
        env.call_in(1.0, called, 1.0)
        env.call_in(3.0, called, 3.0)
        play(env)
        assert seen == [(1.0, "call"), (2, "process"), (3.0, "call")]
