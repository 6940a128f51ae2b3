"""One store's settings in force, and the plan of a day made from them and from what the store's past has taught.

A store begins with its file. Whatever is changed on a screen is a version of its own, kept with who and when; a file that was
edited since it was last read is one more version. The newest counts, whoever made it.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from pydantic_core import from_json, to_json

from server.journal import facts, settled
from server.journal.port import Journal
from server.journal.settled import ChangedMeanwhile, Version
from server.live.stores import BadStore, StoreConfig, parse_store, plan_for
from server.live.usual import Usual, usual_of
from server.rules.commands import ChangePlan
from server.rules.decide import Refusal, decide
from server.rules.plan import DayPlan
from server.rules.state import DayPhase, StoreDay

USUAL_DAYS: Final = 28
SHOWN_MAX: Final = 200  # letters of a value in the history; a logo is longer
BY_FILE: Final = ""
UNDER_WAY: Final = (DayPhase.OPEN, DayPhase.CLOSED)


class Settled:
    """``config`` is what counts now; ``version`` 0 means the store file as it was found, nothing decided yet."""

    def __init__(self, config: StoreConfig, journal: Journal) -> None:
        self.config, self.version = config, 0
        self._journal = journal
        self._usual: tuple[str, Mapping[str, Usual]] = ("", {})

    async def begin(self, now: float) -> None:
        """Take up the settings that were last decided; the store's file counts again where it was edited since."""
        last = await settled.of_file(self._journal, self.config.id)
        if last is None or not _says(last, self.config):
            with suppress(ChangedMeanwhile):  # of two nodes that start together, one writes what both have read
                return await self.decide(self.config, now, BY_FILE)
        return await self.load()

    async def load(self) -> None:
        """Use the newest version."""
        newest = await settled.newest(self._journal, self.config.id)
        if newest is not None and newest.version != self.version:
            self.config, self.version = read(newest), newest.version

    async def decide(self, config: StoreConfig, now: float, by: str, after: int | None = None) -> None:
        """Keep ``config`` as the version that follows ``after`` (None: the newest), and use it. Raises ChangedMeanwhile."""
        newest = await settled.newest(self._journal, config.id)
        before, last = (newest.config, newest.version) if newest else ("{}", 0)
        text = written(config)
        told = json.dumps(changes(json.loads(before), json.loads(text)) if newest else [], ensure_ascii=False)
        await settled.put(self._journal, Version(config.id, (last if after is None else after) + 1, now, by, told, text))
        self.config, self.version = config, (last if after is None else after) + 1

    async def look_back(self, now: float) -> None:
        """Learn what visits usually take, from the days before this one; once a day."""
        day = self.config.business_day(now)
        if self._usual[0] != day.isoformat():
            first, last = day - timedelta(days=USUAL_DAYS), day - timedelta(days=1)
            rows = await facts.read(self._journal, self.config.id, first.isoformat(), last.isoformat())
            self._usual = (day.isoformat(), usual_of(fact for _, fact in rows))

    def refusal(self, day: StoreDay, config: StoreConfig, now: float) -> Refusal | None:
        """Why a day that is under way cannot go on with ``config``, if so."""
        if day.phase not in UNDER_WAY:
            return None
        result = decide(day, ChangePlan(self.plan(date.fromisoformat(day.plan.day), config)), now)
        return result if isinstance(result, Refusal) else None

    def plan(self, day: date, config: StoreConfig | None = None) -> DayPlan:
        """The plan of a day with these settings (None: those in force)."""
        config = config or self.config
        plan = plan_for(config, day)
        if self._usual[0] != day.isoformat():
            return plan
        learned = {id: self._usual[1][id] for id in plan.services if id in self._usual[1] and config.services[id].learn}
        return replace(plan, services={id: replace(s, **learned.get(id, {})) for id, s in plan.services.items()})


def written(config: StoreConfig) -> str:
    """Settings as they are kept: JSON, without the PINs that a demonstration's file may have."""
    return to_json(config.model_dump(mode="json", exclude={"salespeople": {"__all__": {"pin"}}})).decode()


def read(version: Version) -> StoreConfig:
    """Settings as they were kept. Raises BadStore for what this release no longer understands."""
    return parse_store(from_json(version.config), f"settings {version.version} of {version.store}", json=True)


def _says(version: Version, config: StoreConfig) -> bool:
    """Whether this version is these settings; what it is silent about, as it is older than the setting, has its usual value."""
    try:
        return read(version) == read(replace(version, config=written(config)))
    except BadStore:
        return False


def changes(before: Any, after: Any, field: str = "") -> list[dict[str, Any]]:
    """What differs, value by value: [{"field": "services.advice.rank", "before", "after"}]; None where there was, or is, nothing."""
    if isinstance(before, dict) or isinstance(after, dict):
        old, new = (side if isinstance(side, dict) else {} for side in (before, after))
        names = sorted({*old, *new})
        return [c for n in names for c in changes(old.get(n), new.get(n), f"{field}.{n}" if field else n) if old.get(n) != new.get(n)]
    return [{"field": field, "before": _short(before), "after": _short(after)}]


def _short(value: Any) -> Any:
    return f"{value[:SHOWN_MAX]}…" if isinstance(value, str) and len(value) > SHOWN_MAX else value
