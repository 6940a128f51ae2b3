"""A scenario learned from a log: what made the log comes back, the file says from what, and the loader takes it as it is."""

import io
from datetime import date, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest

from server.cli_history import BadHistory, _Past
from simulation.past import law_fits, learn
from simulation.past.forecast import ForecastError
from simulation.past.visits import COLUMNS, Row, Visits, parse, read
from simulation.past.visits import text as text_of
from simulation.scenario import reading
from simulation.scenario.distributions import Exponential, Weibull
from simulation.scenario.model import HOUR_S, mean_rate
from simulation.twin.simulate import simulate
from tests.real_logs import real_log

pytestmark = pytest.mark.one_sample

FIRST = date(2026, 11, 2)
SPEEDS = {"quick": 1.4, "slow": 0.7}
NEXT = date(2026, 11, 23)


def clock(day: date, minute: float) -> str:
    second = round(minute * 60)
    return f"{day}T{10 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def store_log(rng: Random, days: int = 21, priority: str = "") -> Visits:
    """Two people of different pace, 10 an hour, visits of 8 minutes at pace 1, patience of 15, six in ten go on to pay."""
    rows = [",".join(COLUMNS)]
    for k in range(days):
        day, free, till, at = FIRST + timedelta(days=k), dict.fromkeys(SPEEDS, 0.0), 0.0, 0.0
        while (at := at + rng.expovariate(10 / 60)) < 480:
            who = min(SPEEDS, key=lambda name: (free[name], rng.random()))
            start, patience, number = max(at, free[who]), rng.expovariate(1 / 15), len(rows)
            if start - at > patience:
                rows.append(f"{day},{number},1,advice,{priority},{clock(day, at)},,,,{clock(day, at + patience)},left,")
                continue
            free[who] = end = start + rng.lognormvariate(np.log(8) - 0.18, 0.6) / SPEEDS[who]
            times = f"{clock(day, at)},{clock(day, start)},{clock(day, start)},{clock(day, end)}"
            rows.append(f"{day},{number},1,advice,{priority},{times},,answered,{who}")
            if rng.random() < 0.6:
                pays = max(end, till)
                till = pays + 2
                rows.append(f"{day},{number},2,payment,{priority},{clock(day, end)},,{clock(day, pays)},{clock(day, till)},,answered,till")
    visits = parse(io.StringIO("\n".join(rows)))
    assert not visits.problems
    return visits


def test_what_made_the_log_comes_back(rng: Random) -> None:
    scenario = reading.loads(learn.text_of(learn.learn(store_log(rng), NEXT)))
    advice, payment = scenario.services["advice"], scenario.services["payment"]
    assert scenario.opens_at_s == 36_000
    assert scenario.horizon_s / 60 == pytest.approx(480, abs=31)
    assert mean_rate(advice, scenario.horizon_s) * HOUR_S == pytest.approx(10, rel=0.2)
    assert advice.next == {"payment": pytest.approx(0.6, abs=0.05)}
    assert not payment.arrives
    assert advice.patience is not None
    assert advice.patience.mean_s / 60 == pytest.approx(15, rel=0.3)
    assert payment.service_time.mean_s / 60 == pytest.approx(2, abs=0.1)
    quick, slow = (scenario.salespeople[name].speeds["advice"] for name in ("quick", "slow"))
    assert quick / slow == pytest.approx(2.0, rel=0.15)
    assert advice.service_time.mean_s / 60 / quick == pytest.approx(8 / 1.4, rel=0.15)
    assert set(scenario.salespeople) == {"quick", "slow", "till"}
    assert 0 < scenario.day_cv < 0.3


def test_the_learned_day_goes_as_the_days_it_was_learned_from(rng: Random) -> None:
    visits = store_log(rng, 28)
    left = sum(row.outcome == "left" for row in visits.rows) / sum(row.step == 1 for row in visits.rows)
    found = simulate(reading.loads(learn.text_of(learn.learn(visits, NEXT + timedelta(days=7)))), 60, 1, workers=1)
    # who is there when is read from one day's visits: a lull looks like a break, and a tenth of the day without one of two people shows
    assert found["overall"]["left_share"]["mean"] == pytest.approx(left, abs=0.15)


def test_the_file_says_from_what_it_was_learned(rng: Random) -> None:
    text = learn.text_of(learn.learn(store_log(rng, 14), date(2026, 11, 16)))
    assert "learned from 14 days, 2026-11-02 to 2026-11-15" in text
    for words in ("nine times in ten", "who left,", "shrunk to everybody's pace", "the last Monday of the log"):
        assert words in text


def test_what_a_store_says_of_itself_counts(rng: Random) -> None:
    known = learn.Known(
        "Volt", 9.5 * 3600, 19 * 3600, ranks={"payment": 2}, head_starts_s={"payment": 120.0}, classes_s={"member": 300.0},
        skills={"quick": ("advice", "payment", "unheard-of")},
    )  # fmt: skip
    scenario = reading.loads(learn.text_of(learn.learn(store_log(rng, 14, "member"), date(2026, 11, 16), known)))
    assert (scenario.name, scenario.opens_at_s, scenario.horizon_s) == ("Volt, Monday", 9.5 * 3600, 9.5 * 3600)
    assert (scenario.services["payment"].rank, scenario.services["payment"].head_start_s) == (2, 120)
    assert (scenario.classes["member"].share, scenario.classes["member"].head_start_s) == (1.0, 300)
    assert scenario.salespeople["quick"].skills == ("advice", "payment")


def test_a_log_without_names_becomes_a_pool(rng: Random) -> None:
    rows = store_log(rng, 14)
    text = io.StringIO("\n".join([",".join(COLUMNS), *(_nameless(row) for row in rows.rows)]))
    scenario = reading.loads(learn.text_of(learn.learn(parse(text), date(2026, 11, 16))))
    assert not scenario.salespeople
    assert scenario.pools["unknown"].largest >= 2


def _nameless(row: Row) -> str:
    return text_of([row]).splitlines()[1].rpartition(",")[0] + ","


def test_names_that_are_no_bare_keys_are_quoted() -> None:
    rows = [",".join(COLUMNS)]
    for k in range(14):
        day = FIRST + timedelta(days=k)
        rows += [f'{day},{n},1,Télé "4K",,{clock(day, n)},,{clock(day, n)},{clock(day, n + 1)},,answered,Léa M.' for n in range(0, 60, 5)]
    quoted = [row.replace('Télé "4K"', '"Télé ""4K"""') for row in rows]
    scenario = reading.loads(learn.text_of(learn.learn(parse(io.StringIO("\n".join(quoted))), date(2026, 11, 16))))
    assert list(scenario.services) == ['Télé "4K"']
    assert list(scenario.salespeople) == ["Léa M."]


def test_what_cannot_be_learned_is_one_sentence(rng: Random, tmp_path: Path) -> None:
    with pytest.raises(ForecastError, match="no day before 2026-11-02"):
        learn.learn(store_log(rng, 3), FIRST)
    with pytest.raises(BadHistory, match="either a store file, or --visits"):
        _Past(None, None, None, None)
    empty = tmp_path / "empty.csv"
    empty.write_text(",".join(COLUMNS))
    with pytest.raises(BadHistory, match="has no visits yet to learn from"):
        _Past(None, empty, None, None)


def test_a_day_with_shoppers_in_one_quarter_hour_only() -> None:
    row = f"{FIRST},1,1,advice,,{clock(FIRST, 1)},,{clock(FIRST, 2)},{clock(FIRST, 7)},,answered,lea"
    visits = parse(io.StringIO(f"{','.join(COLUMNS)}\n{row}"))
    lesson = learn.learn(visits, FIRST + timedelta(days=1))
    assert lesson.span_s == (36_000.0, 36_900.0)
    assert reading.loads(learn.text_of(lesson)).horizon_s == 900


def test_laws_are_found_again(rng: Random) -> None:
    chance = np.random.default_rng(rng.randrange(2**32))
    for kind, times in (
        ("lognormal", chance.lognormal(6, 0.8, 4000)),
        ("gamma", chance.gamma(3, 100, 4000)),
        ("exponential", chance.exponential(300, 4000)),
    ):
        table = law_fits.service_law(times).table
        assert table["kind"] in ((kind, "gamma") if kind == "exponential" else (kind,))
        assert float(str(table["mean_min"])) * 60 == pytest.approx(times.mean(), rel=0.01)
    for law in (Weibull(900.0, 0.7), Weibull(900.0, 2.0), Exponential(900.0)):
        patience, offered = law.sample(chance, 6000), chance.exponential(600, 6000)
        found = law_fits.patience_law(np.minimum(patience, offered), (patience < offered).astype(float))
        assert found is not None
        assert float(str(found.table["mean_min"])) * 60 == pytest.approx(900, rel=0.12)
        assert float(str(found.table["shape"])) == pytest.approx(getattr(law, "shape", 1.0), rel=0.08)
    assert law_fits.patience_law(np.array([5.0, 9.0]), np.array([0, 0])) is None
    assert law_fits.service_law(np.array([60.0])).table == {"kind": "exponential", "mean_min": 1.0}


def test_the_bank_log_becomes_a_scenario() -> None:
    text = learn.text_of(learn.learn(read(real_log("bank")), date(1999, 8, 18)))
    scenario = reading.loads(text)
    assert set(scenario.services) == {"PS", "NW", "NE", "TT", "PE"}
    assert len(scenario.salespeople) >= 5
    assert "head_start_min = 1.5" in text or "[classes.1]" in text
