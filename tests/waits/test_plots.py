"""The page's tables and pictures come from what the bench prints."""

import json
from pathlib import Path

import pytest

from docs import waits_plots

PAGE = """before
<!-- measured: accuracy -->
old
<!-- /measured -->
<!-- measured: shown -->
kept
<!-- /measured -->
after
"""


def figures(scale: float) -> dict[str, float]:
    """An estimator's figures."""
    found = {"n": 100.0, "mae_s": 80.0 * scale, "rmse_s": 100.0 * scale, "bias_s": 0.0, "width_s": 300.0}
    return found | {f"coverage_{p}": level for p, level in waits_plots.LEVELS.items()} | {f"pinball_{p}_s": 9.0 for p in waits_plots.LEVELS}


def test_tables_and_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ratio = {"ratio": 1.05, "ci95": [1.01, 1.09]}
    against = {"mse": ratio, **{f"pinball_{p}": ratio for p in ("p50", "p80", "p90")}}
    decile = [
        {"decile": k, "n": 10, "coverage": 0.85, "level": 0.8, "forecast_s": 60.0 * k, "bias_s": 0.0, "rmse_s": 50.0} for k in range(10)
    ]
    case = {
        "case": "S1 steady", "estimators": {"avous": figures(1.0), "oracle": figures(0.97), "naive": figures(1.5), "ql": figures(1.2)},
        "against_oracle": {"avous": against, "ql": against}, "avous_coverage": {"p80": {"decile": decile}, "p90": {"decile": decile}},
    }  # fmt: skip
    file, page = tmp_path / "s1.json", tmp_path / "waits.md"
    file.write_text(json.dumps({"cases": [case]}))
    page.write_text(PAGE)
    monkeypatch.setattr(waits_plots, "PAGE", page)
    monkeypatch.setattr(waits_plots, "FOLDER", tmp_path / "waits")
    written = waits_plots.write(waits_plots.read([file]))
    text = page.read_text()
    assert "| S1 steady | 100 | **100**, 97, 120 (ql) | **1.050** (1.010–1.090) | 1.050, 1.050, 1.050 | .500, .800, .900 |" in text
    assert "old" not in text
    assert "kept" in text, "what was not measured stays"
    assert {path.name for path in written} == {
        "waits.md", "reliability.svg", "coverage-by-decile.svg", "error-by-decile.svg", "against-oracle.svg"
    }  # fmt: skip
    assert "<svg" in (tmp_path / "waits" / "reliability.svg").read_text()
