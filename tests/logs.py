"""What the server writes to its log, for tests that read it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from server import log


@contextmanager
def logged(level: str) -> Iterator[io.StringIO]:
    """The log from ``level`` on, as it is written."""
    out = io.StringIO()
    log.configure(level)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(out))
    try:
        yield out
    finally:
        structlog.reset_defaults()
        logging.basicConfig(handlers=[], force=True)
