"""The words on every screen, in the languages of the store.

Messages are gettext catalogues, one per language and room: ``locale/{language}/{room}.po``. A ``msgid`` is the
key a screen asks for (``phone.ahead``), a ``msgstr`` the text with ``{name}`` placeholders. Plurals are gettext
plurals whose forms stand in the order of the CLDR categories of the language (``zero``, ``one``, ``two``, ``few``,
``many``, ``other``, as far as it has them), chosen by the value of ``n``. Babel reads them when they are first
needed; nothing is compiled ahead. Scripts get the same catalogue as JSON, with its categories by name.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
DEFAULT = "fr"
ORDER = ("fr", "en", "es", "de", "it", "ar")
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
RIGHT_TO_LEFT = frozenset({"ar"})

Message = str | dict[str, str]
Catalogue = Mapping[str, Message]


@cache
def languages(room: str | None = None) -> tuple[str, ...]:
    """The languages there are messages for, French first; with ``room``, those this room is written in."""
    found = [path.name for path in LOCALE.iterdir() if path.is_dir() and (room is None or any(path.glob(f"{room}.*")))]
    return tuple(sorted(found, key=lambda language: (ORDER.index(language) if language in ORDER else len(ORDER), language)))


@cache
def catalogue(language: str) -> Catalogue:
    """Every message as a screen in ``language`` shows it, flat: what is not written in it is in English, else in French.

    KeyError if there is no such language.
    """
    if language not in languages():
        raise KeyError(language)
    return {**written(DEFAULT), **written("en"), **written(language)}


@cache
def written(language: str) -> Catalogue:
    """The messages that are written in ``language`` itself."""
    messages: dict[str, Message] = {}
    for path in sorted((LOCALE / language).iterdir()):
        messages |= READERS[path.suffix](path) if path.suffix in READERS else {}
    return messages


def catalogue_json(language: str, rooms: tuple[str, ...] = ()) -> bytes:
    """The catalogue as the scripts get it: all of it, or the messages of these rooms."""
    found = {key: message for key, message in catalogue(language).items() if not rooms or key.partition(".")[0] in rooms}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def categories(language: str) -> tuple[str, ...]:
    """The CLDR plural categories of ``language``, in the order of its gettext forms."""
    used = Locale.parse(language).plural_form.tags | {"other"}
    return tuple(category for category in CATEGORIES if category in used)


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


def _po(path: Path) -> dict[str, Message]:
    """The messages of one gettext catalogue; what nobody has translated yet is left out."""
    with path.open("rb") as file:
        entries = read_po(file, locale=path.parent.name, abort_invalid=True)
    forms = categories(path.parent.name)
    return dict(message for entry in entries if (message := _message(entry, forms)))


def _message(entry: Entry, forms: tuple[str, ...]) -> tuple[str, Message] | None:
    """One entry as key and message; None for the header and for an entry that is not (or not surely) translated."""
    if not entry.id or entry.fuzzy:
        return None
    if isinstance(entry.string, str):
        return (str(entry.id), entry.string) if entry.string else None
    texts = entry.string or ()
    return (entry.id[0], dict(zip(forms, texts, strict=True))) if all(texts) else None


def _json(path: Path) -> dict[str, Message]:
    """The messages of one JSON file, nested as its author likes; the room's name is the prefix, written in the file or not."""
    room = path.stem
    messages: dict[str, Message] = {}
    for key, message in _flatten(json.loads(path.read_text("utf-8"))):
        messages[key if key.startswith(f"{room}.") else f"{room}.{key}"] = message
    return messages


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Message]]:
    for key, value in tree.items():
        if isinstance(value, dict) and not (value and set(value) <= set(CATEGORIES) and "other" in value):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


READERS = {".po": _po, ".json": _json}
