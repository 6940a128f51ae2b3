"""How many shoppers will come: per service and quarter hour of a day to come, learned from the days before it.

Three layers, each borrowing from the one above where it has little to go on:

* **the store's day**: a Bayesian linear regression on the logarithm of the day's total, with a level, a slow trend, one effect per
  weekday and one for public holidays; recent days weigh more. Priors keep what few days say small;
* **the service's day**: the same regression, whose prior is the store's result;
* **the quarter hours**: the service's share of the day, smoothed over neighbouring quarters, the weekday's own shape shrunk to the
  shape of all days (Dirichlet).

A count is negative binomial around the mean: a gamma factor for what the day does as a whole (the regression's predictive
variance) and for what a quarter hour does by itself (moments of the residuals), on top of Poisson's chance. Pure numpy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from simulation.past.visits import Visits, visits_of
from simulation.scenario.distributions import Floats

QUARTER_S = 900.0
QUARTERS = 112  # of a business day: to 04:00 of the next morning
WEEK = 7

HALF_LIFE_DAYS = 56.0  # weight of a day against one so much later
LEVEL_SD, WEEKDAY_SD, HOLIDAY_SD, TREND_SD_A_WEEK = 3.0, 0.4, 0.5, 0.08  # of logarithms, before any day was seen
TREND_WEEKS_MAX = 4.0  # a trend is not drawn out further than this into the future
OWN_SD = 0.25  # how far a service's effects may lie from the store's
NOISE_LEAST, NOISE_FIRST, DEGREES_FIRST = 0.05, 0.15, 3.0  # cv of a day's volume: the least, the guess, and its weight in days
NEIGHBOURS = 1.5  # quarters: width of the smoothing
SHAPE_COUNTS = 400.0  # the shape of all days counts as so many shoppers of the weekday
DISPERSION_MAX = 4.0


class ForecastError(ValueError):
    """There is too little history; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class History:
    """Counts of arrivals, (day, quarter hour from midnight), per service; ``days`` in order, only those in the log."""

    days: tuple[date, ...]
    counts: dict[str, Floats]
    holidays: frozenset[date] = frozenset()

    def before(self, day: date) -> "History":
        """The days that come before one."""
        return self._only([i for i, d in enumerate(self.days) if d < day])

    def _only(self, rows: list[int]) -> "History":
        return History(tuple(self.days[i] for i in rows), {s: c[rows] for s, c in self.counts.items()}, self.holidays)

    def of(self, day: date) -> dict[str, Floats]:
        """What came on one day of the log."""
        row = self.days.index(day)
        return {service: counts[row] for service, counts in self.counts.items()}

    def last_like(self, day: date) -> date | None:
        """The latest day of the same weekday."""
        return next((d for d in reversed(self.days) if d.weekday() == day.weekday()), None)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A day to come: expected arrivals per quarter hour from midnight, and how uncertain they are.

    ``day_cv``: of what the day does as a whole; ``slot_cv`` of what a quarter hour does besides; both without Poisson's chance.
    """

    day: date
    mean: dict[str, Floats]
    day_cv: dict[str, float]
    slot_cv: dict[str, float]
    store_cv: float
    notes: tuple[str, ...] = field(default=())

    def interval(self, service: str, level: float = 0.9) -> tuple[Floats, Floats]:
        """Low and high count of every quarter hour; at least ``level`` of all counts lie in it."""
        mean = self.mean[service]
        excess = self.excess(service)
        tail = (1 - level) / 2
        return count_quantile(mean, excess, tail), count_quantile(mean, excess, 1 - tail)

    def excess(self, service: str) -> float:
        """Variance of a quarter hour beyond Poisson's, as a share of its squared mean."""
        return self.day_cv[service] ** 2 + self.slot_cv[service] ** 2

    def total_interval(self, level: float = 0.9) -> tuple[float, float]:
        """Low and high count of the whole day, all services."""
        mean = np.array([sum(float(m.sum()) for m in self.mean.values())])
        tail = (1 - level) / 2
        low, high = (float(count_quantile(mean, self.store_cv**2, q)[0]) for q in (tail, 1 - tail))
        return low, high


def history_of(visits: Visits, holidays: Iterable[date] = ()) -> History:
    """Arrivals by service (of the first step) and quarter hour. A ticket taken back as void was no arrival."""
    days = visits.days()
    services = sorted({row.service for row in visits.rows})
    counts = {service: np.zeros((len(days), QUARTERS)) for service in services}
    for number, (day, rows) in enumerate(days.items()):
        for visit in visits_of(rows):
            joined = visit[0].joined_at.replace(tzinfo=None)
            quarter = int(((joined.date() - day).days * 86_400 + joined.hour * 3600 + joined.minute * 60) // QUARTER_S)
            if visit[-1].outcome != "void":
                counts[visit[0].service][number, min(max(quarter, 0), QUARTERS - 1)] += 1
    return History(tuple(days), {s: c for s, c in counts.items() if c.any()}, frozenset(holidays))


def public_holidays(days: Iterable[date], country: str, subdivision: str | None = None) -> frozenset[date]:
    """The public holidays of these days' years and the next. ``ForecastError`` when the country or its part is unknown."""
    import holidays

    years = {day.year for day in days}
    if country not in holidays.list_supported_countries():  # the library would take any name of its own for one
        raise ForecastError(f"there are no public holidays for {country}: it is no country's code, such as FR")
    try:
        known = holidays.country_holidays(country, subdiv=subdivision, years=sorted(years | {year + 1 for year in years}))
    except NotImplementedError as unknown:  # what the library says of a part that the country does not have
        raise ForecastError(f"there are no public holidays for {country}-{subdivision}: {unknown}") from None
    return frozenset(known)


def outlook(history: History, day: date) -> Outlook:
    """What the days of ``history`` before ``day`` say of it. ``ForecastError`` when there is none."""
    past = history.before(day)
    if not past.days:
        raise ForecastError(f"there is no day before {day} to learn from")
    closed = _closed(past, day)
    if closed:
        still = {s: np.zeros(QUARTERS) for s in past.counts}
        none = dict.fromkeys(past.counts, 0.0)
        return Outlook(day, still, none, none, 0.0, (closed,))
    weights = recency(past.days, day)
    store = regress(past, sum(past.counts.values(), np.zeros((len(past.days), QUARTERS))).sum(axis=1), weights, None)
    mean, day_cv, slot_cv = {}, {}, {}
    for service, counts in past.counts.items():
        own = regress(past, counts.sum(axis=1), weights, store)
        volume, day_cv[service] = own.told(past, day)
        shape = shape_of(past, counts, weights, day)
        mean[service] = volume * shape
        slot_cv[service] = _slot_cv(past, counts, weights)
    return Outlook(day, mean, day_cv, slot_cv, store.told(past, day)[1], _notes(past, day))


def _closed(past: History, day: date) -> str:
    """Why nobody is expected, or nothing: the weekday, or the holiday, never had a visit although it came twice at least."""
    span = [past.days[0] + timedelta(days=k) for k in range((past.days[-1] - past.days[0]).days + 1)]
    alike = [d for d in span if d.weekday() == day.weekday()]
    if len(alike) >= 2 and not set(alike) & set(past.days):
        return f"no {day:%A} of the log has a visit: taken as closed"
    free = [d for d in span if d in past.holidays and d - timedelta(days=WEEK) in past.days]
    if day in past.holidays and len(free) >= 1 and not set(free) & set(past.days):
        return f"{day} is a public holiday, and on those of the log nobody came: taken as closed"
    return ""


def _notes(past: History, day: date) -> tuple[str, ...]:
    notes = []
    alike = sum(1 for d in past.days if d.weekday() == day.weekday())
    if alike < 2:
        notes.append(f"only {alike} {day:%A} in the log: mostly the other days speak")
    if day in past.holidays:
        notes.append(f"{day} is a public holiday")
    return tuple(notes)


def recency(days: tuple[date, ...], day: date) -> Floats:
    """Weight of each day against the most recent possible: halves every ``HALF_LIFE_DAYS``."""
    return np.array([0.5 ** ((day - d).days / HALF_LIFE_DAYS) for d in days])


# -- the day's volume ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Volume:
    """Posterior of the regression: coefficients, their covariance, and the variance of a day around them."""

    coefficients: Floats
    covariance: Floats
    noise: float

    def told(self, past: History, day: date) -> tuple[float, float]:
        """(expected count, cv of its day factor)."""
        x = _row(past, day)
        variance = self.noise + float(x @ self.covariance @ x)
        return float(np.exp(x @ self.coefficients + self.noise / 2)), float(np.sqrt(np.expm1(min(variance, 2.0))))


def _row(past: History, day: date) -> Floats:
    """Level, weeks from the last day of the history, seven weekdays, holiday."""
    row = np.zeros(3 + WEEK)
    row[0], row[1] = 1.0, min((day - past.days[-1]).days / WEEK, TREND_WEEKS_MAX)
    row[2 + day.weekday()] = 1.0
    row[-1] = float(day in past.holidays)
    return row


def regress(past: History, totals: Floats, weights: Floats, above: Volume | None) -> Volume:
    """The posterior of log volume. ``above``: the store's, which is then the prior of the effects (not of the level).

    A count of n has a chance error of about 1/n in its logarithm, beside the day's own variance, which is learned in a few
    rounds (an inverse gamma prior keeps it from vanishing with few days).
    """
    x = np.stack([_row(past, d) for d in past.days])
    y = np.log(totals + 0.5)
    prior_mean, prior_sd = np.zeros(x.shape[1]), np.array([LEVEL_SD, TREND_SD_A_WEEK, *[WEEKDAY_SD] * WEEK, HOLIDAY_SD])
    prior_mean[0] = float(np.log(totals.mean() + 0.5))
    if above is not None:
        prior_mean[1:] = above.coefficients[1:]
        prior_sd[1:] = np.minimum(prior_sd[1:], OWN_SD)
        prior_sd[1] = TREND_SD_A_WEEK / 2
    chance, noise = 1 / (totals + 0.5), NOISE_FIRST**2
    precision = np.diag(1 / prior_sd**2)
    for _ in range(8):
        certain = weights / (noise + chance)
        covariance = np.linalg.inv(precision + (x.T * certain) @ x)
        coefficients = covariance @ (precision @ prior_mean + (x.T * certain) @ y)
        residual = (y - x @ coefficients) ** 2 - chance
        fitted = float(np.trace((x.T * certain) @ x @ covariance))  # degrees of freedom the effects have used up
        free = max(float(weights.sum()) - fitted, 0.0)
        learned = DEGREES_FIRST * NOISE_FIRST**2 + float((weights * residual).sum())
        noise = max(learned / (DEGREES_FIRST + free), NOISE_LEAST**2)
    return Volume(np.asarray(coefficients, dtype=np.float64), np.asarray(covariance, dtype=np.float64), noise)


# -- the quarter hours ---------------------------------------------------------------------------------------


def shape_of(past: History, counts: Floats, weights: Floats, day: date) -> Floats:
    """Share of the day in each quarter hour (adds up to 1): the weekday's, shrunk to that of all days."""
    like = np.array([d.weekday() == day.weekday() for d in past.days])
    everyday = smoothed((weights[:, None] * counts).sum(axis=0))
    everyday = np.asarray(everyday / max(everyday.sum(), 1e-12))
    if not like.any():
        return everyday
    seen = (weights[like][:, None] * counts[like]).sum(axis=0)
    own = smoothed(seen)
    opened = own > 0 if own.any() else everyday > 0  # a weekday may open later: what it never had it does not get
    whole = np.where(opened, everyday, 0.0)
    whole = whole / max(whole.sum(), 1e-12)
    share = own + SHAPE_COUNTS * whole
    return np.asarray(share / max(share.sum(), 1e-12))


def smoothed(counts: Floats) -> Floats:
    """Counts shared with neighbouring quarters (a normal kernel), never beyond the first and last quarter that had any."""
    if not counts.any():
        return counts
    seen = np.flatnonzero(counts > 0)
    inside = np.zeros(len(counts))
    inside[seen[0] : seen[-1] + 1] = 1.0
    reach = np.arange(-6, 7)
    kernel = np.exp(-((reach / NEIGHBOURS) ** 2) / 2)
    return np.asarray(np.convolve(counts, kernel, "same") / np.maximum(np.convolve(inside, kernel, "same"), 1e-12) * inside)


def _slot_cv(past: History, counts: Floats, weights: Floats) -> float:
    """Spread of a quarter hour beyond Poisson, once the day's own volume is known (moments)."""
    above, below = 0.0, 0.0
    shapes = {d.weekday(): shape_of(past, counts, weights, d) for d in past.days}
    for day, row, weight in zip(past.days, counts, weights, strict=True):
        expected = row.sum() * shapes[day.weekday()]
        above += weight * float(((row - expected) ** 2 - expected).sum())
        below += weight * float((expected**2).sum())
    return float(np.sqrt(min(max(above / below, 0.0), DISPERSION_MAX))) if below > 0 else 0.0


def count_quantile(mean: Floats, excess: float, level: float) -> Floats:
    """The smallest counts with P(N <= n) >= level: negative binomial with variance mean + excess × mean² (0: Poisson)."""
    mean = np.asarray(mean, dtype=np.float64)
    size = 1 / max(excess, 1e-6)
    most = int(np.ceil(mean.max(initial=0.0) + 12 * np.sqrt(mean.max(initial=0.0) * (1 + excess * mean.max(initial=0.0))) + 12))
    shape = np.arange(1, most + 1)
    share = mean / (mean + size)
    logs = np.log1p((size - 1) / shape)[None, :] + np.log(np.maximum(share, 1e-300))[:, None]  # ratio of neighbouring chances
    first = -size * np.log1p(mean / size)
    chances = np.exp(np.concatenate([first[:, None], first[:, None] + np.cumsum(logs, axis=1)], axis=1))
    return np.asarray((np.cumsum(chances, axis=1) < level - 1e-12).sum(axis=1), dtype=np.float64)


# -- how well it foretells -----------------------------------------------------------------------------------


def backtest(history: History, from_day: date, ahead: int = 1, levels: tuple[float, ...] = (0.5, 0.9)) -> dict[str, Any]:
    """Every day from ``from_day`` foretold from what was known ``ahead`` days before, beside seasonal-naive.

    Seasonal-naive: the counts of the last day of the same weekday known then. Per service and in all: mean absolute error of a
    quarter hour (of the median, which is what it asks for), its share of the volume (WAPE), both errors' ratio, and how many
    counts lay in the intervals. Cells are
    the quarter hours between the first and the last that ever had a visit of that service.
    """
    tried = [d for d in history.days if d >= from_day]
    sums: dict[str, dict[str, float]] = {}
    left_out = []
    for day in tried:
        known = history.before(day - timedelta(days=ahead - 1))
        like = known.last_like(day)
        if like is None:
            left_out.append(day.isoformat())
            continue
        told, naive, really = outlook(known, day), known.of(like), history.of(day)
        for service in known.counts:
            cells = _cells(history.counts[service])
            error = np.abs(count_quantile(told.mean[service], told.excess(service), 0.5) - really[service])[cells]
            row = {"n": len(cells), "volume": really[service][cells].sum(), "error": error.sum(),
                   "naive": np.abs(naive[service] - really[service])[cells].sum()}  # fmt: skip
            for level in levels:
                low, high = told.interval(service, level)
                inside = (low <= really[service]) & (really[service] <= high)
                row[f"in{level:g}"] = inside[cells].sum()
            for name in (service, "all"):
                total = sums.setdefault(name, dict.fromkeys(row, 0.0))
                for key, value in row.items():
                    total[key] += float(value)
    if not sums:
        raise ForecastError(f"no day from {from_day} on has a day like it at least {ahead} days before")
    return {"days": len(tried) - len(left_out), "left_out": left_out, "ahead": ahead, "from_day": from_day.isoformat(),
            "services": {name: _scores(total, levels) for name, total in sums.items()}}  # fmt: skip


def _cells(counts: Floats) -> list[int]:
    seen = np.flatnonzero(counts.any(axis=0))
    return list(range(int(seen[0]), int(seen[-1]) + 1))


def _scores(total: Mapping[str, float], levels: tuple[float, ...]) -> dict[str, float | None]:
    volume = max(total["volume"], 1e-12)
    return {
        "cells": total["n"], "mae": total["error"] / total["n"], "mae_naive": total["naive"] / total["n"],
        "wape": total["error"] / volume, "wape_naive": total["naive"] / volume,
        "ratio": total["error"] / total["naive"] if total["naive"] else None,
        **{f"coverage_p{100 * level:g}": total[f"in{level:g}"] / total["n"] for level in levels},
    }  # fmt: skip
