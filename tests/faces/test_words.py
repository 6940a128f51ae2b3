"""Every word on the shopper's screens exists in every language, with the same blanks to fill in."""

import re
from itertools import chain

import pytest

from server.web import i18n
from tests.faces.sources import scripts, templates

MINE = ("common", "notify", "kiosk", "phone", "board", "join", "home", "errors", "error_page", "booking", "privacy")
KEY = re.compile(r"""\bt\(\s*[`"']([a-z_]+\.[\w.]+)[`"']""")
OUTCOMES = ("answered", "left", "vanished", "closed", "void")
MADE = {  # keys put together at run time: the prefix, and what may follow
    "kiosk.closed": ("new", "closed", "ended", "new_title", "closed_title", "ended_title"),
    "kiosk.slip": ("printed", "trouble"),
    "join.closed": ("new", "closed", "ended", "new_title", "closed_title", "ended_title"),
    "common.live": ("connecting", "live", "polling", "waiting", "gone", "taken"),
    "phone.moment": ("two_ahead", "next"),
    "phone.connection": ("live", "waiting"),
    "phone.overtaken": ("card", "appointment", "rank", "head_start", "skill", "wanted", "picked"),
    "phone.why": ("card", "appointment", "break", "left_floor", "slower"),
    "phone.ended": tuple(f"{outcome}{end}" for outcome in OUTCOMES for end in ("", "_title")),
    "phone.nothing": ("gone", "taken", "none", "gone_title", "taken_title", "none_title"),
    "phone.more": ("address_sms", "address_mail", "address_both", "push_on", "push_no", "forgotten"),
    "phone.needs": (
        "whom",
        "whom_me",
        "whom_gift",
        "whom_work",
        "use",
        "use_new",
        "use_replace",
        "use_repair",
        "use_compare",
        "budget",
        "budget_low",
        "budget_middle",
        "budget_high",
        "budget_open",
        "size",
        "size_small",
        "size_medium",
        "size_large",
    ),
    "phone.leave": ("alone", "long", "later", "none"),
    "phone.reading.kind": ("article", "tip", "quiz", "poll", "game", "video", "news", "needs", "offer"),
    "board": ("calm", "calm_title", "closed", "closed_title"),
}


def mine(language: str) -> dict[str, i18n.Message]:
    """What is written in this language itself: nothing borrowed from French or English."""
    return {key: text for key, text in i18n.written(language).items() if key.partition(".")[0] in MINE}


def blanks(message: i18n.Message) -> set[str]:
    """The blanks of a message; a plural form may leave the number to the words ("one person")."""
    texts = message.values() if isinstance(message, dict) else [message]
    found = set(chain.from_iterable(re.findall(r"\{(\w+)\}", text) for text in texts))
    return found - {"n"} if isinstance(message, dict) else found


@pytest.mark.parametrize("language", i18n.languages())
def test_languages_have_the_same_keys_and_blanks(language: str) -> None:
    french, other = mine("fr"), mine(language)
    assert other.keys() == french.keys()
    different = {key for key in french if blanks(french[key]) != blanks(other[key])}
    assert not different


def test_every_key_that_is_used_exists() -> None:
    used = {key for path in [*scripts(), *templates()] for key in KEY.findall(path.read_text("utf-8"))}
    made = {f"{prefix}.{end}" for prefix, ends in MADE.items() for end in ends}
    known = set(i18n.catalogue("fr"))
    assert {key for key in used | made if key.partition(".")[0] in MINE} <= known


def test_french_has_its_no_break_spaces() -> None:
    for key, message in i18n.catalogue("fr").items():  # of every room: also of those that are not written in all languages
        for text in message.values() if isinstance(message, dict) else [message]:
            assert not re.search(r"\S [:;!?»]|« |[\d}] (min|h|s|€|%)\b", text), key


@pytest.mark.parametrize("language", i18n.languages())
def test_a_number_has_its_plural_forms(language: str) -> None:
    for key, message in mine(language).items():
        for text in message.values() if isinstance(message, dict) else [message]:
            assert not re.search(r"\w\([a-z]{1,2}\)", text), (key, "a plural form, not an ending in brackets")
