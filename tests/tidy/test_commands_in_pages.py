"""Every command and variable that a page prints is one: nobody types what is not there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.settings import Settings
from tests.tidy.sources import files, text

PAGES = [path for path in files() if path.suffix == ".md" and path.parts[0] != "CHANGELOG.md" and "measurements" not in path.name]
OF_THE_TESTS = {"AVOUS_SEED", "AVOUS_LOGS", "AVOUS_AUTOBAHN", "AVOUS_CONTRACT_CASES", "AVOUS_CHROMIUM"}
OF_EXAMPLES = {"AVOUS_HOST_NAME"}
"""What deploy/.env says for Compose and Caddy."""


def _commands(page: str) -> Iterator[list[str]]:
    """The words after ``avous`` of every command in a box, or in a line, of a page."""
    boxes = re.findall(r"^```(?:sh|bash|console)?\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for box in boxes for line in box.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"(?<!`)`((?:\.venv/bin/)?avous [a-z][^`]*)`(?!`)", page)
    for line in lines:
        if found := re.match(r"(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\S*/)?avous (?=[a-z])(.*)", line.partition("  #")[0]):
            try:
                yield shlex.split(re.sub(r"\$\([^)]*\)", "x", found.group(1)))
            except ValueError:
                continue  # half a sentence in a line


def _verbs() -> dict[str, set[str]]:
    """Each verb of docs/reference/cli.md (which is generated from the program) with its options."""
    sections = re.split(r"^## `avous ", text(Path("docs/reference/cli.md")), flags=re.MULTILINE)[1:]
    return {section.partition("`")[0]: set(re.findall(r"`(--[a-z-]+)", section)) | {"--help"} for section in sections}


VERBS = _verbs()


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_command_of_a_page_can_be_typed(page: Path) -> None:
    for words in _commands(text(page)):
        if words[0].startswith("VERB"):
            continue
        verb = next((v for v in (" ".join(words[:2]), words[0]) if v in VERBS), None)
        assert verb or any(v.startswith(f"{words[0]} ") for v in VERBS), f"avous {' '.join(words)}"
        asked = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
        assert asked <= VERBS.get(verb or "", asked), f"avous {' '.join(words)}"


def test_every_variable_of_a_page_is_a_setting() -> None:
    settings = {f"AVOUS_{name.upper()}" for name in Settings.model_fields}
    named = {(str(page), name) for page in PAGES for name in re.findall(r"\bAVOUS_[A-Z][A-Z_]*[A-Z]\b", text(page))}
    assert [(page, name) for page, name in sorted(named) if name not in settings | OF_THE_TESTS | OF_EXAMPLES] == []


def test_the_pages_are_read_at_all() -> None:
    assert sum(1 for page in PAGES for _ in _commands(text(page))) > 40
