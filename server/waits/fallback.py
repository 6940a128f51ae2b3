"""An estimate without sampling: walk the line from its head (QLage), for when a roll-out cannot be had.

The k-th ticket's turn comes when the capacity there will be (people on duty over mean visit, with their
shifts) has covered what is expected of those before it: each counts with the chance that they are still
there when their turn comes. The spread is that of a sum of as many visits. Deterministic and O(waiting).
"""

import math

import numpy as np

from server.rules import dispatch
from server.waits.curves import Curve, Floats
from server.waits.estimator import LEVELS, NOBODY, Quantiles, Waits
from server.waits.parameters import Parameters
from server.waits.sampling import asking
from server.waits.situation import Person, Situation, Waiter

STEP_S = 15.0
SPAN_S = 6 * 3600.0


def quick(situation: Situation, beliefs: Parameters) -> Waits:
    """Estimates of every waiting ticket and every service, by QLage."""
    asked = [asking(situation, service) for service in situation.plan.services]
    line = sorted([*situation.waiting, *asked], key=lambda w: w.key)
    found: dict[str, Quantiles] = {}
    for service in {w.service for w in line}:
        found.update(_service(situation, beliefs, service, line, {a.id for a in asked}))
    tickets = {w.id: found[w.id] for w in situation.waiting}
    return Waits(situation.now, tickets, {a.service: found[a.id] for a in asked})


def _service(s: Situation, beliefs: Parameters, service: str, line: list[Waiter], ghosts: set[str]) -> dict[str, Quantiles]:
    """The line as the people who serve ``service`` see it; those they share count for what is theirs."""
    able = [p for p in s.people if dispatch.eligible(p.id, p.skills, service, None) and p.windows]
    if not able:
        return {w.id: NOBODY for w in line if w.service == service}
    shared = [w for w in line if any(dispatch.eligible(p.id, p.skills, w.service, w.wanted) for p in able)]
    done = _capacity(s, beliefs, service, able)
    result, covered, ahead = {}, 0.0, 0.0
    for waiter in shared:
        at = float(np.interp(covered + 1.0, done, np.arange(len(done)) * STEP_S, right=math.inf))
        if waiter.service == service:
            result[waiter.id] = _with_walk(_spread(at, ahead), beliefs.walk_of(service, closer=waiter.closer))
        if waiter.id not in ghosts and math.isfinite(at):
            covered += _stays(s, beliefs, waiter, at)
            ahead += 1.0
    return result


def _with_walk(wait: Quantiles, walk: Curve) -> Quantiles:
    """The visit begins when the shopper has come; long waits are taken to end in long walks, which errs on the safe side."""
    if not wait.sure:
        return wait
    walks = walk.at(-np.log1p(-np.array(LEVELS)))
    return Quantiles._make((wait.mean_s + walk.mean_s, *(np.array(wait[1:8]) + walks).tolist(), wait.sure))


def _stays(s: Situation, beliefs: Parameters, waiter: Waiter, at: float) -> float:
    curve, age = beliefs.patience_of(waiter.service, waiter.kind), s.now - waiter.queued_at
    if curve is None:
        return 1.0
    now, later = curve.survival(np.array([age, age + at]))
    return float(later / max(now, 1e-9))


def _capacity(s: Situation, beliefs: Parameters, service: str, able: list[Person]) -> Floats:
    """Visits that can have begun by each step of time."""
    at = s.now + np.arange(0.0, SPAN_S, STEP_S)
    values, chances = beliefs.pace
    mean = beliefs.service_of(service).mean_s * float((values * chances).sum())
    rate = np.zeros(len(at))
    for person in able:
        here = np.zeros(len(at), bool)
        for start, end in person.windows:
            here |= (at >= start) & (at < end)
        rate += here / (mean * beliefs.factor_of(person.id, service))
    idle = sum(1.0 for p in able if p.hand is None and p.rested_s is None)
    return np.asarray(np.concatenate(([idle], idle + np.cumsum(rate) * STEP_S)))


def _spread(at: float, ahead: float) -> Quantiles:
    """A gamma's quantiles about, by Wilson and Hilferty's cube, for ``ahead + 1`` exponential stages."""
    if not math.isfinite(at):
        return NOBODY
    shape = ahead + 1.0
    z = {0.10: -1.2816, 0.25: -0.6745, 0.50: 0.0, 0.75: 0.6745, 0.80: 0.8416, 0.90: 1.2816, 0.95: 1.6449}
    q = [at * max(1 - 1 / (9 * shape) + z[level] / (3 * math.sqrt(shape)), 0.0) ** 3 for level in LEVELS]
    return Quantiles(at, q[0], q[1], q[2], q[3], q[4], q[5], q[6], 1.0)
