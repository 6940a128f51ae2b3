"""A slip as bytes for a receipt printer that understands ESC/POS, which nearly all of them do.

Only what every such printer has: initialise, Western code page, alignment, size, weight, the printer's own QR code,
a raster picture and the cut. A text the code page cannot write (Arabic) is left out: number, QR code and time
say what matters in any language.
"""

import textwrap
from collections.abc import Iterator
from typing import Final

from kiosk.printer.slip import Code, Item, Line, Picture, Rule, Slip, layout

ESC, GS, DLE = b"\x1b", b"\x1d", b"\x10"
INITIALISE: Final = ESC + b"@"
WINDOWS_1252: Final = ESC + b"t\x10"
CENTRE: Final = ESC + b"a\x01"
FEED_AND_CUT: Final = GS + b"V\x42\x03"
ASK_PAPER: Final = DLE + b"\x04\x04"  # DLE EOT 4: one byte comes back ...
PAPER_END: Final = 0x60  # ... whose bits 5 and 6 say that the paper is at its end
COLUMNS: Final = 42  # characters of font A on 72 mm of 80 mm paper, with a margin
QR_DOTS: Final = 6  # printer dots per module
CODE_PAGE: Final = "cp1252"


def encode(slip: Slip) -> bytes:
    """The whole slip with its cut."""
    return INITIALISE + WINDOWS_1252 + CENTRE + b"".join(_item(item) for item in layout(slip)) + FEED_AND_CUT


def _item(item: Item) -> bytes:
    match item:
        case Rule():
            return _style(1, bold=False) + b"-" * COLUMNS + b"\n"
        case Code(url):
            return _qr(url.encode("ascii")) + b"\n"
        case Line(text, size, bold):
            return b"".join(_style(size, bold=bold) + line + b"\n" for line in _written(text, COLUMNS // size))
        case Picture(width, height, bits):
            return GS + b"v0\x00" + ((width + 7) // 8).to_bytes(2, "little") + height.to_bytes(2, "little") + bits + b"\n"


def _written(text: str, columns: int) -> Iterator[bytes]:
    """The text in lines the printer can write, or nothing."""
    plain = text.replace("\u202f", "\u00a0").replace("\u2011", "-")
    try:
        plain.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return
    for line in textwrap.wrap(plain, columns):
        yield line.encode(CODE_PAGE)


def _style(size: int, *, bold: bool) -> bytes:
    return GS + b"!" + bytes([(size - 1) << 4 | (size - 1)]) + ESC + b"E" + bytes([bold])


def _qr(data: bytes) -> bytes:
    """Model 2, error correction M, drawn by the printer itself (GS ( k)."""
    model, dots, level = b"\x31\x41\x32\x00", b"\x31\x43" + bytes([QR_DOTS]), b"\x31\x45\x31"
    return b"".join(
        GS + b"(k" + len(part).to_bytes(2, "little") + part for part in (model, dots, level, b"\x31\x50\x30" + data, b"\x31\x51\x30")
    )
