"""From counts to curves, each shrunk to a more general one: kind of shopper -> service -> store -> a stated prior."""

from collections.abc import Iterable, Mapping

from server.waits.curves import Curve, Floats, Tally, hazard_of, lognormal, of_hazard, weibull
from server.waits.lengths import Visits

UNIT_S = 600.0  # the store's common shape of a visit is kept for visits of this mean
PRIOR_CV = 1.0
PARENT_VISITS = 20.0  # a more general curve counts as so many
PATIENCE_S, PATIENCE_SHAPE = 1800.0, 0.7  # nobody's yet: half an hour on average, the hazard falls
PAUSE_S, PAUSE_VISITS = 15.0, 3.0
WALK_S = 30.0


def service_hazards(shape: Tally, visits: Mapping[str, Visits]) -> dict[str, Floats]:
    """The hazard of each service's length; the store's shape, stretched to the service's mean, is its parent."""
    everybody = _sum([shape, *(octave.shape for v in visits.values() for octave in v.far())])
    common = of_hazard(everybody.hazard(hazard_of(lognormal(UNIT_S, PRIOR_CV)), PARENT_VISITS))
    own = {s: _sum([v.tally, *(octave.tally for octave in v.far())]) for s, v in visits.items()}
    return {s: own[s].hazard(hazard_of(common.scaled(v.mean_s / common.mean_s)), PARENT_VISITS) for s, v in visits.items()}


def patience_curves(patience: Mapping[tuple[str, str], Tally], services: Mapping[str, Visits]) -> dict[tuple[str, str], Curve]:
    """Curves by (service, kind); kind "" is what is believed of kinds never seen."""
    store = _sum(patience.values())
    prior = hazard_of(weibull(PATIENCE_S, PATIENCE_SHAPE))
    prior = prior * (store.events.sum() + 2.0) / ((store.exposure * prior).sum() + 2.0)  # its level from all that left
    common = store.hazard(prior, PARENT_VISITS)
    curves: dict[tuple[str, str], Curve] = {}
    for service in services:
        kinds = {kind: tally for (name, kind), tally in patience.items() if name == service}
        mine = _sum(kinds.values()).hazard(common, PARENT_VISITS)
        curves[service, ""] = of_hazard(mine)
        curves |= {(service, kind): of_hazard(tally.hazard(mine, PARENT_VISITS)) for kind, tally in kinds.items()}
    return curves


def walking_curves(walking: Mapping[str, Tally], services: Iterable[str]) -> dict[str, Curve]:
    """From call to start, where that takes any time; nobody has walked yet: as long as people usually take."""
    prior, nobody = hazard_of(lognormal(WALK_S, PRIOR_CV)), Tally()
    tallies = {service: walking.get(service, nobody) for service in services}
    return {s: of_hazard(t.hazard(prior, PAUSE_VISITS)) for s, t in tallies.items() if not t.weight or _mean_s(t) > 1.0}


def closer_curves(closer: Mapping[str, Tally], walks: Mapping[str, Curve]) -> dict[str, Curve]:
    """The same of those who had been asked to come closer, shrunk to everybody's."""
    return {s: of_hazard(tally.hazard(hazard_of(walks[s]), PAUSE_VISITS)) for s, tally in closer.items() if s in walks}


def gap_curve(tally: Tally) -> Curve | None:
    """From one visit's end to the next call; before the first has been seen: as usual."""
    return of_hazard(hazard_of(lognormal(PAUSE_S, PRIOR_CV))) if not tally.weight and not tally.exposure.any() else pause_curve(tally)


def pause_curve(tally: Tally) -> Curve | None:
    """Pauses of salespeople, if there are any to speak of."""
    return of_hazard(tally.hazard(hazard_of(lognormal(PAUSE_S, PRIOR_CV)), PAUSE_VISITS)) if _mean_s(tally) > 1.0 else None


def _mean_s(tally: Tally) -> float:
    return float(tally.exposure.sum()) / tally.weight if tally.weight else 0.0


def _sum(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.merge(tally)
    return whole
