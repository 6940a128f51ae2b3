"""The cheapest shifts of which a cut foretells that every target holds: a mixed integer programme, solved by HiGHS.

A cut says what the shares were at one plan and how they change with one person more or less in every interval.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from simulation.scenario.distributions import Floats
from simulation.staffing.shifts import Shift, presence

DEAR = 1e4  # hours that a share of 1 too many costs: a programme always has an answer


@dataclass(frozen=True, slots=True)
class Effort:
    """How long HiGHS looks: so many nodes, or until it is so near the best that can be. Never by the clock: the same on any machine."""

    nodes: int
    gap: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Shares (target, interval) at a plan; ``more`` <= 0 and ``less`` >= 0 are their changes (target, interval, kind, interval)."""

    plan: tuple[tuple[int, ...], ...]
    share: Floats
    more: Floats
    less: Floats


def cheapest(
    patterns: list[list[Shift]], step_s: float, cut: Cut, allowed: Floats, reach: int, below: float, effort: Effort
) -> list[list[int]]:
    """How often each pattern of each kind, so that ``cut`` foretells no more than ``allowed`` (target, interval).

    No interval may change by more than ``reach`` people: the first person less costs what the cut says, each further one twice as much.
    If that cannot be with at most ``below`` hours, the answer comes as near as it can. It is the best found with this effort.
    """
    cells, sizes = allowed.shape[1], [len(kind) for kind in patterns]
    heads, chosen = len(patterns) * cells, sum(sizes)
    parts = 3  # people more, the first person less, further people less
    cost = np.concatenate([[p.paid_hours + 1e-4 for kind in patterns for p in kind], np.zeros(parts * heads), np.full(allowed.size, DEAR)])
    level, unit = np.array(cut.plan, dtype=float).ravel(), eye_array(heads)
    there = _blocks([presence(kind, cells, step_s).T for kind in patterns])
    effect = csr_array(np.hstack([part.reshape(allowed.size, heads) for part in (cut.more, cut.less, 2 * cut.less)]))
    rows = vstack([
        hstack([there, -unit, unit, unit, csr_array((heads, allowed.size))]),
        hstack([csr_array((allowed.size, chosen)), effect, -eye_array(allowed.size)]),
        csr_array(np.where(np.arange(len(cost)) < chosen, cost, 0.0)[None, :]),
    ], format="csr")  # fmt: skip
    low = np.concatenate([level, np.full(allowed.size + 1, -np.inf)])
    high = np.concatenate([level, (allowed - cut.share).ravel(), [below]])
    most = np.concatenate(
        [np.full(chosen, np.inf), np.full(heads, reach), np.full(heads, 1), np.full(heads, reach - 1), np.full(allowed.size, np.inf)]
    )
    whole = np.concatenate([np.ones(chosen), np.zeros(len(cost) - chosen)])
    result = milp(cost, constraints=LinearConstraint(rows, low, high), integrality=whole, bounds=Bounds(0, most),
                  options={"mip_rel_gap": max(_gap(cut), effort.gap), "node_limit": effort.nodes})  # fmt: skip
    if result.x is None:
        raise ValueError(f"no shifts cover the day: {result.message}")
    counts = np.round(result.x[:chosen]).astype(int)
    return [part.tolist() for part in np.split(counts, np.cumsum(sizes)[:-1])]


def _gap(cut: Cut) -> float:
    """Hours come in whole intervals: closer than most of one needs no proof."""
    return 0.8 / max(sum(map(sum, cut.plan)), 4)


def _blocks(parts: list[Floats]) -> csr_array:
    from scipy.sparse import block_diag

    return csr_array(block_diag(parts))
