"""Who serves what, read from a log that does not say it: a small filter per salesperson and service.

Serving a service shows the skill. Taking somebody else while the first in line of another service ranked ahead
shows that it is switched off (in the bank's log people are switched during the day, for hours at a time). In
between, the chance drifts back to how often that person had it.
"""

import math
from dataclasses import dataclass, field

DRIFT_S = 6 * 3600.0  # seconds after which what was seen says less than the usual
NIGHT = 0.5  # so much of what is usual is in a new morning's chance, the rest is as the day before ended
FADE = 0.8  # a day later, evidence counts for so much
PASSED = 0.15  # chance that somebody with the skill passes over the first in line all the same
STRAY = 0.03  # chance that somebody without it serves one nevertheless
HAS = 0.5  # from this chance on they are counted on
NEW_VISITS = 3.0  # what is usual with everybody counts as so many pieces of evidence about somebody


@dataclass(slots=True)
class _Belief:
    chance: float
    at: float
    seen: float = NEW_VISITS
    had: float = 0.0


@dataclass
class Skills:
    """The chance that each salesperson can serve each service now."""

    known: dict[str, dict[str, _Belief]] = field(default_factory=dict)
    pooled: dict[str, list[float]] = field(default_factory=dict)  # service -> [evidence of the skill, evidence]

    def served(self, person: str, service: str, at: float) -> None:
        """They took somebody for this service."""
        self._note(person, service, at, 1.0, STRAY)

    def passed(self, person: str, service: str, at: float) -> None:
        """They took somebody else although the first in line for this service ranked ahead."""
        self._note(person, service, at, PASSED, 1.0)

    def chance(self, person: str, service: str, at: float) -> float:
        """P(can serve it now)."""
        belief = self.known.get(person, {}).get(service)
        if belief is None:
            return self._usual(service)
        kept = math.exp(-max(at - belief.at, 0.0) / DRIFT_S)
        return kept * belief.chance + (1.0 - kept) * belief.had / belief.seen

    def of(self, person: str, at: float) -> tuple[str, ...]:
        """The services they are counted on for, sorted."""
        return tuple(sorted(s for s in self.pooled if self.chance(person, s, at) >= HAS))

    def new_day(self, at: float) -> None:
        """A day begins at ``at``: what was seen last counts half, older days less and less."""
        for beliefs in self.known.values():
            for belief in beliefs.values():
                belief.chance += NIGHT * (belief.had / belief.seen - belief.chance)
                belief.had, belief.seen, belief.at = belief.had * FADE, belief.seen * FADE, at

    def _usual(self, service: str) -> float:
        had, seen = self.pooled.get(service, (0.0, 0.0))
        return (had + 1.0) / (seen + 2.0)

    def _note(self, person: str, service: str, at: float, with_skill: float, without: float) -> None:
        before = self.chance(person, service, at)
        after = before * with_skill / max(before * with_skill + (1.0 - before) * without, 1e-12)
        usual = self._usual(service)
        belief = self.known.setdefault(person, {}).setdefault(service, _Belief(after, at, had=usual * NEW_VISITS))
        belief.chance, belief.at = min(max(after, 0.01), 0.99), at
        belief.had, belief.seen = belief.had + belief.chance, belief.seen + 1.0
        pool = self.pooled.setdefault(service, [0.0, 0.0])
        pool[0], pool[1] = pool[0] + belief.chance, pool[1] + 1.0
