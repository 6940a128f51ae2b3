"""Ranges out of futures: for everybody in line, and for "if I joined now", from one set of roll-outs."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np

from server.rules.state import StoreDay
from server.waits.comers import comers
from server.waits.curves import NEVER, Floats, Ints
from server.waits.layout import problem
from server.waits.parameters import Parameters
from server.waits.rollouts import LATER, starts
from server.waits.sampling import Draws, asking, free_times, present_lines
from server.waits.situation import Appointment, Situation, Waiter, situation_of

ANSWER_MAX_S = 60.0  # an offer is answered or passed on within this, whatever the store's settings
ROOM_BYTES = 1 << 22  # the working memory of an estimate is 2 to 5 MB, in pieces of up to 1 MB
LEVELS = (0.10, 0.25, 0.50, 0.75, 0.80, 0.90, 0.95)


class Quantiles(NamedTuple):
    """Seconds from now until the visit starts; infinite where nobody who could serve is coming.

    ``mean_s`` is over the futures in which it happens. ``sure`` is their share.
    """

    mean_s: float
    p10_s: float
    p25_s: float
    p50_s: float
    p75_s: float
    p80_s: float
    p90_s: float
    p95_s: float
    sure: float = 1.0


_INF = float("inf")
NOBODY = Quantiles(_INF, _INF, _INF, _INF, _INF, _INF, _INF, _INF, 0.0)
"""Nobody who could serve is here or coming."""


class Waits(NamedTuple):
    """What is expected at ``at``: per waiting ticket, and per service for somebody joining now."""

    at: float
    tickets: Mapping[str, Quantiles]
    services: Mapping[str, Quantiles]


class Believer(Protocol):
    """Whoever can say what is believed at an instant: learned models, or a scenario's true laws."""

    def parameters(self, now: float) -> Parameters:
        """What is believed at ``now``."""
        ...


class Estimator:
    """Estimates from roll-outs of the actual state; pure, the seed is an input."""

    def __init__(self, models: Believer, rollouts: int = 200) -> None:
        self.models = models
        self.rollouts = rollouts
        _keep_room()

    def estimate(self, day: StoreDay, now: float, seed: int, book: tuple[Appointment, ...] = ()) -> Waits:
        """Waits of every waiting (or away, or offered) ticket and of every service at ``now``; ``book``: who is still expected."""
        return self.waits(situation_of(day, now, book), seed)

    def waits(self, situation: Situation, seed: int) -> Waits:
        """The same from a situation."""
        asked = [asking(situation, service) for service in situation.plan.services]
        beliefs = self.models.parameters(situation.now)
        found = futures(situation, beliefs, self.rollouts, seed, asked)
        rows = summaries(found)
        tickets = {w.id: row for w, row in zip(situation.waiting, rows, strict=False)}
        services = {a.service: row for a, row in zip(asked, rows[len(situation.waiting) :], strict=True)}
        return Waits(situation.now, tickets | _offered(situation, beliefs), services)


def _keep_room() -> None:
    """Ask for memory and give it back. An allocator (glibc's) that has once seen a piece of this size given back keeps smaller
    ones for next time; else each estimate would begin with hundreds of page faults, a tenth of what it costs."""
    np.empty(ROOM_BYTES, np.uint8)


def _offered(situation: Situation, beliefs: Parameters) -> dict[str, Quantiles]:
    """Tickets a salesperson is being asked to take: as long as the answer may take, and then the walk."""
    answer_s = situation.plan.timings.offer_s
    found = {}
    for hand in (p.hand for p in situation.people if p.hand is not None and p.hand.stage == "offered"):
        if hand.waiter is not None:
            walk = beliefs.walk_of(hand.service, closer=hand.waiter.closer)
            at = (walk.at(-np.log1p(-np.array(LEVELS))) + np.array(LEVELS) * min(answer_s, ANSWER_MAX_S)).tolist()
            found[hand.waiter.id] = Quantiles(
                walk.mean_s + min(answer_s, ANSWER_MAX_S) / 2, at[0], at[1], at[2], at[3], at[4], at[5], at[6]
            )
    return found


def futures(situation: Situation, beliefs: Parameters, count: int, seed: int, asked: Sequence[Waiter] = ()) -> Floats:
    """Seconds until each waiting ticket's visit starts, then each asked one's, if they stay: (tickets, count)."""
    waiting = [*situation.waiting, *asked]
    if not waiting:
        return np.empty((0, count))
    if not situation.people:
        return np.full((len(waiting), count), NEVER)
    d = Draws(situation, beliefs, count, np.random.default_rng(seed))
    free = free_times(d)
    present = present_lines(d, asked)
    others = comers(d, free, waiting)
    here = all(w.ready_at <= d.now and w.due_at is None for w in waiting)
    called = starts(problem(d, free, present + others, waiting, alone=here and not others))
    return called + _walks(d, waiting)


def _walks(d: Draws, waiting: Sequence[Waiter]) -> Floats | float:
    if not d.beliefs.walking:
        return 0.0
    return np.array([d.durations(d.beliefs.walk_of(w.service, closer=w.closer)) for w in waiting])


@lru_cache(8)
def _places(count: int) -> tuple[Ints, Floats]:
    """Between which of ``count`` futures in order each of LEVELS lies, and how far."""
    at = np.array(LEVELS) * (count + 1) - 1.0
    low = np.clip(np.floor(at).astype(np.intp), 0, count - 2)
    return low, np.clip(at - low, 0.0, 1.0)


def summaries(found: Floats) -> list[Quantiles]:
    """Mean and quantiles of each row of futures; the k-th of n is at level k / (n + 1), so that each holds as often as it says."""
    if not len(found):
        return []
    count = found.shape[1]
    ordered = np.sort(found.astype(np.float32), axis=1)  # a tick of eighteen hours; seven times as quick as with 64 bits
    came = ordered < LATER
    number = came.sum(axis=1)
    means = np.where(came, ordered, 0.0).sum(axis=1, dtype=np.float64) / np.maximum(number, 1)
    low, share = _places(count)
    points = ordered[:, low] + (ordered[:, low + 1] - ordered[:, low]) * share
    points[points >= LATER / 4] = np.inf
    rows = zip(means.tolist(), points.tolist(), (number / count).tolist(), strict=True)
    return [Quantiles(mean, q[0], q[1], q[2], q[3], q[4], q[5], q[6], sure) if sure else NOBODY for mean, q, sure in rows]
