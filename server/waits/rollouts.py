"""Many futures at once: who is called when, in every future, by the store's own order.

All futures advance together, one call of a shopper per step, as numpy rows with one column per future.
The order of waiting tickets never changes by itself, so **when nobody can come in between, taking the
tickets in order and giving each the earliest salesperson who may serve it is exact** (``_in_order``):
the first ticket can lose nobody to a later one, the second is first in what is left, and so on. With
shoppers still to come who rank ahead, calls are made in the order of time instead (``_in_time``).

A shopper who has left by the time of their turn takes nobody's time, but the turn is written down: it
is the wait they were offered. That is also how "if I joined now" is asked without disturbing anybody.

Inside, a time is a whole number of ticks with an index in its low bits, so that one minimum gives both when
and who; ties go to the lowest index, and salespeople are numbered in dispatch's preference. Both fit in 32 bits, which
halves what has to be moved: what lies more than eighteen hours ahead is never.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from server.waits.curves import NEVER, Floats, Ints

Codes = NDArray[np.uint32]
"""Ticks, or ticks with an index below them."""
Keys = NDArray[np.int64]
"""Places in the ranking in ticks, or these with a line below them."""
Spans = NDArray[np.float32]
"""Durations in ticks."""

TICK = 256.0  # times are kept to 1/256 s
BITS = 8  # of an index: 255 salespeople, 256 lines
LATER = NEVER / 2  # a time beyond this is "never"
STEPS_MAX = 5000
CLOSE_UP = 0.75  # lanes are closed up when fewer than this share of them is under way
CHECK_EVERY = 4  # steps after which that is asked
_INDEX = (1 << BITS) - 1
_NEVER = (1 << 24) - 1  # in ticks: 18 hours
NEVER_TICKS, SPAN_MAX = np.uint32(_NEVER), np.float32(1 << 22)
_NOT = np.iinfo(np.int64).max
_SKILL = 1 << 33  # one rank more weighs more than any time


@dataclass(slots=True)
class Problem:
    """What is drawn beforehand, with R futures: S salespeople, M places in line, L lines, E groups of people.

    Places of a line are rows ``first[l]`` to ``first[l + 1] - 2`` in order; the row after is a guard that never
    comes. ``ready`` is when the shopper is there, ``leave`` when they will have left, ``work`` the service
    time for a factor of 1, ``extra`` what the salesperson needs around it (walking, the gap afterwards; and half a
    tick, as sums are cut to whole ones), ``key`` the place in the ranking: all in ticks. ``pools`` are follow-up steps:
    place ``i`` of ``follow`` >= 0 makes row ``follow[i]`` of the pools ready when its service ends.
    """

    free: Floats  # (S, R), seconds
    windows: tuple[Floats, Floats]  # starts, ends (S, W) in seconds, padded with NEVER
    skills: Ints  # (S,) rank by number of skills and the store's order, fewest first
    groups: list[Ints]  # salespeople who may serve
    group_of: Ints  # (L,)
    first: Ints  # (L + 1,)
    service: Ints  # (M,)
    factor: Floats  # (S, K)
    ready: Codes  # (M, R)
    key: Keys  # (M, R)
    leave: Codes  # (M, R)
    work: Spans  # (M, R)
    extra: Spans  # (M, R)
    asked: Ints  # rows whose start is wanted
    alone: bool = False  # nobody can come in between: rows in order of key are ``order``
    order: Ints = field(default_factory=lambda: np.empty(0, np.intp))
    due: list[tuple[int, float, float]] = field(default_factory=list)  # (line, instant, key from then on), seconds
    pool_of: Ints = field(default_factory=lambda: np.empty(0, np.intp))  # (P,) line of each pool row
    pool_place: Ints = field(default_factory=lambda: np.empty(0, np.intp))  # (P,) its row among the places
    pool_ready: Codes = field(default_factory=lambda: np.empty((0, 0), np.uint32))  # (P, R)
    follow: Ints = field(default_factory=lambda: np.empty(0, np.intp))  # (M,) pool row or -1
    follows: NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), bool))  # (M, R) whether it happens


def starts(problem: Problem) -> Floats:
    """Seconds until the call of each asked row in each future, NEVER where it does not come: (asked, R)."""
    begun = _in_order(problem) if problem.alone else _InTime(problem).run()
    return np.where(begun < _NEVER, begun / TICK, NEVER)


def ticks(seconds: Floats) -> Codes:
    """Rounded down; what is past is now."""
    return np.asarray(np.minimum(np.maximum(seconds, 0.0) * TICK, _NEVER).astype(np.uint32))


def keys(seconds: Floats) -> Keys:
    """Places in the ranking, which may be past."""
    return np.asarray((seconds * TICK).astype(np.int64))


def _ticks_up(seconds: Floats) -> Codes:
    """When people are free, and when shifts begin: "Ben is back at 15:30" is a forecast that comes true to the second,
    and one tick less would make a promise of it false."""
    return np.asarray(np.minimum(np.ceil(np.maximum(seconds, 0.0) * TICK), _NEVER).astype(np.uint32))


def _free(p: Problem) -> Codes:
    return np.asarray((_ticks_up(p.free) << BITS) | np.arange(len(p.free), dtype=np.uint32)[:, None])


class _Shifts:
    """When each person may begin a visit."""

    def __init__(self, windows: tuple[Floats, Floats]) -> None:
        begins, ends = (_ticks_up(w) for w in windows)
        self.first_end = np.ascontiguousarray(ends[:, 0])
        self.spans = [(begins[:, j].copy(), ends[:, j].copy()) for j in range(ends.shape[1] - 1, 0, -1)]  # from the last to the second
        self.any = bool((self.first_end < _NEVER).any())

    def next_begin(self, person: Ints, at: Codes) -> Codes:
        """The first instant from ``at``, past the end of their first window, at which each person may begin one."""
        begin = np.full(len(at), _NEVER, np.uint32)
        for begins, ends in self.spans:
            begin = np.where(at < ends.take(person), np.maximum(at, begins.take(person)), begin)
        return begin

    def after_visit(self, person: Ints, end: Codes) -> Codes:
        """The same for people whose visits end at ``end``; changes ``end`` in place."""
        late = (end >= self.first_end.take(person, mode="clip")).nonzero()[0]
        if late.size:
            end[late] = self.next_begin(person.take(late), end.take(late))
        return end


def _in_order(p: Problem) -> Codes:
    """Exact when every place is filled now and nobody else comes."""
    people, futures = p.free.shape
    free = _free(p)
    flat, lanes = free.reshape(-1), np.arange(futures)
    group = np.repeat(p.group_of, np.diff(p.first))
    factor, services, shifts = p.factor.astype(np.float32).reshape(-1), p.factor.shape[1], _Shifts(p.windows)
    begun = np.full((len(p.ready), futures), _NEVER, np.uint32)
    for row in p.order:
        able = p.groups[group[row]]
        if not len(able):
            continue
        best = np.minimum.reduce(free if len(able) == people else free.take(able, axis=0), axis=0)
        at, who = best >> BITS, (best & _INDEX).astype(np.intp)
        begun[row] = at
        busy = p.work[row] * factor.take(who * services + p.service[row], mode="clip")
        busy += p.extra[row]
        end = _plus(at, busy)
        if shifts.any:
            end = shifts.after_visit(who, end)
        flat[who * futures + lanes] = np.where(p.leave[row] > at, (end << BITS) | (best & _INDEX), best)
    return np.asarray(begun[p.asked])


def _waiting_for(ready: Codes) -> Codes:
    """Who comes after somebody is free is marked by an index that nobody has."""
    return np.asarray(np.minimum((ready << BITS) | _INDEX, np.uint32(_NEVER << BITS)))


class _InTime:
    """Calls in the order of time: needed as soon as somebody who is not here yet may be called first.

    Arrays end in ``_f`` when they are flat views, which is how numpy gathers fastest: a cell (place x futures + future)
    for what was drawn, (index x width + lane) for what changes. A lane is a future still under way; one in which nothing
    is left to do goes on calling a guard, which changes nothing, until the lanes are closed up.
    """

    def __init__(self, p: Problem) -> None:
        self.p = p
        people, self.futures = p.free.shape
        self.width, self.cols = self.futures, np.arange(self.futures)  # of every lane, its future
        self.lanes = self.cols
        self.free = np.full((people + 1, self.futures), _NEVER << BITS, np.uint32)  # the last one is nobody, who never comes
        self.free[:people] = _free(p)
        width = max([len(g) for g in p.groups] + [1])
        self.groups = np.array([np.concatenate((g, np.full(width - len(g), people))) for g in p.groups], np.intp)
        self.skills = np.concatenate((p.skills, [0]))[self.groups] * _SKILL
        self.lines = len(p.group_of)
        self.factor_f = p.factor[:, p.service[p.first[:-1]]].astype(np.float32).reshape(-1)
        self.is_pool = np.isin(np.arange(self.lines), p.pool_of)
        self.pools = [(int(line), (p.pool_of == line).nonzero()[0]) for line in np.unique(p.pool_of)]
        self.pool_ready = p.pool_ready.astype(np.int64)
        self.shifts = _Shifts(p.windows)
        self._lay_out()

    def _lay_out(self) -> None:
        """The places, and the heads of the lines."""
        p, futures = self.p, self.futures
        self.begun_f = np.full(len(p.ready) * futures, _NEVER, np.uint32)
        self.leave_f, self.work_f, self.extra_f = p.leave.reshape(-1), p.work.reshape(-1), p.extra.reshape(-1)
        ready, key = _waiting_for(p.ready), p.key << BITS
        key |= np.repeat(np.arange(self.lines), np.diff(p.first))[:, None]
        self.ready_f, self.key_f = ready.reshape(-1), key.reshape(-1)
        heads = p.first[:-1]
        self.place = heads[:, None] * futures + self.cols
        self.guard = (p.first[1:] - 1)[:, None] * futures + self.cols
        self.head_ready, self.head_key = ready[heads], key[heads]
        asked = np.zeros(len(p.ready), bool)
        asked[p.asked] = True
        last = [np.flatnonzero(asked[a:b]) for a, b in zip(p.first[:-1], p.first[1:], strict=True)]
        self.wanted = np.array([i for i, rows in enumerate(last) if rows.size], np.intp)  # lines in which somebody is asked about…
        self.until = np.array([(p.first[i] + last[i][-1] + 1) * futures for i in self.wanted])[:, None]  # …all called from here on
        self._flatten()

    def _flatten(self) -> None:
        self.free_f, self.place_f, self.guard_f = self.free.reshape(-1), self.place.reshape(-1), self.guard.reshape(-1)
        self.head_ready_f, self.head_key_f = self.head_ready.reshape(-1), self.head_key.reshape(-1)

    def run(self) -> Codes:
        """The starts of the asked rows."""
        for step in range(1, STEPS_MAX):
            at = self._step()
            if step % CHECK_EVERY == 0:
                left = (self.place.take(self.wanted, axis=0) < self.until).any(axis=0)
                under_way = (left & (at < _NEVER)).nonzero()[0]
                if not under_way.size:
                    break
                if under_way.size < CLOSE_UP * self.width:
                    self._close_up(under_way)
        return np.asarray(self.begun_f.reshape(-1, self.futures)[self.p.asked])

    def _close_up(self, keep: Ints) -> None:
        """Go on with these lanes only."""
        self.free, self.head_ready = self.free.take(keep, axis=1), self.head_ready.take(keep, axis=1)
        self.head_key = self.head_key.take(keep, axis=1)
        self.place, self.guard = self.place.take(keep, axis=1), self.guard.take(keep, axis=1)
        self.pool_ready = self.pool_ready.take(keep, axis=1) if self.pools else self.pool_ready
        self.cols, self.lanes, self.width = self.cols[keep], np.arange(keep.size), keep.size
        self._flatten()

    def _step(self) -> Codes:
        """One call in every future; when it was."""
        able = self.free.take(self.groups, axis=0, mode="clip")
        first_free = np.minimum.reduce(able, axis=1)
        for line, rows in self.pools:
            self._pool_head(line, rows)
        possible = np.maximum(self.head_ready, first_free.take(self.p.group_of, axis=0, mode="clip"))
        when = possible >> BITS
        at = np.minimum.reduce(when, axis=0)
        for line, instant, key in self.p.due:
            self._promote(line, at >= instant * TICK, key)
        called = np.minimum.reduce(np.where(when == at, self.head_key, _NOT), axis=0) & _INDEX
        head = called * self.width
        head += self.lanes
        who = possible.reshape(-1).take(head, mode="clip") & _INDEX
        late = (who == _INDEX).nonzero()[0]  # the shopper came after somebody was free: several may be idle
        gone = self._choose(late, able, at, called, who) if late.size else late
        if gone.size:
            go = np.delete(self.lanes, gone)
            self._call(go, self.cols[go], at[go], who[go].astype(np.intp), head[go], called[go])
        else:
            self._call(self.lanes, self.cols, at, who.astype(np.intp), head, called)
        return np.asarray(at)

    def _promote(self, line: int, due: NDArray[np.bool_], key: float) -> None:
        """An appointment whose time has come moves up."""
        self.head_key[line] = np.where(due, (int(key * TICK) << BITS) | line, self.head_key[line])

    def _pool_head(self, line: int, rows: Ints) -> None:
        codes = (self.pool_ready[rows] << 16) | np.arange(len(rows))[:, None]
        best = np.minimum.reduce(codes, axis=0)
        place = self.p.pool_place[rows[best & 0xFFFF]] * self.futures + self.cols
        self.place[line] = place
        self.head_ready[line] = _waiting_for((best >> 16).astype(np.uint32))
        self.head_key[line] = (self.key_f.take(place) & ~_INDEX) | line

    def _choose(self, lanes: Ints, able: Codes, at: Codes, called: Ints, who: Codes) -> Ints:
        """Who of the idle takes whoever comes last, in these lanes: fewest skills, then idle longest; changes ``who`` in place.

        Gives the lanes in which that person is not on duty any more: they are free again when the next shift begins.
        """
        group, now = self.p.group_of.take(called.take(lanes)), at.take(lanes)
        idle = able[group, :, lanes]
        rank = np.where(idle >> BITS <= now[:, None], self.skills.take(group, axis=0) + idle, _NOT)
        someone = np.minimum.reduce(rank, axis=1) & _INDEX
        who[lanes] = someone
        over = (now >= self.shifts.first_end.take(someone)).nonzero()[0]
        if not over.size:
            return np.asarray(over)
        lanes, someone, now = lanes.take(over), someone.take(over), now.take(over)
        again = self.shifts.next_begin(someone, now)
        off = (again > now).nonzero()[0]
        gone, someone = lanes.take(off), someone.take(off)
        self.free_f[someone * self.width + gone] = (again.take(off) << BITS) | someone.astype(np.uint32)
        return np.asarray(gone)

    def _call(self, lanes: Ints, cols: Ints, at: Codes, who: Ints, head: Ints, line: Ints) -> None:
        """The head of ``line`` is called at ``at`` by ``who``, in these lanes."""
        cell = self.place_f.take(head, mode="clip")
        self.begun_f[cell] = at
        stays = self.leave_f.take(cell, mode="clip") > at
        busy = self.work_f.take(cell, mode="clip")
        busy *= self.factor_f.take(who * self.lines + line, mode="clip")
        if self.pools:
            self._follow(lanes, cols, _plus(at, busy), cell, stays)
        busy += self.extra_f.take(cell, mode="clip")
        end = _plus(at, busy)
        if self.shifts.any:
            end = self.shifts.after_visit(who, end)
        end <<= BITS
        end |= who.astype(np.uint32)
        place = who * self.width
        place += lanes
        self.free_f[place] = np.where(stays, end, self.free_f.take(place, mode="clip"))
        if self.pools:
            self._leave_pool(lanes, line, cell)
        cell += self.futures
        np.minimum(cell, self.guard_f.take(head, mode="clip"), out=cell)
        self.place_f[head] = cell
        self.head_ready_f[head] = self.ready_f.take(cell, mode="clip")
        self.head_key_f[head] = self.key_f.take(cell, mode="clip")

    def _follow(self, lanes: Ints, cols: Ints, end: Codes, cell: Ints, stays: NDArray[np.bool_]) -> None:
        p = self.p
        pool = p.follow[cell // self.futures]
        goes = (stays & (pool >= 0) & p.follows.reshape(-1).take(cell)).nonzero()[0]
        self.pool_ready.reshape(-1)[pool[goes] * self.width + lanes[goes]] = end[goes]

    def _leave_pool(self, lanes: Ints, line: Ints, cell: Ints) -> None:
        """Who was called out of a pool is not in it any more (its heads are found anew at every step)."""
        gone = self.is_pool.take(line).nonzero()[0]
        self.pool_ready.reshape(-1)[(cell[gone] // self.futures - self.p.pool_place[0]) * self.width + lanes[gone]] = _NEVER


def _plus(at: Codes, span: Spans) -> Codes:
    """No span is longer than SPAN_MAX and a few factors, which is no more than 31 bits."""
    end = span.astype(np.int32).view(np.uint32)
    end += at
    return np.minimum(end, NEVER_TICKS, out=end)
