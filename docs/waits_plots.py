"""The measured part of docs/topics/waits.md: tables between its markers, pictures beside it.

``python -m docs.waits_plots FILE…`` takes what ``avous bench waits --json`` printed (accuracy, ``--shown``, ``--cost``:
each file says by itself what it is) and needs the extra ``[charts]``. Of two files with the same case the later one counts.
"""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import altair as alt

from simulation.charts.look import ACCENT, AFTER, BEFORE, config
from simulation.charts.pictures import svg

PAGE = Path(__file__).parent / "topics" / "waits.md"
FOLDER = PAGE.parent / "waits"
MARKS = re.compile(r"(<!-- measured: (?P<name>\w+) -->\n).*?(<!-- /measured -->)", re.DOTALL)
LEVELS = {"p10": 0.1, "p50": 0.5, "p80": 0.8, "p90": 0.9}
FORMULAS = ("naive", "last10", "gap", "les", "hol", "ql", "qlm", "qlms", "qla")
NAMES = {"avous": "À Vous", "oracle": "oracle"}
COLOURS = {"À Vous": ACCENT, "best of the formulas": BEFORE}
Case = dict[str, Any]


def read(paths: Iterable[Path]) -> dict[str, dict[str, Case]]:
    """Cases by what they measure ("accuracy", "shown", "cost") and by their names."""
    found: dict[str, dict[str, Case]] = {"accuracy": {}, "shown": {}, "cost": {}}
    for path in paths:
        for case in _cases(json.loads(path.read_text(encoding="utf-8"))["cases"]):
            kind = "accuracy" if "estimators" in case else "shown" if "looks" in case else "cost"
            if kind != "accuracy" or case["estimators"]:
                found[kind][_name(case["case"])] = case
    return {kind: dict(sorted(cases.items(), key=lambda item: (not _scenario(item[0]), item[0]))) for kind, cases in found.items()}


def _cases(cases: Iterable[Case]) -> Iterable[Case]:
    """Every case, and what comes half an hour after a drift as a case of its own."""
    for case in cases:
        yield case
        if "after_drift" in case:
            yield {
                "avous_coverage": {},
                **case["after_drift"],
                "case": f"{case['case']}, from minute {case['after_drift']['from_min']:.0f}",
            }


def _name(case: str) -> str:
    return f"log {case.split('.')[0]}" if case.endswith(".csv") else case


def _scenario(name: str) -> bool:
    return re.match(r"S\d ", name) is not None


def best_formula(case: Case) -> str:
    """The formula with the least squared error."""
    return min((n for n in FORMULAS if n in case["estimators"]), key=lambda n: float(case["estimators"][n]["rmse_s"]))


# --- tables


def accuracy_table(cases: dict[str, Case]) -> str:
    """Errors beside the oracle's and the best formula's, and how often the quantiles held."""
    columns = (
        "case", "shoppers", "RMSE s: À Vous, oracle, best formula", "squared error ÷ oracle", "pinball ÷ oracle P50, P80, P90",
        "held P50, P80, P90",
    )  # fmt: skip
    lines = _head(columns)
    for name, case in cases.items():
        mine, formula = case["estimators"]["avous"], best_formula(case)
        oracle, against = case["estimators"].get("oracle"), case.get("against_oracle", {}).get("avous")
        rmse = [f"**{mine['rmse_s']:.0f}**", f"{oracle['rmse_s']:.0f}" if oracle else "–"]
        rmse.append(f"{case['estimators'][formula]['rmse_s']:.0f} ({formula})")
        boosting = case.get("against_boosting", {}).get("avous")
        ratio = _ratio(against) if against else f"{_ratio(boosting)} of boosting's" if boosting else "–"
        pinball = ", ".join(f"{against[f'pinball_{p}']['ratio']:.3f}" for p in ("p50", "p80", "p90")) if against else _losses(mine)
        held = ", ".join(_share(mine[f"coverage_{p}"]) for p in ("p50", "p80", "p90"))
        lines.append(f"| {name} | {mine['n']:,.0f} | {', '.join(rmse)} | {ratio} | {pinball} | {held} |")
    return "\n".join(lines)


def _head(columns: Sequence[str]) -> list[str]:
    return [f"| {' | '.join(columns)} |", "|" + " --- |" * len(columns)]


def _ratio(against: Any) -> str:
    return f"**{against['mse']['ratio']:.3f}** ({_interval(against['mse']['ci95'])})"


def _interval(ends: Sequence[float]) -> str:
    return f"{ends[0]:.3f}–{ends[1]:.3f}"


def _losses(mine: dict[str, float]) -> str:
    return ", ".join(f"{mine[f'pinball_{p}_s']:.1f} s" for p in ("p50", "p80", "p90"))


def _share(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def formulas_table(cases: dict[str, Case]) -> str:
    """Root mean squared error of everybody, in seconds."""
    names = [n for n in ("avous", "oracle", *FORMULAS, "boosting") if any(n in case["estimators"] for case in cases.values())]
    lines = _head(["RMSE s", *names])
    for name, case in cases.items():
        errors = [f"{case['estimators'][n]['rmse_s']:.0f}" if n in case["estimators"] else "–" for n in names]
        lines.append(f"| {name} | {' | '.join(errors)} |")
    return "\n".join(lines)


def shown_table(cases: dict[str, Case]) -> str:
    """How the number on the phone behaves."""
    columns = (
        "case", "updates", "later by > 1 min", "of looks", "of said anew", "without a reason", "moves, s per minute waited",
        "promises kept", "broken by, mean", "number true",
    )  # fmt: skip
    lines = _head(columns)
    for name, c in cases.items():
        lines.append(
            f"| {name} | {c['updates']:,} | **{c['updates_later_share'] * 100:.1f} %** | {c['later_share'] * 100:.1f} % of {c['looks']:,} "
            f"| {c['said_anew_later_share'] * 100:.1f} % of {c['said_anew']:,} | {c['later_unexplained'] + c['said_anew_unexplained']} "
            f"| {c['stability_s_per_min']:.0f} | **{c['kept_share_waiting'] * 100:.1f} %** of {c['promises_waiting']:,} "
            f"| {c['broken_excess_s'] / 60:.1f} min | {c['true_share'] * 100:.0f} % |"
        )
    return "\n".join(lines)


def cost_table(cases: dict[str, Case]) -> str:
    """Milliseconds per estimate."""
    lines = _head(["one estimate, ms", "median", "p99", "worst", "own processor time, p99", "undisturbed, p50", "undisturbed, p99"])
    lines += [
        f"| {n} | {c['p50_ms']:.1f} | {c['p99_ms']:.1f} | {c['max_ms']:.1f} | {c['cpu_p99_ms']:.1f} | {c['quiet_p50_ms']:.1f} | "
        f"**{c['quiet_p99_ms']:.1f}** |"
        for n, c in cases.items()
    ]
    return "\n".join(lines)


# --- pictures


def reliability(cases: dict[str, Case]) -> Any:
    """Said against held, for every level: on the diagonal is honest."""
    rows = [
        {"case": name, "who": NAMES[who], "said": level, "held": case["estimators"][who][f"coverage_{p}"]}
        for name, case in cases.items()
        for who in NAMES
        if who in case["estimators"]
        for p, level in LEVELS.items()
        if f"coverage_{p}" in case["estimators"][who]
    ]
    diagonal = [{"case": name, "who": "", "said": at, "held": at} for name in cases for at in (0.0, 1.0)]
    whole: dict[str, Any] = {"scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format="%", tickCount=3)}
    x, y = alt.X("said:Q", title="said", **whole), alt.Y("held:Q", title="held", **whole)
    colour = alt.Color("who:N", scale=alt.Scale(domain=list(NAMES.values()), range=[ACCENT, AFTER]))
    honest = alt.Chart().mark_line(strokeWidth=1, strokeDash=[4, 4], color=BEFORE).encode(x=x, y=y).transform_filter("datum.who == ''")
    marks = [_rings(name, size).encode(x=x, y=y, color=colour) for name, size in zip(NAMES.values(), (24, 110), strict=True)]
    return _facets(alt.layer(honest, *marks), [*rows, *diagonal])


def _rings(who: str, size: int) -> Any:
    """The oracle's marks lie around ours, so that both are seen where they agree."""
    return alt.Chart().mark_point(filled=False, strokeWidth=1.8, size=size).transform_filter(f"datum.who == '{who}'")


def by_decile(cases: dict[str, Case]) -> Any:
    """Coverage in every tenth of the forecast wait; the bands are ± 4 points, dashed is the oracle's for the same shoppers."""
    rows = [
        {"case": name, "tenth": row["decile"] + 1, "held": row["coverage"], "level": p.upper(), "low": level - 0.04, "high": level + 0.04,
         "oracle": row.get("other")}
        for name, case in cases.items()
        for p, level in (("p80", 0.8), ("p90", 0.9))
        for row in case["avous_coverage"].get(p, {}).get("decile", ())
    ]  # fmt: skip
    scale = alt.Scale(domain=[0.65, 1.0], zero=False, clamp=True)
    tenth = alt.X("tenth:O", title="tenth of the forecasts", axis=alt.Axis(labelAngle=0))
    colour = alt.Color("level:N", scale=alt.Scale(domain=["P80", "P90"], range=[AFTER, ACCENT]))
    y = alt.Y("held:Q", title="held", scale=scale, axis=alt.Axis(format="%", tickCount=4))
    band = alt.Chart().mark_area(opacity=0.16).encode(x=tenth, y=alt.Y("low:Q", title="held", scale=scale), y2="high:Q", color=colour)
    ours = alt.Chart().mark_line(point={"size": 28}, strokeWidth=1.4).encode(x=tenth, y=y, color=colour)
    theirs = alt.Chart().mark_line(strokeWidth=1.2, strokeDash=[3, 3]).encode(
        x=tenth, y=alt.Y("oracle:Q", title="held", scale=scale), color=colour
    ).transform_filter("isValid(datum.oracle)")  # fmt: skip
    return _facets(band + theirs + ours, rows)


def error_by_decile(cases: dict[str, Case]) -> Any:
    """Root mean squared error in every tenth of the forecast wait."""
    rows = [
        {"case": name, "forecast": row["forecast_s"] / 60, "rmse": row["rmse_s"] / 60}
        for name, case in cases.items() for row in case["avous_coverage"].get("p90", {}).get("decile", ()) if "rmse_s" in row
    ]  # fmt: skip
    line = alt.Chart().mark_line(point={"size": 28, "color": ACCENT}, strokeWidth=1.4, color=ACCENT).encode(
        x=alt.X("forecast:Q", title="wait forecast, min", axis=alt.Axis(tickCount=4)),
        y=alt.Y("rmse:Q", title="RMSE, min", axis=alt.Axis(tickCount=4)),
    )  # fmt: skip
    return _facets(line, rows).resolve_scale(x="independent", y="independent")


def against_oracle(cases: dict[str, Case]) -> Any:
    """Squared error over the oracle's, on a logarithmic scale."""
    rows = []
    for name, case in cases.items():
        for label, who in zip(COLOURS, ("avous", best_formula(case)), strict=True):
            if (known := case.get("against_oracle", {}).get(who)) is not None:
                low, high = known["mse"]["ci95"]
                rows.append({"case": name, "who": label, "ratio": known["mse"]["ratio"], "low": low, "high": high})
    scale, marks = alt.Scale(type="log", nice=False), alt.Axis(grid=True, values=[0.95, 1, 1.05, 1.1, 1.2, 1.3, 1.5, 2, 3])
    colour = alt.Color("who:N", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())))
    base, y = alt.Chart(_data(rows)), alt.Y("case:N", title=None, sort=list(cases))
    x = alt.X("ratio:Q", title="squared error ÷ that of the oracle", scale=scale, axis=marks)
    bars = base.mark_rule(strokeWidth=1.5).encode(x=alt.X("low:Q", scale=scale), x2="high:Q", y=y, color=colour)
    return (bars + base.mark_point(filled=True, size=60).encode(x=x, y=y, color=colour)).properties(
        width=520, height=28 * max(len(cases), 1)
    )


def _data(values: list[dict[str, Any]]) -> Any:
    inline: Any = alt.InlineData  # altair has no types here
    return inline(values=values)


def _facets(chart: Any, rows: Sequence[dict[str, Any]]) -> Any:
    order = list(dict.fromkeys(row["case"] for row in rows))
    head = alt.Header(labelFontSize=12, title=None, labelAnchor="start")
    return chart.properties(width=190, height=130).facet(
        facet=alt.Facet("case:N", sort=order, header=head), columns=3, data=_data(list(rows)), spacing=16
    )  # fmt: skip


def drawn(chart: Any) -> str:
    """As SVG, in the house's look."""
    spec = chart.to_dict()
    spec["config"] = config()
    return svg(spec)


def write(found: dict[str, dict[str, Case]]) -> list[Path]:
    """The pictures and the page's tables; what has no figures is left as it is."""
    accuracy, scenarios = found["accuracy"], {n: c for n, c in found["accuracy"].items() if _scenario(n)}
    texts = {"accuracy": accuracy_table, "formulas": formulas_table, "shown": shown_table, "cost": cost_table}
    known = {name: accuracy if name == "formulas" else found[name] for name in texts}
    page = MARKS.sub(
        lambda m: m[1] + texts[m["name"]](known[m["name"]]) + "\n" + m[3] if known[m["name"]] else m[0], PAGE.read_text(encoding="utf-8")
    )
    PAGE.write_text(page, encoding="utf-8")
    written = [PAGE]
    pictures = {
        "reliability": (reliability, accuracy),
        "coverage-by-decile": (by_decile, accuracy),
        "error-by-decile": (error_by_decile, accuracy),
    }
    pictures["against-oracle"] = (against_oracle, scenarios)
    FOLDER.mkdir(exist_ok=True)
    for name, (draw, cases) in pictures.items():
        if any(_drawable(name, case) for case in cases.values()):
            written.append(FOLDER / f"{name}.svg")
            written[-1].write_text(drawn(draw(cases)), encoding="utf-8")
    return written


def _drawable(picture: str, case: Case) -> bool:
    return picture != "error-by-decile" or any("rmse_s" in row for row in case["avous_coverage"].get("p90", {}).get("decile", ()))


def main(arguments: Sequence[str]) -> None:
    """Write everything; say what was written."""
    if not arguments:
        raise SystemExit("python -m docs.waits_plots FILE.json… (what avous bench waits --json printed)")
    for path in write(read(Path(argument) for argument in arguments)):
        sys.stderr.write(f"{path}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
