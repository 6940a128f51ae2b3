"""Tasks that run beside the rest for as long as something lasts, and are over when it is."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

log = logging.getLogger(__name__)


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Do ``work`` in a task of this name while this is entered; leaving cancels it and waits until it is over."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        await end(task)


async def end(*tasks: "asyncio.Task[Any]") -> None:
    """Cancel these and wait until they are over; one that had failed by itself is told in the log."""
    for task in tasks:
        task.cancel()
    for task, result in zip(tasks, await asyncio.gather(*tasks, return_exceptions=True), strict=True):
        if isinstance(result, Exception):
            log.error("the task %s had failed", task.get_name(), exc_info=result)
