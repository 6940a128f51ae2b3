"""The table of requirements names files and tests that exist."""

import re
from pathlib import Path

import pytest

from tests.tidy.sources import ROOT, text

ROW = re.compile(r"^\| ([\d., ]+) \| (.+?) \| `([^`]+)` \| `([^`:]+)::(\w+)` \|$", re.MULTILINE)
ROWS = ROW.findall(text(Path("docs/reference/asvs.md")))


def test_the_table_is_read_whole() -> None:
    lines = [line for line in text(Path("docs/reference/asvs.md")).splitlines() if re.match(r"^\| \d", line)]
    assert len(ROWS) == len(lines) > 60


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_file_and_test_exist(row: tuple[str, ...]) -> None:
    _, _, file, test_file, test = row
    assert (ROOT / file).is_file(), file
    assert re.search(rf"^(async )?def {test}\(", (ROOT / test_file).read_text("utf-8"), re.MULTILINE), f"{test_file}::{test}"


def test_chapters_that_apply_are_all_there() -> None:
    chapters = {int(number.split(".")[0]) for row in ROWS for number in row[0].split(", ")}
    assert chapters == {*range(1, 17)} - {5}
