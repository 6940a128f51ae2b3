"""``avous bench waits --log`` on logs nobody had in mind: what cannot be scored is said in one sentence, the rest is scored."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from server.cli import app

HEADER = "day,ticket,step,service,priority,joined_at,called_at,started_at,finished_at,left_at,outcome,salesperson"


def row(day: int, ticket: int, service: str, joined: str, began: str, ended: str) -> str:
    """Somebody served by Léa; who never began has left."""
    joined, began, ended = (f"2026-01-0{day}T{at}:00" if at else "" for at in (joined, began, ended))
    told = f"{began},{began},{ended},,answered,lea" if began else f",,,{ended},left,"
    return f"2026-01-0{day},{ticket},1,{service},,{joined},{told}"


MONDAY = [row(5, k, "advice", f"10:{k:02}", f"10:{5 * k:02}", f"10:{5 * k + 5:02}") for k in range(9)]
ONE = [row(5, 1, "advice", "10:00", "10:00", "10:05")]


def told(tmp_path: Path, rows: list[str], *more: str) -> Any:
    """What the command says of such a log."""
    file = tmp_path / "log.csv"
    file.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return CliRunner().invoke(app, ["bench", "waits", "--log", str(file), "--rollouts", "20", "--workers", "1", *more])


def test_a_service_that_opened_today_is_forecast_from_what_the_others_are_like(tmp_path: Path) -> None:
    tuesday = [row(6, k, "repairs", f"10:{k:02}", f"10:{5 * k:02}", f"10:{5 * k + 5:02}") for k in range(9)]
    found = json.loads(told(tmp_path, MONDAY + tuesday, "--from-day", "2026-01-06", "--json").stdout)["cases"][0]
    assert found["history_days"] == 1
    assert found["estimators"]["avous"]["n"] == 8
    assert found["estimators"]["avous"]["rmse_s"] < 1200.0


def test_the_first_day_is_forecast_from_the_stated_priors(tmp_path: Path) -> None:
    assert json.loads(told(tmp_path, MONDAY, "--json").stdout)["cases"][0]["estimators"]["avous"]["n"] == 8


def test_where_nobody_had_to_wait_it_says_so(tmp_path: Path) -> None:
    assert "nobody who was served had to wait" in told(tmp_path, ONE).stdout
    assert json.loads(told(tmp_path, [*ONE, row(6, 2, "gifts", "10:00", "", "10:05")], "--json").stdout)["cases"][0]["estimators"] == {}


@pytest.mark.parametrize(
    "rows, more, says",
    [
        ([], (), "there is nothing to forecast"),
        (ONE, ("--from-day", "2027-01-01"), "at the latest 2026-01-05"),
        (ONE, ("--from-day", "monday"), "it is 'monday'"),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(tmp_path: Path, rows: list[str], more: tuple[str, ...], says: str) -> None:
    mistake = told(tmp_path, rows, *more).exception
    assert isinstance(mistake, ValueError)
    assert says in str(mistake)
    assert type(mistake) is not ValueError, "the command line prints sentences of our own errors only, with exit code 2"
