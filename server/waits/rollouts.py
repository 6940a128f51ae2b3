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
_SKILL = 1 << 33  # one rank more weighs more than any time…
_BUSY = np.array(1 << 50)  # …and this more than any rank
_CODE = np.array((1 << 32) - 1)  # arrays, as numpy takes longer to look at a number than to use it
_BITS, _INDEX, _TIMES = (np.array(x, np.uint32) for x in (BITS, INDEX, 0xFFFFFFFF ^ INDEX))
_KEYS, _BELOW, _UP = (np.array(x, np.uint64) for x in ((1 << KEY_BITS) - 1, KEY_BITS, KEY_BITS - BITS))
_GUARD = np.array(NOT_EVER << KEY_BITS, np.uint64)  # codes from here on are of no shopper


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
        self.free = np.full((people + 1, self.futures), (NOT_EVER << BITS) | people, np.uint32)  # the last one is nobody, who never comes
        self.free[:people] = _free(p)
        width = max([len(g) for g in p.groups] + [1])
        self.groups = np.array([np.concatenate((g, np.full(width - len(g), people))) for g in p.groups], np.intp)
        self.able = np.ascontiguousarray(self.groups.T)  # the same by column, with dispatch's preference among the idle
        self.skills = np.concatenate((p.skills, [0]))[self.able] * _SKILL
        self.lines = len(p.group_of)
        self.factor_f = p.factor[:, p.service[p.first[:-1]]].astype(np.float32).reshape(-1)
        self.line_count, self.row = np.array(self.lines), np.array(self.futures)
        self.is_pool = np.isin(np.arange(self.lines + 1), p.pool_of)
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
        codes = self._codes(guards[~self.is_pool[:-1]])
        self.code_f = codes.reshape(-1)
        heads = np.append(heads, guards[0])  # the last line is nobody's: one guard, called for ever
        self.place = heads[:, None] * futures + self.cols
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
        self.line_bits = self.lines.bit_length()
        self.line_mask = np.array((1 << self.line_bits) - 1, np.uint64)
        self.shift = min(KEY_BITS - span, self.line_bits)
        below = self._place(p.key) | np.repeat(np.arange(self.lines), np.diff(p.first)).astype(np.uint64)
        times = np.where(p.comes, (1 << KEY_BITS) + (1 << self.shift), 1 << KEY_BITS).astype(np.uint64)
        codes = p.ready * times[:, None]
        if self.shift < self.line_bits:
            codes &= self._whole
        codes += below[:, None]
        codes[guards] = (NOT_EVER << KEY_BITS) | self.lines
        return codes

    @property
    def _whole(self) -> np.uint64:
        """All but the bits of the line."""
        return np.uint64((1 << 64) - (1 << self.line_bits))

    def _place(self, key: Keys) -> Heads:
        """The part of a head's code that is its place in the ranking."""
        return ((key - self.lowest).astype(np.uint64) << np.uint64(self.shift)) & self._whole

    def _flatten(self) -> None:
        """Flat views, and room for what every step works out anew."""
        self.free_f, self.place_f = self.free.reshape(-1), self.place.reshape(-1)
        self.heads_f, self.queue, self.nobody = self.heads.reshape(-1), self.heads[:-1], self.place[-1].copy()
        self.wide, self.able_begin = np.array(self.width), self.able * self.width
        self.group_begin = np.append(self.p.group_of, len(self.groups)) * self.width
        self.members = np.empty((*self.groups.shape, self.width), np.uint32)
        self.soonest = np.full((len(self.groups) + 1, self.width), (NOT_EVER << BITS) | (len(self.free) - 1), np.uint32)
        self.instants = np.empty((len(self.groups), self.width), np.uint64)
        self.codes, self.others = np.empty_like(self.queue), np.empty_like(self.queue)
        self.head, self.cell, self.index = (np.empty(self.width, np.intp) for _ in range(3))

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
        self.place = self.place.take(keep, axis=1)
        self.pool_ready = self.pool_ready.take(keep, axis=1) if self.pools else self.pool_ready
        self.cols, self.lanes, self.width = self.cols[keep], np.arange(keep.size), keep.size
        self._flatten()

    def _step(self) -> Codes:
        """One call in every future; when it was."""
        self.free.take(self.groups, 0, self.members, "clip")
        soonest = np.minimum.reduce(self.members, axis=1, out=self.soonest[:-1])
        for line, rows in self.pools:
            self._pool_head(line, rows)
        best = self._first(soonest)
        for line, instant, key in self.p.due:
            self._promote(line, best >= int(instant * TICK) << KEY_BITS, key)
        if self.p.due:
            best = self._first(soonest)
        called = np.bitwise_and(best, self.line_mask).view(np.int64)
        best >>= _BELOW
        at = best.astype(np.uint32)
        head = self.group_begin.take(called, 0, self.head, "clip")
        head += self.lanes
        who = self.soonest.reshape(-1).take(head, mode="clip")
        late = (who < at << _BITS).nonzero()[0]  # the shopper came after somebody was free: several may be idle
        if late.size:
            self._choose(late, at, called, who)
        self._call(at, who, called)
        return at

    def _first(self, soonest: Codes) -> Heads:
        """The first head that can be called, with the instant at which that is."""
        free = self.instants
        free[:] = soonest & _TIMES
        free <<= _UP
        codes = np.bitwise_and(self.queue, _KEYS, out=self.codes)
        codes |= free.take(self.p.group_of, 0, self.others, "clip")
        return np.asarray(np.minimum.reduce(np.maximum(codes, self.queue, out=codes), axis=0))

    def _promote(self, line: int, due: NDArray[np.bool_], key: float) -> None:
        """An appointment whose time has come moves up; behind the last of the line is a guard, which stays nobody's."""
        code, head = self._place(np.array(int(key * TICK))) | np.uint64(line), self.heads[line]
        self.heads[line] = np.where(due & (head < _GUARD), (head & ~_KEYS) | code, head)

    def _pool_head(self, line: int, rows: Ints) -> None:
        codes = (self.pool_ready[rows] << 16) | np.arange(len(rows))[:, None]
        best = np.minimum.reduce(codes, axis=0)
        place = self.p.pool_place[rows[best & 0xFFFF]] * self.futures + self.cols
        self.place[line] = place
        self.heads[line] = (self.code_f.take(place) & _KEYS) | ((best >> 16).astype(np.uint64) << np.uint64(KEY_BITS))

    def _choose(self, lanes: Ints, at: Codes, called: Ints, who: Codes) -> None:
        """Who of the idle takes whoever comes last, in these lanes: fewest skills, then idle longest; changes ``who`` in place.

        Where that person is not on duty any more the line is that of nobody: whoever calls a guard is free again when the
        next shift begins.
        """
        group, now = self.p.group_of.take(called.take(lanes)), at.take(lanes)
        idle = self.able_begin.take(group, axis=1)
        idle += lanes
        since = self.free_f.take(idle, mode="clip")
        rank = self.skills.take(group, axis=1)
        rank += since
        np.putmask(rank, since > (now << _BITS) + _INDEX, _BUSY)
        code = (np.minimum.reduce(rank, axis=0) & _CODE).astype(np.uint32)
        who[lanes] = code
        off = self.shifts.off_duty((code & _INDEX).astype(np.intp), now)
        if off.size:
            called[lanes.take(off)] = self.lines

    def _call(self, at: Codes, code: Codes, line: Ints) -> None:
        """The head of ``line`` is called at ``at`` by whoever is free with this ``code``."""
        head = np.multiply(line, self.wide, out=self.head)
        head += self.lanes
        cell = self.place_f.take(head, 0, self.cell, "clip")
        self.begun_f[cell] = at
        stays = self.leave_f.take(cell, mode="clip") > at
        index = code & _INDEX
        who = index.astype(np.intp)
        busy = self.work_f.take(cell, mode="clip")
        factor = np.multiply(who, self.line_count, out=self.index)
        factor += line
        busy *= self.factor_f.take(factor, mode="clip")
        if self.pools:
            self._follow(plus(at, busy), cell, stays)
        busy += self.extra_f.take(cell, mode="clip")
        end = plus(at, busy)
        self.shifts.on_duty(who, end)
        end <<= _BITS
        end |= index
        who *= self.wide
        who += self.lanes
        end -= code  # np.where, but quicker
        end *= stays
        end += code
        self.free_f[who] = end
        if self.pools:
            self._leave_pool(line, cell)
        cell += self.row
        self.place_f[head] = cell
        self.heads_f[head] = self.code_f.take(cell, mode="clip")
        self.place[-1] = self.nobody

    def _follow(self, end: Codes, cell: Ints, stays: NDArray[np.bool_]) -> None:
        p = self.p
        pool = p.follow[cell // self.futures]
        goes = (stays & (pool >= 0) & p.follows.reshape(-1).take(cell)).nonzero()[0]
        self.pool_ready.reshape(-1)[pool[goes] * self.width + goes] = end[goes]

    def _leave_pool(self, line: Ints, cell: Ints) -> None:
        """Who was called out of a pool is not in it any more (its heads are found anew at every step)."""
        gone = self.is_pool.take(line).nonzero()[0]
        self.pool_ready.reshape(-1)[(cell[gone] // self.futures - self.p.pool_place[0]) * self.width + gone] = NOT_EVER
