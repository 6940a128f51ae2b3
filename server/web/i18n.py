"""The words on every screen, in the languages of the store.

Messages live in ``locale/{language}/{room}.json``, nested as their authors like; here they are flat keys
such as ``phone.ahead``. A value is a text with ``{name}`` placeholders, or a plural: an object with CLDR
categories (``one``, ``other``…) chosen by the value of ``n``. Scripts get the same catalogue as JSON.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale

LOCALE = Path(__file__).parent / "locale"
DEFAULT = "fr"
PLURALS = {"zero", "one", "two", "few", "many", "other"}

Message = str | dict[str, str]
Catalogue = Mapping[str, Message]


@cache
def languages() -> tuple[str, ...]:
    """The languages there are messages for, French first."""
    found = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
    return tuple(sorted(found, key=lambda language: (language != DEFAULT, language)))


@cache
def catalogue(language: str) -> Catalogue:
    """Every message of ``language``, flat; KeyError if there is no such language."""
    if language not in languages():
        raise KeyError(language)
    messages: dict[str, Message] = {}
    for path in sorted((LOCALE / language).glob("*.json")):
        messages |= _room(path)
    return messages


def catalogue_json(language: str, rooms: tuple[str, ...] = ()) -> bytes:
    """The catalogue as the scripts get it: all of it, or the messages of these rooms."""
    found = {key: message for key, message in catalogue(language).items() if not rooms or key.partition(".")[0] in rooms}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def t(language: str, key: str, **values: Any) -> str:
    """The message ``key`` with its placeholders filled.

    A key or a language without a translation falls back to French, then to the key itself: a screen
    with one odd word is better than no screen (a test keeps catalogues complete).
    """
    known = language if language in languages() else DEFAULT
    message = catalogue(known).get(key) or catalogue(DEFAULT).get(key)
    if message is None:
        return key
    if isinstance(message, dict):
        form = Locale.parse(known).plural_form(values.get("n", 0))
        message = message.get(form) or message["other"]
    return message.format_map(_Gaps(values))


def choose(accept_language: str, among: tuple[str, ...], default: str = DEFAULT) -> str:
    """The first acceptable language of an Accept-Language header that is ``among`` ours, else ``default``."""
    for wanted in _preferences(accept_language):
        if wanted in among:
            return wanted
    return default


class _Gaps(dict[str, Any]):
    """A placeholder nobody filled stays visible instead of breaking the page."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _preferences(header: str) -> list[str]:
    """Primary language tags, most wanted first; malformed parts count for nothing."""
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:200].split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        if weight > 0:
            ranked.append((-weight, position, tag.partition("-")[0].lower()))
    return [tag for _, _, tag in sorted(ranked)]


def _room(path: Path) -> dict[str, Message]:
    """The messages of one file; the room's name is the prefix, written in the file or not."""
    room = path.stem
    messages: dict[str, Message] = {}
    for key, message in _flatten(json.loads(path.read_text("utf-8"))):
        messages[key if key.startswith(f"{room}.") else f"{room}.{key}"] = message
    return messages


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Message]]:
    for key, value in tree.items():
        if isinstance(value, dict) and not (value and set(value) <= PLURALS and "other" in value):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
