"""The verbs as somebody types them: reports on stdout, one sentence and exit code 2 for what cannot be."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulation import progress
from simulation.past.visits import COLUMNS

SHOP = """\
name = "shop"
horizon_min = 120
[services.advice]
arrivals_per_hour = 20
service_time = {kind = "exponential", mean_min = 8}
patience = {kind = "exponential", mean_min = 10}
[pools.advisers]
count = 2
skills = ["advice"]
"""
VISITS = f"""\
{",".join(COLUMNS)},mood
2026-11-21,1,1,advice,,2026-11-21T10:00:00,,2026-11-21T10:00:00,2026-11-21T10:09:00,,answered,lea,fine
2026-11-21,2,1,advice,1,2026-11-21T10:02:00,,2026-11-21T10:09:00,2026-11-21T10:12:00,,answered,lea,fine
2026-11-21,3,1,advice,,2026-11-21T10:03:00,,,,2026-11-21T10:05:00,left,,cross
2026-11-21,4,1,advice,,yesterday,,,,,left,,cross
"""

NONSENSE = {
    "full": "max_in_system = 1\n" + SHOP,
    "negative": SHOP.replace("= 20", "= -20"),
    "magic": SHOP + '[services.magic]\narrivals_per_hour = 2\nservice_time = {kind = "exponential", mean_min = 8}\n',
    "outside": SHOP + '[salespeople.lea]\nskills = ["advice"]\nshifts = [[90, 150]]\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.toml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "visits.csv").write_text(VISITS, encoding="utf-8")
    for name, text in NONSENSE.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def avous(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from server.cli import main; sys.exit(main())"
    return subprocess.run([sys.executable, "-c", program, *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False,
                          env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "", "PYTHONIOENCODING": "utf-8"})  # fmt: skip


def report(folder: Path, *words: str) -> Any:
    done = avous(folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_simulate(folder: Path) -> None:
    found = report(folder, "simulate", "shop.toml", "--replications", "3", "--seed", "4")
    assert (found["scenario"], found["replications"], found["seed"]) == ("shop", 3, 4)
    assert "had to wait" in avous(folder, "simulate", "shop.toml", "--replications", "2").stdout


def test_replay(folder: Path) -> None:
    found = report(folder, "replay", "visits.csv", "--head-start", "1=90")
    (day,) = found["days"]
    assert day["recorded"]["shares"] == day["decided"]["shares"]
    assert sum(day["decided"]["shares"].values()) == pytest.approx(1)
    assert found["problems"] == [
        {"line": 5, "reason": 'joined_at must be a time like 2026-11-21T10:03:00; it is "yesterday"', "kept": False}
    ]
    assert found["extra_columns"] == ["mood"]


def test_whatif(folder: Path) -> None:
    found = report(folder, "whatif", "shop.toml", "--add", "10:30-11:30 advice")
    assert found["difference"]["unanswered"]["mean"] < 0
    assert found["difference"]["paid_hours"] == pytest.approx(1)
    yesterday = report(folder, "whatif", "--day", "visits.csv", "--add", "10:00-10:15 advice", "--replications", "4")
    assert yesterday["difference"]["unanswered"]["mean"] == -1


@pytest.mark.parametrize(
    "words, sentence",
    [
        (("simulate", "none.toml"), "none.toml, line 1: the scenario file cannot be read"),
        (("replay", "shop.toml"), "shop.toml, line 1: day is missing in the header"),
        (("replay", "visits.csv", "--day", "2026-11-20"), "the day 2026-11-20 is not in visits.csv, which has 2026-11-21 to 2026-11-21"),
        (("replay", "visits.csv", "--head-start", "1"), "--head-start must be CLASS=SECONDS like 1=90"),
        (("whatif", "shop.toml"), "whatif needs a change"),
        (("whatif", "--add", "10:00-11:00 advice"), "give either a scenario file, or --day with recorded visits"),
        (("whatif", "shop.toml", "--add", "16:00-18:00 advice"), "--add 16:00-18:00 is outside the day, 10:00 to 12:00"),
        (("staff", "shop.toml", "--target-unanswered", "0"), "must be between 0 and 1, like 0.05; it is 0, the nearest possible is 0.01"),
        (("staff", "full.toml"), "with somebody always free it is 0."),
        (("staff", "shop.toml", "--target-wait", "10m"), '--target-wait must be like "10m:0.1"'),
        (("staff", "shop.toml", "--shortest", "5", "--longest", "4"), "the nearest possible is --shortest 4"),
        (("staff", "shop.toml", "--longest", "11"), "the nearest possible is --longest 10"),
        (("staff", "shop.toml", "--shortest", "8"), "--shortest 8 is longer than a day of 2 hours; the nearest possible is --shortest 2"),
        (("staff", "shop.toml", "--interval", "5"), "--interval must be at least 15 and at most 240; it is 5, the nearest possible is 15"),
        (("simulate", "shop.toml", "--replications", "0"), "at least 1 and at most 1,000,000; it is 0, the nearest possible is 1"),
        (("whatif", "shop.toml", "--hourly-cost", "-1"), "--hourly-cost must be at least 0; it is -1, the nearest possible is 0"),
        (("staff", "shop.toml", "--rules", "shop.toml"), "rules.longest_day_h.value must be a number"),
        (("staff", "visits.csv", "--week"), "the week cannot be read"),
        (("simulate", "shop.toml", "--replications", "many"), '--replications must be a whole number; it is "many", the usual is 30'),
        (("whatif", "shop.toml", "--date", "2026-11-21", "--remove", "advisers"), "--date chooses among the days of --day; shop.toml is"),
        (("forecast", "shop.toml"), "more like it); the nearest possible is --visits with recorded visits"),
        (("sweep", "staff", "shop.toml", "--target-unanswered", "2"), "must be between 0 and 1, like 0.05; it is 2, the nearest possible"),
        (("sweep", "simulate", "shop.toml", "--into", "shop.toml"), "--into must be a folder; shop.toml is none, the nearest possible is"),
        (("sweep", "simulate", "shop.toml", "--on", "tcp://nowhere"), "a cluster's address like tcp://10.0.0.5:8786; it is tcp://nowhere"),
        (
            ("scenario", "from-facts", "--visits", "visits.csv", "--week", "--output", "shop.toml"),
            "shop.toml is none, the nearest possible",
        ),
        (
            ("simulate", "negative.toml"),
            "services.advice.arrivals_per_hour must be a number of 0 or more; it is -20, the nearest possible is 0",
        ),
        (("simulate", "magic.toml"), "services.magic is a skill nobody has: the nearest possible is to add"),
        (("simulate", "outside.toml"), "has [90, 150], outside the day of 120 minutes; the nearest possible is [90, 120]"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_exit_code_2(folder: Path, words: tuple[str, ...], sentence: str) -> None:
    done = avous(folder, *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_staff_and_its_bench_on_a_small_day(folder: Path) -> None:
    done = avous(folder, "bench", "staff", "shop.toml", "--target-unanswered", "0.15", "--interval", "60", "--days", "300", "--json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["scenarios"]  # whatever HiGHS says is on stderr
    assert set(row["rules"]) == {"SIPP max", "lag max", "MOL max"}
    assert row["intervals_missed"] == 0
    assert all(rule["paid_hours"] >= rule["headcount_hours"] for rule in row["rules"].values())
    assert row["paid_hours"] <= min(rule["paid_hours"] for rule in row["rules"].values() if rule["safe"])


def test_what_compiled_code_prints_does_not_spoil_a_report(capfd: pytest.CaptureFixture[str]) -> None:
    with progress.stdout_kept():
        os.write(1, b"chatter\n")
    print("report")
    assert capfd.readouterr() == ("report\n", "chatter\n")


def test_bench_twin(folder: Path) -> None:
    found = report(folder, "bench", "twin", "--rounds", "1")
    assert all(case["kernel_per_s"] > case["rules_per_s"] > 0 for case in found.values())
