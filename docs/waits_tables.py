"""The accuracy of wait estimates in docs/reference/measurements.md, written between its markers.

``python -m docs.waits_tables FILE…`` takes what ``avous bench waits --json`` and ``python -m tests.waits.boosting``
printed; of two files with the same case the later one counts. What a case does not say is a dash.
"""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "reference" / "measurements.md"
MARKS = re.compile(r"(<!-- waits: measured -->\n).*?(<!-- /waits -->)", re.DOTALL)
RIVALS = ("boosting", "qlms", "qla", "qlm", "ql", "hol", "les", "last10", "naive", "gap")
LEVELS = ("p50", "p80", "p90")
Case = dict[str, Any]


def read(paths: Iterable[Path]) -> dict[str, Case]:
    """Cases with estimators, by name."""
    cases = {c["case"]: c for path in paths for c in json.loads(path.read_text(encoding="utf-8"))["cases"] if c.get("estimators")}
    late = {f"{n}, from minute {c['after_drift']['from_min']:g}": c["after_drift"] for n, c in cases.items() if "after_drift" in c}
    return dict(sorted((cases | late).items()))


def scenarios(cases: dict[str, Case]) -> str:
    """Against the oracle, with intervals; coverage overall, and in the worst tenth and hour (ours, the oracle's)."""
    lines = _head("case", "shoppers", "days", "squared error ÷ oracle", "pinball ÷ oracle P50", "P80", "P90", "held P80, P90",
                  "P80, P90 furthest off in a tenth", "in an hour", "the oracle's furthest off in an hour")  # fmt: skip
    for name, case in cases.items():
        against = case.get("against_oracle", {}).get("avous")
        if against:
            mine = case["estimators"]["avous"]
            ratios = [_ratio(against[key]) for key in ("mse", *(f"pinball_{level}" for level in LEVELS))]
            held = f"{mine['coverage_p80']:.3f}, {mine['coverage_p90']:.3f}"
            worst = [_worst(case, *which) for which in (("avous", "decile"), ("avous", "hour"), ("oracle", "hour"))]
            lines.append(_row(name, f"{mine['n']:,.0f}", str(case.get("days", "–")), f"**{ratios[0]}**", *ratios[1:], held, *worst))
    return "\n".join(lines)


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


def _worst(case: Case, who: str, group: str) -> str:
    """The coverage furthest from its level, of P80 and of P90."""
    found = case.get(f"{who}_coverage")
    if not found or not all(found[level].get(group) for level in ("p80", "p90")):
        return "–"
    furthest = [max(found[level][group], key=lambda row: abs(row["coverage"] - row["level"])) for level in ("p80", "p90")]
    return ", ".join(f"{row['coverage']:.3f}" for row in furthest)


def _head(*columns: str) -> list[str]:
    return [_row(*columns), "|" + " --- |" * len(columns)]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> None:
    """Write the section."""
    if not arguments:
        raise SystemExit("python -m docs.waits_tables FILE.json… (what avous bench waits --json printed)")
    cases = read(Path(argument) for argument in arguments)
    text, written = MARKS.subn(lambda m: f"{m[1]}{scenarios(cases)}\n\n{logs(cases)}\n{m[2]}", PAGE.read_text(encoding="utf-8"))
    if not written:
        raise SystemExit(f"{PAGE}: the markers of the section are gone")
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
