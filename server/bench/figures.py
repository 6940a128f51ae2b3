"""Figures beside their limits and bars, as a table and as JSON."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. ``limit`` is what this machine could do at best in the same run, ``bar`` what was asked for."""

    case: str
    what: str
    value: float
    unit: str
    limit: float | None = None
    limited_by: str = ""
    bar: float | None = None
    better: Literal["more", "less"] = "less"

    @property
    def ratio(self) -> float | None:
        """The figure over its limit."""
        return self.value / self.limit if self.limit else None

    @property
    def held(self) -> bool | None:
        """Whether the bar is reached; None where there is none."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.better == "more" else self.value <= self.bar

    def table(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "case": self.case, "figure": self.what, "value": self.value, "unit": self.unit, "limit": self.limit,
            "limited_by": self.limited_by, "ratio": self.ratio, "bar": self.bar, "held": self.held,
        }  # fmt: skip


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of them do not exceed; NaN of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def text(figures: Sequence[Figure]) -> str:
    """A table of fixed columns."""
    rows = [("case", "figure", "value", "limit in this run", "ratio", "bar", "")]
    for f in figures:
        sign = "≥" if f.better == "more" else "≤"
        rows.append((
            f.case, f.what, f"{number(f.value)} {f.unit}".strip(), f"{number(f.limit)} {f.limited_by}" if f.limit else "",
            "" if f.ratio is None else f"{f.ratio:.2f}", "" if f.bar is None else f"{sign} {number(f.bar)}",
            {None: "", True: "held", False: "missed"}[f.held],
        ))  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def number(value: float | None) -> str:
    """Three figures are enough."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
