"""Many futures at once: who is called when, in every future, by the store's own order.

All futures advance together, one call of a shopper per step, as numpy rows with one column per future.
The order of waiting tickets never changes by itself, so **when nobody can come in between, taking the
tickets in order and giving each the earliest salesperson who may serve it is exact** (``_in_order``):
the first ticket can lose nobody to a later one, the second is first in what is left, and so on. With
shoppers still to come who rank ahead, calls are made in the order of time instead (``_in_time``).

A shopper who has left by the time of their turn takes nobody's time, but the turn is written down: it
is the wait they were offered. That is also how "if I joined now" is asked without disturbing anybody.

Inside, a time is a whole number of ticks with an index in its low bits, so that one minimum gives both when
and who; ties go to the lowest index, and salespeople are numbered in dispatch's preference.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from server.waits.curves import NEVER, Floats

Ints = NDArray[np.intp]
Codes = NDArray[np.int64]
"""Ticks, or ticks with an index below them."""

TICK = 512.0  # times are kept to 1/512 s
BITS = 8  # of an index: 256 salespeople, 256 lines
LATER = NEVER / 2  # a time beyond this is "never"
STEPS_MAX = 5000
CLOSE_UP = 0.75  # lanes are closed up when fewer than this share of them is under way
_INDEX = (1 << BITS) - 1
_NEVER, _LATER = int(NEVER * TICK), int(LATER * TICK)
_NOT = np.iinfo(np.int64).max
_SKILL = 1 << 55  # one rank more weighs more than any time


@dataclass(slots=True)
class Problem:
    """What is drawn beforehand, with R futures: S salespeople, M places in line, L lines, E groups of people.

    Places of a line are rows ``first[l]`` to ``first[l + 1] - 2`` in order; the row after is a guard that never
    comes. ``ready`` is when the shopper is there, ``leave`` when they will have left, ``work`` the service
    time for a factor of 1, ``extra`` what the salesperson needs around it (walking, the gap afterwards),
    ``key`` the place in the ranking. ``pools`` are follow-up steps: place ``i`` of ``follow`` >= 0 makes row
    ``follow[i]`` of the pools ready when its service ends.
    """

    free: Floats  # (S, R)
    windows: tuple[Floats, Floats]  # starts, ends (S, W), padded with NEVER
    skills: Ints  # (S,) rank by number of skills and the store's order, fewest first
    groups: list[Ints]  # salespeople who may serve
    group_of: Ints  # (L,)
    first: Ints  # (L + 1,)
    service: Ints  # (M,)
    factor: Floats  # (S, K)
    ready: Floats  # (M, R)
    key: Floats  # (M, R)
    leave: Floats  # (M, R)
    work: Floats  # (M, R)
    extra: Floats  # (M, R)
    asked: Ints  # rows whose start is wanted
    alone: bool = False  # nobody can come in between: rows in order of key are ``order``
    order: Ints = field(default_factory=lambda: np.empty(0, np.intp))
    due: list[tuple[int, float, float]] = field(default_factory=list)  # (line, instant, key from then on)
    pool_of: Ints = field(default_factory=lambda: np.empty(0, np.intp))  # (P,) line of each pool row
    pool_place: Ints = field(default_factory=lambda: np.empty(0, np.intp))  # (P,) its row among the places
    pool_ready: Floats = field(default_factory=lambda: np.empty((0, 0)))  # (P, R)
    follow: Ints = field(default_factory=lambda: np.empty(0, np.intp))  # (M,) pool row or -1
    follows: NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), bool))  # (M, R) whether it happens


def starts(problem: Problem) -> Floats:
    """Seconds until the call of each asked row in each future, NEVER where it does not come: (asked, R)."""
    begun = _in_order(problem) if problem.alone else _InTime(problem).run()
    return np.where(begun < _LATER, begun / TICK, NEVER)


def _ticks(seconds: Floats) -> Codes:
    return (np.minimum(seconds, NEVER) * TICK).astype(np.int64)


def _free(p: Problem) -> Codes:
    """When everybody is free, with their index. Rounded up, as are beginnings of shifts: "Ben is back at 15:30" is a
    forecast that comes true to the second, and one tick less would make a promise of it false."""
    return np.asarray((np.ceil(np.minimum(p.free, NEVER) * TICK).astype(np.int64) << BITS) | np.arange(len(p.free))[:, None])


class _Shifts:
    """When each person may begin a visit."""

    def __init__(self, windows: tuple[Floats, Floats]) -> None:
        self.begins, self.ends = (np.ceil(np.minimum(w, NEVER) * TICK).astype(np.int64) for w in windows)
        self.first_end = np.ascontiguousarray(self.ends[:, 0])
        self.any = bool((self.first_end < _NEVER).any())

    def next_begin(self, person: Ints, at: Codes) -> Codes:
        """The first instant from ``at`` on at which each person may begin one."""
        later = self.ends[person] > at[:, None]
        which = later.argmax(axis=1)
        return np.asarray(np.where(later.any(axis=1), np.maximum(at, self.begins[person, which]), _NEVER))

    def after_visit(self, person: Ints, end: Codes) -> Codes:
        """The same for people whose visits end at ``end``; changes ``end`` in place."""
        late = (end >= self.first_end.take(person)).nonzero()[0]
        if late.size:
            end[late] = self.next_begin(person[late], end[late])
        return end


def _in_order(p: Problem) -> Codes:
    """Exact when every place is filled now and nobody else comes."""
    people, futures = p.free.shape
    free = _free(p)
    flat, lanes = free.reshape(-1), np.arange(futures)
    group = np.repeat(p.group_of, np.diff(p.first))
    factor, services = (p.factor * TICK).reshape(-1), p.factor.shape[1]
    extra, leave, shifts = p.extra * TICK, _ticks(p.leave), _Shifts(p.windows)
    begun = np.full((len(p.ready), futures), _NEVER)
    for row in p.order:
        able = p.groups[group[row]]
        if not len(able):
            continue
        best = np.minimum.reduce(free if len(able) == people else free.take(able, axis=0), axis=0)
        at, who = best >> BITS, best & _INDEX
        begun[row] = at
        end = at + (p.work[row] * factor.take(who * services + p.service[row]) + extra[row]).astype(np.int64)
        if shifts.any:
            end = shifts.after_visit(who, end)
        stays = (leave[row] > at) & (at < _LATER)
        flat[who * futures + lanes] = np.where(stays, (np.minimum(end, _NEVER) << BITS) | who, best)
    return begun[p.asked]


class _InTime:
    """Calls in the order of time: needed as soon as somebody who is not here yet may be called first.

    Arrays end in ``_f`` when they are flat views, which is how numpy gathers fastest: (index x futures + future) for
    what was drawn, (index x width + lane) for what changes. A lane is a future still under way; one in which nothing
    is left to do goes on calling a guard, which changes nothing, until the lanes are closed up.
    """

    def __init__(self, p: Problem) -> None:
        self.p = p
        people, self.futures = p.free.shape
        self.width, self.cols = self.futures, np.arange(self.futures)  # of every lane, its future
        self.lanes = self.cols
        self.free = np.full((people + 1, self.futures), _NEVER << BITS)  # the last one is nobody, who never comes
        self.free[:people] = _free(p)
        self.free_f = self.free.reshape(-1)
        width = max([len(g) for g in p.groups] + [1])
        self.groups = np.array([np.concatenate((g, np.full(width - len(g), people))) for g in p.groups], np.intp)
        self.skills = np.concatenate((p.skills, [0]))[self.groups] * _SKILL
        self.factor_f, self.services = p.factor.reshape(-1), p.factor.shape[1]
        self.is_pool = np.isin(np.arange(len(p.group_of)), p.pool_of)
        self.pools = [(int(line), (p.pool_of == line).nonzero()[0]) for line in np.unique(p.pool_of)]
        self.pool_ready = _ticks(p.pool_ready)
        self.shifts = _Shifts(p.windows)
        self.begun_f = np.full(len(p.ready) * self.futures, _NEVER)
        self.left = np.full(self.futures, len(p.asked))
        self._lay_out()

    def _lay_out(self) -> None:
        """The places, and the heads of the lines."""
        p = self.p
        rows = len(p.ready)
        line = np.repeat(np.arange(len(p.group_of)), np.diff(p.first))
        ready = _ticks(p.ready)
        self.key = ((np.minimum(p.key, NEVER) * TICK).astype(np.int64) << BITS) | line[:, None]
        behind = np.minimum(np.arange(1, rows + 1), p.first[line + 1] - 1)  # a guard stands behind itself
        self.behind = behind
        self.asked = np.zeros(rows, np.int64)
        self.asked[p.asked] = 1
        self.leave_f, self.work_f, self.extra_f = p.leave.reshape(-1), p.work.reshape(-1), p.extra.reshape(-1)
        self.ready_f, self.key_f = ready.reshape(-1), self.key.reshape(-1)
        heads = p.first[:-1]
        self.place_f = np.repeat(heads, self.futures)
        self._heads(ready[heads], self.key[heads])

    def _heads(self, ready: Codes, key: Codes) -> None:
        self.head_ready, self.head_key = ready, key
        self.head_ready_f, self.head_key_f = ready.reshape(-1), key.reshape(-1)

    def run(self) -> Codes:
        """The starts of the asked rows."""
        for step in range(STEPS_MAX):
            at = self._step()
            if step % 4 == 3:
                under_way = ((self.left > 0) & (at < _LATER)).nonzero()[0]
                if not under_way.size:
                    break
                if under_way.size < CLOSE_UP * self.width:
                    self._close_up(under_way)
        return self.begun_f.reshape(-1, self.futures)[self.p.asked]

    def _close_up(self, keep: Ints) -> None:
        """Go on with these lanes only."""
        self.place_f = self.place_f.reshape(-1, self.width)[:, keep].reshape(-1)
        self.free = self.free.take(keep, axis=1)
        self.free_f = self.free.reshape(-1)
        self.pool_ready = self.pool_ready.take(keep, axis=1) if self.pools else self.pool_ready
        self._heads(self.head_ready.take(keep, axis=1), self.head_key.take(keep, axis=1))
        self.left, self.cols, self.lanes, self.width = self.left[keep], self.cols[keep], np.arange(keep.size), keep.size

    def _step(self) -> Codes:
        """One call in every future; when it was."""
        p = self.p
        able = self.free.take(self.groups, axis=0)
        first_free = np.minimum.reduce(able, axis=1)
        for line, rows in self.pools:
            self._pool_head(line, rows)
        possible = np.maximum(self.head_ready, (first_free >> BITS).take(p.group_of, axis=0))
        at = np.minimum.reduce(possible, axis=0)
        for line, instant, key in p.due:
            self._promote(line, at >= instant * TICK, key)
        line = np.minimum.reduce(np.where(possible == at, self.head_key, _NEVER << (BITS + 1)), axis=0) & _INDEX
        code = first_free.reshape(-1).take(p.group_of.take(line) * self.width + self.lanes)
        head = line * self.width + self.lanes
        who = code & _INDEX
        several = (self.head_ready_f.take(head) > code >> BITS).nonzero()[0]
        if several.size:
            group = p.group_of.take(line.take(several))  # several may be idle: fewest skills, then idle longest
            idle = able[group, :, several]
            rank = np.where(idle >> BITS <= at.take(several)[:, None], idle + self.skills.take(group, axis=0), _NOT)
            who[several] = np.minimum.reduce(rank, axis=1) & _INDEX
        if self.shifts.any and (go := self._present(at, who)) is not None:
            self._call(go, at[go], who[go], head[go], line[go])
        else:
            self._call(self.lanes, at, who, head, line)
        return np.asarray(at)

    def _promote(self, line: int, due: NDArray[np.bool_], key: float) -> None:
        """An appointment whose time has come moves up."""
        self.head_key[line] = np.where(due, (int(key * TICK) << BITS) | line, self.head_key[line])

    def _pool_head(self, line: int, rows: Ints) -> None:
        codes = (self.pool_ready[rows] << 16) | np.arange(len(rows))[:, None]
        best = np.minimum.reduce(codes, axis=0)
        place = self.p.pool_place[rows[best & 0xFFFF]]
        self.place_f[line * self.width : (line + 1) * self.width] = place
        self.head_ready[line] = best >> 16
        self.head_key[line] = (self.key[place, self.cols] & ~_INDEX) | line

    def _present(self, at: Codes, who: Ints) -> Ints | None:
        """None when everybody called for is on duty; else the futures in which they are.

        Who idled past the end of a shift is free again when the next one begins.
        """
        late = ((at >= self.shifts.first_end.take(who)) & (at < _LATER)).nonzero()[0]
        if not late.size:
            return None
        again = self.shifts.next_begin(who[late], at[late])
        off = again > at[late]
        if not off.any():
            return None
        gone = late[off]
        self.free_f[who[gone] * self.width + gone] = (again[off] << BITS) | who[gone]
        stay = np.ones(self.width, bool)
        stay[gone] = False
        return stay.nonzero()[0]

    def _call(self, lanes: Ints, at: Codes, who: Ints, head: Ints, line: Ints) -> None:
        """The head of ``line`` is called at ``at`` by ``who``, in these futures."""
        cols = self.cols if lanes is self.lanes else self.cols[lanes]
        row = self.place_f.take(head)
        cell = row * self.futures + cols
        self.begun_f[cell] = at
        if lanes is self.lanes:
            self.left -= self.asked.take(row)
        else:
            self.left[lanes] -= self.asked.take(row)
        stays = self.leave_f.take(cell) * TICK > at
        busy = self.work_f.take(cell) * self.factor_f.take(who * self.services + self.p.service.take(row))
        end = at + ((busy + self.extra_f.take(cell)) * TICK).astype(np.int64)
        if self.pools:
            self._follow(lanes, cols, at + (busy * TICK).astype(np.int64), row, stays)
        if self.shifts.any:
            end = self.shifts.after_visit(who, end)
        place = who * self.width + lanes
        self.free_f[place] = np.where(stays, (end << BITS) | who, self.free_f.take(place))
        if self.pools:
            self._leave_pool(lanes, line, row)
        behind = self.behind.take(row)
        cell = behind * self.futures + cols
        self.place_f[head] = behind
        self.head_ready_f[head] = self.ready_f.take(cell)
        self.head_key_f[head] = self.key_f.take(cell)

    def _follow(self, lanes: Ints, cols: Ints, end: Codes, row: Ints, stays: NDArray[np.bool_]) -> None:
        p = self.p
        pool = p.follow[row]
        goes = (stays & (pool >= 0) & p.follows.reshape(-1).take(row * self.futures + cols)).nonzero()[0]
        self.pool_ready.reshape(-1)[pool[goes] * self.width + lanes[goes]] = end[goes]

    def _leave_pool(self, lanes: Ints, line: Ints, row: Ints) -> None:
        """Who was called out of a pool is not in it any more (its heads are found anew at every step)."""
        gone = self.is_pool.take(line).nonzero()[0]
        self.pool_ready.reshape(-1)[(row[gone] - self.p.pool_place[0]) * self.width + lanes[gone]] = _NEVER
