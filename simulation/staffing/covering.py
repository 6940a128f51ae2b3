"""The cheapest shifts of which a cut foretells that every target holds: a mixed integer programme, solved by HiGHS.

A cut says what the shares were at one plan and how they change with one person more or less in every interval.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from simulation.scenario.distributions import Floats
from simulation.staffing.shifts import Shift, presence

DEAR = 1e4  # hours that a share of 1 too many costs: a programme always has an answer
USED = 1e-9
ASTRAY = 0.05  # of the costs: so far off are those of a look at the relaxation after the first


@dataclass(frozen=True, slots=True)
class Effort:
    """How long HiGHS looks: so many nodes, or until it is so near the best that can be. Never by the clock: the same on any machine.

    ``looks`` (0: all patterns may be chosen): only what so many relaxed programmes use, the first with the true costs. A relaxation takes a
    hundredth of the time of the programme in whole numbers, and names the few patterns of hundreds that matter.
    """

    nodes: int
    gap: float
    looks: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """Shares (target, interval) at a plan; ``more`` <= 0 and ``less`` >= 0 are their changes (target, interval, kind, interval)."""

    plan: tuple[tuple[int, ...], ...]
    share: Floats
    more: Floats
    less: Floats


def cheapest(
    patterns: list[list[Shift]], step_s: float, cut: Cut, allowed: Floats, reach: int, below: float, effort: Effort, chance: int = 0
) -> list[list[int]]:
    """How often each pattern of each kind, so that ``cut`` foretells no more than ``allowed`` (target, interval).

    No interval may change by more than ``reach`` people: the first person less costs what the cut says, each further one twice as much.
    If that cannot be with at most ``below`` hours, the answer comes as near as it can. It is the best found with this effort;
    ``chance``: the seed of its looks.
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
    ], format="csc")  # fmt: skip
    low = np.concatenate([level, np.full(allowed.size + 1, -np.inf)])
    high = np.concatenate([level, (allowed - cut.share).ravel(), [below]])
    most = np.concatenate(
        [np.full(chosen, np.inf), np.full(heads, reach), np.full(heads, 1), np.full(heads, reach - 1), np.full(allowed.size, np.inf)]
    )
    whole = np.concatenate([np.ones(chosen), np.zeros(len(cost) - chosen)])
    programme = _Programme(cost, LinearConstraint(rows, low, high), most, whole)
    counts = np.round(programme.solved(replace(effort, gap=max(_gap(cut), effort.gap)), chance)[:chosen]).astype(int)
    return [part.tolist() for part in np.split(counts, np.cumsum(sizes)[:-1])]


@dataclass(frozen=True, slots=True)
class _Programme:
    """The fewest ``cost`` with variables from 0 to ``most``, of which those that are ``whole`` are counts."""

    cost: Floats
    rules: LinearConstraint
    most: Floats
    whole: Floats

    def solved(self, effort: Effort, chance: int) -> Floats:
        """The best found. ``ValueError`` when there is none."""
        everything = np.arange(len(self.cost))
        kept = np.flatnonzero(self._used(effort.looks, np.random.default_rng(chance))) if effort.looks else everything
        for columns in (kept, everything):
            rules = LinearConstraint(self.rules.A[:, columns], self.rules.lb, self.rules.ub)
            result = milp(self.cost[columns], constraints=rules, integrality=self.whole[columns], bounds=Bounds(0, self.most[columns]),
                          options={"mip_rel_gap": effort.gap, "node_limit": effort.nodes})  # fmt: skip
            if result.x is not None:
                found = np.zeros(len(self.cost))
                found[columns] = result.x
                return found
        raise ValueError(f"no shifts cover the day: {result.message}")

    def _used(self, looks: int, chance: np.random.Generator) -> npt.NDArray[np.bool_]:
        """What is not a count, and the counts that one of the relaxed programmes uses."""
        used: npt.NDArray[np.bool_] = self.whole == 0
        for look in range(looks):
            astray = 1.0 + (ASTRAY * chance.random(len(self.cost)) * self.whole if look else 0.0)
            relaxed = milp(self.cost * astray, constraints=self.rules, bounds=Bounds(0, self.most))
            if relaxed.x is not None:
                used |= relaxed.x > USED
        return used


def _gap(cut: Cut) -> float:
    """Hours come in whole intervals: closer than most of one needs no proof."""
    return 0.8 / max(sum(map(sum, cut.plan)), 4)


def _blocks(parts: list[Floats]) -> csr_array:
    from scipy.sparse import block_diag

    return csr_array(block_diag(parts))
