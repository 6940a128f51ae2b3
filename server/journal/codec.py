"""Events, commands and effects as JSON, by reflection: a new dataclass in the rules needs no line here.

Each value is written as ``{"type": "TicketJoined", "v": 1, …fields}``. Reading is strict: an unknown type,
an unknown field, a missing one or a wrong kind of value is a ``CodecError``, never a guess. When a class
changes its meaning, raise its version in ``VERSIONS`` and teach ``UPCASTERS`` to lift the old form: the
golden days in the tests keep every old form readable.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from server.rules.commands import Command
from server.rules.effects import Effect
from server.rules.events import Event

Json = dict[str, Any]

CLASSES: dict[str, type] = {cls.__name__: cls for union in (Event, Command, Effect) for cls in get_args(union)}
VERSIONS: dict[str, int] = {}  # only those that are not 1 any more
UPCASTERS: dict[tuple[str, int], Callable[[Json], Json]] = {}  # (type, from version) -> the next version's fields


class CodecError(ValueError):
    """Text that is not a value this version of the rules knows."""


def encode(value: Any) -> str:
    """The value as one line of JSON; floats are written so that they come back bit for bit."""
    body = to_json(value).decode()
    return _HEADS[type(value)] + (body[1:] if body != "{}" else "}")


def decode(text: str) -> Any:
    """The value that ``encode`` wrote, lifted from older versions. Raises CodecError."""
    cls = CLASSES.get(text[len(_KIND) : text.find('"', len(_KIND))])
    if cls is not None and text.startswith(_HEADS[cls]):  # as it is written today: a start reads the whole day
        with suppress(ValidationError):
            return _adapter(cls).validate_json("{" + text[len(_HEADS[cls]) :], strict=True, extra="forbid")
    try:
        body = from_json(text)
    except ValueError as fault:
        raise CodecError(f"not JSON: {fault}") from None
    return decode_table(body)


def decode_table(body: Any) -> Any:
    """The value in a parsed JSON object. Raises CodecError."""
    if not isinstance(body, dict) or not isinstance(kind := body.get("type"), str) or kind not in CLASSES:
        raise CodecError(f"unknown type {body.get('type') if isinstance(body, dict) else body!r}")
    table = _lift(kind, body.get("v"), {key: value for key, value in body.items() if key not in ("type", "v")})
    try:
        return _adapter(CLASSES[kind]).validate_json(to_json(table), strict=True, extra="forbid")
    except ValidationError as fault:
        first = fault.errors()[0]
        raise CodecError(f"{kind}.{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _lift(kind: str, version: Any, table: Json) -> Json:
    current = VERSIONS.get(kind, 1)
    if type(version) is not int or not 1 <= version <= current:
        raise CodecError(f"{kind} has no version {version!r} here")
    for old in range(version, current):
        table = UPCASTERS[kind, old](table)
    return table


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def _head(cls: type[Any]) -> str:
    """How a value of the class begins."""
    comma = "," if fields(cls) else ""
    return f'{_KIND}{cls.__name__}","v":{VERSIONS.get(cls.__name__, 1)}{comma}'


_KIND = '{"type":"'
_HEADS = {cls: _head(cls) for cls in CLASSES.values()}
