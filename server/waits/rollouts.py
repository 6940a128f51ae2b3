"""Many futures at once: who is called when, in every future, by the store's own order.

All futures advance together, one call of a shopper per step, as numpy rows with one column per future.
The order of waiting tickets never changes by itself, so **when nobody can come in between, taking the
tickets in order and giving each the earliest salesperson who may serve it is exact** (``_in_order``):
the first ticket can lose nobody to a later one, the second is first in what is left, and so on. With
shoppers still to come who rank ahead, calls are made in the order of time instead (``_in_time``).

A shopper who has left by the time of their turn takes nobody's time, but the turn is written down: it
is the wait they were offered. That is also how "if I joined now" is asked without disturbing anybody.

Times are seconds from now. An index rides in the low bits of every time, so that one minimum gives both
when and who; ties go to the lowest index, and salespeople are numbered in dispatch's preference.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from server.waits.curves import NEVER, Floats

Ints = NDArray[np.intp]

TICK = 512.0  # times are kept to 1/512 s
INDEXES = 256  # …below which an index fits
LATER = NEVER / 2  # a time beyond this is "never"
STEPS_MAX = 5000
_LOW = 1.0 / (TICK * INDEXES)


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
    windows: tuple[Floats, Floats]  # starts, ends (S, W) on the grid, padded with NEVER
    skills: Ints  # (S,) how many
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
    return _in_order(problem) if problem.alone else _InTime(problem).run()


def on_grid(times: Floats) -> Floats:
    """The tick at or before each time (windows must be on it too, or nobody could ever begin at their start)."""
    return np.floor(times * TICK) / TICK


def encode(times: Floats, index: Floats | Ints | int) -> Floats:
    """Times on the grid with an index in the low bits."""
    return on_grid(times) + np.asarray(index) * _LOW


def decode(codes: Floats) -> tuple[Floats, Ints]:
    """(times, indexes)."""
    ticks = codes * TICK
    whole = np.floor(ticks)
    return whole / TICK, ((ticks - whole) * INDEXES).astype(np.intp)


def next_begin(windows: tuple[Floats, Floats], person: Ints, at: Floats) -> Floats:
    """The first instant from ``at`` on at which each person may begin a visit."""
    begins, ends = windows[0][person], windows[1][person]
    open_or_later = ends > at[:, None]
    which = open_or_later.argmax(axis=1)
    lanes = np.arange(len(at))
    return np.where(open_or_later.any(axis=1), np.maximum(at, begins[lanes, which]), NEVER)


def _in_order(p: Problem) -> Floats:
    """Exact when every place is filled now and nobody else comes."""
    people, futures = p.free.shape
    free = encode(p.free, np.arange(people)[:, None])
    flat, lanes = free.reshape(-1), np.arange(futures)
    group = np.repeat(p.group_of, np.diff(p.first))
    services, factor = p.factor.shape[1], p.factor.reshape(-1)
    begun = np.full((len(p.ready), futures), NEVER)
    shift_end = p.windows[1][:, 0]
    breaks = bool((shift_end < NEVER).any())
    for row in p.order:
        best = np.minimum.reduce(free.take(p.groups[group[row]], axis=0), axis=0) if len(p.groups[group[row]]) else begun[row]
        at, who = decode(best)
        begun[row] = at
        end = at + p.work[row] * factor.take(who * services + p.service[row]) + p.extra[row]
        if breaks:
            late = np.flatnonzero(end >= shift_end.take(who))
            if late.size:
                end[late] = next_begin(p.windows, who[late], end[late])
        flat[who * futures + lanes] = np.where((p.leave[row] > at) & (at < LATER), encode(np.minimum(end, NEVER), who), best)
    return begun[p.asked]


class _InTime:
    """Calls in the order of time: needed as soon as somebody who is not here yet may be called first."""

    def __init__(self, p: Problem) -> None:
        self.p = p
        people, self.futures = p.free.shape
        self.lanes = np.arange(self.futures)
        self.free = encode(p.free, np.arange(people)[:, None])
        self.ready = on_grid(np.minimum(p.ready, NEVER))
        line = np.repeat(np.arange(len(p.group_of)), np.diff(p.first))
        self.key = encode(p.key, line[:, None])
        self.place = np.repeat(p.first[:-1, None], self.futures, axis=1)
        self.head_ready = self.ready[p.first[:-1]]
        self.head_key = self.key[p.first[:-1]]
        self.begun = np.full((len(p.ready), self.futures), NEVER)
        self.asked = np.zeros(len(p.ready), bool)
        self.asked[p.asked] = True
        self.left = np.full(self.futures, len(p.asked))
        self.pools = np.unique(p.pool_of)
        self.shift_end = p.windows[1][:, 0]
        self.breaks = bool((self.shift_end < NEVER).any())
        self.first_free = np.full((len(p.groups), self.futures), NEVER)

    def run(self) -> Floats:
        """The starts of the asked rows."""
        for _ in range(STEPS_MAX):
            if not self._step():
                break
        return self.begun[self.p.asked]

    def _step(self) -> bool:
        p = self.p
        for i, group in enumerate(p.groups):
            if len(group):
                np.minimum.reduce(self.free.take(group, axis=0), axis=0, out=self.first_free[i])
        free_at = on_grid(self.first_free)
        for line in self.pools:
            self._pool_head(line)
        possible = np.maximum(self.head_ready, free_at[p.group_of])
        at = np.minimum.reduce(possible, axis=0)
        live = np.flatnonzero((self.left > 0) & (at < LATER))
        if not live.size:
            return False
        if p.due:
            self._promote(at)
        chosen = np.minimum.reduce(np.where(possible == at, self.head_key, NEVER * 2), axis=0)
        line = decode(chosen[live])[1]
        self._call(live, at[live], line)
        return True

    def _promote(self, at: Floats) -> None:
        """Appointments whose time has come move up."""
        for line, instant, key in self.p.due:
            self.head_key[line] = np.where(at >= instant, encode(np.array(key), line), self.head_key[line])

    def _pool_head(self, line: int) -> None:
        rows = np.flatnonzero(self.p.pool_of == line)
        codes = encode(np.minimum(self.p.pool_ready[rows], NEVER), np.arange(len(rows))[:, None])
        soonest, which = decode(np.minimum.reduce(codes, axis=0))
        self.place[line] = self.p.pool_place[rows[which]]
        self.head_ready[line] = soonest
        self.head_key[line] = encode(self.p.key.reshape(-1).take(self.place[line] * self.futures + self.lanes), line)

    def _call(self, live: Ints, at: Floats, line: Ints) -> None:
        """The head of ``line`` is called at ``at`` in each live future, by whom dispatch prefers."""
        p, futures = self.p, self.futures
        group = p.group_of[line]
        code = self.first_free.reshape(-1).take(group * futures + live)
        since, who = decode(code)
        choice = np.flatnonzero(self.head_ready.reshape(-1).take(line * futures + live) > since)
        if choice.size:
            who[choice] = self._preferred(live[choice], at[choice], group[choice])
        if self.breaks:
            keep = self._gone(live, at, who)
            if keep is not None:
                live, at, line, who = live[keep], at[keep], line[keep], who[keep]
        head = line * futures + live
        row = self.place.reshape(-1).take(head)
        cell = row * futures + live
        self.begun.reshape(-1)[cell] = at
        self.left[live] -= self.asked[row]
        self._serve(live, at, who, row)
        self._advance(live, line, head, row)

    def _preferred(self, lanes: Ints, at: Floats, group: Ints) -> Ints:
        """Several may be idle: fewest skills, then idle longest."""
        who = np.empty(len(lanes), np.intp)
        for g in np.unique(group):
            mine = np.flatnonzero(group == g)
            people = self.p.groups[g]
            free = self.free[np.ix_(people, lanes[mine])]
            rank = np.where(free < at[mine] + 1.0 / TICK, free + self.p.skills[people, None] * 2.0**25, 2.0**40)
            who[mine] = people[rank.argmin(axis=0)]
        return who

    def _gone(self, live: Ints, at: Floats, who: Ints) -> Ints | None:
        """Who idled past the end of a shift is free again when the next begins; the futures that go on."""
        late = np.flatnonzero(at >= self.shift_end.take(who))
        if not late.size:
            return None
        again = next_begin(self.p.windows, who[late], at[late])
        off = again > at[late]
        if not off.any():
            return None
        gone = late[off]
        self.free.reshape(-1)[who[gone] * self.futures + live[gone]] = encode(again[off], who[gone])
        return np.setdiff1d(np.arange(len(live)), gone)

    def _serve(self, live: Ints, at: Floats, who: Ints, row: Ints) -> None:
        p, cell = self.p, row * self.futures + live
        stays = p.leave.reshape(-1).take(cell) > at
        busy = p.work.reshape(-1).take(cell) * p.factor.reshape(-1).take(who * p.factor.shape[1] + p.service[row])
        extra = p.extra.reshape(-1).take(cell)
        end = np.minimum(at + busy + extra, NEVER)
        if len(p.pool_of):
            self._follow(live, at + busy, row, stays)
        if self.breaks:
            late = np.flatnonzero(end >= self.shift_end.take(who))
            if late.size:
                end[late] = next_begin(p.windows, who[late], end[late])
        stay = np.flatnonzero(stays)
        self.free.reshape(-1)[who[stay] * self.futures + live[stay]] = encode(end[stay], who[stay])

    def _follow(self, live: Ints, end: Floats, row: Ints, stays: NDArray[np.bool_]) -> None:
        p = self.p
        pool = p.follow[row]
        goes = np.flatnonzero(stays & (pool >= 0) & p.follows.reshape(-1).take(row * self.futures + live))
        p.pool_ready.reshape(-1)[pool[goes] * self.futures + live[goes]] = end[goes]

    def _advance(self, live: Ints, line: Ints, head: Ints, row: Ints) -> None:
        p, futures = self.p, self.futures
        if len(p.pool_of):
            pooled = np.isin(line, self.pools)
            gone = np.flatnonzero(pooled)
            p.pool_ready.reshape(-1)[(row[gone] - p.pool_place[0]) * futures + live[gone]] = NEVER
            head, row, live = head[~pooled], row[~pooled], live[~pooled]
        self.place.reshape(-1)[head] = row + 1
        cell = (row + 1) * futures + live
        self.head_ready.reshape(-1)[head] = self.ready.reshape(-1).take(cell)
        self.head_key.reshape(-1)[head] = self.key.reshape(-1).take(cell)
