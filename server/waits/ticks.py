"""Time inside a roll-out: whole numbers of ticks, which fit in 32 bits with an index in their low bits.

That halves what has to be moved, and one minimum gives both when and who: ties go to the lowest index, and
salespeople are numbered in dispatch's preference. What lies more than eighteen hours ahead is never.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.waits.curves import Floats, Ints

Codes = NDArray[np.uint32]
"""Ticks, or ticks with an index below them."""
Keys = NDArray[np.int64]
"""Places in the ranking in ticks."""
Spans = NDArray[np.float32]
"""Durations in ticks."""

TICK = 256.0  # times are kept to 1/256 s
BITS = 8  # of an index: 255 salespeople, 256 lines
INDEX = (1 << BITS) - 1
NOT_EVER = (1 << 24) - 1  # 18 hours
NEVER_TICKS, SPAN_MAX = np.uint32(NOT_EVER), np.float32(1 << 22)


def ticks(seconds: Floats) -> Codes:
    """Rounded down; what is past is now."""
    return np.asarray(np.minimum(np.maximum(seconds, 0.0) * TICK, NOT_EVER).astype(np.uint32))


def ticks_up(seconds: Floats) -> Codes:
    """When people are free, and when shifts begin: "Ben is back at 15:30" is a forecast that comes true to the second,
    and one tick less would make a promise of it false."""
    return np.asarray(np.minimum(np.ceil(np.maximum(seconds, 0.0) * TICK), NOT_EVER).astype(np.uint32))


def keys(seconds: Floats) -> Keys:
    """Places in the ranking, which may be past."""
    return np.asarray((seconds * TICK).astype(np.int64))


def later(at: Codes, span: Spans) -> Codes:
    """Later by so much, which may be beyond "never". No span is longer than SPAN_MAX and a few factors: no more than 31 bits."""
    end = span.astype(np.uint32)
    end += at
    return end


def plus(at: Codes, span: Spans) -> Codes:
    """Later by so much, and never later than never."""
    end = later(at, span)
    return np.minimum(end, NEVER_TICKS, out=end)


class Gap(NamedTuple):
    """One pause of everybody's: from ``starts`` to ``resumes`` each may begin no visit."""

    first: int
    """The earliest start; before that nobody need be looked at."""
    last: int
    """The latest end there is: nobody is moved beyond it, but to never."""
    starts: Codes
    lengths: Codes
    longest: Codes
    even: bool
    """All are as long as the longest, or no gap at all."""
    resumes: Codes

    def off(self, person: Ints, at: Codes) -> Ints:
        """Which of these instants fall in it."""
        since = at - self.starts.take(person, mode="clip")
        off = (since < self.longest).nonzero()[0]
        return off if self.even or not off.size else off[since.take(off) < self.lengths.take(person.take(off), mode="clip")]


class Shifts:
    """When each person may begin no visit: between their windows, and after the last."""

    def __init__(self, windows: tuple[Floats, Floats]) -> None:
        begins, ends = (ticks_up(w) for w in windows)
        resumes = np.concatenate((begins[:, 1:], np.full((len(ends), 1), NEVER_TICKS)), axis=1)
        lengths = np.maximum(resumes, ends) - ends
        gaps = [_gap(*(x[:, j].copy() for x in (ends, lengths, resumes))) for j in range(ends.shape[1])]
        self.gaps = [gap for gap in gaps if gap.first < NOT_EVER]

    def on_duty(self, person: Ints, at: Codes) -> None:
        """Moves instants that fall in a gap to its end, and those beyond never to never, in place."""
        latest = int(np.maximum.reduce(at))
        if latest > NOT_EVER:
            np.minimum(at, NEVER_TICKS, out=at)
        for gap in self.gaps:
            if latest < gap.first:  # the day's end is mostly far away
                continue
            off = gap.off(person, at)
            if off.size:
                at[off] = gap.resumes.take(person.take(off), mode="clip")
                latest = max(latest, gap.last)

    def off_duty(self, person: Ints, at: Codes) -> Ints:
        """Which of these instants fall in a gap."""
        latest = int(np.maximum.reduce(at))
        off = [gap.off(person, at) for gap in self.gaps if latest >= gap.first]
        return off[0] if len(off) == 1 else np.concatenate((*off, np.empty(0, np.intp)))


def _gap(starts: Codes, lengths: Codes, resumes: Codes) -> Gap:
    longest, ever = lengths.max(), resumes[resumes < NOT_EVER]
    even = bool(((lengths == longest) | (starts == NOT_EVER)).all())
    return Gap(int(starts.min()), int(ever.max()) if ever.size else 0, starts, lengths, np.asarray(longest), even, resumes)
