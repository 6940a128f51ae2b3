"""Everything drawn, laid out for the roll-outs: one row per place, those to come behind those who are here."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from server.rules import dispatch
from server.waits.curves import Floats, Ints
from server.waits.rollouts import Problem
from server.waits.sampling import Draws, Follow, Line, pool_lines, score, windows_of
from server.waits.situation import Person, Waiter
from server.waits.ticks import NEVER_TICKS


def problem(d: Draws, free: Floats, lines: list[Line], waiting: Sequence[Waiter], *, alone: bool) -> Problem:
    """The Problem whose answer is the start of everybody in ``waiting``, in this order. Pools are made (last) here."""
    runs = _runs(lines)
    pools, follows = pool_lines(d)
    every = [*(run[0] for run in runs), *pools]
    groups = sorted({line.group for line in every})
    services = {s: i for i, s in enumerate(sorted({line.service for line in every}))}
    ready, leave, work, extra = (_stacked(column, runs, pools, guard) for column, guard in _COLUMNS)
    key, comes = (_stacked(column, runs, pools, guard) for column, guard in _ROWS)
    first = np.cumsum([0, *(sum(len(x.ready) for x in run) + 1 for run in runs), *(len(x.ready) for x in pools)])
    row = {name: first[i] + j for i, run in enumerate(runs) for j, name in enumerate(run[0].names)}
    factor = np.array([[d.beliefs.factor_of(p.id, s) for s in services] for p in d.people]).reshape(len(d.people), len(services))
    order = sorted(row.values(), key=lambda r: key[r])
    result = Problem(
        free=free, windows=windows_of(d), skills=_ranks(d.people),
        groups=[np.flatnonzero(g) for g in groups], group_of=np.array([groups.index(x.group) for x in every], np.intp),
        first=first, service=np.repeat([services[x.service] for x in every], np.diff(first)), factor=factor,
        ready=ready, key=key, comes=comes, leave=leave, work=work, extra=extra, asked=np.array([row[w.id] for w in waiting], np.intp),
        alone=alone and not pools, order=np.array(order, np.intp), due=_due(d, waiting, every),
    )  # fmt: skip
    if pools:
        _link(result, first[len(runs)], pools, follows, row, len(runs))
    return result


def _runs(lines: list[Line]) -> list[list[Line]]:
    """Those to come who rank behind everybody in a line join it: the fewer lines, the less there is to compare at every call."""
    runs: list[list[Line]] = []
    for line in lines:
        front = next((run for run in runs if len(run) == 1 and not line.names and _behind(run[0], line)), None)
        if front is None:
            runs.append([line])
        else:
            front.append(line)
    return runs


def _behind(front: Line, line: Line) -> bool:
    same = front.service == line.service and front.group == line.group and bool(front.names)
    return same and bool((front.ready[:, 0] == 0).all() and line.key[0] >= front.key[-1])


def _ranks(people: Sequence[Person]) -> Ints:
    """Dispatch's preference among the idle, as far as it does not depend on since when they are."""
    kinds = [dispatch.preference(len(p.skills), 0.0, "", p.order) for p in people]
    known = sorted(set(kinds))
    return np.array([known.index(kind) for kind in kinds], np.intp)


_COLUMNS = (
    (attrgetter("ready"), NEVER_TICKS), (attrgetter("leave"), NEVER_TICKS),
    (attrgetter("work"), np.float32(0.0)), (attrgetter("extra"), np.float32(0.0)),
)  # fmt: skip
_ROWS = (attrgetter("key"), np.int64(0)), (attrgetter("comes"), np.False_)


def _stacked(column: Callable[[Line], Any], runs: list[list[Line]], pools: list[Line], guard: Any) -> Any:
    """One after the other, every run followed by its guard; at the end, behind the pools, a guard of its own."""
    last = np.full((1, *column(runs[0][0]).shape[1:]), guard)
    return np.concatenate([rows for run in runs for rows in (*map(column, run), last)] + [column(pool) for pool in pools] + [last])


def _due(d: Draws, waiting: Sequence[Waiter], lines: list[Line]) -> list[tuple[int, float, float]]:
    due = {w.id: w.due_at for w in waiting if w.due_at is not None}
    at = [(i, due[line.names[0]]) for i, line in enumerate(lines) if line.names and line.names[0] in due]
    return [(i, instant - d.now, score((dispatch.APPOINTMENT_TIER, instant), d.now)) for i, instant in at]


def _link(p: Problem, start: int, pools: list[Line], follows: list[Follow], row: dict[str, int], lines: int) -> None:
    """Tie every next step to the row whose service comes before it."""
    p.pool_of = np.repeat(np.arange(lines, lines + len(pools)), [len(pool.ready) for pool in pools])
    p.pool_place = np.arange(start, start + len(follows))
    p.pool_ready = np.concatenate([pool.ready for pool in pools])
    p.follow = np.full(len(p.ready), -1, np.intp)
    p.follows = np.zeros(p.ready.shape, bool)
    for i, follow in enumerate(follows):
        if follow.after is not None:
            p.follow[row[follow.after]] = i
            p.follows[row[follow.after]] = follow.happens > 0
