"""What a store's own past says of its services: how long visits last, when one is doubtful, how far the way is.

Medians and an order statistic of finished steps, so that one visit nobody tapped to the end spoils nothing; steps whose end
was estimated are left out.
"""

from collections.abc import Iterable
from math import ceil
from statistics import median
from typing import Final, TypedDict

from server.rules.effects import KeepFact

LEAST: Final = 30  # finished steps of a service before its usual length is believed…
LEAST_TAIL: Final = 60  # …and before its 95th percentile is
WALK_MAX_S: Final = 900.0  # a longer way was no walk: somebody forgot to tap Start
DOUBT_LEAST_S: Final = 60.0


class Usual(TypedDict, total=False):
    """Fields of a service's plan that the past decides, in seconds; those it says too little of are missing."""

    typical_s: float
    doubt_after_s: float
    walking_s: float


def usual_of(steps: Iterable[KeepFact]) -> dict[str, Usual]:
    """Per service: median length, 95th percentile of the lengths, median way from the call to the start."""
    lasted, walked = dict[str, list[float]](), dict[str, list[float]]()
    for step in steps:
        if step.started_at is None or step.finished_at is None or step.estimated:
            continue
        lasted.setdefault(step.service, []).append(step.finished_at - step.started_at)
        if step.called_at is not None and step.started_at - step.called_at <= WALK_MAX_S:
            walked.setdefault(step.service, []).append(step.started_at - step.called_at)
    return {service: _usual(sorted(times), walked.get(service, [])) for service, times in lasted.items() if len(times) >= LEAST}


def _usual(lasted: list[float], walked: list[float]) -> Usual:
    found = Usual(typical_s=round(median(lasted), 1))
    if len(lasted) >= LEAST_TAIL:
        found["doubt_after_s"] = max(round(lasted[ceil(0.95 * len(lasted)) - 1], 1), DOUBT_LEAST_S)
    if len(walked) >= LEAST:
        found["walking_s"] = round(median(walked), 1)
    return found
