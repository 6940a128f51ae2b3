"""Once an hour: lets go of what a store has kept long enough (whole days of the journal, and who served on them), and of garbage."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from server.background import beside
from server.journal import personal
from server.journal.port import StorageTrouble
from server.live.live import Live

log = logging.getLogger(__name__)
EVERY_S = 3600.0  # real seconds between two looks


def retaining(live: Live) -> AbstractAsyncContextManager[None]:
    """Look once at the beginning and then every hour, while this is entered."""
    return beside(_for_ever(live), "retention")


async def _for_ever(live: Live) -> None:
    while True:
        try:
            await once(live)
        except StorageTrouble as trouble:
            log.warning("retention waits for the journal: %s", trouble)
        await asyncio.sleep(EVERY_S)
        live.clean_up()


async def once(live: Live) -> int:
    """Let go of the days before each store's ``keep.days``; returns how many."""
    gone = 0
    for config in live.stores():
        first_kept = config.business_day(live.clock.now()) - timedelta(days=config.keep.days)
        gone += await personal.retain(live.journal, config.id, first_kept.isoformat())
    return gone
