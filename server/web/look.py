"""The store's own colours and logo on the shopper's screens.

A store gives one colour, any colour. It stays itself where it fills a surface (the main button, the call), with black or
white on it: one of the two always has a contrast of at least 4.58. Where it is written with, or drawn on the ground, it is
darkened or lightened until WCAG's 4.5 (in the high contrast mode 7) is reached.
"""

import hashlib
from functools import lru_cache
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.live.look import LookConfig
from server.web.files import cached
from server.web.policies import Who, door
from server.web.problems import Problem
from server.web.wiring import house

Rgb = tuple[float, float, float]
BLACK: Final = "#000000"
WHITE: Final = "#ffffff"
GROUNDS: Final = {"light": ("#f6f0e4", "#fffcf5"), "dark": ("#171510", "#221f18"), "contrast": (WHITE,)}
"""Paper and sheet of each theme, as in tokens.css (a test keeps them the same)."""
SELECTORS: Final = {
    "light": ":root{%s}",
    "dark": ':root[data-theme="dark"]{%s}@media (prefers-color-scheme:dark){:root:not([data-theme="light"]){%s}}',
    "contrast": ':root[data-contrast="more"]{%s}',
}
AA, AAA = 4.5, 7.0


@lru_cache(64)
def palette(colour: str) -> dict[str, dict[str, str]]:
    """The tokens that a colour (#rrggbb) changes in each theme: {"light" | "dark" | "contrast": {token: colour}}."""
    on = WHITE if contrast(colour, WHITE) > contrast(colour, BLACK) else BLACK
    away = BLACK if on == WHITE else WHITE  # towards this, what is written on the colour becomes only clearer
    fill = {"brand": colour, "main": colour, "main-strong": mixed(colour, away, 0.14), "on-main": on}
    call = {"call": colour, "on-call": on, "pulse": away}
    found = {}
    for theme, grounds in GROUNDS.items():
        ink = WHITE if theme == "dark" else BLACK
        accent = readable(colour, grounds, ink, AAA if theme == "contrast" else AA)
        soft = WHITE if theme == "contrast" else mixed(colour, grounds[-1], 0.84)
        tokens = {
            "accent": accent, "accent-strong": mixed(accent, ink, 0.16), "on-accent": BLACK if theme == "dark" else WHITE,
            "accent-soft": soft, "on-accent-soft": readable(accent, (soft,), ink, AAA if theme == "contrast" else AA),
        }  # fmt: skip
        if theme == "contrast":
            strong = {"main": accent, "main-strong": tokens["accent-strong"], "on-main": WHITE, "brand": colour}
            found[theme] = tokens | strong | {"call": accent, "on-call": WHITE, "pulse": BLACK}
        else:
            found[theme] = tokens | fill | call
    return found


def sheet(look: LookConfig) -> str:
    """The style sheet of a look; empty without a colour."""
    if not look.colour:
        return ""
    themes = palette(look.colour.lower())
    rules = {theme: "".join(f"--{name}:{value};" for name, value in tokens.items()) for theme, tokens in themes.items()}
    return "".join(SELECTORS[theme].replace("%s", text) for theme, text in rules.items())


def about(look: LookConfig) -> dict[str, Any] | None:
    """What a screen needs to know: the version (it changes with the look) and whether there is a logo; None for the house's own look."""
    if not look.colour and not look.logo:
        return None
    return {"version": hashlib.sha256(f"{look.colour} {look.logo}".encode()).hexdigest()[:12], "logo": bool(look.logo)}


def readable(colour: str, grounds: tuple[str, ...], ink: str, ratio: float) -> str:
    """``colour``, moved towards ``ink`` just as far as it takes to be read on every ground."""
    for step in range(101):
        tried = mixed(colour, ink, step / 100)
        if all(contrast(tried, ground) >= ratio for ground in grounds):
            return tried
    return ink


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """``colour`` with a share (0 to 1) of ``other`` in it."""
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02x}" for a, b in zip(_rgb(colour), _rgb(other), strict=True))


def _luminance(colour: str) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


async def style(request: Request) -> Response:
    """The store's colours, for every theme."""
    text = sheet(_look(request))
    return cached(request, text.encode(), f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"', "text/css")


async def logo(request: Request) -> Response:
    """The store's logo."""
    picture = _look(request).picture
    if picture is None:
        raise Problem("not_found")
    kind, data = picture
    return cached(request, data, f'"{hashlib.sha256(data).hexdigest()[:16]}"', kind)


def _look(request: Request) -> LookConfig:
    return house(request).live.store(request.path_params["store"]).look


def routes() -> list[BaseRoute]:
    """Style and logo, as public as the store's wall."""
    return [door("/s/{store}/look.css", style, Who.PUBLIC), door("/s/{store}/logo", logo, Who.PUBLIC)]
