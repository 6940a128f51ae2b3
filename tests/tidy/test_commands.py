"""What a person types: the targets of the Makefile, and the script of continuous integration."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tidy.sources import ROOT, text

TARGETS = ("install", "demo", "test", "check", "bench", "soak", "nightly", "sbom", "audit", "lock", "docs", "format", "clean", "help")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")


def _make(*words: str) -> str:
    return subprocess.run(["make", "--no-print-directory", *words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=99).stdout


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_can_be_made(target: str) -> None:
    assert _make("--dry-run", "--always-make", target)


def test_help_lists_every_target() -> None:
    listed = re.findall(r"^  make ([\w-]+)", _make("help"), re.MULTILINE)
    assert set(listed) == set(TARGETS)


def test_no_test_is_left_out() -> None:
    later = re.findall(r"^(?:BROWSER|ALONE) := (.+)$", text(Path("Makefile")), re.MULTILINE)
    folders = " ".join(later).split()
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
    first, *others = [
        line.partition("-m pytest")[2] for line in _make("--dry-run", "--always-make", "test").splitlines() if "-m pytest" in line
    ]
    assert re.findall(r"--ignore=(\S+)", first) == folders
    assert [word for line in others for word in line.split() if word.startswith("tests/")] == folders


def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && { echo Python 3.9.2; exit 0; }\nexit 1\n')
    old.chmod(0o755)
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = subprocess.run(["make", "install", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Python 3.9.2" in done.stderr


def test_continuous_integration_stops_at_the_first_failure_and_asks_nothing() -> None:
    script = text(Path(".ci/run"))
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert "set -euo pipefail" in script
    assert "exec </dev/null" in script
    assert script.index("make check") < script.index("make test")
    subprocess.run(["bash", "-n", ".ci/run"], cwd=ROOT, check=True, timeout=120)
