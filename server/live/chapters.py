"""A store's days out of the journal, folded."""

from collections.abc import Collection
from functools import reduce

from server.journal.port import DayHead, Journal
from server.live import limits
from server.live.screens import Chapter
from server.rules.events import DayOpened
from server.rules.evolve import evolve
from server.rules.state import StoreDay, new_day


async def folded(journal: Journal, head: DayHead) -> StoreDay:
    """A day of the journal; its first event brings its own plan."""
    events = await journal.events(head.store, head.day)
    first = events[0]
    assert isinstance(first, DayOpened), "a stream begins with its day being opened"
    return reduce(evolve, events, new_day(first.plan))


async def chapters(journal: Journal, store: str, days: Collection[str]) -> list[Chapter]:
    """Those of a store's last days that are among ``days``, the newest first."""
    heads = await journal.days(store, 1 + limits.OLD_DAYS_MAX)
    return [Chapter(await folded(journal, head), head.base) for head in heads if head.day in days]
