"""How the numbers of ``simulation/crowd/shape.py`` were obtained; run it again with the log to check them.

    python -m tests.crowd.fit_shape bank_1999-08.train.csv

The log is a visits CSV of a bank's call centre (AnonymousBank, Technion). Only shapes are taken from it,
never lengths: a call of three minutes says nothing about how long choosing a television takes, but how
uneven the lengths are, how a day swells and how patience wears out carry over.
"""

import csv
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

Row = dict[str, str]
Floats = NDArray[np.float64]

FROM_HALF_HOUR, TO_HALF_HOUR = 16, 40  # 08:00 to 20:00: the part of the bank's day that a store's day resembles
HANG_UP_S = 10.0  # services this short were hang-ups, not talks
SURVIVALS = (1.0, 0.98, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3)


def read(path: Path) -> list[Row]:
    """The rows of a visits CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seconds(row: Row, start: str, end: str) -> float:
    """From one column's instant to the other's."""
    return (datetime.fromisoformat(row[end]) - datetime.fromisoformat(row[start])).total_seconds()


def arrivals(rows: Iterable[Row]) -> Floats:
    """Relative arrival rate per half hour of a working day (Sunday to Thursday there), mean 1."""
    count = np.zeros(48)
    for row in rows:
        if date.fromisoformat(row["day"]).weekday() not in (4, 5):
            at = datetime.fromisoformat(row["joined_at"])
            count[(at.hour * 60 + at.minute) // 30] += 1
    part = count[FROM_HALF_HOUR:TO_HALF_HOUR]
    return np.asarray(part / part.mean())


def service(rows: Iterable[Row]) -> tuple[float, float, float]:
    """(share of hang-ups, their length / mean of the rest, sigma of the logarithm of the rest inside a service)."""
    by_service: dict[str, list[float]] = {}
    for row in rows:
        if row["outcome"] == "answered":
            by_service.setdefault(row["service"], []).append(seconds(row, "started_at", "finished_at"))
    everything = np.concatenate([np.asarray(v) for v in by_service.values()])
    talks, hang_ups = everything[everything > HANG_UP_S], everything[everything <= HANG_UP_S]
    logs = [np.log([s for s in v if s > HANG_UP_S]) for v in by_service.values()]
    inside = np.concatenate([part - part.mean() for part in logs])
    return len(hang_ups) / len(everything), float(hang_ups.mean() / talks.mean()), float(inside.std())


def kaplan_meier(times: Floats, left: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """(event times, survival just after each): who was answered is censored at the wait they had."""
    at, index = np.unique(times, return_inverse=True)
    events = np.bincount(index, weights=left)
    ended = np.bincount(index)
    at_risk = len(times) - np.concatenate([[0], np.cumsum(ended)[:-1]])
    return at, np.cumprod(1.0 - events / at_risk)


def patience_sample(rows: Iterable[Row]) -> tuple[Floats, NDArray[np.bool_]]:
    """Waits in seconds and whether the wait ended by leaving."""
    times = [(seconds(r, "joined_at", "left_at" if r["outcome"] == "left" else "started_at"), r["outcome"] == "left")
             for r in rows if r["outcome"] in ("left", "answered")]  # fmt: skip
    return np.array([t for t, _ in times]), np.array([gone for _, gone in times])


def patience(rows: Iterable[Row], survivals: Sequence[float] = SURVIVALS) -> list[float]:
    """Times at which these shares are still waiting, in units of the median patience."""
    at, alive = kaplan_meier(*patience_sample(rows))
    when = [0.0 if s == 1.0 else float(at[np.argmax(alive <= s)]) for s in survivals]
    return [w / when[survivals.index(0.5)] for w in when]


def weibull_shape(times: Floats, left: NDArray[np.bool_]) -> float:
    """Maximum-likelihood shape with right censoring; under 1 means that the hazard falls."""
    kept = times > 0
    t, gone = times[kept] / times[kept].mean(), left[kept]

    def loss(k: float) -> float:
        scale_k = (t**k).sum() / gone.sum()
        return float(-(gone.sum() * (np.log(k) - np.log(scale_k)) + (k - 1) * np.log(t[gone]).sum() - gone.sum()))

    return float(minimize_scalar(loss, bounds=(0.2, 3.0), method="bounded").x)


def main(path: str) -> None:
    """Print the numbers in the form ``shape.py`` holds them."""
    rows = read(Path(path))
    share, length, sigma = service(rows)
    print("ARRIVALS =", tuple(round(float(x), 3) for x in arrivals(rows)))
    print(f"SHORT_SHARE, SHORT_LENGTH, SIGMA = {share:.3f}, {length:.3f}, {sigma:.3f}")
    print("PATIENCE =", tuple((s, round(t, 3)) for s, t in zip(SURVIVALS, patience(rows), strict=True)))
    print(f"Weibull shape of patience {weibull_shape(*patience_sample(rows)):.3f}")


if __name__ == "__main__":
    main(sys.argv[1])
