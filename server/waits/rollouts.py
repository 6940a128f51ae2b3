"""Many futures at once: who is called when, in every future, by the store's own order.

All futures advance together, one call of a shopper per step, as numpy rows with one column per future.
The order of waiting tickets never changes by itself, so **when nobody can come in between, taking the
tickets in order and giving each the earliest salesperson who may serve it is exact** (``_in_order``):
the first ticket can lose nobody to a later one, the second is first in what is left, and so on. With
shoppers still to come who rank ahead, calls are made in the order of time instead (``_InTime``).

A shopper who has left by the time of their turn takes nobody's time, but the turn is written down: it
is the wait they were offered. That is also how "if I joined now" is asked without disturbing anybody.

What is fixed before the first call is in ``Problem``, times are in ticks (``ticks``).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from server.waits.curves import NEVER, Floats, Ints
from server.waits.ticks import BITS, INDEX, NOT_EVER, TICK, Codes, Keys, Shifts, Spans, plus, ticks_up

Heads = NDArray[np.uint64]
"""Ticks, below them a place in the ranking, below that a line: one minimum says when, who and in which line."""

KEY_BITS = 40  # of a place in the ranking and its line
LATER = NEVER / 2  # a time beyond this is "never"
STEPS_MAX = 5000
CLOSE_UP = 0.75  # lanes are closed up when fewer than this share of them is under way
CHECK_EVERY = 4  # steps after which that is asked
_TIMES, _KEYS = np.uint32(0xFFFFFFFF ^ INDEX), np.uint64((1 << KEY_BITS) - 1)
_CODE = (1 << 32) - 1
_SKILL = 1 << 33  # one rank more weighs more than any time…
_BUSY = np.int64(1 << 50)  # …and this more than any rank


@dataclass(slots=True)
class Problem:
    """What is drawn beforehand, with R futures: S salespeople, M places in line, L lines, E groups of people.

    Places of a line are rows ``first[l]`` to ``first[l + 1] - 2`` in order; the row after is a guard that never
    comes. ``ready`` is when the shopper is there, ``leave`` when they will have left, ``work`` the service
    time for a factor of 1, ``extra`` what the salesperson needs around it (walking, the gap afterwards; and half a
    tick, as sums are cut to whole ones), all in ticks. The place in the ranking is ``key``, with ``ready`` added for those who
    are still to come (``comes``). ``pools`` are follow-up steps: place ``i`` of ``follow`` >= 0 makes row ``follow[i]`` of the
    pools ready when its service ends.
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
    key: Keys  # (M,)
    comes: NDArray[np.bool_]  # (M,)
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
    return np.where(begun < NOT_EVER, begun / TICK, NEVER)


def _free(p: Problem) -> Codes:
    return np.asarray((ticks_up(p.free) << BITS) | np.arange(len(p.free), dtype=np.uint32)[:, None])


def _in_order(p: Problem) -> Codes:
    """Exact when every place is filled now and nobody else comes."""
    people, futures = p.free.shape
    free = _free(p)
    flat, lanes = free.reshape(-1), np.arange(futures)
    group = np.repeat(p.group_of, np.diff(p.first))
    factor, services, shifts = p.factor.astype(np.float32).reshape(-1), p.factor.shape[1], Shifts(p.windows)
    begun = np.full((len(p.ready), futures), NOT_EVER, np.uint32)
    for row in p.order:
        able = p.groups[group[row]]
        if not len(able):
            continue
        best = np.minimum.reduce(free if len(able) == people else free.take(able, axis=0), axis=0)
        at, who = best >> BITS, (best & INDEX).astype(np.intp)
        begun[row] = at
        busy = p.work[row] * factor.take(who * services + p.service[row], mode="clip")
        busy += p.extra[row]
        end = plus(at, busy)
        shifts.on_duty(who, end)
        flat[who * futures + lanes] = np.where(p.leave[row] > at, (end << BITS) | (best & INDEX), best)
    return np.asarray(begun[p.asked])


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
        self.free = np.full((people + 1, self.futures), NOT_EVER << BITS, np.uint32)  # the last one is nobody, who never comes
        self.free[:people] = _free(p)
        width = max([len(g) for g in p.groups] + [1])
        self.groups = np.array([np.concatenate((g, np.full(width - len(g), people))) for g in p.groups], np.intp)
        self.able = np.ascontiguousarray(self.groups.T)  # the same by column, with dispatch's preference among the idle
        self.skills = np.concatenate((p.skills, [0]))[self.able] * _SKILL
        self.lines = len(p.group_of)
        self.factor_f = p.factor[:, p.service[p.first[:-1]]].astype(np.float32).reshape(-1)
        self.is_pool = np.isin(np.arange(self.lines), p.pool_of)
        self.pools = [(int(line), (p.pool_of == line).nonzero()[0]) for line in np.unique(p.pool_of)]
        self.pool_ready = p.pool_ready.astype(np.int64)
        self.shifts = Shifts(p.windows)
        self._lay_out()

    def _lay_out(self) -> None:
        """The places, and the heads of the lines."""
        p, futures = self.p, self.futures
        self.begun_f = np.full(len(p.ready) * futures, NOT_EVER, np.uint32)
        self.leave_f, self.work_f, self.extra_f = p.leave.reshape(-1), p.work.reshape(-1), p.extra.reshape(-1)
        heads, guards = p.first[:-1], p.first[1:] - 1
        codes = self._codes(guards[~self.is_pool])
        self.code_f = codes.reshape(-1)
        self.place = heads[:, None] * futures + self.cols
        self.guard = guards[:, None] * futures + self.cols
        self.heads = codes[heads]
        asked = np.zeros(len(p.ready), bool)
        asked[p.asked] = True
        last = [np.flatnonzero(asked[a:b]) for a, b in zip(p.first[:-1], p.first[1:], strict=True)]
        self.wanted = np.array([i for i, rows in enumerate(last) if rows.size], np.intp)  # lines in which somebody is asked about…
        self.until = np.array([(p.first[i] + last[i][-1] + 1) * futures for i in self.wanted])[:, None]  # …all called from here on
        self._flatten()

    def _codes(self, guards: Ints) -> Heads:
        """Every place's ``Heads``. Where that needs more bits than there are (some dozens of lines and ranks), the last
        ones of the places in the ranking are cut off."""
        p = self.p
        self.lowest = min([int(p.key.min()), *(int(key * TICK) for _, _, key in p.due)])
        span = (int(p.key.max()) + NOT_EVER - self.lowest).bit_length()
        self.line_bits = max(self.lines - 1, 1).bit_length()
        self.shift = min(KEY_BITS - span, self.line_bits)
        below = self._place(p.key) | np.repeat(np.arange(self.lines), np.diff(p.first)).astype(np.uint64)
        times = np.where(p.comes, (1 << KEY_BITS) + (1 << self.shift), 1 << KEY_BITS).astype(np.uint64)
        codes = p.ready * times[:, None]
        if self.shift < self.line_bits:
            codes &= self._whole
        codes += below[:, None]
        codes[guards] = NOT_EVER << KEY_BITS
        return codes

    @property
    def _whole(self) -> np.uint64:
        """All but the bits of the line."""
        return np.uint64((1 << 64) - (1 << self.line_bits))

    def _place(self, key: Keys) -> Heads:
        """The part of a head's code that is its place in the ranking."""
        return ((key - self.lowest).astype(np.uint64) << np.uint64(self.shift)) & self._whole

    def _flatten(self) -> None:
        self.free_f, self.place_f, self.guard_f = self.free.reshape(-1), self.place.reshape(-1), self.guard.reshape(-1)
        self.heads_f, self.group_begin = self.heads.reshape(-1), self.p.group_of * self.width

    def run(self) -> Codes:
        """The starts of the asked rows."""
        for step in range(1, STEPS_MAX):
            at = self._step()
            if step % CHECK_EVERY == 0:
                left = (self.place.take(self.wanted, axis=0) < self.until).any(axis=0)
                under_way = (left & (at < NOT_EVER)).nonzero()[0]
                if not under_way.size:
                    break
                if under_way.size < CLOSE_UP * self.width:
                    self._close_up(under_way)
        return np.asarray(self.begun_f.reshape(-1, self.futures)[self.p.asked])

    def _close_up(self, keep: Ints) -> None:
        """Go on with these lanes only."""
        self.free, self.heads = self.free.take(keep, axis=1), self.heads.take(keep, axis=1)
        self.place, self.guard = self.place.take(keep, axis=1), self.guard.take(keep, axis=1)
        self.pool_ready = self.pool_ready.take(keep, axis=1) if self.pools else self.pool_ready
        self.cols, self.lanes, self.width = self.cols[keep], np.arange(keep.size), keep.size
        self._flatten()

    def _step(self) -> Codes:
        """One call in every future; when it was."""
        soonest = np.minimum.reduce(self.free.take(self.groups, axis=0, mode="clip"), axis=1)
        for line, rows in self.pools:
            self._pool_head(line, rows)
        best = self._first(soonest)
        for line, instant, key in self.p.due:
            self._promote(line, best >= int(instant * TICK) << KEY_BITS, key)
        if self.p.due:
            best = self._first(soonest)
        at = (best >> KEY_BITS).astype(np.uint32)
        called = (best & ((1 << self.line_bits) - 1)).view(np.int64)
        who = soonest.reshape(-1).take(self.group_begin.take(called, mode="clip") + self.lanes, mode="clip")
        late = (who >> BITS < at).nonzero()[0]  # the shopper came after somebody was free: several may be idle
        gone = self._choose(late, at, called, who) if late.size else late
        if gone.size:
            go = np.delete(self.lanes, gone)
            self._call(go, self.cols[go], at[go], who[go], called[go])
        else:
            self._call(self.lanes, self.cols, at, who, called)
        return at

    def _first(self, soonest: Codes) -> Heads:
        """The first head that can be called, with the instant at which that is."""
        free = (soonest & _TIMES).astype(np.uint64)
        free <<= np.uint64(KEY_BITS - BITS)
        codes = self.heads & _KEYS
        codes |= free.take(self.p.group_of, axis=0, mode="clip")
        return np.asarray(np.minimum.reduce(np.maximum(codes, self.heads, out=codes), axis=0))

    def _promote(self, line: int, due: NDArray[np.bool_], key: float) -> None:
        """An appointment whose time has come moves up."""
        code = self._place(np.array(int(key * TICK))) | np.uint64(line)
        self.heads[line] = np.where(due, (self.heads[line] & ~_KEYS) | code, self.heads[line])

    def _pool_head(self, line: int, rows: Ints) -> None:
        codes = (self.pool_ready[rows] << 16) | np.arange(len(rows))[:, None]
        best = np.minimum.reduce(codes, axis=0)
        place = self.p.pool_place[rows[best & 0xFFFF]] * self.futures + self.cols
        self.place[line] = place
        self.heads[line] = (self.code_f.take(place) & _KEYS) | ((best >> 16).astype(np.uint64) << np.uint64(KEY_BITS))

    def _choose(self, lanes: Ints, at: Codes, called: Ints, who: Codes) -> Ints:
        """Who of the idle takes whoever comes last, in these lanes: fewest skills, then idle longest; changes ``who`` in place.

        Gives the lanes in which that person is not on duty any more: they are free again when the next shift begins.
        """
        group, now = self.p.group_of.take(called.take(lanes)), at.take(lanes)
        idle = self.free_f.take(self.able.take(group, axis=1) * self.width + lanes, mode="clip")
        rank = self.skills.take(group, axis=1)
        rank += idle
        rank += (idle > (now << BITS) + INDEX) * _BUSY
        code = np.minimum.reduce(rank, axis=0) & _CODE
        who[lanes] = code
        someone, back = code & INDEX, now.copy()
        self.shifts.on_duty(someone, back)
        off = (back > now).nonzero()[0]
        if not off.size:
            return off
        gone, someone = lanes.take(off), someone.take(off)
        self.free_f[someone * self.width + gone] = (back.take(off) << BITS) | someone.astype(np.uint32)
        return np.asarray(gone)

    def _call(self, lanes: Ints, cols: Ints, at: Codes, code: Codes, line: Ints) -> None:
        """The head of ``line`` is called at ``at`` by whoever is free with this ``code``, in these lanes."""
        head = line * self.width
        head += lanes
        cell = self.place_f.take(head, mode="clip")
        self.begun_f[cell] = at
        stays = self.leave_f.take(cell, mode="clip") > at
        index = code & INDEX
        who = index.astype(np.intp)
        busy = self.work_f.take(cell, mode="clip")
        busy *= self.factor_f.take(who * self.lines + line, mode="clip")
        if self.pools:
            self._follow(lanes, cols, plus(at, busy), cell, stays)
        busy += self.extra_f.take(cell, mode="clip")
        end = plus(at, busy)
        self.shifts.on_duty(who, end)
        end <<= BITS
        end |= index
        who *= self.width
        who += lanes
        self.free_f[who] = np.where(stays, end, code)
        if self.pools:
            self._leave_pool(lanes, line, cell)
        cell += self.futures
        np.minimum(cell, self.guard_f.take(head, mode="clip"), out=cell)
        self.place_f[head] = cell
        self.heads_f[head] = self.code_f.take(cell, mode="clip")

    def _follow(self, lanes: Ints, cols: Ints, end: Codes, cell: Ints, stays: NDArray[np.bool_]) -> None:
        p = self.p
        pool = p.follow[cell // self.futures]
        goes = (stays & (pool >= 0) & p.follows.reshape(-1).take(cell)).nonzero()[0]
        self.pool_ready.reshape(-1)[pool[goes] * self.width + lanes[goes]] = end[goes]

    def _leave_pool(self, lanes: Ints, line: Ints, cell: Ints) -> None:
        """Who was called out of a pool is not in it any more (its heads are found anew at every step)."""
        gone = self.is_pool.take(line).nonzero()[0]
        self.pool_ready.reshape(-1)[(cell[gone] // self.futures - self.p.pool_place[0]) * self.width + lanes[gone]] = NOT_EVER
