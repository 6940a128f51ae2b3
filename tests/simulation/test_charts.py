"""Every verb's pictures, drawn from its report: all three kinds of file, nothing fetched from anywhere."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app

pytest.importorskip("altair", reason="pictures need the extra [charts]")

DAY = """
name = "small"
horizon_min = 240
[services.advice]
arrivals_per_hour = 9
service_time = {kind = "exponential", mean_min = 10}
patience = {kind = "exponential", mean_min = 12}
[pools.advisers]
count = 2
skills = ["advice"]
"""
VERBS = {
    "simulate": ["--replications", "4"],
    "whatif": ["--replications", "4", "--add", "11:00-12:00 advice"],
    "staff": ["--target-unanswered", "0.2", "--interval", "60"],
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_report_is_drawn(verb: str, tmp_path: Path) -> None:
    day, picture = tmp_path / "day.toml", tmp_path / "picture.svg"
    day.write_text(DAY, encoding="utf-8")
    done = CliRunner().invoke(app, [verb, str(day), *VERBS[verb], "--workers", "1", "--chart", str(picture)])
    assert done.exit_code == 0, done.output
    text = picture.read_text(encoding="utf-8")
    assert text.startswith("<svg")
    assert text.count("aria-roledescription") > 20  # axes, titles and marks of several pictures
    assert "undefined" not in text
    assert "NaN" not in text


@pytest.mark.parametrize("name, start", [("p.png", b"\x89PNG"), ("p.html", b"<!DOCTYPE html>")])
def test_a_picture_is_also_png_and_a_page(name: str, start: bytes, tmp_path: Path) -> None:
    (tmp_path / "day.toml").write_text(DAY, encoding="utf-8")
    done = CliRunner().invoke(app, ["simulate", str(tmp_path / "day.toml"), "--replications", "2", "--chart", str(tmp_path / name)])
    assert done.exit_code == 0, done.output
    body = (tmp_path / name).read_bytes()
    assert body.lstrip().startswith(start)
    assert b'src="http' not in body


@pytest.mark.parametrize("name, words", [("p.bmp", "the nearest possible is"), ("none/p.svg", "there is no folder")])
def test_a_picture_that_cannot_be_is_refused_before_the_work(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "day.toml").write_text(DAY, encoding="utf-8")
    done = CliRunner().invoke(app, ["simulate", str(tmp_path / "day.toml"), "--chart", str(tmp_path / name)])
    assert done.exit_code != 0
    assert words in (done.output + str(done.exception))
