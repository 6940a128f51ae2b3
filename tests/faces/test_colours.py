"""The palette keeps its promises: readable in every theme, and the automatic dark set is the chosen dark set."""

import re

import pytest

from tests.faces.sources import CSS, ROOT

TOKENS = (CSS / "tokens.css").read_text("utf-8")
HEX = re.compile(r"--([\w-]+): (#[0-9a-f]{3,6});")

TEXT_ON_GROUND = [
    *[(text, ground) for text in ("ink", "ink-2", "ink-3", "accent", "stop", "warn", "go", "info") for ground in ("paper", "sheet")],
    *[(text, "well") for text in ("ink", "ink-2", "ink-3")],
    *[(meaning, f"{meaning}-soft") for meaning in ("go", "warn", "stop", "info")],
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-accent-soft", "accent-soft"), ("on-go", "go"), ("on-call", "call"),
    ("call", "on-call"), ("paper", "ink"),
]  # fmt: skip
EDGE_ON_GROUND = [("edge", "paper"), ("edge", "sheet"), ("accent", "paper"), ("focus", "paper"), ("focus", "sheet")]


def block(opening: str) -> dict[str, str]:
    """The colours declared in the rule that opens with this text."""
    body = TOKENS[TOKENS.index(opening) + len(opening) :].partition("}")[0]
    return dict(HEX.findall(body))


LIGHT = block(":root {")
THEMES = {
    "light": LIGHT,
    "dark": LIGHT | block(':root[data-theme="dark"] {'),
    "contrast": LIGHT | block(':root[data-contrast="more"] {'),
}


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2, 0 to 1."""
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    channels = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_automatic_dark_theme_is_the_chosen_one() -> None:
    assert block(':root:not([data-theme="light"]) {') == block(':root[data-theme="dark"] {')


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text, ground", TEXT_ON_GROUND)
def test_text_is_readable(theme: str, text: str, ground: str) -> None:
    assert contrast(THEMES[theme][text], THEMES[theme][ground]) >= (7 if theme == "contrast" else 4.5)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("edge, ground", EDGE_ON_GROUND)
def test_edges_of_controls_are_seen(theme: str, edge: str, ground: str) -> None:
    assert contrast(THEMES[theme][edge], THEMES[theme][ground]) >= 3


def test_raw_colours_live_in_the_tokens_only() -> None:
    for sheet in sorted(CSS.glob("*.css")):
        if sheet.name != "tokens.css":
            assert not re.search(r"#[0-9a-f]{6}\b", sheet.read_text("utf-8")), sheet.name


DIMMED = re.compile(r"opacity:(?!\s*1;)")  # what a browser dims by itself may be put right


def test_what_is_read_is_never_dimmed() -> None:
    for sheet in sorted(sheet for room in ("server", "kiosk", "staff_app") for sheet in (ROOT / room).rglob("static/css/*.css")):
        still = re.sub(r"@keyframes [^{]+\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", sheet.read_text("utf-8"))
        dimmed = [selector.strip() for selector, rules in re.findall(r"([^{}]+)\{([^{}]*)\}", still) if DIMMED.search(rules)]
        assert all(selector.endswith(("::before", "::after")) for selector in dimmed), f"{sheet.name}: {dimmed}"
