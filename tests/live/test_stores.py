"""A store's file: what it may say, what is said back when it is wrong, and the plan of a day."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from server.live.stores import BadStore, load_store, parse_store, plan_for
from server.rules.floor_rules import plan_fault
from tests.live.support import PARIS, store, table

FILE = """
id = "volt"
name = "Volt"
[hours]
sat = ["10:00", "20:00"]
sun = ["10:00", "24:00"]
[services.advice]
labels = {fr = "Conseil"}
letter = "C"
head_start_s = 60
[salespeople.lea]
name = "Léa"
skills = ["advice"]
shifts = [["10:00", "13:00"], ["14:00", "19:00"]]
[salespeople.chef]
name = "Marc"
role = "manager"
pin = "4321"
[timings]
offer_s = 20
"""


def test_a_file_becomes_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "volt.toml"
    path.write_text(FILE, encoding="utf-8")
    plan = plan_for(load_store(path), date(2026, 11, 21))
    assert (plan.store, plan.day, plan.timings.offer_s, plan.timings.undo_s) == ("volt", "2026-11-21", 20.0, 10.0)
    assert plan.opens_at == datetime(2026, 11, 21, 10, tzinfo=PARIS).timestamp()
    assert plan.ends_at == datetime(2026, 11, 22, 4, tzinfo=PARIS).timestamp()
    assert plan.services["advice"].head_start_s == 60.0
    assert list(plan.salespeople) == ["lea"]  # a manager without skills serves nobody
    assert [(end - start) / 3600 for start, end in plan.salespeople["lea"].shifts] == [3.0, 5.0]
    assert plan_fault(plan) is None
    sunday = plan_for(load_store(path), date(2026, 11, 22))
    assert sunday.closes_at == datetime(2026, 11, 23, 0, tzinfo=PARIS).timestamp()


def test_a_day_off_closes_the_moment_it_begins() -> None:
    plan = plan_for(store(hours={"sat": ["10:00", "20:00"]}), date(2026, 11, 22))
    assert plan.opens_at == plan.closes_at < plan.ends_at
    assert plan_for(store(closed_on=[date(2026, 12, 25)]), date(2026, 12, 25)).closes_at < plan_for(store(), date(2026, 12, 25)).closes_at


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"zone": "Europe/Lutece"}, "zone: there is no time zone 'Europe/Lutece'"),
        ({"services": {}}, "services: Dictionary should have at least 1 item"),
        ({"salespeople": {"lea": {"name": "Léa", "skills": ["kitchens"]}}}, "salespeople.lea.skills: there is no service 'kitchens'"),
        ({"hours": {"mon": ["10:00", "09:00"]}}, "hours.mon: closes before it opens"),
        ({"hours": {"lundi": ["10:00", "19:00"]}}, "hours.lundi"),
        ({"hours": {"mon": ["ten", "19:00"]}}, "hours.mon"),
        ({"hours": {"mon": "10:00"}}, "hours.mon"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"open_max": "many"}, "open_max: Input should be a valid integer"),
        ({"timings": {"offer_s": -1}}, "timings.offer_s"),
        ({"timings": {"offre_s": 1}}, "timings.offre_s"),
        ({"id": "Volt Paris"}, "id: String should match pattern"),
        ({"mode": "auction"}, "mode"),
        ({"salespeople": {"lea": {"name": "Léa", "pin": "12"}}}, "salespeople.lea.pin"),
        ({"classes": {"member": float("nan")}}, "classes.member"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadStore) as fault:
        parse_store({**table(), **changes}, "volt.toml")
    assert str(fault.value).startswith("volt.toml: ")
    assert words in str(fault.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadStore, match=r"nothing\.toml: No such file"):
        load_store(tmp_path / "nothing.toml")
    (tmp_path / "bad.toml").write_text("id = \nname = 1\n", encoding="utf-8")
    with pytest.raises(BadStore, match=r"bad\.toml: not TOML: .*line 1"):
        load_store(tmp_path / "bad.toml")
