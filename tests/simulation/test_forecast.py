"""The demand forecast: better than last week's day, intervals that cover, holidays, closed days, and one sentence when it cannot."""

from datetime import date, timedelta
from random import Random

import numpy as np
import pytest
from scipy.stats import nbinom

from simulation.past.forecast import (
    QUARTERS,
    ForecastError,
    History,
    backtest,
    count_quantile,
    history_of,
    outlook,
    public_holidays,
    regress,
    smoothed,
)
from simulation.past.visits import read
from tests.real_logs import real_log

pytestmark = pytest.mark.one_sample

MONDAY = date(2026, 9, 7)
WEEKDAYS = np.array([0.8, 0.7, 0.9, 0.8, 1.2, 1.9, 0.7])


def store(seed: int, weeks: int, cv: float = 0.15, volume: float = 200.0, weekly: float = 0.0) -> History:
    """Two services with shapes of their own, busy Saturdays, a gamma factor per day, a trend per week."""
    rng = np.random.default_rng(seed)
    hours = np.arange(QUARTERS) / 4
    shapes = {"advice": np.exp(-(((hours - 16) / 2.5) ** 2)), "payment": np.exp(-(((hours - 12) / 2) ** 2))}
    shapes = {name: np.where((hours >= 10) & (hours < 20), shape, 0.0) for name, shape in shapes.items()}
    days = tuple(MONDAY + timedelta(days=k) for k in range(7 * weeks))
    counts: dict[str, list[object]] = {name: [] for name in shapes}
    for k, day in enumerate(days):
        level = volume * WEEKDAYS[day.weekday()] * np.exp(weekly * k / 7) * (rng.gamma(1 / cv**2, cv**2) if cv else 1.0)
        for (name, shape), share in zip(shapes.items(), (0.7, 0.3), strict=True):
            counts[name].append(rng.poisson(level * share * shape / shape.sum()))
    return History(days, {name: np.array(rows, dtype=float) for name, rows in counts.items()})


@pytest.mark.parametrize("cv, weekly", [(0.0, 0.0), (0.15, 0.0), (0.3, 0.0), (0.1, -0.06)])
def test_better_than_the_same_day_last_week_and_intervals_that_cover(rng: Random, cv: float, weekly: float) -> None:
    history = store(rng.randrange(2**32), 10, cv, weekly=weekly)
    found = backtest(history, MONDAY + timedelta(days=35))
    assert found["days"] == 35
    scores = found["services"]["all"]
    assert scores["ratio"] < 0.82
    assert 0.88 <= scores["coverage_p90"] <= 0.99
    assert 0.5 <= scores["coverage_p50"] <= 0.8  # counts are whole: the smallest interval that is sure to hold half holds more


def test_the_days_total_lies_in_its_interval(rng: Random) -> None:
    inside = []
    for _ in range(12):
        history = store(rng.randrange(2**32), 7, 0.2)
        for day in history.days[42:]:
            low, high = outlook(history, day).total_interval()
            inside.append(low <= sum(counts.sum() for counts in history.of(day).values()) <= high)
    assert np.mean(inside) >= 0.8


def test_weekdays_and_the_trend_are_found(rng: Random) -> None:
    history = store(rng.randrange(2**32), 12, 0.05, 400.0, weekly=0.05)
    told = {d.weekday(): outlook(history, d) for d in (MONDAY + timedelta(days=84 + k) for k in range(7))}
    totals = np.array([sum(m.sum() for m in told[w].mean.values()) for w in range(7)])
    assert totals == pytest.approx(400 * WEEKDAYS * np.exp(0.05 * (84 + np.arange(7)) / 7), rel=0.12)
    assert int(np.argmax(told[2].mean["advice"])) / 4 == pytest.approx(16, abs=0.75)


def test_few_days_speak_softly() -> None:
    """One Saturday of 10 and six other days of 100: the next Saturday is between, with a wide interval."""
    days = tuple(MONDAY + timedelta(days=k) for k in range(7))
    counts = np.zeros((7, QUARTERS))
    counts[:, 60] = [100, 100, 100, 100, 100, 10, 100]
    told = outlook(History(days, {"advice": counts}), MONDAY + timedelta(days=12))
    assert 10 < told.mean["advice"].sum() < 100
    low, high = told.total_interval()
    assert high / max(low, 1.0) > 2
    assert told.notes == ("only 1 Saturday in the log: mostly the other days speak",)


def test_closed_weekdays_and_holidays() -> None:
    whole = store(3, 6)
    open_days = [i for i, d in enumerate(whole.days) if d.weekday() != 6 and d != date(2026, 10, 1)]
    history = History(
        tuple(whole.days[i] for i in open_days), {n: c[open_days] for n, c in whole.counts.items()},
        frozenset({date(2026, 10, 1), date(2026, 10, 22)}),
    )  # fmt: skip
    sunday, holiday = outlook(history, date(2026, 10, 25)), outlook(history, date(2026, 10, 22))
    for told, word in ((sunday, "Sunday"), (holiday, "public holiday")):
        assert sum(m.sum() for m in told.mean.values()) == 0
        assert word in told.notes[0]
        assert told.total_interval() == (0, 0)


def test_an_open_holiday_is_learned() -> None:
    whole = store(4, 8, 0.05)
    free = (date(2026, 9, 24), date(2026, 10, 15))
    counts = {n: c * np.array([0.4 if d in free else 1.0 for d in whole.days])[:, None] for n, c in whole.counts.items()}
    history = History(whole.days, counts, frozenset({*free, date(2026, 11, 5)}))
    usual = sum(m.sum() for m in outlook(history, date(2026, 11, 12)).mean.values())
    assert sum(m.sum() for m in outlook(history, date(2026, 11, 5)).mean.values()) < 0.6 * usual


def test_french_holidays() -> None:
    free = public_holidays([date(2026, 12, 1)], "FR")
    assert {date(2026, 12, 25), date(2027, 1, 1), date(2026, 5, 8)} <= free
    assert date(2026, 12, 26) not in free
    assert date(2026, 12, 26) in public_holidays([date(2026, 12, 1)], "FR", "57")  # Moselle
    for unknown in (("XX",), ("FR", "ZZ"), ("registry",), ("HolidayBase",)):
        with pytest.raises(ForecastError, match=f"no public holidays for {'-'.join(unknown)}"):
            public_holidays([date(2026, 12, 1)], *unknown)


def test_counts_are_negative_binomial() -> None:
    mean = np.array([0.0, 0.05, 1.0, 7.3, 60.0])
    for excess in (0.04, 0.5):
        for level in (0.05, 0.5, 0.95):
            size = 1 / excess
            assert count_quantile(mean, excess, level) == pytest.approx(nbinom.ppf(level, size, size / (size + mean)))


def test_nothing_to_learn_from_is_one_sentence() -> None:
    history = store(1, 2)
    with pytest.raises(ForecastError, match="no day before 2026-09-07"):
        outlook(history, MONDAY)
    with pytest.raises(ForecastError, match="at least 30 days before"):
        backtest(history, MONDAY + timedelta(days=7), ahead=30)


def test_smoothing_keeps_opening_hours() -> None:
    counts = np.zeros(QUARTERS)
    counts[40:80] = 5
    assert smoothed(counts) == pytest.approx(counts)
    assert not smoothed(np.zeros(QUARTERS)).any()
    assert np.isfinite(regress(store(2, 1), np.zeros(7), np.ones(7), None).noise)


def test_the_bank_log() -> None:
    found = backtest(history_of(read(real_log("bank"))), date(1999, 8, 9))["services"]["all"]
    assert found["ratio"] < 0.8
    assert found["coverage_p90"] >= 0.9
