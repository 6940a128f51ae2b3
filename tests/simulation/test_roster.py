"""A week: the rule file, who works what, and that the rules about working time are kept."""

from itertools import pairwise
from pathlib import Path

import pytest

from simulation.scenario.reading import ScenarioError
from simulation.staffing import labour, week
from simulation.staffing.labour import LabourError
from simulation.staffing.rota import Duty, Person, assign
from simulation.staffing.shifts import Shift, ShiftRules
from tests.simulation.test_staffing import SHOP

LAW = labour.load()
ADVICE = frozenset({"advice"})
ALWAYS = frozenset[int]()


def test_the_shipped_rules_name_their_articles_and_can_be_edited(tmp_path: Path) -> None:
    text = labour.shipped().read_text(encoding="utf-8")
    assert (LAW.longest_day_h, LAW.daily_rest_h, LAW.weekly_rest_h, LAW.longest_week_h) == (10, 11, 35, 48)
    for article in ("L3121-18", "L3121-16", "L3131-1", "L3132-1", "L3132-2", "L3121-20", "L3121-27", "L3123-27", "L3123-30"):
        assert f'article = "{article}"' in text
    own = tmp_path / "own.toml"
    own.write_text(text.replace("value = 11", "value = 12"), encoding="utf-8")
    assert labour.load(own).daily_rest_h == 12


@pytest.mark.parametrize(
    "change, sentence",
    [
        (("value = 11", "value = -1"), "rules.daily_rest_h.value must be a number of 0 or more; it is -1"),
        (("[rules.daily_rest_h]", "[rules.nap_h]"), "rules.nap_h is not known"),
        (("value = 11", "value ="), "the rules cannot be read"),
    ],
)
def test_a_wrong_rule_is_one_sentence(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(labour.shipped().read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(LabourError, match=sentence):
        labour.load(own)


def test_shifts_against_the_rules_are_refused() -> None:
    assert LAW.shift_rules() == ShiftRules(3, 8, 6, 30)
    with pytest.raises(LabourError, match="the nearest possible is --longest 10"):
        LAW.shift_rules(longest_h=11)
    with pytest.raises(LabourError, match="--shortest 5 is longer than --longest 4"):
        LAW.shift_rules(5, 4)


def duty(day: int, start_h: float, end_h: float) -> Duty:
    return Duty(day, ADVICE, "advice", 0.0, Shift(3600 * start_h, 3600 * end_h))


def test_a_rota_keeps_to_contracts_rest_and_days_off() -> None:
    duties = [duty(d, *span) for d in range(7) for span in ((9, 15), (15, 21), (15, 21))]
    people = [Person(name, ADVICE, 30.0, frozenset({0}) if name == "lea" else ALWAYS) for name in ("lea", "max", "ana", "tom", "zoe")]
    rota = assign(duties, people, LAW)
    assert not rota.uncovered
    assert sum(map(len, rota.work.values())) == len(duties)
    assert all(d.day != 0 for d in rota.work["lea"])
    for own in rota.work.values():
        assert len({d.day for d in own}) == len(own) <= 6
        assert sum(d.shift.paid_hours for d in own) <= 33  # a tenth more than a part-time contract at most
        assert all(after.from_h - before.to_h >= 11 for before, after in pairwise(own))


def test_rest_between_two_days_is_kept_even_if_a_shift_stays_open() -> None:
    rota = assign([duty(0, 14, 23), duty(1, 8, 14)], [Person("lea", ADVICE, 35.0, ALWAYS)], LAW)
    assert len(rota.uncovered) == 1
    assert len(rota.work["lea"]) == 1


def test_a_single_day_off_is_a_weekly_rest() -> None:
    every_other = [duty(d, 0, 23) for d in range(0, 7, 2)]  # 25 hours between them: too few
    assert len(assign(every_other, [Person("lea", ADVICE, 48.0, ALWAYS)], LAW).uncovered) == 2


WEEK = """
name = "two days"
scenario = "shop.toml"
[days.monday]
arrivals = 0.7
[days.saturday]
[people.lea]
skills = ["advice"]
contract_h = 24
[people.max]
skills = ["advice"]
days_off = ["monday"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.toml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "week.toml").write_text(WEEK, encoding="utf-8")
    return tmp_path


def test_a_week_is_planned_day_by_day_and_given_to_people(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(week, "CHECK_SHOPPERS", 60_000)  # fewer fresh days than a manager gets
    asked = week.Asked(0.15, 3600.0, None, ShiftRules(shortest_h=2))
    told: list[int] = []
    report = week.plan(week.load(folder / "week.toml"), asked, LAW, None, told.append)
    assert told == [1, 2]
    assert [day["day"] for day in report["days"]] == ["monday", "saturday"]
    assert report["days"][0]["paid_hours"] < report["days"][1]["paid_hours"]
    assert all(day["holds"] for day in report["days"])
    worked = sum(person["hours"] for person in report["people"])
    assert worked + sum(shift["paid_hours"] for shift in report["uncovered"]) == pytest.approx(report["paid_hours"])
    assert report["holds"] == (not report["uncovered"])


def test_without_people_the_week_says_how_many_contracts_it_takes(folder: Path) -> None:
    people = week.needed([duty(d, 10, 17) for d in range(6) for _ in range(3)], LAW)
    assert len(people) == 4
    assert all(24 <= person.contract_h <= 35 for person in people)
    assert len(week.load(folder / "shop.toml").days) == 6  # a plain scenario: Monday to Saturday


@pytest.mark.parametrize(
    "change, sentence",
    [
        (("[days.monday]", "[days.someday]"), "days.someday is no weekday"),
        (("arrivals = 0.7", "arrivals = -1"), "days.monday.arrivals must be a number above 0; it is -1"),
        (
            ('skills = ["advice"]\ncontract_h', 'skills = ["magic"]\ncontract_h'),
            'people.lea.skills has "magic", which is not one of the services',
        ),
        (('days_off = ["monday"]', 'days_off = ["noday"]'), 'people.max.days_off has "noday", which is no weekday'),
        (("contract_h = 24", "contract_h = 80"), "people.lea.contract_h must be a number.*the nearest possible is 48"),
    ],
)
def test_a_wrong_week_is_one_sentence(folder: Path, change: tuple[str, str], sentence: str) -> None:
    (folder / "week.toml").write_text(WEEK.replace(*change), encoding="utf-8")
    with pytest.raises(week.WeekError, match=sentence):
        week.load(folder / "week.toml")


def test_a_week_without_its_scenario_says_which_file(folder: Path) -> None:
    (folder / "shop.toml").unlink()
    with pytest.raises(ScenarioError, match=r"shop\.toml"):
        week.load(folder / "week.toml")
