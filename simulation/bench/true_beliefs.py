"""What somebody would believe who knew a scenario's laws: the oracle that estimates are measured against."""

import numpy as np

from server.waits.curves import NEVER, Curve, Floats, from_inverse
from server.waits.parameters import Parameters, Punctuality, Stream, stepwise
from simulation.scenario.distributions import Deterministic, Distribution
from simulation.scenario.model import Scenario, Steps
from simulation.twin.crew import Crew

_LONGEST = 400.0  # times the mean: beyond this nothing is drawn
_HALVINGS = 60


def curve_of(law: Distribution) -> Curve:
    """The curve of a law of the scenario language, by inverting its survival function."""

    def inverse(survival: Floats) -> Floats:
        low, high = np.zeros_like(survival), np.full_like(survival, _LONGEST * max(law.mean_s, 1e-9))
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            above = law.survival(middle) > survival
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return np.asarray(high)

    return Curve(np.full(4096, law.mean_s)) if isinstance(law, Deterministic) else from_inverse(inverse)


class TrueBeliefs:
    """The scenario's own parameters at any instant. ``day_s`` is the distance between the days' beginnings."""

    def __init__(self, scenario: Scenario, crew: Crew, day_s: float) -> None:
        self.scenario, self.day_s = scenario, day_s
        self.service = {s.id: curve_of(s.service_time) for s in scenario.services.values()}
        self.patience = {(s.id, ""): curve_of(s.patience) for s in scenario.services.values() if s.patience is not None}
        for name, book in scenario.appointments.items():
            self.patience[name, "appointment"] = Curve(np.full(4096, NEVER)) if book.patience is None else curve_of(book.patience)
        self.factor = {(m.id, s): 1.0 / m.speeds.get(s, 1.0) for m in crew.members for s in m.skills}
        self.walking = {s.id: curve_of(s.walking) for s in scenario.services.values() if s.walking.mean_s > 0}
        self.punctuality = {n: Punctuality(b.show_up, -b.early_s, max(b.early_sd_s, 1e-6)) for n, b in scenario.appointments.items()}
        self.classes = {"": 1.0 - sum(c.share for c in scenario.classes.values())} | {n: c.share for n, c in scenario.classes.items()}

    def parameters(self, now: float) -> Parameters:
        """The truth at ``now``."""
        base = now - now % self.day_s
        drift = self.scenario.drift
        pace = drift.service_factor if drift is not None and now - base >= drift.from_s else 1.0
        return Parameters(
            service=self.service, patience=self.patience, factor=self.factor, streams=tuple(self._streams(base)), walking=self.walking,
            punctuality=self.punctuality, follow={s.id: s.next for s in self.scenario.services.values() if s.next},
            pace=(np.array([pace]), np.ones(1)),
        )  # fmt: skip

    def _streams(self, base: float) -> list[Stream]:
        streams, cards = [], self.scenario.card_share
        for service in self.scenario.services.values():
            edges, rates = _edges(service.rates, self.scenario.horizon_s)
            if not service.arrives:
                continue
            if cards > 0:
                streams.append(Stream(service.id, stepwise(edges + base, rates * cards), card=True))
            for standing, share in self.classes.items():
                rate = stepwise(edges + base, rates * (1.0 - cards) * share)
                streams.append(Stream(service.id, rate, standing=standing or None))
        return streams


def _edges(steps: Steps, horizon_s: float) -> tuple[Floats, Floats]:
    return np.array([*(start for start, _ in steps), horizon_s]), np.array([rate for _, rate in steps])
