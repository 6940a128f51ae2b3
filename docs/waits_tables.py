"""The accuracy of wait estimates in docs/reference/measurements.md, written between its markers.

``python -m docs.waits_tables FILE…`` takes what ``avous bench waits --json`` and ``python -m tests.waits.boosting``
printed; of two files with the same case the later one counts, and a case that none of them has keeps its lines. What a case does
not say is a dash.
"""

import json
import math
import re
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "reference" / "measurements.md"
MARKS = re.compile(r"(<!-- waits: measured -->\n)(.*?)(<!-- /waits -->)", re.DOTALL)
RIVALS = ("boosting", "qlms", "qla", "qlm", "ql", "hol", "les", "last10", "naive", "gap")
TOLERANCE = 0.04  # that coverage may be off in a tenth of the forecasts or in an hour
LEVELS = ("p50", "p80", "p90")
Case = dict[str, Any]


def read(paths: Iterable[Path]) -> dict[str, Case]:
    """Cases with estimators, by name."""
    cases = {c["case"]: c for path in paths for c in json.loads(path.read_text(encoding="utf-8"))["cases"] if c.get("estimators")}
    late = {f"{n}, from minute {c['after_drift']['from_min']:g}": c["after_drift"] for n, c in cases.items() if "after_drift" in c}
    return dict(sorted((cases | late).items()))


def scenarios(cases: dict[str, Case]) -> str:
    """Against the oracle, with intervals, and coverage overall."""
    lines = _head("case", "shoppers", "days", "squared error ÷ oracle", "pinball ÷ oracle P50", "P80", "P90", "held P80, P90")
    for name, case in cases.items():
        against = case.get("against_oracle", {}).get("avous")
        if against:
            mine = case["estimators"]["avous"]
            ratios = [_ratio(against[key]) for key in ("mse", *(f"pinball_{level}" for level in LEVELS))]
            held = f"{mine['coverage_p80']:.3f}, {mine['coverage_p90']:.3f}"
            lines.append(_row(name, f"{mine['n']:,.0f}", str(case.get("days", "–")), f"**{ratios[0]}**", *ratios[1:], held))
    return "\n".join(lines)


def misses(cases: dict[str, Case]) -> str:
    """Every cell that is further off than allowed, with what the true laws hold of the same shoppers (whole days only)."""
    lines = _head("case", "cell", "shoppers", "held", "the oracle", "is the oracle off as well")
    for name, case in cases.items():
        for where, row in _cells(case) if ", from minute" not in name else []:
            if _off(row["coverage"], row):
                also = "yes" if _off(row["other"], row) else "no"
                held = f"{row['coverage']:.3f} ({_interval(row['ci95'])})"
                lines.append(_row(name, where, f"{row['n']:,.0f}", held, f"{row['other']:.3f}", also))
    return "\n".join(lines)


def _cells(case: Case) -> list[tuple[str, dict[str, Any]]]:
    """Tenths and hours of P80 and P90 beside an oracle."""
    return [(f"{level.upper()}, {'tenth' if label == 'decile' else label} {row[label] + (label == 'decile')}", row)
            for level, groups in case.get("avous_coverage", {}).items() for label, rows in groups.items()
            for row in rows if "beyond" in row]  # fmt: skip


def _off(coverage: float, row: dict[str, Any]) -> bool:
    return bool(abs(coverage - row["level"]) > TOLERANCE)


def cells(cases: dict[str, Case]) -> str:
    """Coverage of P80 and P90 in every tenth of the forecast wait and in every hour: how many are off, and how many surely.

    By chance: how many would be if every level held exactly, given what the bootstrap says of each cell's luck.
    """
    lines = _head("case", "cells", "more than .04 off", "by chance alone", "the oracle's of the same shoppers", "of ours in tenths",
                  "surely", "furthest off", "furthest from the oracle")  # fmt: skip
    for name, case in cases.items():
        found = _cells(case)
        if found:
            off = [(where, row) for where, row in found if _off(row["coverage"], row)]
            tenths = sum("tenth" in where for where, _ in off)
            sure = sum(_surely(row) for _, row in off)
            theirs = sum(_off(row["other"], row) for _, row in found)
            worst = max(found, key=lambda one: abs(one[1]["coverage"] - one[1]["level"]))
            apart = max(found, key=lambda one: abs(one[1]["beyond"]))
            lines.append(_row(
                name, str(len(found)), str(len(off)), f"{sum(_luck(row) for _, row in found):.1f}", str(theirs), str(tenths), str(sure),
                f"{worst[0]}: {worst[1]['coverage']:.3f} ({_interval(worst[1]['ci95'])})",
                f"{apart[0]}: {apart[1]['beyond']:+.3f} ({_interval(apart[1]['beyond_ci95'])})",
            ))  # fmt: skip
    return "\n".join(lines)


def _surely(row: dict[str, Any]) -> bool:
    """The whole interval is further off than allowed."""
    low, high = row["ci95"]
    return bool(low > row["level"] + TOLERANCE or high < row["level"] - TOLERANCE)


def _luck(row: dict[str, Any]) -> float:
    """The chance that a level that holds exactly seems further off than allowed, for a normal with the bootstrap's width."""
    low, high = row["ci95"]
    return math.erfc(TOLERANCE / max((high - low) / (2 * 1.96), 1e-9) / math.sqrt(2.0))


def _interval(ends: list[float]) -> str:
    return f"{ends[0]:.3f} to {ends[1]:.3f}"


def logs(cases: dict[str, Case]) -> str:
    """Seconds, everybody who was served; ratios to boosting where it was asked."""
    lines = _head(
        "log, estimator", "n", "RMSE s", "MAE s", "bias s", "pinball P50, P80, P90 s", "held P80, P90", "squared error ÷ boosting"
    )
    for name, case in cases.items():
        if "oracle" not in case["estimators"]:
            for who in ("avous", *(r for r in RIVALS if r in case["estimators"])):
                one, against = case["estimators"][who], case.get("against_boosting", {}).get(who)
                pinball = ", ".join(f"{one[f'pinball_{level}_s']:.2f}" for level in LEVELS)
                figures = [f"{one[key]:.1f}" for key in ("rmse_s", "mae_s", "bias_s")]
                ratio = _ratio(against["mse"]) if against else "–"
                held = f"{one['coverage_p80']:.3f}, {one['coverage_p90']:.3f}"
                lines.append(_row(f"{name.split('.')[0]}, {who}", f"{one['n']:,.0f}", *figures, pinball, held, ratio))
    return "\n".join(lines)


def _ratio(found: dict[str, Any]) -> str:
    return f"{found['ratio']:.3f} ({found['ci95'][0]:.3f}–{found['ci95'][1]:.3f})"


def _head(*columns: str) -> list[str]:
    return [_row(*columns), "|" + " --- |" * len(columns)]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def with_others(fresh: Sequence[str], written: str, cases: Collection[str]) -> str:
    """The tables with the lines, already written, of cases that are not among these."""
    names = {name.split(".")[0] for name in cases}
    tables = []
    for new, old in zip(fresh, written.strip().split("\n\n"), strict=True):
        lines = [line for line in old.splitlines()[2:] if _case(line) not in names] + new.splitlines()[2:]
        tables.append("\n".join([*new.splitlines()[:2], *sorted(lines, key=_case)]))
    return "\n\n".join(tables)


def _case(line: str) -> str:
    """Whose line of a table it is; a log's lines name the estimator too."""
    first = line.split(" | ")[0].removeprefix("| ")
    return first if ", from minute" in first else first.split(", ")[0]


def main(arguments: Sequence[str]) -> None:
    """Write the section."""
    if not arguments:
        raise SystemExit("python -m docs.waits_tables FILE.json… (what avous bench waits --json printed)")
    cases = read(Path(argument) for argument in arguments)
    fresh = [scenarios(cases), cells(cases), misses(cases), logs(cases)]
    text, written = MARKS.subn(lambda m: f"{m[1]}{with_others(fresh, m[2], cases)}\n{m[3]}", PAGE.read_text(encoding="utf-8"))
    if not written:
        raise SystemExit(f"{PAGE}: the markers of the section are gone")
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
