"""The reference page names every tenth and hour that is off, and says whether the true laws are as well."""

from typing import Any

from docs import waits_tables


def cell(coverage: float, other: float, **where: int) -> dict[str, Any]:
    """Of 500 shoppers, for a level of .8."""
    low, high = coverage - 0.02, coverage + 0.02
    apart = {"beyond": coverage - other, "beyond_ci95": [-0.1, 0.1]}
    return {"n": 500, "level": 0.8, "coverage": coverage, "ci95": [low, high], "other": other, **apart, **where}


def test_every_cell_that_is_off_is_named_with_the_oracles() -> None:
    rows = {"decile": [cell(0.80, 0.85, decile=0), cell(0.75, 0.79, decile=9)], "hour": [cell(0.85, 0.86, hour=3)]}
    case = {"case": "S1 steady", "avous_coverage": {"p80": rows}}
    cases = {"S1 steady": case, "S1 steady, from minute 270": case}
    assert waits_tables.misses(cases).splitlines()[2:] == [
        "| S1 steady | P80, tenth 10 | 500 | 0.750 (0.730 to 0.770) | 0.790 | no |",
        "| S1 steady | P80, hour 3 | 500 | 0.850 (0.830 to 0.870) | 0.860 | yes |",
    ]
    counted = waits_tables.cells(cases).splitlines()[2]
    assert counted.startswith("| S1 steady | 3 | 2 | "), counted
    assert "| 2 | 1 | 0 | P80, tenth 10: 0.750" in counted, "the oracle's, those in tenths, surely"


def test_a_case_that_was_not_measured_again_keeps_its_lines() -> None:
    """One scenario and one log anew, between the lines of others."""
    head = "| case | figure |\n| --- | --- |\n"
    old = f"{head}| S1 steady | 1 |\n| S8 drift | 2 |\n| S8 drift, from minute 270 | 3 |\n\n{head}| bank, avous | 4 |\n| bank, les | 5 |\n"
    fresh = [f"{head}| S1 steady | 6 |", f"{head}| bank, les | 7 |"]
    assert waits_tables.with_others(fresh, old, ["S1 steady", "bank.csv"]) == (
        f"{head}| S1 steady | 6 |\n| S8 drift | 2 |\n| S8 drift, from minute 270 | 3 |\n\n{head}| bank, les | 7 |"
    )
