"""The next hour: what a shopper who joins at some later instant will wait, and what one more salesperson would change.

The same futures as every other estimate, asked about people who are not here yet. Seeds are inputs; two questions
with the same seed meet the same shoppers, so that their difference is the difference of the plans.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from server.rules import dispatch
from server.waits.curves import Floats
from server.waits.estimator import futures
from server.waits.parameters import Parameters
from server.waits.rollouts import LATER
from server.waits.situation import Person, Situation, Waiter


class Outlook(NamedTuple):
    """Seen at ``at``: for each service the waits of who joins ``ahead_s`` later, (instants, futures), in seconds."""

    at: float
    ahead_s: tuple[float, ...]
    waits: Mapping[str, Floats]

    def quantile(self, service: str, level: float) -> Floats:
        """The wait that a share ``level`` of such shoppers do not exceed, per instant; infinite where nobody will serve them."""
        found = np.quantile(self.waits[service], level, axis=1)
        return np.asarray(np.where(found >= LATER / 4, np.inf, found), dtype=np.float64)


def outlook(
    situation: Situation, beliefs: Parameters, ahead_s: Sequence[float], count: int, seed: int, services: Sequence[str] = ()
) -> Outlook:
    """What is to be expected of the coming ``ahead_s`` seconds, for some services or all of the plan."""
    wanted = tuple(services or situation.plan.services)
    asked = [_joiner(situation, service, ahead) for service in wanted for ahead in ahead_s]
    called = futures(situation, beliefs, count, seed, asked)[len(situation.waiting) :]
    waits = np.maximum(called.reshape(len(wanted), len(ahead_s), count) - np.array(ahead_s)[:, None], 0.0)
    return Outlook(situation.now, tuple(ahead_s), dict(zip(wanted, waits, strict=True)))


def with_one_more(situation: Situation, service: str, from_s: float) -> Situation:
    """The same store if somebody who serves ``service`` opened ``from_s`` seconds from now, for the rest of the day."""
    begins = situation.now + from_s
    helper = Person("+1", (service,), ((begins, float("inf")),), None, situation.now)
    return situation._replace(people=(*situation.people, helper))


def _joiner(situation: Situation, service: str, ahead_s: float) -> Waiter:
    at = situation.now + ahead_s
    tier, ranked_at = dispatch.place(situation.plan, service, at, card=False, standing=None, slot_at=None, now=at)
    return Waiter(f"?{service}+{ahead_s}", service, tier, ranked_at, 1 << 40, at, ready_at=at)
