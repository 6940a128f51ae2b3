"""A second opinion: Ciw, another simulator, finds the same waits; and the kernel is faster in the same run."""

import numpy as np
import pytest

from simulation.metrics import student
from tests.simulation.ciw_networks import NETWORKS, Network, ours, theirs

RUNS = 10


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
def test_waits_agree_with_ciw(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    mine, other = (np.array([play(network, seed) for seed in range(RUNS)]) for play in (ours, theirs))
    gap = mine[:, 0].mean() - other[:, 0].mean()
    error = np.sqrt(mine[:, 0].var(ddof=1) / RUNS + other[:, 0].var(ddof=1) / RUNS)
    assert abs(gap) <= student(2 * RUNS - 2, 0.999) * error
    speeds = np.median(mine[:, 1]), np.median(other[:, 1])
    with capsys.disabled():
        print(f"\n{network.name}: {speeds[0]:,.0f} against Ciw's {speeds[1]:,.0f} steps a second, {speeds[0] / speeds[1]:.1f} times")
    assert speeds[0] > 1.5 * speeds[1]  # far under what it is, so that a busy machine does not fail it
