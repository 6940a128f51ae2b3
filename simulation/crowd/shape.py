"""The shape of a day: how arrivals swell, how uneven visits are, how patience wears out.

The numbers are fitted to a real log, the calls of a small bank to its own people, 1 to 20 August 1999
(25,160 calls; AnonymousBank data of the Technion, with thanks to A. Mandelbaum's group):

* ``ARRIVALS``: relative rate of each half hour from 08:00 to 20:00 of the working days, mean 1: a climb to
  the late morning, a dip after noon, a lower hump in the afternoon, a slow fall.
* ``SIGMA``: spread of the logarithm of service times inside one kind of service (a coefficient of
  variation of 1.03); ``SHORT_SHARE`` of the contacts are over at once, after ``SHORT_LENGTH`` of the mean.
* ``PATIENCE``: Kaplan-Meier estimate of who is still willing to wait (those who were answered are
  censored at the wait they had, never dropped), in units of the median. The hazard falls with time: who
  has waited long goes on waiting (a Weibull fit has shape 0.79).

Only shapes are taken from the log; lengths and volumes are the store's own. ``tests/crowd/fit_shape.py``
computes these numbers again from the log.
"""

from bisect import bisect_right
from math import exp, log
from random import Random

ARRIVALS = (
    0.616, 0.896, 1.035, 1.261, 1.343, 1.344, 1.288, 1.203, 1.094, 1.059, 1.006, 1.02,
    1.025, 1.117, 0.997, 1.166, 1.105, 1.057, 0.86, 0.853, 0.842, 0.716, 0.58, 0.517,
)  # fmt: skip
SHORT_SHARE = 0.058
SHORT_LENGTH = 0.024
SIGMA = 0.852
PATIENCE = (
    (1.0, 0.0), (0.98, 0.022), (0.95, 0.033), (0.9, 0.065), (0.85, 0.128), (0.8, 0.168), (0.75, 0.228), (0.7, 0.329),
    (0.65, 0.446), (0.6, 0.609), (0.55, 0.804), (0.5, 1.0), (0.45, 1.31), (0.4, 1.595), (0.35, 1.878), (0.3, 2.913),
)  # fmt: skip
PATIENCE_TAIL = 0.15  # hazard per median beyond the table: the slope of its last step


def arrival_rate(at_s: float, opens_s: float, closes_s: float, mean_per_hour: float) -> float:
    """Shoppers per hour expected at ``at_s`` when the store's opening hours are laid over the bank's day.

    The mean over the opening hours is ``mean_per_hour``; outside them it is 0.
    """
    if not opens_s <= at_s < closes_s:
        return 0.0
    part = (at_s - opens_s) / (closes_s - opens_s) * len(ARRIVALS)
    return mean_per_hour * ARRIVALS[int(part)]


def next_arrival(rng: Random, after_s: float, opens_s: float, closes_s: float, mean_per_hour: float) -> float | None:
    """Instant of the next shopper after ``after_s``, or None if nobody comes before closing.

    A Poisson process of varying rate, by thinning at the highest rate of the profile.
    """
    peak_per_s = mean_per_hour * max(ARRIVALS) / 3600
    at_s = max(after_s, opens_s)
    while peak_per_s > 0 and (at_s := at_s + rng.expovariate(peak_per_s)) < closes_s:
        if rng.random() * peak_per_s * 3600 < arrival_rate(at_s, opens_s, closes_s, mean_per_hour):
            return at_s
    return None


def service_s(rng: Random, mean_s: float) -> float:
    """Length of one visit whose mean is ``mean_s``, short contacts included."""
    talk_s = mean_s / (1 - SHORT_SHARE * (1 - SHORT_LENGTH))
    if rng.random() < SHORT_SHARE:
        return SHORT_LENGTH * talk_s
    return talk_s * rng.lognormvariate(-SIGMA * SIGMA / 2, SIGMA)


def patience_s(rng: Random, median_s: float) -> float:
    """How long one shopper is willing to wait; half of them longer than ``median_s``."""
    return median_s * patience_at(1.0 - rng.random())


def patience_at(share: float) -> float:
    """Time, in medians, at which ``share`` (in (0, 1]) of the shoppers would still wait: the inverse of the curve."""
    last_share, last = PATIENCE[-1]
    if share <= last_share:
        return last + log(last_share / share) / PATIENCE_TAIL
    index = bisect_right(PATIENCE, -share, key=lambda point: -point[0])
    if index == len(PATIENCE):
        return last
    (high, early), (low, late) = PATIENCE[max(index - 1, 0)], PATIENCE[index]
    return early + (late - early) * (high - share) / (high - low)


def still_waiting(after: float) -> float:
    """Share of shoppers willing to wait longer than ``after`` medians: the curve itself."""
    last_share, last = PATIENCE[-1]
    if after >= last:
        return last_share * exp(-PATIENCE_TAIL * (after - last))
    index = bisect_right(PATIENCE, after, key=lambda point: point[1])
    (high, early), (low, late) = PATIENCE[index - 1], PATIENCE[index]
    return high - (high - low) * (after - early) / (late - early)
