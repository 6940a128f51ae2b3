"""Scenario files: what is read, and one sentence with file, line and field for what cannot be."""

from pathlib import Path

import pytest

from simulation.scenario.distributions import Exponential, Lognormal
from simulation.scenario.model import mean_rate, value_at
from simulation.scenario.reading import ScenarioError, load, loads

FULL = """\
name = "Saturday, electronics"
horizon_min = 600              # length of the simulated day
warmup_min = 0
seed = 1
max_in_system = 12
close = "drain"

[services.advice]
arrivals_per_hour = [[0, 10], [60, 24], [120, 12.5]]
interarrival = {kind = "erlang", k = 2}
service_time = {kind = "lognormal", mean_min = 9, cv = 0.8}
patience = {kind = "exponential", mean_min = 15}
walking = {kind = "deterministic", mean_min = 1}
rank = 2
head_start_min = 5
next = {payment = 0.6}

[services.payment]
service_time = {kind = "exponential", mean_min = 2}

[salespeople.lea]
skills = ["advice", "payment"]
speed = {advice = 1.2}
shifts = [[0, 240], [300, 600]]

[pools.cashiers]
count = [[0, 2], [120, 4]]
skills = ["payment"]
speed = 0.9
"""


def test_everything_the_format_says_is_read_in_seconds() -> None:
    day = loads(FULL)
    advice, lea, cashiers = day.services["advice"], day.salespeople["lea"], day.pools["cashiers"]
    assert (day.name, day.horizon_s, day.seed, day.max_in_system, day.close) == ("Saturday, electronics", 36_000, 1, 12, "drain")
    assert list(advice.rates) == [(0, 10 / 3600), (3600, 24 / 3600), (7200, 12.5 / 3600)]
    assert isinstance(advice.service_time, Lognormal)
    assert advice.patience == Exponential(900.0)
    assert (advice.interarrival.mean_s, advice.walking.mean_s, advice.rank, advice.head_start_s) == (1.0, 60.0, 2, 300.0)
    assert advice.next == {"payment": 0.6}
    assert not day.services["payment"].arrives
    assert lea.speeds == {"advice": 1.2, "payment": 1.0}
    assert lea.shifts == ((0, 14_400), (18_000, 36_000))
    assert cashiers.counts == ((0, 2), (7200, 4))
    assert cashiers.largest == 4


def test_rates_are_steps() -> None:
    advice = loads(FULL).services["advice"]
    assert value_at(advice.rates, 3599) == 10 / 3600
    assert value_at(advice.rates, 3600) == 24 / 3600
    assert mean_rate(advice, 36_000) == pytest.approx((10 + 24 + 8 * 12.5) / 36_000)


NONSENSE = [
    ("horizon_min = 600", "horizon_min = 0", 2, "horizon_min", "above 0"),
    ("horizon_min = 600", "horizon_minutes = 600", 2, "horizon_minutes", "did you mean horizon_min?"),
    ('"Saturday, electronics"', "3", 1, "name", 'nearest possible is "3"'),
    ("[60, 24]", "[60, 1e300]", 9, "services.advice.arrivals_per_hour", "the nearest possible is 5,000,000"),
    ("warmup_min = 0", "warmup_min = 600", 3, "warmup_min", "less than horizon_min = 600"),
    ("seed = 1", "seed = -1", 4, "seed", "whole number"),
    ("max_in_system = 12", "max_in_system = 0", 5, "max_in_system", "whole number from 1"),
    ('"drain"', '"ajar"', 6, "close", '"drain" or "cut"'),
    ("[60, 24]", "[60, -24]", 9, "services.advice.arrivals_per_hour", "nearest possible is 0"),
    (
        "[120, 12.5]",
        "[700, 12.5]",
        9,
        "services.advice.arrivals_per_hour",
        "at minute 700, after the day of 600 minutes; the nearest possible is 600",
    ),
    ("[60, 24]", "[0, 24]", 9, "services.advice.arrivals_per_hour", "go up"),
    ('"erlang", k = 2', '"erlang", k = 0', 10, "services.advice.interarrival.k", "whole number"),
    ("cv = 0.8", "cv = -0.8", 11, "services.advice.service_time.cv", "above 0"),
    ("mean_min = 9", "mean_min = 1e300", 11, "services.advice.service_time.mean_min", "nearest possible is 1,000,000,000"),
    ("mean_min = 15", "mean_h = 15", 12, "services.advice.patience.mean_h", "not an entry of exponential"),
    ("rank = 2", "rank = 0", 14, "services.advice.rank", "whole number from 1"),
    ("payment = 0.6", "payment = 1.6", 16, "services.advice.next.payment", "from 0 to 1"),
    ("payment = 0.6", "paiement = 0.6", 16, "services.advice.next.paiement", "not one of the services"),
    ('service_time = {kind = "exponential", mean_min = 2}', "", 18, "services.payment.service_time", "missing"),
    ('"advice", "payment"]', '"advice", "repair"]', 22, "salespeople.lea.skills", "not one of the services"),
    ("advice = 1.2", "advice = 0", 23, "salespeople.lea.speed.advice", "above 0"),
    ("advice = 1.2", "repair = 1.2", 23, "salespeople.lea.speed.repair", "not among the skills"),
    ("[300, 600]", "[300, 660]", 24, "salespeople.lea.shifts", "nearest possible is [300, 600]"),
    ("[300, 600]", "[200, 600]", 24, "salespeople.lea.shifts", "before the shift in front"),
    ("[120, 4]", "[120, 4.5]", 27, "pools.cashiers.count", "whole numbers of people"),
    ("[120, 4]", "[601, 4]", 27, "pools.cashiers.count", "at minute 601, after the day of 600 minutes; the nearest possible is 600"),
    ("[300, 600]", "[600, 300]", 24, "salespeople.lea.shifts", "ends before it begins; the nearest possible is [300, 600]"),
    ('"lognormal", mean_min', '"lognorm", mean_min', 11, "services.advice.service_time.kind", "the nearest possible is lognormal"),
    ("mean_min = 9", "mean_min = 0", 11, "services.advice.service_time.mean_min", "it is 0, the nearest possible is just above 0"),
    ("cv = 0.8", "cv = true", 11, "services.advice.service_time.cv", "it is true"),
    ("[pools.cashiers]", "[pools.lea]", 26, "pools.lea", "name of a salesperson"),
    ('name = "Sat', "name = Sat", 1, "", "not TOML"),
]


@pytest.mark.parametrize("old, new, line, field, expected", NONSENSE)
def test_nonsense_is_one_sentence(old: str, new: str, line: int, field: str, expected: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        loads(FULL.replace(old, new), "saturday.toml")
    assert str(caught.value).startswith(f"saturday.toml, line {line}: {field}")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_rate_may_end_with_the_day() -> None:
    assert loads(FULL.replace("[120, 12.5]", "[600, 0]")).services["advice"].rates[-1] == (36_000, 0)


def test_a_skill_nobody_has() -> None:
    with pytest.raises(ScenarioError, match='is a skill nobody has: the nearest possible is to add "advice"'):
        loads(FULL.replace('["advice", "payment"]', '["payment"]').replace("speed = {advice = 1.2}", ""))


def test_a_visit_must_end() -> None:
    with pytest.raises(ScenarioError, match="never end"):
        loads(FULL.replace("payment = 0.6", "advice = 1"))


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes('name = "été"'.encode("latin-1"))
    with pytest.raises(ScenarioError, match="not UTF-8"):
        load(tmp_path / "latin.toml")


def test_extensions_are_read() -> None:
    day = loads(
        FULL.replace("max_in_system = 12", "day_cv = 0.1")
        + """
[services.advice.appointments]
every_min = 20
show_up = 0.88
early_min = 3
early_sd_min = 6
[drift]
from_min = 240
service_factor = 1.15
absent = ["lea"]
"""
    )
    assert day.day_cv == 0.1
    assert day.appointments["advice"].every_s == 1200
    assert day.drift is not None
    assert (day.drift.from_s, day.drift.service_factor, day.drift.absent) == (14_400, 1.15, ("lea",))
