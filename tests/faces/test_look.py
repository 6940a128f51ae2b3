"""Any colour a store may have stays readable in every theme; a logo is a picture or it is refused."""

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from server.live.look import LOGO_BYTES_MAX, LookConfig
from server.live.stores import BadStore, load_store
from server.web import look
from tests.faces.test_colours import EDGE_ON_GROUND, TEXT_ON_GROUND, THEMES, contrast

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
OWN_PAIRS = [("on-main", "main"), ("on-main", "main-strong")]
PAIRS = [pair for pair in TEXT_ON_GROUND if {"accent", "accent-strong", "accent-soft", "call", "on-call"} & set(pair)] + OWN_PAIRS
EDGES = [pair for pair in EDGE_ON_GROUND if "accent" in pair]
PULSE = 0.28  # of the call screen, see phone.css


def data(picture: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(picture).decode()}"


def every(colour: str) -> dict[str, dict[str, str]]:
    """All tokens of each theme with this colour."""
    return {theme: {**THEMES[theme], **tokens} for theme, tokens in look.palette(colour).items()}


@given(st.integers(0, 0xFFFFFF).map("#{:06x}".format))
def test_any_colour_can_be_read_in_every_theme(colour: str) -> None:
    for theme, tokens in every(colour).items():
        wanted = 7 if theme == "contrast" else 4.5
        for text, ground in PAIRS:
            assert contrast(tokens[text], tokens[ground]) >= (wanted if text != "accent" or ground != "call" else 3), (theme, text, ground)
        for edge, ground in EDGES:
            assert contrast(tokens[edge], tokens[ground]) >= 3, (theme, edge, ground)


@given(st.integers(0, 0xFFFFFF).map("#{:06x}".format))
def test_the_pulse_of_the_call_only_makes_it_clearer(colour: str) -> None:
    for tokens in every(colour).values():
        lit = look.mixed(tokens["call"], tokens["pulse"], PULSE)
        assert contrast(tokens["on-call"], lit) >= contrast(tokens["on-call"], tokens["call"]) - 0.01


def test_a_colour_that_can_be_read_is_left_alone() -> None:
    assert look.palette("#0a5c36")["light"]["accent"] == "#0a5c36"
    assert look.palette("#ffd500")["light"]["main"] == "#ffd500"


def test_the_grounds_are_those_of_the_tokens() -> None:
    assert {theme: (THEMES[theme]["paper"], THEMES[theme]["sheet"]) for theme in ("light", "dark")} == {
        theme: look.GROUNDS[theme] for theme in ("light", "dark")
    }


def test_the_style_sheet_says_every_theme_once_and_nothing_without_a_colour() -> None:
    text = look.sheet(LookConfig(colour="#0A5C36"))
    assert text.count("{") == text.count("}") == 5
    assert "--main:#0a5c36;" in text
    assert look.sheet(LookConfig(logo=data(PNG))) == ""


@pytest.mark.parametrize(
    "logo, complaint",
    [
        ("https://elsewhere.example/logo.png", "a logo is a PNG"),
        (data(b"<svg onload='x()'/>", "image/svg+xml"), "a logo is a PNG"),
        (data(b"<svg/>"), "not the PNG picture"),
        (data(b"RIFF....AVI ", "image/webp"), "not the WEBP picture"),
        (data(PNG)[:-1], "base64"),
        (data(PNG + bytes(LOGO_BYTES_MAX)), "larger than 60 kB"),
    ],
)
def test_what_is_no_picture_is_refused(logo: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        LookConfig(logo=logo)


STORE: dict[str, Any] = {"id": "s", "name": "S", "hours": {}, "services": {"a": {"labels": {"fr": "A"}}}}
FILE = """id = "s"
name = "S"
[hours]
mon = ["08:00", "20:00"]
[services.a]
labels = {fr = "A"}
[look]
colour = "#0a5c36"
logo = "logo.png"
"""


def test_a_store_file_names_a_picture_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(FILE, "utf-8")
    with pytest.raises(BadStore, match=r"s\.toml: look\.logo: No such file"):
        load_store(path)
    (tmp_path / "logo.png").write_bytes(PNG)
    assert load_store(path).look.picture == ("image/png", PNG)
    path.write_text(FILE.replace("#0a5c36", "green"), "utf-8")
    with pytest.raises(BadStore, match=r"look\.colour"):
        load_store(path)
