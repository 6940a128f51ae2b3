"""How good predictions were: errors, pinball losses, coverage, and intervals that respect that days hang together."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 400
Cell = dict[str, Any]
MEAN, P10, P50, P80, P90 = range(5)
"""Columns of a forecast."""


class Table(NamedTuple):
    """One case: what happened, and every estimator's forecasts (shoppers, 5 columns), in seconds."""

    waits_s: Floats
    day: NDArray[np.int64]
    hour: NDArray[np.int64]
    served: NDArray[np.bool_]
    forecasts: dict[str, Floats]


def chosen(table: Table, rows: NDArray[np.bool_]) -> Table:
    """The same of some shoppers."""
    forecasts = {name: columns[rows] for name, columns in table.forecasts.items()}
    return Table(table.waits_s[rows], table.day[rows], table.hour[rows], table.served[rows], forecasts)


def pinball(forecast: Floats, waits: Floats, level: float) -> Floats:
    """The loss whose least mean is at the quantile, per shopper."""
    over = waits - forecast
    return np.asarray(np.maximum(level * over, (level - 1.0) * over))


def figures(table: Table, name: str) -> dict[str, float]:
    """Everything the report says about one estimator."""
    f, y = table.forecasts[name], table.waits_s
    error = f[:, MEAN] - y
    out = {"n": len(y), "mae_s": np.abs(error).mean(), "rmse_s": np.sqrt((error**2).mean()), "bias_s": error.mean()}
    for label, column, level in (("p10", P10, 0.1), ("p50", P50, 0.5), ("p80", P80, 0.8), ("p90", P90, 0.9)):
        out[f"pinball_{label}_s"] = pinball(f[:, column], y, level).mean()
        out[f"coverage_{label}"] = (y <= f[:, column]).mean()
    out["width_s"] = (f[:, P90] - f[:, P10]).mean()
    return {key: round(float(value), 4) for key, value in out.items()}


def ratios(table: Table, name: str, other: str, seed: int = 1) -> dict[str, dict[str, object]]:
    """Squared error and pinball losses of one estimator over another's, with day-block bootstrap intervals."""
    y, mine, theirs = table.waits_s, table.forecasts[name], table.forecasts[other]
    losses = {"mse": ((mine[:, MEAN] - y) ** 2, (theirs[:, MEAN] - y) ** 2)}
    for label, column, level in (("pinball_p50", P50, 0.5), ("pinball_p80", P80, 0.8), ("pinball_p90", P90, 0.9)):
        losses[label] = (pinball(mine[:, column], y, level), pinball(theirs[:, column], y, level))
    return {label: _ratio(a, b, table.day, seed) for label, (a, b) in losses.items()}


def _ratio(one: Floats, other: Floats, day: NDArray[np.int64], seed: int) -> dict[str, object]:
    days, which = np.unique(day, return_inverse=True)
    a, b = np.bincount(which, one), np.bincount(which, other)
    draws = np.random.default_rng(seed).integers(len(days), size=(RESAMPLES, len(days)))
    resampled = a[draws].sum(axis=1) / np.maximum(b[draws].sum(axis=1), 1e-12)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return {"ratio": round(float(a.sum() / max(b.sum(), 1e-12)), 4), "ci95": [round(float(low), 4), round(float(high), 4)]}


def conditional(table: Table, name: str, column: int, level: float, *, other: str = "", least: int = 200) -> dict[str, list[Cell]]:
    """Coverage of one quantile in every decile of the predicted wait and in every hour (with ``least`` shoppers).

    Its interval is a day-block bootstrap, as shoppers of a day hang together. ``other``: the coverage of another's quantile among
    the same shoppers, and ``beyond`` it, which the luck of the days is no part of. Beside these the mean wait forecast there, its
    root mean squared error and its bias.
    """
    f = table.forecasts[name]
    edges = np.quantile(f[:, MEAN], np.linspace(0, 1, 11))
    decile = np.clip(np.searchsorted(edges, f[:, MEAN], side="right") - 1, 0, 9)
    groups = {"decile": decile, "hour": table.hour}
    return {
        label: [{label: int(g), "level": level, **_part(chosen(table, group == g), name, column, other)} for g in np.unique(group)
                if (group == g).sum() >= least]
        for label, group in groups.items()
    }  # fmt: skip


def _part(table: Table, name: str, column: int, other: str) -> Cell:
    f, y, all_of_them = table.forecasts[name], table.waits_s, np.ones(len(table.waits_s))
    error, held = f[:, MEAN] - y, (y <= f[:, column]).astype(float)
    part: Cell = {"n": len(y), "days": len(np.unique(table.day)), "coverage": held.mean(), "forecast_s": f[:, MEAN].mean()}
    part |= {"bias_s": error.mean(), "rmse_s": np.sqrt((error**2).mean())}
    part = {key: round(float(value), 4) for key, value in part.items()}
    part["ci95"] = _ratio(held, all_of_them, table.day, 1)["ci95"]
    if other:
        theirs = (y <= table.forecasts[other][:, column]).astype(float)
        beyond = _ratio(held - theirs, all_of_them, table.day, 1)
        part |= {"other": round(float(theirs.mean()), 4), "beyond": beyond["ratio"], "beyond_ci95": beyond["ci95"]}
    return part
