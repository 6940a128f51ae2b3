"""What others would have told the same shopper: point predictions from the literature and from practice.

With n ahead, s people on duty who serve the line, mu = 1 / mean visit, theta = 1 / mean patience, lambda
the arrival rate: formulas and sources in ``docs/topics/waits.md``. Every one gets the learned means, the
true number of people on duty and the true number ahead. Names: ``naive`` n/(s mu); ``last10`` mean wait of
those who started in the last 10 minutes; ``gap`` mean time between starts x (n + 1); ``les`` wait of the
last to start; ``hol`` age of the first in line; ``ql`` (n + 1)/(s mu); ``qlm`` and ``qlms`` Markov with
patience (offered, and given served; Jouini and others, Whitt); ``qla`` Whitt (2005) with the hazard of a
general patience at ages j / lambda.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from server.rules import dispatch
from server.waits.curves import Curve
from server.waits.parameters import Parameters
from server.waits.situation import Person, Situation, Waiter

NAMES = ("naive", "last10", "gap", "les", "hol", "ql", "qlm", "qlms", "qla")
RECENT_S = 600.0
GAPS = 10  # starts over which the mean gap is taken
AGE_STEP_S = 1.0
NEXT_S = 3600.0  # the arrival rate is that of the next hour


class Start(NamedTuple):
    """A visit that began at ``at`` after ``wait_s``."""

    at: float
    wait_s: float
    service: str


class Line(NamedTuple):
    """What the formulas are made of, for one shopper."""

    ahead: int
    staff: float
    mean_s: float
    theta: float  # per second
    rate: float  # arrivals per second to this line
    hazard: Curve | None


def line_of(s: Situation, beliefs: Parameters, me: Waiter) -> Line:
    """Those ahead whom the same people serve, and those people."""
    able = [p for p in s.people if _here(p, s.now) and dispatch.eligible(p.id, p.skills, me.service, me.wanted)]
    shared = [w for w in s.waiting if w.key < me.key and any(dispatch.eligible(p.id, p.skills, w.service, w.wanted) for p in able)]
    services = [w.service for w in shared] + [me.service]
    mean = float(np.mean([beliefs.service_of(name).mean_s for name in services]))
    curve = beliefs.patience_of(me.service, me.kind)
    rates = [stream.rate(s.now, s.now + NEXT_S)[1].sum() / NEXT_S for stream in beliefs.streams if stream.service == me.service]
    return Line(len(shared), max(len(able), 0.5), mean, 0.0 if curve is None else 1.0 / _mean_patience(curve), float(sum(rates)), curve)


def predict(s: Situation, beliefs: Parameters, me: Waiter, starts: Sequence[Start]) -> dict[str, float]:
    """Every baseline's wait in seconds. ``starts``: visits of this service begun so far today, in order."""
    line = line_of(s, beliefs, me)
    out = {"naive": line.ahead * line.mean_s / line.staff, "ql": (line.ahead + 1) * line.mean_s / line.staff}
    last = starts[-1].wait_s if starts else 0.0
    recent = [x.wait_s for x in starts[-200:] if x.at >= s.now - RECENT_S]
    out["last10"] = float(np.mean(recent)) if recent else last
    out["les"] = last
    first = min((w for w in s.waiting if w.service == me.service), key=lambda w: w.key, default=None)
    out["hol"] = s.now - first.queued_at if first else last
    begun = [x.at for x in starts[-GAPS - 1 :]]
    gap = (begun[-1] - begun[0]) / (len(begun) - 1) if len(begun) > 1 else line.mean_s / line.staff
    out["gap"] = gap * (line.ahead + 1)
    return out | _markov(line) | {"qla": _qla(line)}


def _markov(line: Line) -> dict[str, float]:
    """QLm: sum over i = 0..n of 1/(s mu + i theta); QLms: i + 1 for i, the shopper's own patience competes too."""
    rate, i = line.staff / line.mean_s, np.arange(line.ahead + 1)
    return {"qlm": float((1.0 / (rate + i * line.theta)).sum()), "qlms": float((1.0 / (rate + (i + 1) * line.theta)).sum())}


def _qla(line: Line) -> float:
    """Sum over i = 0..n of 1/(s mu + delta(n) - delta(i)), delta(k) = sum over j = 1..k of h(j / lambda)."""
    rate = line.staff / line.mean_s
    if line.hazard is None or line.rate <= 0:
        return (line.ahead + 1) / rate
    ages = np.arange(1, line.ahead + 1) / line.rate
    width = np.maximum(ages * 0.1, AGE_STEP_S)
    hazards = (line.hazard.hazards_until(ages + width) - line.hazard.hazards_until(np.maximum(ages - width, 0.0))) / (2 * width)
    delta = np.concatenate(([0.0], np.cumsum(hazards)))
    return float((1.0 / (rate + delta[-1] - delta)).sum())


def _mean_patience(curve: Curve) -> float:
    """1 / theta as a survey would find it: time waited per leaver over the first hour."""
    at = np.arange(0.0, 3600.0, 30.0)
    survival = curve.survival(at)
    return float(survival.sum() * 30.0 / max(1.0 - survival[-1], 1e-6))


def _here(person: Person, now: float) -> bool:
    seen = person.coming is None and (person.rested_s is None or person.rested_s < RECENT_S)
    return seen and any(start <= now < end for start, end in person.windows)
