"""The pictures themselves: from the reports of the verbs to Vega-Lite specifications.

Every function takes a report (or rows of it) and the words of the reader's language, and gives a dict that vl-convert turns
into SVG or PNG and that a page draws with the same Vega: one source for all three.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from simulation.charts.look import ACCENT, AFTER, BEFORE, HEAT, KINDS, finished, of_day, time_axis
from simulation.charts.words import ENGLISH, Words

Spec = dict[str, Any]
Rows = list[dict[str, Any]]

QUARTER_H = 0.25
SMALL = 110  # the height of one of several pictures alike


def demand(quarters: Sequence[Mapping[str, Any]], words: Words = ENGLISH, title: str = "") -> Spec:
    """One service of ``avous forecast``: expected shoppers per quarter hour (``at``, ``mean``, ``low``, ``high``) inside their interval."""
    rows: Rows = [dict(quarter) for quarter in quarters]
    rows += [{**row, "at": row["at"] + QUARTER_H} for row in rows[-1:]]  # the last quarter hour has an end
    base = _chart(rows).encode(x=time_axis(row["at"] for row in rows))
    most = max((row[key] for row in rows for key in ("mean", "high")), default=0)
    axis, scale = alt.Axis(tickCount=4, tickMinStep=1, format="~g", minExtent=30), alt.Scale(domain=[0, max(most, 1)])
    band = base.mark_area(color=AFTER, opacity=0.2, interpolate="step-after").encode(
        y=alt.Y("low:Q", title=None, axis=axis, scale=scale), y2="high:Q"
    )
    line = base.mark_line(color=AFTER, interpolate="step-after", strokeWidth=2).encode(
        y="mean:Q", tooltip=[_tip("mean:Q", words["expected"], ".1f")]
    )
    return finished(band + line, title, SMALL)


def demand_and_staff(
    arrivals: Sequence[Mapping[str, Any]], staff: Sequence[Mapping[str, Any]], opens_at_s: float, words: Words = ENGLISH, title: str = ""
) -> Spec:
    """Shoppers per interval (``start_min``, ``arrivals``) as an area, and people on duty (``start_min``, ``people``) as steps on top."""
    came = [{"at": of_day(row["start_min"], opens_at_s), "n": round(float(row["arrivals"]), 2)} for row in _to_the_end(arrivals)]
    duty = [{"at": of_day(row["start_min"], opens_at_s), "n": row["people"]} for row in _to_the_end(staff)]
    axis = time_axis(row["at"] for row in [*came, *duty])
    area = _chart(came).mark_area(color=BEFORE, opacity=0.45, interpolate="step-after").encode(
        x=axis, y=alt.Y("n:Q", title=words["shoppers"])
    )  # fmt: skip
    steps = _chart(duty).mark_line(color=ACCENT, strokeWidth=3, interpolate="step-after").encode(
        x=axis, y=alt.Y("n:Q", title=words["staff"], axis=alt.Axis(titleColor=ACCENT, grid=False, tickMinStep=1)),
        tooltip=[_tip("n:Q", words["staff"])],
    )  # fmt: skip
    return finished(alt.layer(area, steps).resolve_scale(y="independent"), title)


def waits(intervals: Sequence[Mapping[str, Any]], opens_at_s: float, words: Words = ENGLISH, title: str = "") -> Spec:
    """The fan: the mean wait of who comes then, from day to day. Rows with ``wait_before_s`` (a what-if) have that as a dashed median."""
    rows: Rows = []
    pair = all("wait_before_s" in row for row in intervals)
    for row in intervals:
        fan, was = row["wait_after_s"], row["wait_before_s"] if pair else row["wait_after_s"]
        if fan is not None and was is not None:
            minutes = {key: round(value / 60, 2) for key, value in fan.items()}
            rows.append({"at": of_day(row["start_min"], opens_at_s), **minutes, "before": round(was["p50"] / 60, 2)})
    base = _chart(rows).encode(x=time_axis(row["at"] for row in rows))
    wide = base.mark_area(color=AFTER, opacity=0.16, interpolate="monotone").encode(y=alt.Y("p10:Q", title=words["wait"]), y2="p90:Q")
    narrow = base.mark_area(color=AFTER, opacity=0.26, interpolate="monotone").encode(y="p25:Q", y2="p75:Q")
    if not pair:
        middle = base.mark_line(color=AFTER, strokeWidth=2.5, interpolate="monotone").encode(
            y="p50:Q", tooltip=[_tip("p50:Q", words["wait"], ".1f")]
        )
        return finished(wide + narrow + middle, title)
    tips = [_tip("p50:Q", words["after"], ".1f"), _tip("before:Q", words["before"], ".1f")]
    named = _named({"before": words["before"], "p50": words["after"]}, [BEFORE, AFTER])
    dash = alt.StrokeDash("which:N", scale=alt.Scale(domain=["before", "p50"], range=[[6, 4], [1, 0]]), legend=named["legend"])
    folded = base.transform_fold(["before", "p50"], as_=["which", "wait"])
    lines = folded.mark_line(strokeWidth=2.5, interpolate="monotone").encode(
        y="wait:Q", tooltip=tips, color=alt.Color("which:N", **named), strokeDash=dash
    )
    return finished(wide + narrow + lines, title)


def unanswered(intervals: Sequence[Mapping[str, Any]], opens_at_s: float, words: Words = ENGLISH, title: str = "") -> Spec:
    """Unanswered shoppers by hour of the day; rows with ``unanswered_before`` (a what-if) have that beside it."""
    plans = [which for which in ("before", "after") if all(f"unanswered_{which}" in row for row in intervals)]
    hours: dict[int, dict[str, float]] = {}
    for row in intervals:
        sums = hours.setdefault(int(of_day(row["start_min"], opens_at_s)), dict.fromkeys(("arrivals", *plans), 0.0))
        for key in sums:
            sums[key] += float(row[key if key == "arrivals" else f"unanswered_{key}"])
    rows = [
        {"at": f"{hour % 24:02d}", "order": hour, "which": which, "n": round(sums[which], 2)}
        for hour, sums in sorted(hours.items()) if sums["arrivals"] > 0 for which in plans
    ]  # fmt: skip
    pair = {"before": words["before"], "after": words["after"]}
    colour = alt.Color("which:N", **_named(pair, [BEFORE, AFTER])) if len(plans) > 1 else alt.value(AFTER)
    chart = _chart(rows).mark_bar(cornerRadiusEnd=2).encode(
        x=alt.X("at:N", title=None, sort=alt.SortField("order"), axis=alt.Axis(labelAngle=0, labelExpr="datum.value + ' h'")),
        xOffset=alt.XOffset("which:N", sort=["before", "after"]), y=alt.Y("n:Q", title=words["unanswered"]),
        color=colour, tooltip=[_tip("at:N", words["time"]), _tip("n:Q", words["unanswered"], ".2f")],
    )  # fmt: skip
    return finished(chart, title)


def week(cells: Sequence[Mapping[str, Any]], words: Words = ENGLISH, title: str = "", label: str = "share") -> Spec:
    """A heat map: ``day`` (name, in order), ``hour`` (0 to 27) and ``value`` (per cent, or a count)."""
    days = list(dict.fromkeys(str(cell["day"]) for cell in cells))
    hours = [f"{hour % 24:02d}" for hour in sorted({int(cell["hour"]) for cell in cells})]
    rows = [{"day": str(c["day"]), "hour": f"{int(c['hour']) % 24:02d}", "value": round(float(c["value"]), 1)} for c in cells]
    legend = alt.Legend(title=words[label], gradientLength=180, orient="bottom")
    chart = _chart(rows).mark_rect(cornerRadius=2).encode(
        x=alt.X("hour:N", title=None, sort=hours, axis=alt.Axis(labelAngle=0, labelExpr="datum.value + ' h'")),
        y=alt.Y("day:N", title=None, sort=days),
        color=alt.Color("value:Q", scale=alt.Scale(range=HEAT, domainMin=0), legend=legend),
        tooltip=[_tip("day:N", words["day"]), _tip("hour:N", words["time"]), _tip("value:Q", words[label], ".1f")],
    )  # fmt: skip
    return finished(chart, title, 34 * max(len(days), 1))


def cost(points: Sequence[Mapping[str, Any]], words: Words = ENGLISH, title: str = "") -> Spec:
    """Plans as points: ``paid_hours`` against ``unanswered_share`` with its interval ``ci95``; ``name`` beside each, the line by hours."""
    rows = [
        {"name": p["name"], "hours": round(float(p["paid_hours"]), 2), "share": round(100 * float(p["unanswered_share"]), 3),
         "low": round(100 * max(float(p["ci95"][0]), 0.0), 3), "high": round(100 * float(p["ci95"][1]), 3)}
        for p in sorted(points, key=lambda p: float(p["paid_hours"]))
    ]  # fmt: skip
    x = alt.X("hours:Q", title=words["hours"], scale=alt.Scale(zero=False, padding=60), axis=alt.Axis(grid=True))
    base = _chart(rows).encode(x=x)
    line = base.mark_line(color=BEFORE, strokeDash=[4, 3]).encode(y=alt.Y("share:Q", title=words["share"]))
    bars = base.mark_rule(color=AFTER, strokeWidth=2).encode(y="low:Q", y2="high:Q")
    dots = base.mark_point(color=AFTER, filled=True, size=90, opacity=1).encode(
        y="share:Q", tooltip=[_tip("name:N", words["plan"]), _tip("hours:Q", words["hours"], ".1f"), _tip("share:Q", words["share"], ".2f")]
    )
    middle = (rows[0]["hours"] + rows[-1]["hours"]) / 2 if rows else 0
    names = [  # away from the nearer edge, and from a line that falls
        base.transform_filter(f"datum.hours {which} {middle}")
        .mark_text(align=align, dx=dx, dy=dy, fontSize=12)
        .encode(y="share:Q", text="name:N")
        for which, align, dx, dy in (("<=", "left", 9, -9), (">", "right", -9, 16))
    ]
    return finished(alt.layer(line, bars, dots, *names), title)


def roster(shifts: Sequence[Mapping[str, Any]], opens_at_s: float, words: Words = ENGLISH, title: str = "") -> Spec:
    """Shifts as a Gantt: ``name``, ``skills``, ``start_min``, ``end_min``, ``break_min`` [from, to] or None; a row per shift."""
    rows: Rows = []
    for shift in shifts:
        pause = shift["break_min"] or [shift["end_min"], shift["end_min"]]
        for start, end in ((shift["start_min"], pause[0]), (pause[1], shift["end_min"])):
            if end > start:
                rows.append({"who": shift["name"], "skills": " + ".join(shift["skills"]), "at": of_day(start, opens_at_s),
                             "to": of_day(end, opens_at_s)})  # fmt: skip
    order = list(dict.fromkeys(str(shift["name"]) for shift in shifts))
    skills = list(dict.fromkeys(row["skills"] for row in rows))
    legend = alt.Legend(columns=3, labelLimit=260)
    colour = alt.Color("skills:N", sort=skills, scale=alt.Scale(domain=skills, range=KINDS), legend=legend)
    chart = _chart(rows).mark_bar(cornerRadius=3, height=alt.RelativeBandSize(0.72)).encode(
        x=time_axis(row[end] for row in rows for end in ("at", "to")), x2="to:Q", y=alt.Y("who:N", title=None, sort=order), color=colour,
        tooltip=[_tip("who:N", words["people"]), _tip("skills:N", words["skills"])],
    )  # fmt: skip
    return finished(chart, title, max(26 * len(order), 60))


def _chart(rows: Rows) -> Any:
    """A chart of these rows; they travel inside the specification."""
    return alt.Chart(alt.InlineData(values=rows))


def _named(words: Mapping[str, str], colours: list[str]) -> dict[str, Any]:
    """A colour per key, and the reader's word for it in the legend."""
    test = " : ".join(f"datum.value == '{key}' ? {word!r}" for key, word in words.items())
    return {"scale": alt.Scale(domain=list(words), range=colours), "legend": alt.Legend(labelExpr=f"{test} : datum.value")}


def _tip(field: str, title: str, form: str = "") -> Any:
    return alt.Tooltip(field, title=title, format=form) if form else alt.Tooltip(field, title=title)


def _to_the_end(steps: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The steps, and the last one once more where it ends."""
    starts = [float(step["start_min"]) for step in steps]
    long = starts[-1] - starts[-2] if len(starts) > 1 else 60 * QUARTER_H
    return [*steps, {**steps[-1], "start_min": starts[-1] + long}] if steps else []
