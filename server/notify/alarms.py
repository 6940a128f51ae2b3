"""An alarm on the future, on the dark phone or closed laptop of whoever runs the store: what is coming, and what would help."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from server.journal import claims, staff_pushes
from server.live.live import Live
from server.live.stores import StoreConfig
from server.notify.ladder import How, Note, Sender
from server.waits.alarms import LAST_S

LITTLE_S: Final = 60.0  # help that changes less than this is none
KEEP_S: Final = 86_400.0
AGAIN_S: Final = LAST_S / 2  # nodes that raise the same alarm within this say one thing
Words = Callable[..., str]


class AlarmPush:
    """Tells those of a store's people who have a desk and have asked to be told on a device of theirs."""

    def __init__(self, live: Live, push: Sender, words: Words) -> None:
        self._live, self._push, self._words = live, push, words

    async def tell(self, store: str, alarm: dict[str, Any]) -> int:
        """Push a new alarm, as the API shows it, to each of those devices, once whichever node is first; how many took it."""
        config, now = self._live.store(store), self._live.clock.now()
        to = [id for id, person in config.salespeople.items() if person.role != "salesperson"]
        raised = datetime.fromisoformat(alarm["raised_at"]).timestamp()
        key = f"alarm {store} {alarm['service']} {int(raised // AGAIN_S)}"
        found = await staff_pushes.of(self._live.journal, store, to)
        if not found or not await claims.first(self._live.journal, key, now, now - KEEP_S):
            return 0
        taken = 0
        for _, subscription in found:
            how = await self._push.send(subscription, self.note(config, alarm, staff_pushes.language_of(subscription, config.languages[0])))
            taken += how is How.SENT
            if how is How.GONE:
                await staff_pushes.drop(self._live.journal, subscription)
        return taken

    def note(self, config: StoreConfig, alarm: dict[str, Any], language: str) -> Note:
        """What is coming and what would help."""
        service = config.services[alarm["service"]]
        ahead_s = datetime.fromisoformat(alarm["crosses_at"]).timestamp() - self._live.clock.now()
        values = {
            "service": service.labels.get(language) or next(iter(service.labels.values())), "store": config.name,
            "n": max(0, round(ahead_s / 60)),
            **{part: _min(alarm[f"{part}_s"]) for part in ("limit", "worst", "helped")},
        }  # fmt: skip
        near = alarm["worst_s"] is not None and alarm["worst_s"] < alarm["limit_s"]
        coming = "alarm_nobody" if alarm["worst_s"] is None else "alarm_near" if near else "alarm"
        body = f"{self._words(language, f'notify.{coming}', **values)} {self._words(language, f'notify.{_help(alarm)}', **values)}"
        return Note(f"alarm/{alarm['service']}", self._words(language, "notify.alarm_title", **values), body, f"/manager?store={config.id}")


def _help(alarm: dict[str, Any]) -> str:
    """Which sentence says what one more person would change."""
    worst, helped = alarm["worst_s"], alarm["helped_s"]
    none = helped is None or (worst is not None and helped >= worst - LITTLE_S)
    return "alarm_no_help" if none else "alarm_help"


def _min(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds / 60:.0f}"
