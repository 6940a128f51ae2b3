"""The staff screens' words: every key a script or template asks for exists, in every language, with the same slots."""

import json
import re
from pathlib import Path

import pytest

from server.web import i18n
from server.web.pages import ROOMS

ROOM = ROOMS["staff_app"]
ASKED = re.compile(r"""\bt\(\s*["`]((?:staff|manager|signin)\.[a-z_]+)["`]""")
FAMILIES = re.compile(r"""\bt\(\s*`((?:staff|manager|signin)\.[a-z_]*)\$\{""")


def sources() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(ROOM.rglob("*")) if path.suffix in (".js", ".html"))


@pytest.mark.parametrize("language", i18n.languages())
def test_every_key_asked_for_exists(language: str) -> None:
    known = i18n.catalogue(language)
    assert {key for key in ASKED.findall(sources()) if key not in known} == set()
    for family in FAMILIES.findall(sources()):
        assert any(key.startswith(family) for key in known), family


@pytest.mark.parametrize("room", ["staff", "manager", "signin"])
def test_languages_say_the_same(room: str) -> None:
    first, *others = [json.loads((Path(i18n.LOCALE) / language / f"{room}.json").read_text("utf-8")) for language in i18n.languages(room)]
    for other in others:
        assert other.keys() == first.keys()
        for key in first:
            assert slots(other[key]) == slots(first[key]), key


def slots(message: str | dict[str, str]) -> set[str]:
    """The placeholders of a message; a plural form may leave the number out."""
    texts = message.values() if isinstance(message, dict) else [message]
    found = {slot for text in texts for slot in re.findall(r"\{(\w+)\}", text)}
    return found - {"n"} if isinstance(message, dict) else found
