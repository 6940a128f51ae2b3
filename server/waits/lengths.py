"""How long the visits of a service last, and which of those recorded were visits: in some nobody pressed Finish.

A tail thins out: of visits twice as long there are a fifth as many or less, as a rule, and a third where lengths vary by
more than twice their mean (Weibull's law of shape 0.5). Finishes that were forgotten do not: they come to light when
somebody notices. So visits longer than FORGOTTEN means, and an hour, are kept apart by octaves, and count as far as each
octave has at most half as many as the one before.
"""

import math

from server.waits.curves import Tally

PRIOR_VISITS = 5.0  # a service's typical length counts as so many visits
FORGOTTEN, FORGOTTEN_S = 8.0, 3600.0  # times the mean, and seconds: longer visits must be the end of a tail to be believed
THINNER = 2.0
OCTAVES = 3  # of the limit: eight times as long, no business day is


class Octave:
    """Visits up to twice as long as the octave before."""

    __slots__ = ("number", "seconds", "shape", "tally")

    def __init__(self) -> None:
        self.number, self.seconds = 0.0, 0.0
        self.tally, self.shape = Tally(), Tally()


class Visits:
    """Lengths of one service's visits. ``tally`` and ``shape`` (in visits of ``unit_s``) are added to by who knows speeds."""

    def __init__(self, typical_s: float) -> None:
        self.seconds, self.number = typical_s * PRIOR_VISITS, PRIOR_VISITS
        self.tally = Tally()
        self.long = 0.0  # visits of the octave up to the limit
        self.beyond = [Octave() for _ in range(OCTAVES)]
        self.trusted = 0  # octaves beyond it that are believed

    @property
    def mean_s(self) -> float:
        """Mean length, whoever serves."""
        far = self.beyond[: self.trusted]
        return (self.seconds + sum(o.seconds for o in far)) / (self.number + sum(o.number for o in far))

    def octave(self, length_s: float) -> int:
        """How many octaves a length is beyond the limit; 0 is within. More than OCTAVES is never believed."""
        limit_s = max(FORGOTTEN * self.mean_s, FORGOTTEN_S)
        return 0 if length_s <= limit_s else math.ceil(math.log2(length_s / limit_s))

    def count(self, length_s: float) -> None:
        """One more visit of this length."""
        octave = self.octave(length_s)
        if octave == 0:
            self.seconds += length_s
            self.number += 1
            self.long += self.octave(2.0 * length_s) > 0
        elif octave <= OCTAVES:
            self.beyond[octave - 1].seconds += length_s
            self.beyond[octave - 1].number += 1
        self._trust()

    def _trust(self) -> None:
        before, self.trusted = self.long, 0
        for octave in self.beyond:
            if octave.number * THINNER > before:
                return
            before, self.trusted = octave.number, self.trusted + 1

    def believes(self, length_s: float) -> bool:
        """Whether a visit of this length counts."""
        return self.octave(length_s) <= self.trusted

    def add(self, length_s: float, unit_s: float, shape: Tally) -> None:
        """Learn the shape from one more length at everybody's speed, and the store's ``shape`` in visits of ``unit_s``."""
        octave = self.octave(length_s)
        if octave > OCTAVES:
            return
        if octave:
            shape = self.beyond[octave - 1].shape
        (self.beyond[octave - 1].tally if octave else self.tally).add(length_s, ended=True)
        shape.add(length_s / self.mean_s * unit_s, ended=True)

    def far(self) -> list[Octave]:
        """Octaves beyond the limit in which there is something to believe."""
        return [octave for octave in self.beyond[: self.trusted] if octave.number]

    def fade(self, factor: float) -> None:
        """Let the shape that was seen so far count for less."""
        self.tally.fade(factor)
        for octave in self.beyond:
            octave.tally.fade(factor)
            octave.shape.fade(factor)
