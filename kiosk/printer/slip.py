"""What is on a slip, and in which order: the same for paper, SVG and PDF.

The kiosk sends finished texts in the shopper's language, so nothing here knows words, stores or tickets.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

Text = Annotated[str, StringConstraints(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text: nothing in it can be a printer's command."""
LINES_MAX = 4
LOGO_WIDTH_MAX, LOGO_HEIGHT_MAX = 384, 160  # printer dots: 48 by 20 mm
_PBM: Final = re.compile(rb"P4\n(\d{1,3}) (\d{1,3})\n(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Picture:
    """A black and white picture: rows of ``(width + 7) // 8`` bytes, the first dot in the highest bit, 1 is black."""

    width: int
    height: int
    bits: bytes


def picture(text: str) -> Picture:
    """The picture in a PBM (P4) file as base64. ValueError when it is none, or too large for a slip."""
    found = _PBM.fullmatch(base64.b64decode(text, validate=True))
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if not found or not 0 < width <= LOGO_WIDTH_MAX or not 0 < height <= LOGO_HEIGHT_MAX or len(found[3]) != (width + 7) // 8 * height:
        raise ValueError(f"not a PBM (P4) picture of at most {LOGO_WIDTH_MAX} by {LOGO_HEIGHT_MAX} dots")
    return Picture(width, height, found[3])


class Slip(BaseModel):
    """A ticket on paper. ``url`` becomes the QR code; a slip given out while the server is away has none."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    store: Text = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] = "fr"
    number: Annotated[str, StringConstraints(pattern=r"^([A-Z]{1,2}-[0-9]{3,5}|[2-9A-Z]{6})$")]
    service: Text = ""
    wait: Text = ""
    at: Text = ""
    url: Annotated[str, StringConstraints(max_length=400, pattern=r"^(https?://[!-~]+)?$")] = ""
    lines: tuple[Text, ...] = Field((), max_length=LINES_MAX)
    logo: Annotated[str, StringConstraints(max_length=11_000)] = Field("", description="A PBM (P4) picture as base64.")

    @field_validator("logo")
    @classmethod
    def _picture(cls, value: str) -> str:
        if value:
            picture(value)
        return value

    @field_validator("lines", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Line:
    """Centred text, ``size`` times as wide and high as the smallest."""

    text: str
    size: int = 1
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code of this address."""

    url: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across, to tear along with the eyes."""


Item = Line | Code | Rule | Picture


def layout(slip: Slip) -> Iterator[Item]:
    """The slip from top to bottom: the number is what people look for."""
    if slip.logo:
        yield picture(slip.logo)
    if slip.store:
        yield Line(slip.store, 1, bold=True)
    yield Rule()
    yield Line(slip.number, 5, bold=True)
    if slip.service:
        yield Line(slip.service, 2, bold=True)
    if slip.wait:
        yield Line(slip.wait, 1)
    yield Rule()
    if slip.url:
        yield Code(slip.url)
    for line in slip.lines:
        yield Line(line)
    if slip.at:
        yield Line(slip.at)
