"""The catalogues: complete in every language, the same placeholders, and sensible choices."""

import re
from gettext import c2py  # the standard library's own reader of Plural-Forms
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po
from starlette.testclient import TestClient

from server.web.i18n import DEFAULT, LOCALE, READERS, Message, catalogue, categories, choose, languages, t, written

HOLES = re.compile(r"\{(\w*)\}")


def holes(message: Message) -> set[str]:
    """Placeholders of a message; a plural form may leave ``n`` to the words ("one shopper")."""
    if isinstance(message, str):
        return set(HOLES.findall(message))
    return {hole for form in message.values() for hole in HOLES.findall(form)} | {"n"}


def test_french_comes_first() -> None:
    assert languages()[0] == DEFAULT == "fr"
    assert "en" in languages()


@pytest.mark.parametrize("language", [language for language in languages() if language != DEFAULT])
def test_every_language_has_every_message(language: str) -> None:
    assert set(catalogue(language)) == set(catalogue(DEFAULT))


@pytest.mark.parametrize("language", [language for language in languages() if language != DEFAULT])
def test_every_language_fills_the_same_holes(language: str) -> None:
    french = catalogue(DEFAULT)
    wrong = [key for key, message in catalogue(language).items() if holes(message) != holes(french[key])]
    assert wrong == []


@pytest.mark.parametrize("language", languages())
def test_plurals_have_what_their_language_needs(language: str) -> None:
    needed = set(Locale.parse(language).plural_form.tags) | {"other"}
    needed -= {"many"} if language == "fr" else set()  # millions only
    for key, message in written(language).items():
        if isinstance(message, dict):
            assert needed <= set(message), key


@pytest.mark.parametrize("path", sorted(LOCALE.glob("*/*.po")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_catalogue_counts_as_cldr_does(path: Path) -> None:
    with path.open("rb") as file:
        said = read_po(file).plural_expr
    forms, form_of, count = categories(path.parent.name), Locale.parse(path.parent.name).plural_form, c2py(said)
    assert all(forms[count(n)] == form_of(n) for n in [*range(1200), 1_000_000, 2_000_000])


def test_what_nobody_translated_is_shown_in_english_and_unsure_translations_are_not_used(tmp_path: Path) -> None:
    fuzzy = '#, fuzzy\nmsgid "room.a"\nmsgstr "unsure"\n\nmsgid "room.b"\nmsgstr ""\n\nmsgid "room.c"\nmsgstr "sure"\n'
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "room.po").write_text(fuzzy, "utf-8")
    assert READERS[".po"](tmp_path / "de" / "room.po") == {"room.c": "sure"}


def test_words_with_values_and_plurals() -> None:
    assert t("fr", "errors.already_claimed", by="Léa") == "Ticket déjà pris par Léa."
    assert t("en", "errors.already_claimed") == "This ticket was already taken by {by}."
    assert t("xx", "errors.not_found") == t("fr", "errors.not_found")
    assert t("fr", "no.such.key") == "no.such.key"


@pytest.mark.parametrize(
    "header, chosen",
    [
        ("", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("de, en;q=0.5, fr;q=0.7", "fr"),
        ("EN", "en"),
        ("*", "fr"),
        ("en;q=0", "fr"),
        ("en;q=x, fr", "fr"),
        (";;;,,,", "fr"),
        ("x" * 100_000, "fr"),
    ],
)
def test_the_language_of_a_browser(header: str, chosen: str) -> None:
    assert choose(header, ("fr", "en")) == chosen


def test_scripts_get_the_same_words(shared: TestClient) -> None:
    whole = shared.get("/i18n/en.json")
    assert whole.json() == dict(catalogue("en"))
    some = shared.get("/i18n/en.json?rooms=errors,home").json()
    assert {key.partition(".")[0] for key in some} == {"errors", "home"}
    again = shared.get("/i18n/en.json", headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304


def test_pages_speak_the_language_asked_for(shared: TestClient) -> None:
    assert '<html lang="fr"' in shared.get("/").text
    assert '<html lang="en"' in shared.get("/", headers={"Accept-Language": "en"}).text
    assert '<html lang="en"' in shared.get("/?lang=en", headers={"Accept-Language": "fr"}).text
    assert '<html lang="fr"' in shared.get("/?lang=<script>").text
    assert "<script>" not in shared.get("/?lang=<script>").text
    assert '<html lang="en"' in shared.get("/", headers={"Cookie": "language=en", "Accept-Language": "fr"}).text
    assert "Accept-Language" in shared.get("/").headers["Vary"]
