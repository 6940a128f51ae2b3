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
``answer`` counted from 0, ``why``); a game names the ``game`` the phone knows how to play.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from server.content.markdown import trees

ITEMS = Path(__file__).parent / "items"
MARK = "+++"
ITEM_BYTES_MAX = 64_000


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


class Front(BaseModel):
    """What a file says about itself between the marks."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    kind: Literal["article", "tip", "quiz", "game"]
    minutes: float = Field(gt=0, le=30)
    title: str = Field(min_length=1, max_length=80)
    summary: str = Field(min_length=1, max_length=160)
    service: str | None = None
    quiz: list[Question] | None = None
    game: Literal["pairs"] | None = None

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> "Front":
        if (self.kind == "quiz") != bool(self.quiz) or (self.kind == "game") != bool(self.game):
            raise ValueError("a quiz needs [[quiz]] tables, a game names its game, others have neither")
        return self


def items(store: str, language: str, service: str | None = None) -> list[dict[str, Any]]:
    """What there is to read in ``language``, ready for JSON: on-topic first, then general, then other departments, short ones first.

    Every store has the same starter pack for now; ``store`` is there for the store's own items. An unknown
    language gives an empty list.
    """
    found = [item for item in library() if item["language"] == language]
    return sorted(found, key=lambda item: (_distance(item["service"], service), item["minutes"], item["id"]))


@cache
def library(directory: Path = ITEMS) -> tuple[dict[str, Any], ...]:
    """Every item of a directory, read once. Raises BadItem."""
    return tuple(read(path) for path in sorted(directory.glob("*.md")))


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
