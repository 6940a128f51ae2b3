"""Time inside a roll-out: whole numbers of ticks, which fit in 32 bits with an index in their low bits.

That halves what has to be moved, and one minimum gives both when and who: ties go to the lowest index, and
salespeople are numbered in dispatch's preference. What lies more than eighteen hours ahead is never.
"""

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


def plus(at: Codes, span: Spans) -> Codes:
    """Later by so much. No span is longer than SPAN_MAX and a few factors, which is no more than 31 bits."""
    end = span.astype(np.uint32)
    end += at
    return np.minimum(end, NEVER_TICKS, out=end)


class Shifts:
    """When each person may begin no visit: between their windows, and after the last."""

    def __init__(self, windows: tuple[Floats, Floats]) -> None:
        begins, ends = (ticks_up(w) for w in windows)
        resumes = np.concatenate((begins[:, 1:], np.full((len(ends), 1), NEVER_TICKS)), axis=1)
        lengths = np.maximum(resumes, ends) - ends
        every = [(int(ends[:, j].min()), ends[:, j].copy(), lengths[:, j].copy(), resumes[:, j].copy()) for j in range(ends.shape[1])]
        self.gaps = [gap for gap in every if gap[0] < NOT_EVER]

    def on_duty(self, person: Ints, at: Codes) -> None:
        """Moves instants that fall in a gap to its end, in place."""
        latest = np.maximum.reduce(at)
        for first, starts, lengths, resumes in self.gaps:
            if latest < first:  # the day's end is mostly far away
                continue
            off = (at - starts.take(person, mode="clip") < lengths.take(person, mode="clip")).nonzero()[0]
            if off.size:
                at[off] = resumes.take(person.take(off))
                latest = np.maximum.reduce(at)

    def off_duty(self, person: Ints, at: Codes) -> Ints:
        """Which of these instants fall in a gap."""
        later = at.copy()
        self.on_duty(person, later)
        return np.asarray((later > at).nonzero()[0])
