"""Every verb's pictures, drawn from its report: all three kinds of file, nothing fetched from anywhere."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app
from simulation.past.visits import COLUMNS

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


def test_a_forecast_has_a_picture_for_every_service_over_the_same_hours(tmp_path: Path) -> None:
    days = [f"2026-11-{d:02d}" for d in range(2, 16)]
    rows = [f"{day},{n},1,{name},,{day}T{10 + n}:10:00,,{day}T{10 + n}:12:00,{day}T{10 + n}:15:00,,answered,lea"
            for day in days for n, name in enumerate(("advice", "repair", "payment"))]  # fmt: skip
    (tmp_path / "v.csv").write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")
    done = CliRunner().invoke(app, ["forecast", "--visits", str(tmp_path / "v.csv"), "--chart", str(tmp_path / "p.svg")])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "p.svg").read_text(encoding="utf-8")
    for name in ("advice", "repair", "payment"):
        assert f"{name}: 2, by quarter hour" in text
    assert [text.count(f">{at}<") for at in ("09:00", "10:15", "11:00", "11:12")] == [0, 3, 3, 0]


@pytest.mark.parametrize(
    "hours, expected",
    [
        ([10.0, 12.0], [10, 10.25, 10.5, 10.75, 11, 11.25, 11.5, 11.75, 12]),
        ([9.9, 20.1], [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]),
        ([0.0, 30.0], [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30]),
        ([], []),
    ],
)
def test_a_time_axis_is_ticked_as_a_clock_is(hours: list[float], expected: list[float]) -> None:
    from simulation.charts.look import ticks

    assert ticks(hours) == expected


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
