"""The items of a store, loaded once from ``items/``: one file per item and language.

A file is TOML between two lines ``+++``, then Markdown::

    +++
    kind = "article"            # article, tip, quiz or game
    minutes = 2
    title = "How much memory does a laptop need?"
    summary = "Three questions, then you know."
    service = "computers"       # absent: of interest to everybody
    +++
    Text…

The file's name is ``{id}.{language}.md``. A quiz has ``[[quiz]]`` tables (``question``, ``options``,
``answer`` counted from 0, ``why``); a game names the ``game`` the phone knows how to play (``order`` has ``[[order]]``
tables, ``what`` and ``when``). ``drawing`` names a picture of ``static/drawings``.
"""

import logging
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from server.content.markdown import trees

ITEMS = Path(__file__).parent / "items"
MARK = "+++"
ITEM_BYTES_MAX = 64_000
FALLBACK = ("fr", "en")  # the later one counts more
OWN_MAX = 500  # items of one store
log = logging.getLogger(__name__)


class BadItem(ValueError):
    """An item that cannot be shown: one sentence that names the file and the field."""


class Question(BaseModel):
    """One question of a quiz; ``why`` is told whatever was answered."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    question: str = Field(min_length=1, max_length=200)
    options: list[str] = Field(min_length=2, max_length=4)
    answer: int = Field(ge=0)
    why: str = Field(min_length=1, max_length=400)

    @model_validator(mode="after")
    def _answer_exists(self) -> "Question":
        if self.answer >= len(self.options):
            raise ValueError("answer points past the options")
        return self


class Thing(BaseModel):
    """One of the things to be put in order, and what tells its place."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    what: str = Field(min_length=1, max_length=60)
    when: str = Field(min_length=1, max_length=40)


class Front(BaseModel):
    """What a file says about itself between the marks."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    kind: Literal["article", "tip", "quiz", "game", "offer"]
    minutes: float = Field(gt=0, le=30)
    title: str = Field(min_length=1, max_length=80)
    summary: str = Field(min_length=1, max_length=160)
    service: str | None = None
    quiz: list[Question] | None = None
    game: Literal["pairs", "lamps", "order"] | None = None
    order: list[Thing] | None = Field(None, min_length=3, max_length=8)  # of game "order", in the right order
    drawing: str | None = Field(None, pattern=r"^[a-z0-9-]{1,40}$")  # one of static/drawings

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> "Front":
        if (self.kind == "quiz") != bool(self.quiz) or (self.kind == "game") != bool(self.game):
            raise ValueError("a quiz needs [[quiz]] tables, a game names its game, others have neither")
        if (self.game == "order") != bool(self.order):
            raise ValueError('the game "order" needs [[order]] tables, others have none')
        return self


def items(store: str, language: str, service: str | None = None, own: Path | None = None) -> list[dict[str, Any]]:
    """What there is to read, ready for JSON: on-topic first, then general, then other departments, short ones first.

    An item that is not written in ``language`` comes in English, else in French; it says which. Every store has the starter
    pack; ``own`` is a folder with a folder of further items for each store, which replace those of the same name. A file
    that cannot be shown is left out and named in the log.
    """
    every = [*library(), *(_written(own / store) if own is not None and (own / store).is_dir() else [])]
    found = {item["id"]: item for wanted in (*FALLBACK, language) for item in every if item["language"] == wanted}
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
