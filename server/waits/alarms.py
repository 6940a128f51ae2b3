"""Alarms on the future: told in time to do something about it, and not again at every flicker.

An alarm is raised when the 90th percentile of the wait comes to ``NEAR`` of the limit for who joins between ``FIRST_S``
and ``LAST_S`` from now, on ``LOOKS`` looks running: that percentile is over all futures, and in a part of them it is
passed. It ends when everything up to then has stayed under ``CALM`` of the limit for ``CALM_LOOKS`` looks: a store that
is still near its capacity passes the limit again at the next long visit, with no warning beforehand, so an alarm outlasts
the lull. No further than ``LAST_S``: rates learned by the quarter hour make a rush seem to begin ten minutes early.
A look is made once a minute. The numbers were chosen on simulated days of other seeds (9001 to 9003) than those on which
``avous bench alarms`` counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from server.waits.outlook import Outlook

LEVEL = 0.90
FIRST_S, LAST_S = 480.0, 1320.0
AHEAD_S = (0.0, 240.0, 480.0, 600.0, 720.0, 900.0, 1080.0, 1320.0, 1560.0, 1800.0, 2400.0, 3000.0, 3600.0)
"""The instants a look asks about; the last ones are for the picture of the next hour only."""
LOOKS = 3
NEAR = 0.8
CALM = 0.5
CALM_LOOKS = 20


@dataclass(frozen=True, slots=True)
class Alarm:
    """The wait for ``service`` will pass ``limit_s`` at ``crosses_at`` (come near it, where ``worst_s`` is less), and reach ``worst_s``.

    With one more person it would be ``helped_s``.
    """

    service: str
    raised_at: float
    crosses_at: float
    limit_s: float
    worst_s: float
    helped_s: float | None = None


@dataclass(slots=True)
class _Seen:
    over: int = 0
    calm: int = 0


@dataclass(slots=True)
class Watch:
    """One store's alarms from look to look."""

    active: dict[str, Alarm] = field(default_factory=dict)
    _seen: dict[str, _Seen] = field(default_factory=dict)

    def look(self, ahead: Outlook, limits: Mapping[str, float]) -> tuple[list[Alarm], list[Alarm]]:
        """What is raised and what is over since the last look; services without a limit have no alarms."""
        raised, over = [], []
        for service, limit_s in limits.items():
            if service not in ahead.waits:
                continue
            was = self.active.get(service)
            now = self._look(ahead, service, limit_s)
            raised += [now] if now is not None and was is None else []
            over += [was] if was is not None and now is None else []
        return raised, over

    def helped(self, service: str, helped_s: float) -> None:
        """Note what one more salesperson would make of the worst of it."""
        self.active[service] = replace(self.active[service], helped_s=helped_s)

    def _look(self, ahead: Outlook, service: str, limit_s: float) -> Alarm | None:
        times, waits = np.array(ahead.ahead_s), ahead.quantile(service, LEVEL)
        seen, alarm = self._seen.setdefault(service, _Seen()), self.active.get(service)
        in_time = (times >= FIRST_S) & (times <= LAST_S)
        near, crossing = in_time & (waits >= NEAR * limit_s), in_time & (waits >= limit_s)
        seen.over = seen.over + 1 if near.any() else 0
        seen.calm = seen.calm + 1 if (waits[times <= LAST_S] < CALM * limit_s).all() else 0
        if alarm is None and seen.over < LOOKS:
            return None
        if seen.calm >= CALM_LOOKS:
            self.active.pop(service, None)
            return None
        worst_s = float(waits[times <= LAST_S].max())
        if alarm is None:
            alarm = Alarm(service, ahead.at, ahead.at + float(times[crossing if crossing.any() else near][0]), limit_s, worst_s)
        self.active[service] = alarm = replace(alarm, worst_s=worst_s)
        return alarm
