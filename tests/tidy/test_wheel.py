"""The wheel holds everything the server reads at run time: a template left out would only be missed in a store."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.tidy.sources import ROOMS, ROOT, files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        folder,
        ROOT,
    ]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(folder.glob("avous-*.whl")))


def test_it_holds_every_file_of_the_rooms(wheel: zipfile.ZipFile) -> None:
    missing = [str(p) for p in files() if p.parts[0] in ROOMS and str(p) not in wheel.namelist()]
    assert not missing


def test_it_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {Path(name).parts[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(ROOMS)


def test_its_command_leads_to_the_cli(wheel: zipfile.ZipFile) -> None:
    entry = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "avous = server.cli:main" in wheel.read(entry).decode()
