"""The items of a store, loaded once from ``items/``: one file per item and language.

A file is TOML between two lines ``+++``, then Markdown::

    +++
    kind = "article"            # article, tip, quiz, poll, game, video or offer
    minutes = 2
    title = "How much memory does a laptop need?"
    summary = "Three questions, then you know."
    service = "computers"       # absent: of interest to everybody
    season = ["11-15", "01-06"] # absent: the whole year
    +++
    Text…

The file's name is ``{id}.{language}.md``. A quiz has ``[[quiz]]`` tables (``question``, ``options``,
``answer`` counted from 0, ``why``), a poll one ``[poll]`` table (``question``, ``options``), a video one ``[video]`` table
(``file``, ``captions = {fr = "tour.fr.vtt"}``, ``poster``: files in the store's own folder); a game names the ``game`` the
phone knows how to play (``order`` has ``[[order]]`` tables, ``what`` and ``when``). ``drawing`` names a picture of ``static/drawings``.
"""

import logging
import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from server.content.front import Front, in_season
from server.content.markdown import trees

ITEMS = Path(__file__).parent / "items"
MARK = "+++"
ITEM_BYTES_MAX = 64_000
FALLBACK = ("fr", "en")  # the later one counts more
OWN_MAX = 500  # items of one store
log = logging.getLogger(__name__)


class BadItem(ValueError):
    """An item that cannot be shown: one sentence that names the file and the field."""


def items(
    store: str, language: str, service: str | None = None, own: Path | None = None, today: date | None = None,
    more: Iterable[dict[str, Any]] = (),
) -> list[dict[str, Any]]:  # fmt: skip
    """What there is to read, ready for JSON: on-topic first, then general, then other departments, short ones first.

    An item that is not written in ``language`` comes in English, else in French; it says which. Every store has the starter
    pack, which is in every language; ``own`` is a folder with a folder of further items for each store, which replace those
    of the same name. A file that cannot be shown is left out and named in the log. Out of season on ``today``: left out too.
    ``more`` comes from feeds the store follows, in its own language only: foreign news is no news.
    """
    every = [*library(), *(_written(own / store) if own is not None and (own / store).is_dir() else [])]
    shown = [item for item in every if today is None or in_season(item["season"], today)]
    found = {item["id"]: item for wanted in (*FALLBACK, language) for item in shown if item["language"] == wanted}
    found |= {item["id"]: item for item in more if item["language"] == language}
    return sorted(found.values(), key=lambda item: (_distance(item["service"], service), item["minutes"], item["id"]))


@cache
def library(directory: Path = ITEMS) -> tuple[dict[str, Any], ...]:
    """Every item of a directory, read once. Raises BadItem."""
    return tuple(read(path) for path in sorted(directory.glob("*.md")))


def _written(directory: Path) -> list[dict[str, Any]]:
    """What a manager wrote, read again when a file has changed."""
    found = []
    for path in sorted(directory.glob("*.md"))[:OWN_MAX]:
        try:
            found.append(_read_at(path, path.stat().st_mtime_ns))
        except (BadItem, OSError, UnicodeDecodeError) as trouble:
            log.warning("content left out: %s", trouble)
    return found


@lru_cache(OWN_MAX)
def _read_at(path: Path, _changed_at: int) -> dict[str, Any]:
    return read(path)


def read(path: Path) -> dict[str, Any]:
    """One item file as the screens get it, ``body`` being trees (see ``markdown``). Raises BadItem."""
    name, dot, language = path.stem.rpartition(".")
    text = path.read_text("utf-8")
    empty, front, body = [*text.split(f"{MARK}\n", 2), "", "", ""][:3]
    if not dot or empty or not front:
        raise BadItem(f"{path.name}: needs a name like id.language.md and TOML between two lines {MARK}")
    if len(text.encode()) > ITEM_BYTES_MAX:
        raise BadItem(f"{path.name}: larger than {ITEM_BYTES_MAX} bytes")
    return {"id": name, "language": language, **_front(path, front).model_dump(), "body": trees(body)}


def _front(path: Path, text: str) -> Front:
    try:
        return Front.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as trouble:
        raise BadItem(f"{path.name}: {trouble}") from trouble
    except ValidationError as trouble:
        first = trouble.errors()[0]
        raise BadItem(f"{path.name}: {'.'.join(map(str, first['loc'])) or 'item'}: {first['msg']}") from trouble


def _distance(about: str | None, service: str | None) -> int:
    if about == service and service is not None:
        return 0
    return 1 if about is None else 2
