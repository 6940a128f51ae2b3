"""The catalogues: complete in every language, the same placeholders, and sensible choices."""

import re

import pytest
from babel import Locale
from starlette.testclient import TestClient

from server.web.i18n import DEFAULT, Message, catalogue, choose, languages, t

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
    for key, message in catalogue(language).items():
        if isinstance(message, dict):
            assert needed <= set(message), key


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
