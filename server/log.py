"""Structured logs, one JSON object a line, that cannot hold personal data: only fields on a list are printed.

A token, a name or a phone number that somebody puts into a log call by mistake is dropped, because its
field is not listed. Exceptions are logged as their type and where they happened, never their text.
"""

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

FIELDS: Final = frozenset({
    "event", "level", "timestamp", "logger", "store", "route", "method", "status", "duration_ms", "code", "kind", "reason", "count",
    "seq", "version", "command", "error", "where", "port", "host", "speed", "screen", "day", "seed", "retry_after_s",
    "person", "device", "profile", "key", "hook",  # ids of staff, devices, API keys, webhooks: who was let in
})  # fmt: skip
"""Every field a log line may have."""

LINE_MAX: Final = 300  # characters of one value


def configure(level: str = "info") -> None:
    """Log to stderr from ``level`` up. Uvicorn's and other libraries' messages go the same way, from warnings on."""
    threshold = getattr(logging, level.upper())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_listed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Forward()], force=True)


def get() -> Any:
    """The logger: ``log.get().info("socket_closed", kind="phone", code=1000)``; the event is a constant name."""
    return structlog.get_logger()


def only_listed(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A structlog processor that keeps listed fields, and of their values only what is short."""
    return {key: _short(value) for key, value in fields.items() if key in FIELDS}


def failure(error: BaseException) -> dict[str, Any]:
    """The type of an exception and where it came from, as log fields; not its text, which may quote a shopper."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = [f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__qualname__, "where": places}


class _Forward(logging.Handler):
    """Messages of the standard logger: where they come from, the exception's type, and of our own rooms the words.

    Words are the constant text before values are put in; a library's may hold addresses and paths, and stay out.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Say it the structured way."""
        fields: dict[str, Any] = {"logger": record.name, "where": [f"{record.module}:{record.lineno}"]}
        if record.name.startswith("server."):
            fields["reason"] = str(record.msg)
        if record.exc_info and record.exc_info[1]:
            fields |= failure(record.exc_info[1])
        get().log(record.levelno, "message", **fields)


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LINE_MAX]
    return value if isinstance(value, (int, float, list, type(None))) else type(value).__name__


def _place(filename: str) -> str:
    return "/".join(filename.split("/")[-3:])
