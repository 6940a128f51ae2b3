"""Items are read strictly, and nothing in them can run or load anything."""

import json
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from server.content.library import ITEMS, BadItem, items, library, read
from server.content.markdown import TAGS, trees
from server.web.i18n import DEFAULT, languages

FRONT = '+++\nkind = "tip"\nminutes = 1\ntitle = "T"\nsummary = "S"\n+++\n'


def written(directory: Path, text: str, name: str = "one.fr.md") -> Path:
    path = directory / name
    path.write_text(text, "utf-8")
    return path


def every(tree: Any) -> list[list[Any]]:
    """All elements of a tree."""
    return [] if isinstance(tree, str) else [tree, *(found for child in tree[2:] for found in every(child))]


def shape(item: dict[str, Any]) -> dict[str, Any]:
    """What an item is apart from its words: the same in every language."""
    plain = {key: item[key] for key in ("kind", "minutes", "service", "season", "game", "drawing", "video")}
    return plain | {
        "quiz": [(question["answer"], len(question["options"])) for question in item["quiz"] or []],
        "poll": len(item["poll"]["options"]) if item["poll"] else None,
        "order": [thing["when"] for thing in item["order"] or []],
        "blocks": [tree[0] for tree in item["body"]],
    }


def text_of(tree: Any) -> str:
    """The text of a tree."""
    return tree if isinstance(tree, str) else "".join(map(text_of, tree[2:]))


def texts(item: dict[str, Any]) -> list[str]:
    """Every text of an item that a screen sets on its own."""
    asked = [*(item["quiz"] or []), *([item["poll"]] if item["poll"] else [])]
    return [
        item["title"], item["summary"], "".join(map(text_of, item["body"])), *(thing["what"] for thing in item["order"] or []),
        *(text for one in asked for text in (one["question"], *one["options"], one.get("why", ""))),
    ]  # fmt: skip


def leftward(text: str) -> bool:
    """Whether ``dir="auto"`` sets a text from right to left: by its first letter of either direction (Unicode's rules P2 and P3)."""
    ways = (unicodedata.bidirectional(character) for character in text)
    return next((way for way in ways if way in ("L", "R", "AL")), "AL") == "AL"


def test_the_starter_pack_is_varied_and_its_drawings_exist() -> None:
    assert len({item["id"] for item in library()}) >= 20
    assert {item["kind"] for item in library()} == {"article", "tip", "quiz", "poll", "game", "offer"}
    assert {item["game"] for item in library() if item["game"]} == {"pairs", "lamps", "order"}
    drawn = {path.stem for path in (ITEMS.parent / "static/drawings").glob("*.svg")}
    assert {item["drawing"] for item in library() if item["drawing"]} <= drawn


@pytest.mark.parametrize("language", languages())
def test_the_starter_pack_is_whole_in_every_language(language: str) -> None:
    french = {item["id"]: item for item in library() if item["language"] == DEFAULT}
    theirs = {item["id"]: item for item in library() if item["language"] == language}
    assert set(theirs) == set(french), "an item is written in every language or in none"
    assert {id: shape(item) for id, item in theirs.items()} == {id: shape(item) for id, item in french.items()}
    if language != DEFAULT:
        assert not [id for id in french if theirs[id]["title"] == french[id]["title"]], "a title was left in French"
    assert {item["language"] for item in items("any", language)} == {language}


def test_an_arabic_text_begins_with_arabic() -> None:
    """One that began with "HDMI" would be set the other way round."""
    arabic = [item for item in library() if item["language"] == "ar"]
    assert [text for item in arabic for text in texts(item) if not leftward(text)] == []


def test_a_managers_own_items_join_the_starter_pack_and_a_bad_one_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "volt").mkdir()
    written(tmp_path / "volt", FRONT.replace('"T"', '"Ours"'), "ours.fr.md")
    written(tmp_path / "volt", FRONT.replace('"T"', '"Better"'), "battery.fr.md")
    written(tmp_path / "volt", "nonsense", "bad.fr.md")
    titles = {item["id"]: item["title"] for item in items("volt", "fr", own=tmp_path)}
    assert (titles["ours"], titles["battery"]) == ("Ours", "Better")
    assert "bad" not in titles
    assert "ours" not in {item["id"] for item in items("other", "fr", own=tmp_path)}


def test_what_is_on_topic_comes_first_and_short_before_long() -> None:
    order = [(item["service"] != "phones", item["service"] is not None) for item in items("any", "fr", "phones")]
    assert order[:2] == [(False, True), (False, True)]
    lengths = [item["minutes"] for item in items("any", "fr", "phones") if item["service"] == "phones"]
    assert lengths == sorted(lengths)


@pytest.mark.parametrize(
    "season, day, shown",
    [
        (["11-15", "01-06"], (2026, 12, 24), True), (["11-15", "01-06"], (2027, 1, 6), True), (["11-15", "01-06"], (2027, 1, 7), False),
        (["06-01", "08-31"], (2026, 7, 1), True), (["06-01", "08-31"], (2026, 9, 1), False),
    ],
)  # fmt: skip
def test_what_has_a_season_is_shown_in_it(tmp_path: Path, season: list[str], day: tuple[int, int, int], shown: bool) -> None:
    (tmp_path / "volt").mkdir()
    written(tmp_path / "volt", FRONT.replace("minutes = 1", f"minutes = 1\nseason = {json.dumps(season)}"), "gifts.fr.md")
    assert ("gifts" in {item["id"] for item in items("volt", "fr", own=tmp_path, today=date(*day))}) == shown


def test_a_managers_item_comes_in_english_then_in_french_to_who_reads_neither(tmp_path: Path) -> None:
    (tmp_path / "volt").mkdir()
    for name in ("only-french.fr.md", "in-both.fr.md", "in-both.en.md", "in-three.en.md", "in-three.de.md"):
        written(tmp_path / "volt", FRONT, name)
    german = {item["id"]: item["language"] for item in items("volt", "de", own=tmp_path)}
    assert (german["in-three"], german["in-both"], german["only-french"]) == ("de", "en", "fr")
    assert german["wifi"] == "de", "the starter pack is in every language"


def test_a_managers_item_replaces_the_starter_packs_in_its_language_only(tmp_path: Path) -> None:
    (tmp_path / "volt").mkdir()
    written(tmp_path / "volt", FRONT.replace('"T"', '"Unsere"'), "battery.de.md")
    assert [item["title"] for item in items("volt", "de", own=tmp_path) if item["id"] == "battery"] == ["Unsere"]
    assert [item["title"] for item in items("volt", "it", own=tmp_path) if item["id"] == "battery"] != ["Unsere"]


def test_every_element_of_every_item_is_an_allowed_one() -> None:
    elements = [element for item in library() for tree in item["body"] for element in every(tree)]
    assert elements
    assert {element[0] for element in elements} <= TAGS


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "hello <b onclick='x()'>there</b>", "![x](http://evil.example/x.png)"],
)
def test_raw_html_and_images_become_text_or_nothing(text: str) -> None:
    names = {element[0] for tree in trees(text) for element in every(tree)}
    assert names <= {"p"}


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "vbscript:x"])
def test_a_link_that_is_not_to_the_web_goes_nowhere(address: str) -> None:
    links = [element for tree in trees(f"[here]({address})") for element in every(tree) if element[0] == "a"]
    assert all(element[1] == {} for element in links)


def test_a_link_to_the_web_keeps_only_its_address() -> None:
    assert trees('[here](https://shop.example "title")') == [["p", {}, ["a", {"href": "https://shop.example"}, "here"]]]


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("no front matter", "needs a name"),
        (FRONT.replace('"tip"', '"advert"'), "kind"),
        (FRONT.replace("minutes = 1", "minutes = 0"), "minutes"),
        (FRONT.replace("minutes = 1", "minutes = "), "one.fr.md"),
        (FRONT.replace('"tip"', '"quiz"'), "a quiz needs it"),
        (FRONT.replace("minutes = 1", 'minutes = 1\nseason = ["11-31", "1-6"]'), "season"),
        (
            FRONT.replace('"tip"', '"video"')
            .replace("+++\n", '[video]\nfile = "a.mp4"\n+++\n', 2)
            .replace('[video]\nfile = "a.mp4"\n+++\n', "+++\n", 1),
            "captions",
        ),
        (FRONT.replace('summary = "S"\n', 'summary = "S"\ncolour = "red"\n'), "colour"),
    ],
)
def test_a_bad_item_is_named_with_its_fault(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(BadItem, match=complaint):
        read(written(tmp_path, text))


def test_a_quiz_answer_must_exist(tmp_path: Path) -> None:
    quiz = '[[quiz]]\nquestion = "Q"\noptions = ["a", "b"]\nanswer = 2\nwhy = "W"\n+++\n'
    with pytest.raises(BadItem, match="answer points past"):
        read(written(tmp_path, FRONT.replace('"tip"', '"quiz"').replace("+++\n", quiz).replace(quiz, "+++\n", 1)))


def test_a_file_without_a_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadItem, match=r"id\.language\.md"):
        read(written(tmp_path, FRONT, "one.md"))
