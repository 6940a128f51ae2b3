"""How every picture looks: the house's colours, no frame, quiet grid. Pages put their own text colours over it."""

from collections.abc import Iterable
from math import ceil, floor
from typing import Any

import altair as alt

INK, INK_2, LINE, SHEET = "#1d1a15", "#544c3f", "#dccfb8", "#fffcf5"
BEFORE, AFTER, ACCENT = "#8a7e6a", "#214f74", "#c22d14"
KINDS = ["#214f74", "#c22d14", "#1b6142", "#b07a12", "#6b4a86", "#8a7e6a", "#3f8a8c", "#a3556b"]
HEAT = ["#fffcf5", "#fae7bd", "#f0b37a", "#dd6a45", "#9c1c2b"]
FONT = "system-ui, Noto Sans, Liberation Sans, Arial, sans-serif"
WIDTH, HEIGHT = 720, 260
TICKS_H, TICKS_MOST = (0.25, 0.5, 1.0, 2.0), 12


def config() -> dict[str, Any]:
    """The look of a picture on paper."""
    axis = {"labelColor": INK_2, "titleColor": INK_2, "gridColor": LINE, "domain": False, "tickColor": LINE, "titleFontWeight": "normal"}
    return {
        "background": SHEET, "font": FONT, "view": {"stroke": None}, "axis": {**axis, "labelFontSize": 12, "titleFontSize": 12},
        "axisX": {"grid": False, "labelFlush": True},
        "legend": {"labelColor": INK, "titleColor": INK_2, "labelFontSize": 12, "orient": "top", "title": None},
        "title": {"color": INK, "fontSize": 15, "anchor": "start", "offset": 12}, "range": {"category": KINDS},
    }  # fmt: skip


def finished(chart: Any, title: str, height: int = HEIGHT) -> dict[str, Any]:
    """The specification, as wide as the page lets it be."""
    spec: dict[str, Any] = chart.properties(width="container", height=height, title=title).to_dict()
    spec["config"] = config()
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def of_day(minute: float, opens_at_s: float) -> float:
    """Hours after midnight: the position on every time axis."""
    return round((opens_at_s / 60 + minute) / 60, 4)


def time_axis(hours: Iterable[float], field: str = "at:Q") -> Any:
    """The hours of the day that ``hours`` lie in, ticked where people look at a clock; past midnight they begin again."""
    label = "format(floor(datum.value) % 24, '02d') + ':' + format(round((datum.value % 1) * 60), '02d')"
    axis = alt.Axis(labelExpr=label, values=ticks(list(hours)) or alt.Undefined)
    return alt.X(field, title=None, scale=alt.Scale(nice=False, zero=False), axis=axis)


def ticks(hours: list[float]) -> list[float]:
    """Quarter hours, half hours, hours or every second hour, whichever are about ten between the first and the last."""
    if not hours:
        return []
    first, last = min(hours), max(hours)
    step = next((step for step in TICKS_H if (last - first) / step <= TICKS_MOST), TICKS_H[-1])
    return [k * step for k in range(ceil(first / step), floor(last / step) + 1)]
