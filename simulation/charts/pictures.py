"""A specification as a file: SVG, PNG, or a page of its own that needs nothing from anywhere."""

from pathlib import Path
from typing import Any

import vl_convert

from simulation.charts.look import WIDTH

KINDS = (".svg", ".png", ".html")
PNG_SCALE = 2.0


class PictureError(ValueError):
    """No picture can be written there; the text says why."""


def svg(spec: dict[str, Any]) -> str:
    """As SVG."""
    text: str = vl_convert.vegalite_to_svg(_sized(spec))
    return text


def png(spec: dict[str, Any]) -> bytes:
    """As PNG, sharp on a good screen."""
    data: bytes = vl_convert.vegalite_to_png(_sized(spec), scale=PNG_SCALE)
    return data


def html(spec: dict[str, Any]) -> str:
    """As a page with Vega inside."""
    text: str = vl_convert.vegalite_to_html(_sized(spec), bundle=True)
    return text


def possible(path: Path) -> None:
    """``PictureError`` when no picture can be written there: its ending is none of ours, or its folder is not there."""
    if path.suffix.lower() not in KINDS:
        raise PictureError(
            f"{path}: a picture is {', '.join(KINDS[:-1])} or {KINDS[-1]}; the nearest possible is {path.with_suffix('.svg')}"
        )
    if not path.parent.is_dir():
        raise PictureError(f"{path}: there is no folder {path.parent}")


def save(spec: dict[str, Any], path: Path) -> None:
    """Write the picture, its kind by the file's ending. ``PictureError`` when that is none of ours, or it cannot be written."""
    possible(path)
    kind = path.suffix.lower()
    try:
        path.write_bytes(png(spec) if kind == ".png" else (svg(spec) if kind == ".svg" else html(spec)).encode())
    except OSError as trouble:
        raise PictureError(f"{path}: {trouble.strerror}") from None


def _sized(spec: dict[str, Any]) -> dict[str, Any]:
    """A page gives a chart its width; a file has no page around it."""
    return {**spec, "width": WIDTH} if spec.get("width") == "container" else spec
