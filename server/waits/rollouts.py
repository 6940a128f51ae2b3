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
from server.waits.ticks import BITS, INDEX, NOT_EVER, TICK, Codes, Keys, Shifts, Spans, later, plus, ticks_up

Heads = NDArray[np.uint64]
"""Ticks, below them a place in the ranking, below that a row: one minimum says when and who."""

KEY_BITS = 40  # of a place in the ranking and its row: ticks with an index are the upper half of 64 bits
LATER = NEVER / 2  # a time beyond this is "never"
STEPS_MAX = 5000
CLOSE_UP = 0.75  # lanes are closed up when fewer than this share of them is under way
CHECK_EVERY = 4  # steps after which that is asked
_SKILL = 1 << 33  # one rank more weighs more than any time…
_BUSY = np.array(1 << 50)  # …and this more than any rank; arrays, as numpy takes longer to look at a number than to use it
_BITS, _INDEX, _TIMES = (np.array(x, np.uint32) for x in (BITS, INDEX, 0xFFFFFFFF ^ INDEX))
_KEYS = np.array((1 << KEY_BITS) - 1, np.uint64)
_LOWER = int(np.ones(1, np.uint64).view(np.uint32).argmax())  # the lower half of 64 bits comes first on nearly all machines
_LOW, _HIGH = slice(_LOWER, None, 2), slice(1 - _LOWER, None, 2)  # in an array of halves
_GUARD = np.array(NOT_EVER << KEY_BITS, np.uint64)  # codes from here on are of no shopper


@dataclass(slots=True)
class Problem:
    """What is drawn beforehand, with R futures: S salespeople, M places in line, L lines, E groups of people.

    Places of a line are rows ``first[l]`` to ``first[l + 1] - 2`` in order; the row after is a guard that never comes, and so
    is the last row of all, which is no line's. ``ready`` is when the shopper is there, ``leave`` when they will have left,
    ``work`` the service time for a factor of 1, ``extra`` what the salesperson needs around it (walking, the gap afterwards;
    and half a tick, as sums are cut to whole ones), all in ticks. The place in the ranking is ``key``, with ``ready`` added
    for those who are still to come (``comes``). ``pools`` are follow-up steps: place ``i`` of ``follow`` >= 0 makes row
    ``follow[i]`` of the pools ready when its service ends.
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
        end = later(at, busy)
        shifts.on_duty(who, end)
        flat[who * futures + lanes] = np.where(p.leave[row] > at, (end << BITS) | (best & INDEX), best)
    return np.asarray(begun[p.asked])


class _InTime:
    """Calls in the order of time: needed as soon as somebody who is not here yet may be called first.

    Arrays end in ``_f`` when they are flat views, which is how numpy gathers fastest: a cell (row x futures + future)
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
        self.groups = np.array([np.concatenate((g, np.full(width - len(g), people))) for g in p.groups], np.intp).T.copy()
        self.lines = len(p.group_of)
        self.pools = [(line, (p.pool_of == line).nonzero()[0]) for line in sorted(set(p.pool_of.tolist()))]
        self.pool_ready = p.pool_ready.astype(np.int64)
        self.shifts = Shifts(p.windows)
        self._lay_out(people)

    def _lay_out(self, people: int) -> None:
        """The rows, what is looked up for each of them, and the heads of the lines. The last line is nobody's, with the last row."""
        p = self.p
        self.begun_f = np.full(p.ready.size, NOT_EVER, np.uint32)
        self.leave_f, self.work_f, self.extra_f = p.leave.reshape(-1), p.work.reshape(-1), p.extra.reshape(-1)
        self.line_of = np.append(np.repeat(np.arange(self.lines), np.diff(p.first)), self.lines)
        self.factor_f = p.factor.T[p.service[p.first[:-1]]].astype(np.float32).reshape(-1)
        self.factor_begin, self.row_length = self.line_of * people, np.array(self.futures)
        self.group_of = p.group_of.take(self.line_of, mode="clip")
        self.skills = np.append(p.skills, 0)[self.groups].take(self.group_of, axis=1) * _SKILL  # dispatch's preference among the idle
        codes = self._codes()
        self.heads, self.next_f = codes.take(p.first, axis=0), codes[1:].reshape(-1)
        asked = [p.asked[self.line_of[p.asked] == line] for line in range(self.lines)]
        self.wanted = np.array([line for line, rows in enumerate(asked) if rows.size], np.intp)  # lines in which somebody is asked about…
        self.until = np.array([[rows.max() + 1] for rows in asked if rows.size], np.uint64)  # …all called when they are at this row
        self.code_f = codes.reshape(-1)
        self._flatten()

    def _codes(self) -> Heads:
        """Every row's ``Heads``. Where that needs more bits than there are (thousands of rows and some dozens of ranks), the
        last ones of the places in the ranking are cut off."""
        p, last = self.p, len(self.p.ready) - 1
        self.lowest = min([int(p.key.min()), *(int(key * TICK) for _, _, key in p.due)])
        span = (int(p.key.max()) + NOT_EVER - self.lowest).bit_length()
        self.row_bits = last.bit_length()
        self.row_mask = np.array((1 << self.row_bits) - 1, np.uint64)
        self.shift = min(KEY_BITS - span, self.row_bits)
        below = self._place(p.key) | np.arange(last + 1, dtype=np.uint64)
        times = np.where(p.comes, (1 << KEY_BITS) + (1 << self.shift), 1 << KEY_BITS).astype(np.uint64)
        codes = p.ready * times[:, None]
        if self.shift < self.row_bits:
            codes &= self._whole
        codes += below[:, None]
        guards = [end - 1 for line, end in enumerate(p.first[1:]) if line not in p.pool_of]
        codes[[*guards, last]] = (NOT_EVER << KEY_BITS) | last
        return codes

    @property
    def _whole(self) -> np.uint64:
        """All but the bits of the row."""
        return np.uint64((1 << 64) - (1 << self.row_bits))

    def _place(self, key: Keys) -> Heads:
        """The part of a head's code that is its place in the ranking."""
        return ((key - self.lowest).astype(np.uint64) << np.uint64(self.shift)) & self._whole

    def _flatten(self) -> None:
        """Flat views, and room for what every step works out anew."""
        width, lines = self.width, self.lines
        self.free_f, self.heads_f, self.queue = self.free.reshape(-1), self.heads.reshape(-1), self.heads[:-1]
        self.wide, self.group_begin, self.head_begin = np.array(width), self.group_of * width, self.line_of * width
        self.members = np.empty((*self.groups.shape, width), np.uint32)
        self.members_2d = self.members.reshape(len(self.groups), -1)
        self.soonest = np.empty((self.groups.shape[1], width), np.uint32)  # of each group, whoever is free first
        self.soonest_f = self.soonest.reshape(-1)
        self.takers = np.full((lines + 1, width), (NOT_EVER << BITS) | (len(self.free) - 1), np.uint32)  # the same of each line
        self.takers_f, self.line_takers = self.takers.reshape(-1), self.takers[:-1]
        self.instants = np.zeros((self.groups.shape[1], width), np.uint64)
        self.instants_high = self.instants.reshape(-1).view(np.uint32)[_HIGH]
        self.codes, self.others = np.empty_like(self.queue), np.empty_like(self.queue)
        self.best, self.row_code = np.empty(width, np.uint64), np.empty(width, np.uint64)
        self.row, self.best_high = self.row_code.view(np.intp), self.best.view(np.uint32)[_HIGH]
        self.head, self.cell, self.index = (np.empty(width, np.intp) for _ in range(3))
        self.who, self.leave = np.empty(width, np.uint32), np.empty(width, np.uint32)
        self.busy, self.span = np.empty(width, np.float32), np.empty(width, np.float32)

    def run(self) -> Codes:
        """The starts of the asked rows."""
        least = len(self.p.asked)  # nobody is called twice
        for step in range(1, STEPS_MAX):
            at = self._step()
            if step >= least and step % CHECK_EVERY == 0:
                left = ((self.heads.take(self.wanted, axis=0) & self.row_mask) < self.until).any(axis=0)
                under_way = (left & (at < NOT_EVER)).nonzero()[0]
                if not under_way.size:
                    break
                if under_way.size < CLOSE_UP * self.width:
                    self._close_up(under_way)
        return np.asarray(self.begun_f.reshape(-1, self.futures)[self.p.asked])

    def _close_up(self, keep: Ints) -> None:
        """Go on with these lanes only."""
        self.free, self.heads = self.free.take(keep, axis=1), self.heads.take(keep, axis=1)
        self.pool_ready = self.pool_ready.take(keep, axis=1) if self.pools else self.pool_ready
        self.cols, self.lanes, self.width = self.cols[keep], np.arange(keep.size), keep.size
        self._flatten()

    def _step(self) -> Codes:
        """One call in every future; when it was."""
        self.free.take(self.groups, 0, self.members, "clip")
        np.minimum.reduce(self.members_2d, axis=0, out=self.soonest_f)
        self.soonest.take(self.p.group_of, 0, self.line_takers, "clip")
        for line, rows in self.pools:
            self._pool_head(line, rows)
        best = self._first()
        for line, instant, key in self.p.due:
            self._promote(line, best >= int(instant * TICK) << KEY_BITS, key)
        if self.p.due:
            best = self._first()
        np.bitwise_and(best, self.row_mask, self.row_code)
        at = self.best_high >> _BITS
        head = self.head_begin.take(self.row, 0, self.head, "clip")
        head += self.lanes
        who = self.takers_f.take(head, 0, self.who, "clip")
        late = (who < at << _BITS).nonzero()[0]  # the shopper came after somebody was free: several may be idle
        if late.size:
            self._choose(late, at)
        self._call(at)
        return at

    def _first(self) -> Heads:
        """The first head that can be called, with the instant at which that is."""
        np.bitwise_and(self.soonest_f, _TIMES, self.instants_high)
        codes = np.bitwise_and(self.queue, _KEYS, self.codes)
        codes |= self.instants.take(self.p.group_of, 0, self.others, "clip")
        np.maximum(codes, self.queue, out=codes)
        return np.asarray(np.minimum.reduce(codes, axis=0, out=self.best))

    def _promote(self, line: int, due: NDArray[np.bool_], key: float) -> None:
        """An appointment whose time has come moves up; behind the last of the line is a guard, which stays nobody's."""
        place, head = self._place(np.array(int(key * TICK))), self.heads[line]
        self.heads[line] = np.where(due & (head < _GUARD), (head & (~_KEYS | self.row_mask)) | place, head)

    def _pool_head(self, line: int, rows: Ints) -> None:
        codes = (self.pool_ready[rows] << 16) | np.arange(len(rows))[:, None]
        best = np.minimum.reduce(codes, axis=0)
        cell = self.p.pool_place[rows[best & 0xFFFF]] * self.futures + self.cols
        self.heads[line] = (self.code_f.take(cell) & _KEYS) | ((best >> 16).astype(np.uint64) << np.uint64(KEY_BITS))

    def _choose(self, lanes: Ints, at: Codes) -> None:
        """Who of the idle takes whoever comes last, in these lanes: fewest skills, then idle longest.

        Where that person is not on duty any more the line is that of nobody: whoever calls a guard is free again when the
        next shift begins.
        """
        row, now = self.row.take(lanes), at.take(lanes)
        group = self.group_begin.take(row)
        group += lanes
        since = self.members_2d.take(group, axis=1)
        rank = self.skills.take(row, axis=1)
        rank += since
        np.putmask(rank, since > (now << _BITS) + _INDEX, _BUSY)
        code = np.minimum.reduce(rank, axis=0).view(np.uint32)[_LOW]
        self.who[lanes] = code
        off = self.shifts.off_duty((code & _INDEX).astype(np.intp), now)
        if off.size:
            off = lanes.take(off)
            self.row[off], self.head[off] = len(self.line_of) - 1, off + self.lines * self.width

    def _call(self, at: Codes) -> None:
        """The shopper of ``row``, at the ``head`` of a line, is called at ``at`` by ``who``."""
        code, row = self.who, self.row
        cell = np.multiply(row, self.row_length, self.cell)
        cell += self.cols
        self.begun_f[cell] = at
        left = self.leave_f.take(cell, 0, self.leave, "clip") <= at
        index = code & _INDEX
        who = index.astype(np.intp)
        busy = self.work_f.take(cell, 0, self.busy, "clip")
        factor = self.factor_begin.take(row, 0, self.index, "clip")
        factor += who
        busy *= self.factor_f.take(factor, 0, self.span, "clip")
        if self.pools:
            self._follow(plus(at, busy), row, ~left)
        busy += self.extra_f.take(cell, 0, self.span, "clip")
        end = later(at, busy)
        self.shifts.on_duty(who, end)
        end <<= _BITS
        end |= index
        np.putmask(end, left, code)
        who *= self.wide
        who += self.lanes
        self.free_f[who] = end
        if self.pools:
            self._leave_pool(row)
        self.heads_f[self.head] = self.next_f.take(cell, mode="clip")

    def _follow(self, end: Codes, row: Ints, stays: NDArray[np.bool_]) -> None:
        p = self.p
        pool = p.follow[row]
        goes = (stays & (pool >= 0) & p.follows.reshape(-1).take(self.cell)).nonzero()[0]
        self.pool_ready.reshape(-1)[pool[goes] * self.width + goes] = end[goes]

    def _leave_pool(self, row: Ints) -> None:
        """Who was called out of a pool is not in it any more (its heads are found anew at every step)."""
        place = row - self.p.pool_place[0]
        gone = ((place >= 0) & (place < len(self.p.pool_place))).nonzero()[0]
        self.pool_ready.reshape(-1)[place[gone] * self.width + gone] = NOT_EVER
