"""The slip as SVG and as PDF, for stores without a receipt printer: the same items from top to bottom on 72 mm of paper."""

import base64
import io
import struct
import textwrap
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

import segno

from kiosk.printer.slip import Code, Item, Line, Picture, Rule, Slip, layout

WIDTH: Final = 204.0  # points: 72 mm
MARGIN: Final = 8.0
SMALL: Final = 9.0  # points of type at size 1
QR: Final = 110.0  # points
DOT: Final = 72 / 203  # points: a receipt printer has 203 dots an inch
PER_LINE: Final = 42  # characters of the smallest type; Helvetica is about half as wide as it is high
PDF_PAGE: Final = "cp1252"


@dataclass(frozen=True, slots=True)
class Placed:
    """Something at its place: ``y`` is its baseline or lower edge, in points from the top."""

    y: float
    what: Item


def placed(slip: Slip) -> tuple[list[Placed], float]:
    """Every item, long texts broken, at its place; and the slip's height in points."""
    y, found = MARGIN, []
    for item in _broken(slip):
        match item:
            case Line(_, size, _):
                y += SMALL * size * 1.25
            case Code():
                y += QR + 6
            case Rule():
                y += 8
            case Picture():
                y += item.height * DOT + 4
        found.append(Placed(y, item))
        y += 3 if isinstance(item, Line) else 0
    return found, y + MARGIN


def svg(slip: Slip) -> str:
    """The slip as an SVG document; every language."""
    items, height = placed(slip)
    inner = "".join(_svg(item) for item in items)
    direction = ' direction="rtl"' if slip.language == "ar" else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="72mm" viewBox="0 0 {WIDTH:g} {height:g}" font-family="Helvetica, Arial" '
        f'text-anchor="middle" lang="{slip.language}"{direction}><rect width="{WIDTH:g}" height="{height:g}" fill="#fff"/>{inner}</svg>'
    )


def pdf(slip: Slip) -> bytes:
    """The slip as a PDF of one page with the standard fonts; a text these cannot write (Arabic) is left out."""
    items, height = placed(slip)
    drawn = b"\n".join(_pdf(item, height) for item in items)
    return _document(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %g %g] /Contents 6 0 R /Resources << /Font << /F0 4 0 R /F1 5 0 R >> >> >>"
            % (WIDTH, height),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier-Bold /Encoding /WinAnsiEncoding >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        ]
    )


def _broken(slip: Slip) -> Iterator[Item]:
    for item in layout(slip):
        if isinstance(item, Line):
            yield from (Line(text, item.size, item.bold) for text in textwrap.wrap(item.text, PER_LINE // item.size))
        else:
            yield item


def _svg(item: Placed) -> str:
    match item.what:
        case Line(text, size, bold):
            weight = ' font-weight="700"' if bold else ""
            return f'<text x="{WIDTH / 2:g}" y="{item.y:g}" font-size="{SMALL * size:g}"{weight}>{escape(text)}</text>'
        case Rule():
            return f'<path d="M{MARGIN:g} {item.y - 3:g}H{WIDTH - MARGIN:g}" stroke="#000" stroke-width=".6" stroke-dasharray="3 3"/>'
        case Picture(width, height, _) as picture:
            address = f"data:image/png;base64,{base64.b64encode(_png(picture)).decode()}"
            x, y = (WIDTH - width * DOT) / 2, item.y - height * DOT
            return f'<image x="{x:g}" y="{y:g}" width="{width * DOT:g}" height="{height * DOT:g}" href="{address}"/>'
        case Code(url):
            out = io.BytesIO()
            code = segno.make(url, error="m")
            code.save(out, kind="svg", xmldecl=False, svgns=False, scale=QR / code.symbol_size(border=0)[0], border=0, svgclass=None)
            return f'<g transform="translate({(WIDTH - QR) / 2:g} {item.y - QR - 3:g})">{out.getvalue().decode().strip()}</g>'


def _pdf(item: Placed, height: float) -> bytes:
    y = height - item.y
    match item.what:
        case Line(text, size, bold):
            return _pdf_text(text, SMALL * size, y, bold=bold)
        case Rule():
            return b"[3 3] 0 d 0.6 w %g %g m %g %g l S" % (MARGIN, y + 3, WIDTH - MARGIN, y + 3)
        case Picture(width, height, bits):
            wide, high = width * DOT, height * DOT
            head = b"q %.3f 0 0 %.3f %.3f %.3f cm BI /W %d /H %d /IM true /F /AHx ID " % (wide, high, (WIDTH - wide) / 2, y, width, height)
            return head + bytes(255 - byte for byte in bits).hex().encode() + b"> EI Q"
        case Code(url):
            rows = list(segno.make(url, error="m").matrix)
            dot, left, top = QR / len(rows), (WIDTH - QR) / 2, y + 3 + QR
            boxes = (
                b"%.3f %.3f %.3f %.3f re" % (left + x * dot, top - (n + 1) * dot, dot, dot)
                for n, row in enumerate(rows)
                for x, dark in enumerate(row)
                if dark
            )
            return b" ".join(boxes) + b" f"


def _png(picture: Picture) -> bytes:
    """The picture as a PNG file of one bit a dot, in which 1 is white (no filter, one strip)."""
    across = (picture.width + 7) // 8
    rows = (picture.bits[n * across : (n + 1) * across] for n in range(picture.height))
    data = zlib.compress(b"".join(b"\0" + bytes(255 - byte for byte in row) for row in rows))
    head = struct.pack("!IIBBBBB", picture.width, picture.height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in ((b"IHDR", head), (b"IDAT", data), (b"IEND", b"")))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))


def _pdf_text(text: str, points: float, y: float, *, bold: bool) -> bytes:
    """Centred: every character of Courier is 0.6 of its size wide; a long line is set smaller."""
    try:
        plain = text.replace("\u202f", "\u00a0").replace("\u2011", "-").encode(PDF_PAGE)
    except UnicodeEncodeError:
        return b""
    points = min(points, (WIDTH - 2 * MARGIN) / (0.6 * max(1, len(plain))))
    escaped = plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"BT /F%d %.2f Tf %.2f %.2f Td (%s) Tj ET" % (bold, points, (WIDTH - 0.6 * points * len(plain)) / 2, y, escaped)


def _document(objects: list[bytes]) -> bytes:
    """Numbered objects with their table, as PDF 1.4 wants them."""
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
