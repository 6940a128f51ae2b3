"""The clock follows the wall without ever jumping with it."""

from itertools import pairwise

import pytest

from server.live.clock import CATCH_UP, STEP_S, DemoClock, WallClock


class Machine:
    """A wall and a steady counter, both set by hand."""

    def __init__(self) -> None:
        self.wall_s, self.steady_s = 1_000_000.0, 50.0

    def passes(self, seconds: float) -> None:
        self.wall_s += seconds
        self.steady_s += seconds

    def clock(self) -> WallClock:
        return WallClock(lambda: self.wall_s, lambda: self.steady_s)


def test_it_says_the_wall_time() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(12.5)
    assert clock.now() == machine.wall_s


@pytest.mark.parametrize("jump_s", [-86_400.0, -3600.0, -0.5, 0.5, 3600.0, 86_400.0])
def test_a_jump_of_the_wall_is_caught_up_slowly_and_never_back(jump_s: float) -> None:
    machine = Machine()
    clock = machine.clock()
    before = clock.now()
    machine.wall_s += jump_s
    assert clock.now() == before
    said = [before]
    for _ in range(200):
        machine.passes(1.0)
        said.append(clock.now())
    steps = [late - early for early, late in pairwise(said)]
    assert min(steps) >= 1 - CATCH_UP - 1e-6
    assert max(steps) <= 1 + CATCH_UP + 1e-6
    assert abs(clock.now() - machine.wall_s) <= max(0.0, abs(jump_s) - 200 * CATCH_UP) + 1e-6


def test_a_frozen_counter_is_not_negative_time() -> None:
    machine = Machine()
    clock = machine.clock()
    before = clock.now()
    machine.steady_s -= 10
    assert clock.now() == before


def test_the_real_clock_runs() -> None:
    clock = WallClock()
    assert clock.now() <= clock.now()
    assert clock.real_s(3.0) == 3.0
    assert clock.real_s(-3.0) == 0.0


def test_the_demo_runs_faster() -> None:
    real_s = [7.0]
    clock = DemoClock(100.0, 60.0, lambda: real_s[0])
    assert clock.now() == 100.0
    real_s[0] += 2.0
    assert clock.now() == 220.0
    assert clock.real_s(60.0) == 1.0
    assert clock.real_s(-1.0) == 0.0
    with pytest.raises(ValueError, match="speed"):
        DemoClock(0.0, 0.0)


def test_a_machine_that_began_with_a_wrong_clock_is_set_right_at_once_while_nobody_waits() -> None:
    machine = Machine()
    clock, waits = machine.clock(), True
    clock.step_when(lambda: not waits)
    machine.wall_s += 40 * 86_400.0
    machine.passes(1.0)
    assert clock.now() == pytest.approx(machine.wall_s - 40 * 86_400.0, abs=0.1), "somebody waits: slowly"
    waits = False
    machine.passes(1.0)
    assert clock.now() == machine.wall_s
    machine.passes(1.0)
    assert clock.now() == machine.wall_s


@pytest.mark.parametrize("jump_s", [STEP_S - 1, -86_400.0])
def test_a_small_jump_and_one_back_are_never_followed_at_once(jump_s: float) -> None:
    machine = Machine()
    clock = machine.clock()
    clock.step_when(lambda: True)
    before = clock.now()
    machine.wall_s += jump_s
    machine.passes(1.0)
    assert abs(clock.now() - before - 1.0) <= CATCH_UP + 1e-6
