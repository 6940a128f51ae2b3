"""The tables of requirements are whole, and name files and tests that exist."""

import re
from pathlib import Path

import pytest

from server.settings import Settings
from tests.tidy.sources import ROOT, in_rooms, text

PAGE = text(Path("docs/reference/asvs.md"))
THREATS = text(Path("docs/topics/threats.md"))
LEVELS_1_AND_2 = (
    "1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2 4.1:1-3 "
    "4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3 6.8:1-4 7.1:1-3 "
    "7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4 10.1:1-2 10.2:1-2 10.3:1-4 10.4:1-11 "
    "10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1 12.1:1-3 12.2:1-2 12.3:1-4 13.1:1 13.2:1-5 "
    "13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3 15.3:1-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 "
    "17.1:1 17.2:1-4 17.3:1-2 "
)
"""The numbers of OWASP ASVS 5.0.0 at levels 1 and 2, by section (5.0/docs_en of github.com/OWASP/ASVS)."""
HOW_MANY = 253


def _section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def _rows(title: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in _section(title).splitlines() if re.match(r"^\| \d", line)]


def _numbers(title: str) -> set[str]:
    return {number for row in _rows(title) for number in row[0].split(", ")}


def _published() -> set[str]:
    found = set()
    for part in LEVELS_1_AND_2.split():
        section, _, runs = part.partition(":")
        for run in runs.split(","):
            first, _, last = run.partition("-")
            found |= {f"{section}.{n}" for n in range(int(first), int(last or first) + 1)}
    return found


MET, NOT_APPLICABLE, OTHERWISE = "Met", "Not applicable", "Not met, or met otherwise"


def test_every_requirement_is_there_once() -> None:
    published = _published()
    assert len(published) == HOW_MANY
    told = [_numbers(title) for title in (MET, NOT_APPLICABLE, OTHERWISE)]
    assert set.union(*told) == published
    assert sum(map(len, told)) == len(published), "in two tables at once"


@pytest.mark.parametrize("row", _rows(MET), ids=lambda row: row[0])
def test_file_and_test_exist(row: list[str]) -> None:
    _, _, file, name = row
    test_file, _, test = name.strip("`").partition("::")
    assert (ROOT / file.strip("`")).is_file(), file
    assert re.search(rf"^(async )?def {test}\(", (ROOT / test_file).read_text("utf-8"), re.MULTILINE), name


def test_every_reason_is_a_reason() -> None:
    assert all(len(row[1]) >= 7 for title in (NOT_APPLICABLE, OTHERWISE) for row in _rows(title))


def test_every_secret_is_on_the_list_of_keys() -> None:
    secrets = [f"AVOUS_{name.upper()}" for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    keys = THREATS.partition("## Keys")[2].partition("\n## ")[0]
    assert secrets
    assert [name for name in secrets if name not in keys] == []


def test_every_way_out_is_listed() -> None:
    """Whatever module can call somebody has its setting on the list."""
    ways = THREATS.partition("## What it connects to")[2].partition("\n## ")[0]
    asking = {str(p) for p in in_rooms(".py") if re.search(CALLS, text(p)) and not str(p).startswith(AT_HOME)}
    told = set(re.findall(r"`([a-z_/]+\.py)`", ways))
    assert asking == told


AT_HOME = ("avous/", "server/bench/", "server/cli_demo/")  # they call the server itself
CALLS = r"httpx2\.(Async)?Client\(|Apprise\(|webpush|OTLPSpanExporter\(|create_connection\(|open_connection\(|psycopg\.connect\(|urlopen\("


def test_nobody_turns_off_the_check_of_certificates() -> None:
    off = re.compile(r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_create_unverified")
    assert [p for p in in_rooms(".py") if off.search(text(p))] == []
