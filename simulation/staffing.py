"""``avous staff``: whom a store needs when, so that the unanswered share holds in every interval, at the fewest paid hours.

The search starts from a formula (Erlang-A on the modified offered load) and then believes only the twin: it adds people
where an interval misses the target, takes people away wherever the target still holds without them, fits shifts that may be worked,
and checks the result on days it has not seen. All plans meet the same shoppers, so small differences are seen.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import combinations

import numpy as np

from simulation.crew import Crew, Member, crew_of
from simulation.demand import Demand, draw
from simulation.distributions import Floats
from simulation.erlang import load_of, required
from simulation.executors import run_all
from simulation.metrics import student
from simulation.scenario import Pool, Scenario
from simulation.simulate import play_day

SEARCH_DAYS, CHECK_DAYS = 160, 1000
GLANCES = (10, 40)  # days after which a plan may be given up
SURE = 0.95  # how sure the search is that an interval holds, one-sided
ROUNDS_MAX = 400
CROWD = 3  # times the formula's people: as good as everybody being served at once
CHECK_SEED = 1_000_003  # added to the seed: days the search has not seen


class StaffError(ValueError):
    """No staffing does what was asked; the text says what is impossible and the nearest possible thing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Salespeople with the same skills; ``speeds`` are the mean of those the scenario has."""

    name: str
    skills: tuple[str, ...]
    speeds: tuple[tuple[str, float], ...]


Plan = tuple[tuple[int, ...], ...]
"""People per kind and interval."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is being staffed: the day, the kinds of people, the intervals, the target."""

    scenario: Scenario
    kinds: tuple[Kind, ...]
    step_s: float
    target: float
    seed: int

    @property
    def starts_s(self) -> tuple[float, ...]:
        """Beginning of every interval."""
        return tuple(float(t) for t in np.arange(0.0, self.scenario.horizon_s, self.step_s))


def setting_of(scenario: Scenario, target: float, step_s: float, seed: int) -> Setting:
    """The kinds of people are the skill sets that the scenario's own people have."""
    if not 0 < target < 1:
        raise StaffError(f"--target-unanswered must be between 0 and 1, like 0.05; it is {target:g}")
    groups: dict[tuple[str, ...], list[Member]] = {}
    for member in crew_of(scenario).members:
        groups.setdefault(tuple(sorted(member.skills)), []).append(member)
    kinds = [
        Kind("+".join(skills), skills, tuple((s, float(np.mean([m.speeds[s] for m in members]))) for s in skills))
        for skills, members in sorted(groups.items(), key=lambda group: (len(group[0]), group[0]))
    ]
    return Setting(scenario, tuple(kinds), step_s, target, seed)


# -- the formula -------------------------------------------------------------------------------------------


def formula(setting: Setting, *, moving: bool) -> Plan:
    """Erlang-A per interval, every service given to the people with the fewest other skills."""
    homes: dict[int, list[str]] = {}
    for name in setting.scenario.services:
        homes.setdefault(next(k for k, kind in enumerate(setting.kinds) if name in kind.skills), []).append(name)
    plan = []
    for k, kind in enumerate(setting.kinds):
        load = load_of(setting.scenario, tuple(homes.get(k, ())), dict(kind.speeds), moving=moving)
        plan.append(tuple(required(load, setting.starts_s, setting.step_s, setting.target)))
    return tuple(plan)


# -- what the twin says ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trial:
    """One day under one plan (or one set of shifts)."""

    setting: Setting
    crew: Crew
    seed: int
    day: int


@lru_cache(maxsize=4 * SEARCH_DAYS)
def _shoppers(scenario: "_ByIdentity", seed: int, day: int) -> Demand:
    return draw(scenario.value, seed, day)


class _ByIdentity:
    """A scenario as a key of the cache: the same text is the same day."""

    def __init__(self, value: Scenario) -> None:
        self.value, self._key = value, repr(value)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other._key == self._key


def play(trial: Trial) -> Floats:
    """(arrivals, unanswered) per interval of one day."""
    setting = trial.setting
    log = play_day(setting.scenario, trial.crew, _shoppers(_ByIdentity(setting.scenario), trial.seed, trial.day))
    edges = np.append(setting.starts_s, setting.starts_s[-1] + setting.step_s)
    came_at = np.array(log.queued_at)[np.array(log.step) == 0]
    last: dict[int, str] = dict(zip(log.visitor, log.outcome, strict=True))
    lost = np.array([outcome != "answered" for outcome in last.values()], dtype=bool)
    came = np.histogram(np.concatenate([came_at, log.balked_at]), edges)[0]
    return np.stack([came, np.histogram(np.concatenate([came_at[lost], log.balked_at]), edges)[0]]).astype(np.float64)


def crew_for(setting: Setting, plan: Plan) -> Crew:
    """The plan as pools that change size with the intervals."""
    pools = {}
    for kind, counts in zip(setting.kinds, plan, strict=True):
        steps = tuple((start, n) for i, (start, n) in enumerate(zip(setting.starts_s, counts, strict=True)) if i == 0 or n != counts[i - 1])
        pools[kind.name] = Pool(kind.name, kind.skills, dict(kind.speeds), steps)
    return crew_of(replace(setting.scenario, salespeople={}, pools=pools))


@dataclass(slots=True)
class Tester:
    """Asks the twin about plans; remembers the answers."""

    setting: Setting
    executor: Executor | None = None
    check_days: int = CHECK_DAYS
    asked: int = 0
    told: Callable[[int], None] | None = None
    known: dict[Plan, Floats] = field(default_factory=dict)

    def days(self, crew: Crew, days: int, seed: int, first: int = 0) -> Floats:
        """(day, arrivals or unanswered, interval) of the days from ``first`` to ``days``."""
        return np.stack(run_all(play, [Trial(self.setting, crew, seed, day) for day in range(first, days)], self.executor))

    def excess(self, plan: Plan) -> Floats:
        """Per interval, by how much the upper bound of the unanswered share passes the target (0 or less: holds)."""
        if plan not in self.known:
            self.known[plan] = upper(self.days(crew_for(self.setting, plan), SEARCH_DAYS, self.setting.seed)) - self.setting.target
        return self.known[plan]

    def holds(self, plan: Plan) -> bool:
        """Whether every interval holds under this plan."""
        return float(self.known[plan].max()) <= 0 if plan in self.known else self.crew_holds(crew_for(self.setting, plan))

    def crew_holds(self, crew: Crew, sure: float = SURE) -> bool:
        """Whether every interval holds with these people; a few days are enough to see that it is far from it."""
        self.asked += 1
        if self.told is not None:
            self.told(self.asked)
        found = self.days(crew, GLANCES[0], self.setting.seed)
        for more in (*GLANCES[1:], SEARCH_DAYS):
            share, error = shares(found)
            if ((share - student(len(found) - 1, SURE) * error) > self.setting.target).any():
                return False
            found = np.concatenate([found, self.days(crew, more, self.setting.seed, len(found))])
        return float(upper(found, sure).max()) <= self.setting.target


def upper(days: Floats, sure: float = SURE) -> Floats:
    """Per interval, the one-sided upper bound of the unanswered share (ratio of totals, delta method)."""
    share, error = shares(days)
    return share + student(len(days) - 1, sure) * error


def shares(days: Floats) -> tuple[Floats, Floats]:
    """Per interval, the unanswered share and its standard error; 0 where nobody comes."""
    came, lost = days[:, 0, :], days[:, 1, :]
    total = np.maximum(came.sum(axis=0), 1e-9)
    share = lost.sum(axis=0) / total
    residuals = lost - share * came
    return share, np.sqrt((residuals**2).sum(axis=0) / (len(days) - 1) / len(days)) / (total / len(days))


# -- the search ----------------------------------------------------------------------------------------------


def search(tester: Tester) -> Plan:
    """A plan that holds in every interval, from which nobody can be taken away alone."""
    plan = formula(tester.setting, moving=True)
    crowd = tuple(tuple(CROWD * n + 5 for n in counts) for counts in plan)
    floor = shares(tester.days(crew_for(tester.setting, crowd), SEARCH_DAYS, tester.setting.seed))[0].max()
    if floor > tester.setting.target:
        raise StaffError(f"no number of salespeople keeps the unanswered share within {tester.setting.target:g} in every interval: "
                         f"with somebody always free it is {floor:.3f}; the nearest possible target is {floor + 0.005:.2f}")  # fmt: skip
    return _trim(tester, _fill(tester, plan))


def _fill(tester: Tester, plan: Plan) -> Plan:
    """Add somebody where the first interval misses, until none does."""
    for _ in range(ROUNDS_MAX):
        excess = tester.excess(plan)
        missing = np.flatnonzero(excess > 0)
        if not len(missing):
            return plan
        first = int(missing[0])
        choices = [_moved(plan, k, i, 1) for k in range(len(plan)) for i in {max(0, first - 1), first}]
        plan = min(choices, key=lambda choice: float(np.maximum(tester.excess(choice), 0).sum()))
    raise StaffError("the search did not find a plan that holds; the nearest possible thing is a higher --target-unanswered")


def _trim(tester: Tester, plan: Plan) -> Plan:
    """Take somebody away, one interval at a time, dearest slack first, while every interval still holds.

    Somebody who can do more may replace two who cannot: that is tried too.
    """
    failed: set[tuple[Change, ...]] = set()
    for _ in range(ROUNDS_MAX):
        excess = tester.excess(plan)
        slack = [float(excess[i] + (excess[i + 1] if i + 1 < len(excess) else 0)) for i in range(len(excess))]
        moves = [move for i in range(len(excess)) for move in _savings(tester.setting, plan, i) if move not in failed]
        if not moves:
            return plan
        move = min(moves, key=lambda m: (slack[m[0][1]], len(m), m))
        thinner = _changed(plan, move)
        if tester.holds(thinner):
            plan = thinner
        else:
            failed.add(move)
    return plan


Change = tuple[int, int, int]
"""(kind, interval, people more or fewer)."""


def _savings(setting: Setting, plan: Plan, interval: int) -> list[tuple[Change, ...]]:
    """Ways to do with one person less in this interval."""
    there = [k for k in range(len(plan)) if plan[k][interval] > 0]
    moves: list[tuple[Change, ...]] = [((k, interval, -1),) for k in there]
    for a, b in combinations(there, 2):
        both = {*setting.kinds[a].skills, *setting.kinds[b].skills}
        able = [g for g, kind in enumerate(setting.kinds) if g not in (a, b) and both <= set(kind.skills)]
        moves += [((a, interval, -1), (b, interval, -1), (g, interval, 1)) for g in able[:1]]
    return moves


def _changed(plan: Plan, move: tuple[Change, ...]) -> Plan:
    for kind, interval, by in move:
        plan = _moved(plan, kind, interval, by)
    return plan


def _moved(plan: Plan, kind: int, interval: int, by: int) -> Plan:
    changed = list(plan[kind])
    changed[interval] += by
    return (*plan[:kind], tuple(changed), *plan[kind + 1 :])
