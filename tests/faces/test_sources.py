"""Habits of the front end that a browser would only show when it is too late."""

import gzip
import re
from pathlib import Path

import pytest

from server.web import i18n
from tests.faces.sources import ROOMS, SPRITE, scripts, templates

FIRST_LOAD_MAX = 60_000  # bytes, compressed, everything before the first content item (DESIGN section 7)
LATER = {
    "reading.js",
    "quiz.js",
    "pairs.js",
    "grid.js",
    "lamps.js",
    "order.js",
    "needs.js",
    "more.js",
    "join.js",
    "worker.js",
    "sw.js",
}  # loaded after the first view, or by another page
HEADERS = 350  # bytes of response headers per file, about


def named(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", scripts(), ids=named)
def test_scripts_never_parse_text_as_html_or_run_it(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|text/html", text)
    assert not re.search(r"setAttribute\(\s*[\"']style|cssText|\bstyle:", text)


@pytest.mark.parametrize("path", templates(), ids=named)
def test_templates_have_no_inline_code_or_style(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_every_icon_that_is_asked_for_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text("utf-8")))
    asked: set[str] = set()
    for path in [*scripts(), *templates()]:
        text = path.read_text("utf-8")
        asked |= set(re.findall(r'\bicon\("([\w-]+)"', text)) | set(re.findall(r"icons\.svg(?:'\) \}\})?#([\w-]+)\"", text))
    assert asked - {"name"} <= drawn
    assert {"article", "tip", "quiz", "game"} <= drawn


def test_the_phone_opens_in_a_blink() -> None:
    shared = [*(ROOMS["web"] / "static/js").glob("*.js"), SPRITE]
    shared += [ROOMS["web"] / "static/css" / name for name in ("tokens.css", "base.css", "components.css", "dialogs.css")]
    own = [path for path in (ROOMS["phone"] / "static/js").glob("*.js") if path.name not in LATER]
    files = [*shared, *own, ROOMS["phone"] / "static/css/phone.css", ROOMS["phone"] / "templates/phone/ticket.html"]
    texts = {path.name: path.read_bytes() for path in files} | {"words": i18n.catalogue_json("fr", ("common", "phone", "errors"))}
    weights = {name: len(gzip.compress(text, 6)) + HEADERS for name, text in texts.items()}
    assert sum(weights.values()) <= FIRST_LOAD_MAX, weights
