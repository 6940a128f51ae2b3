"""How a store looks: one colour and a logo, written in its file or chosen on the settings page.

The logo travels as text (a ``data:`` address), so that it is kept, copied and compared like every other setting. Only
raster pictures are taken: they cannot run or load anything.
"""

import base64
import binascii
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

LOGO_BYTES_MAX: Final = 60_000
_BEGINS: Final = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF"}
_KINDS: Final = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}


class LookConfig(BaseModel):
    """A store's colour (any: what is written on it and beside it is derived, see ``server.web.look``) and its logo."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    colour: str = Field(default="", pattern=r"^(#[0-9a-fA-F]{6})?$")
    logo: str = ""  # data:image/png;base64,… (or jpeg, webp); in a store's file also the name of a picture beside it

    @field_validator("logo")
    @classmethod
    def _is_a_picture(cls, logo: str) -> str:
        if logo:
            _picture(logo)
        return logo

    @cached_property
    def picture(self) -> tuple[str, bytes] | None:
        """The logo as (media type, bytes); None without one."""
        return _picture(self.logo) if self.logo else None


def _picture(address: str) -> tuple[str, bytes]:
    """What is in a ``data:`` address. ValueError, in one sentence, when it is no picture we take."""
    head, _, text = address.partition(";base64,")
    kind = head.removeprefix("data:")
    if kind not in _BEGINS or not head.startswith("data:"):
        raise PydanticCustomError("logo_kind", "a logo is a PNG, JPEG or WebP picture")
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise PydanticCustomError("logo_kind", "the logo's base64 is broken") from None
    if len(data) > LOGO_BYTES_MAX:
        raise PydanticCustomError("logo_large", "the logo is larger than {limit} kB", {"limit": LOGO_BYTES_MAX // 1000})
    if not data.startswith(_BEGINS[kind]) or (kind == "image/webp" and data[8:12] != b"WEBP"):
        raise PydanticCustomError(
            "logo_kind", "the logo is not the {kind} picture it says it is", {"kind": kind.removeprefix("image/").upper()}
        )
    return kind, data


def with_picture(look: Any, folder: Path) -> Any:
    """A ``look`` table as written in a store's file: the name of a picture becomes its ``data:`` address.

    Anything that cannot be read so is left as it is, for the checks to name. Raises OSError when the file is not there.
    """
    name = look.get("logo") if isinstance(look, dict) else None
    if not isinstance(name, str) or Path(name).suffix.lower() not in _KINDS or name.startswith("data:"):
        return look
    data = base64.b64encode((folder / name).read_bytes()).decode()
    return {**look, "logo": f"data:{_KINDS[Path(name).suffix.lower()]};base64,{data}"}
