"""What ``avous demo`` does before it starts anything: the store's file, the times for humans, the port, the words."""

import json
import socket
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from server.cli_demo import demo
from server.cli_demo.processes import Trouble, default_port, must_be_free
from server.cli_demo.store import for_humans, start_instant, store_file
from server.cli_demo.words import print_json, print_table
from server.live.stores import parse_store, plan_for

RUN = CliRunner()


def app() -> typer.Typer:
    alone = typer.Typer()
    alone.command()(demo)
    return alone


@pytest.mark.parametrize("speed", [1.0, 5.0, 20.0, 60.0])
def test_the_store_stays_valid_and_gives_humans_time(speed: float) -> None:
    text = store_file("volt").read_text(encoding="utf-8")
    timings = plan_for(parse_store(tomllib.loads(for_humans(text, speed))), date(2026, 11, 21)).timings
    assert timings.offer_s / speed >= 3.0  # wall seconds to accept an offer, however fast the day goes
    assert timings.hold_s / speed >= 15.0
    assert timings.breather_s == tomllib.loads(text)["timings"]["breather_s"]  # what the file says stays


def test_a_store_without_timings_gets_them() -> None:
    timings = tomllib.loads(for_humans('id = "x"\n\n[hours]\n', 10.0))["timings"]
    assert timings["offer_s"] == 100.0


def test_a_timing_of_the_file_is_kept() -> None:
    assert tomllib.loads(for_humans("[timings]\noffer_s = 7\n", 10.0))["timings"]["offer_s"] == 7


def test_the_play_begins_today_in_the_store_s_zone() -> None:
    assert start_instant("14:40", "Europe/Paris") - start_instant("14:00", "Europe/Paris") == 2400
    with pytest.raises(Trouble, match="'soon' is not a time of day"):
        start_instant("soon", "Europe/Paris")


def test_an_unknown_store_is_bad_usage() -> None:
    result = RUN.invoke(app(), ["--store", "nowhere"])
    assert result.exit_code == 2
    assert "there is no store 'nowhere'" in result.stderr


def test_a_taken_port_is_bad_usage_and_the_default_gives_way() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match="choose another with --port"):
            must_be_free("127.0.0.1", port)
    assert default_port("127.0.0.1") > 0


def test_a_speed_beyond_what_people_can_follow_is_refused() -> None:
    assert RUN.invoke(app(), ["--speed", "61"]).exit_code == 2
    assert RUN.invoke(app(), ["--speed", "0"]).exit_code == 2


FACTS: dict[str, Any] = {
    "store": "Volt", "speed": 5.0, "url": "http://127.0.0.1:1", "logs": "logs", "phones_can_join": False,
    "pages": {name: f"http://127.0.0.1:1/{name}" for name in ("home", "kiosk", "join", "board", "staff", "manager")},
    "people": [{"id": "camille", "name": "Camille", "pin": "2109"}], "managers": [{"id": "sarah", "name": "Sarah", "pin": "3001"}],
}  # fmt: skip


def test_every_face_is_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(FACTS)
    out = capsys.readouterr().out
    for address in FACTS["pages"].values():
        assert address in out
    assert "Camille (2109)" in out
    assert "Sarah (3001)" in out


def test_the_facts_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(FACTS)
    assert json.loads(capsys.readouterr().out) == FACTS


def test_the_demonstration_s_files_are_in_the_package() -> None:
    for name in ("volt.toml", "volt.crowd.toml"):
        assert (Path(store_file("volt")).parent / name).is_file()
