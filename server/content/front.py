"""What an item of content says about itself: strict, so that a slip of the pen is named and never shown."""

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

Kind = Literal["article", "tip", "quiz", "poll", "game", "video", "offer"]
FILE = re.compile(r"^[a-z0-9][a-z0-9_-]{0,40}(\.[a-z]{2,3})?\.(mp4|webm|vtt|jpg|png|webp)$")
FileName = Annotated[str, StringConstraints(pattern=FILE.pattern)]
"""A file in the store's own folder of content."""
MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
_ENDS = {"video": re.compile(r"\.(mp4|webm)$"), "poster": re.compile(r"\.(jpg|png|webp)$"), "captions": re.compile(r"\.vtt$")}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Question(_Strict):
    """One question of a quiz; ``why`` is told whatever was answered."""

    question: str = Field(min_length=1, max_length=200)
    options: list[str] = Field(min_length=2, max_length=4)
    answer: int = Field(ge=0)
    why: str = Field(min_length=1, max_length=400)

    @model_validator(mode="after")
    def _answer_exists(self) -> Self:
        if self.answer >= len(self.options):
            raise ValueError("answer points past the options")
        return self


class Poll(_Strict):
    """A question without a right answer."""

    question: str = Field(min_length=1, max_length=200)
    options: list[Annotated[str, StringConstraints(min_length=1, max_length=80)]] = Field(min_length=2, max_length=6)


class Thing(_Strict):
    """One of the things to be put in order, and what tells its place."""

    what: str = Field(min_length=1, max_length=60)
    when: str = Field(min_length=1, max_length=40)


class Film(_Strict):
    """A video of the store's own. Nobody is left out: it has captions, unless nothing is said in it."""

    file: FileName
    captions: dict[str, FileName] = {}  # by language
    silent: bool = False
    poster: FileName | None = None

    @model_validator(mode="after")
    def _files_are_what_they_should_be(self) -> Self:
        named = [
            ("video", self.file),
            *(("captions", name) for name in self.captions.values()),
            *([("poster", self.poster)] if self.poster else []),
        ]
        for role, name in named:
            if not _ENDS[role].search(name):
                raise ValueError(f"{name} is no file for {role}")
        if not self.silent and not self.captions:
            raise ValueError('a video needs captions (WebVTT), or "silent = true" when nothing is said in it')
        return self


class Front(_Strict):
    """What a file says about itself between the marks."""

    kind: Kind
    minutes: float = Field(gt=0, le=30)
    title: str = Field(min_length=1, max_length=80)
    summary: str = Field(min_length=1, max_length=160)
    service: str | None = None
    season: tuple[MonthDay, MonthDay] | None = None  # first and last day of the year, both included; it may span New Year
    quiz: list[Question] | None = None
    poll: Poll | None = None
    game: Literal["pairs", "lamps", "order"] | None = None
    order: list[Thing] | None = Field(None, min_length=3, max_length=8)  # of game "order", in the right order
    video: Film | None = None
    drawing: str | None = Field(None, pattern=r"^[a-z0-9-]{1,40}$")  # one of static/drawings

    @field_validator("season", mode="before")
    @classmethod
    def _pair(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        for kind in ("quiz", "poll", "game", "video"):
            if (self.kind == kind) != bool(getattr(self, kind)):
                raise ValueError(f"kind {kind!r} and the table {kind!r} go together: a {kind} needs it, others have none")
        if (self.game == "order") != bool(self.order):
            raise ValueError('the game "order" needs [[order]] tables, others have none')
        return self


def in_season(season: tuple[str, str] | None, day: date) -> bool:
    """Whether an item of this season is shown on this day."""
    if season is None:
        return True
    first, last = season
    today = f"{day:%m-%d}"
    return first <= today <= last if first <= last else today >= first or today <= last
