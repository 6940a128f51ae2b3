"""The documentation says what the code says: generated pages are current, every public name is there, every link leads somewhere."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from docs import generate
from server.live import limits as live_limits
from server.log import FIELDS
from server.rules import commands, events
from server.rules.refusals import Code
from server.web import limits as web_limits
from simulation.past import visits
from simulation.scenario import reading
from tests.tidy.sources import ROOT, files, text

REFERENCE = Path("docs/reference")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", sorted(generate.pages()))
def test_a_generated_page_is_current(page: str) -> None:
    assert page not in generate.stale(), f"docs/reference/{page} is out of date: make docs"


def test_every_command_and_event_is_documented() -> None:
    for union, page in ((commands.Command, "commands.md"), (events.Event, "events.md")):
        said = text(REFERENCE / page)
        assert [kind.__name__ for kind in get_args(union) if f"## {kind.__name__}\n" not in said] == []


@pytest.mark.parametrize("page", ["settings.md", "metrics.md", "cli.md", "refusals.md", "log.md"])
def test_no_row_is_without_words(page: str) -> None:
    """A setting, metric, option, refusal or log line with a name and nothing said about it is not documented."""
    rows = [line for line in text(REFERENCE / page).splitlines() if line.startswith("|")]
    assert len(rows) > 15
    assert [row for row in rows if re.search(r"\|\s*\|$", row)] == []


@pytest.mark.parametrize("page", ["commands.md", "events.md", "cli.md"])
def test_no_part_is_without_words(page: str) -> None:
    """Each verb, command and event begins with a sentence of its own, not the signature that Python gives a class that has none."""
    parts = dict(re.findall(r"^## `?([\w -]+)`?\n\n(.*)", text(REFERENCE / page), re.MULTILINE))
    assert len(parts) > 15
    assert [name for name, first in parts.items() if first.startswith(("#", "|", f"{name}(")) or not first.strip()] == []


def test_every_refusal_is_documented_in_words() -> None:
    said = text(REFERENCE / "refusals.md")
    assert [c.value for c in Code if f"| `{c.value}` |" not in said] == []
    assert not re.findall(r"\| errors\.\w+ \|", said), "a code without an English message"


def test_every_limit_is_documented() -> None:
    """With words: one that has none says only what a reader could see."""
    rows = re.findall(r"^\| `([A-Z_]+)` \|.*\| (.*) \|$", text(REFERENCE / "limits.md"), re.MULTILINE)
    known = {name for module in (web_limits, live_limits) for name in vars(module) if name.isupper()}
    assert {name for name, what in rows if what} == known


def test_every_log_line_is_documented() -> None:
    """And every field it gives is one that is printed."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*) \| `[\w/.]+` \|$", text(REFERENCE / "log.md"), re.MULTILINE)
    assert len(rows) > 15
    assert {field for _, _, told in rows for field in re.findall(r"`(\w+)`", told)} - FIELDS == set()


def test_every_refusal_can_happen() -> None:
    said = "".join(text(p) for p in files() if p.parts[:2] == ("server", "rules") and p.name != "refusals.py")
    assert [c.name for c in Code if not re.search(rf"\bCode\.{c.name}\b", said)] == []


def test_every_link_of_a_page_leads_somewhere() -> None:
    broken = [
        f"{page}: {link}"
        for page in files()
        if page.suffix == ".md"
        for link in LINK.findall(text(page))
        if "://" not in link and not link.startswith(("#", "mailto:")) and not (ROOT / page.parent / link.partition("#")[0]).exists()
    ]
    assert not broken, "\n".join(broken)


def test_every_page_can_be_found_from_the_index() -> None:
    seen, todo = set(), [Path("docs/index.md")]
    while todo:
        page = todo.pop()
        seen.add(page)
        links = (link.partition("#")[0] for link in LINK.findall(text(page)) if "://" not in link)
        found = {(ROOT / page.parent / link).resolve().relative_to(ROOT) for link in links if link.endswith(".md")}
        todo += sorted(found - seen - set(todo))
    lost = [str(p) for p in files() if p.parts[0] == "docs" and p.suffix == ".md" and p not in seen]
    assert not lost, "not linked from docs/index.md or a page it links: " + ", ".join(lost)


def test_the_newest_entry_of_the_changelog_is_the_version() -> None:
    version = tomllib.loads(text(Path("pyproject.toml")))["project"]["version"]
    newest = re.search(r"^## (\d+\.\d+\.\d+)", text(Path("CHANGELOG.md")), re.MULTILINE)
    assert newest
    assert newest.group(1) == version


def test_the_tests_that_the_promises_name_are_there() -> None:
    promises = text(Path("docs/topics/promises.md"))
    assert [n for n in range(1, 15) if f"| P{n} |" not in promises] == []
    named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", promises)
    assert len(named) >= 14
    assert [f"{path}::{test}" for path, test in named if f"def {test}(" not in text(Path(path))] == []


def test_the_scenario_that_the_page_shows_can_be_played(tmp_path: Path) -> None:
    shown = re.search(r"```toml\n(.*?)```", text(REFERENCE / "files.md"), re.DOTALL)
    assert shown
    path = tmp_path / "shown.toml"
    path.write_text(shown.group(1), encoding="utf-8")
    assert reading.load(path).name == "Saturday, electronics"


def test_the_columns_that_the_page_shows_are_those_of_the_visits_csv() -> None:
    assert "\n" + ",".join(visits.COLUMNS) + "\n" in text(REFERENCE / "files.md")
