"""``avous bench staff``: the search against the rules of the textbook, on ten days and judged by 10,000 days nobody has seen.

What is compared is paid hours: the headcount each rule asks for is given the cheapest shifts that cover it (an exact cover, by the same
rules for shifts), and the search looks for shifts directly. Hours are paid hours of shifts, breaks not counted; for a rule they are never
fewer than the headcount-hours it asks for, which are told too. A rule is *safe* on a day when its headcount misses the target in no
interval of the judging days. Two savings are told: against the cheapest rule that is safe that day (on a day when none is, against the
cheapest rule whose own target is tightened until it is), and against the cheapest of the three whether it is safe or not.
"""

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Annotated, Any

import typer

RULE_DAYS = 1000  # days that say whether a rule's headcount holds, where that is clear
CLEAR = 3.0  # standard errors from the target; nearer, all the judging days are asked
TIGHTER = tuple(k / 20 for k in range(19, 3, -1))  # of the target: what a rule that is not safe is given instead
JUDGE_SEED = 7_000_003  # added to the seed: days neither the search nor its check has seen


def bench_staff(
    scenarios: Annotated[list[Path] | None, typer.Argument(help="Scenario files; else ten days of our own.", show_default=False)] = None,
    target_unanswered: Annotated[float, typer.Option(help="The largest unanswered share any interval may have.")] = 0.05,
    interval: Annotated[int, typer.Option(min=15, max=240, help="Minutes of one interval.")] = 30,
    days: Annotated[int, typer.Option(min=100, max=1_000_000, help="Fresh days that judge every roster.")] = 10_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Compare the rosters of `avous staff` with SIPP max, lag max and MOL max: paid hours, and whether every interval holds."""
    from simulation import progress
    from simulation.executors import processes

    paths = scenarios or ours()
    rows: list[dict[str, Any]] = []
    with progress.bar("Scenarios", len(paths)) as done, processes() as executor:
        for number, path in enumerate(paths, start=1):
            with progress.stdout_kept():
                rows.append(row(path, target_unanswered, interval * 60.0, days, executor))
            done(number)
            if not as_json:
                typer.echo(sentence(rows[-1]))
    found = {"target_unanswered": target_unanswered, "judged_days": days, "scenarios": rows, **summary(rows)}
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    against = ", ".join(f"{n} {100 * s:.1f} % (safe on {found['safe_days_by_rule'][n]})" for n, s in found["median_saving_by_rule"].items())
    typer.echo(f"median saving: {100 * found['median_saving']:.1f} % against the cheapest safe rule of each of the {len(rows)} days "
               f"(tightened where none is), {100 * found['median_saving_any']:.1f} % against the cheapest, safe or not")  # fmt: skip
    typer.echo(f"against each rule: {against}; missed the target in {found['intervals_missed']} of {found['intervals']} intervals, "
               f"judged by {days:,} fresh days")  # fmt: skip


def ours() -> list[Path]:
    """The ten days shipped with the project."""
    folder = Path(str(files("simulation").joinpath("scenarios/staff")))
    return sorted(folder.glob("*.toml"))


def row(path: Path, target: float, step_s: float, days: int, executor: Any) -> dict[str, Any]:
    """One scenario: every rule, and the search."""
    from simulation.scenario import reading
    from simulation.staffing import problem, roster, search, textbook
    from simulation.staffing.shifts import ShiftRules

    day = reading.load(path)
    setting = problem.setting_of(day, target, step_s, day.seed)
    tester = problem.Tester(setting, executor, check_days=days)
    rules = {name: _rule(tester, name, ShiftRules(), days) for name in textbook.RULES}
    began = monotonic()
    found = roster.best(tester, ShiftRules())
    took_s = monotonic() - began
    judged = tester.days(search.crew_of_shifts(setting, found.shifts), days, setting.seed + JUDGE_SEED)
    share = problem.shares(judged)[0][0]
    safe = [rule["paid_hours"] for rule in rules.values() if rule["safe"]]
    base = min(safe) if safe else _tightened(tester, ShiftRules(), days)
    cheapest = min(rule["paid_hours"] for rule in rules.values())
    return {
        "scenario": day.name, "shoppers": setting.shoppers, "people": [min(map(min, found.plan)), max(map(max, found.plan))],
        "paid_hours": found.hours, "rules": rules, "base_hours": base, "base_is_tightened": not safe,
        "saving": 1 - found.hours / base, "saving_any": 1 - found.hours / cheapest, "took_s": took_s,
        "intervals": int(share.size), "intervals_missed": int((share > target).sum()), "worst_interval": float(share.max()),
    }  # fmt: skip


def _rule(tester: Any, name: str, shift_rules: Any, days: int, stricter: float = 1.0) -> dict[str, Any]:
    """What a rule asks for, whether that holds, and what it costs."""
    from simulation.staffing import problem, roster, search, textbook

    setting = tester.setting
    plan = textbook.plan_of(setting, name, stricter)
    crew, seed = problem.crew_for(setting, plan), setting.seed + JUDGE_SEED
    share, error = problem.shares(tester.days(crew, min(RULE_DAYS, days), seed))
    if abs((share - setting.target) / error.clip(1e-9)).min() < CLEAR and (share <= setting.target + CLEAR * error).all():
        share, _ = problem.shares(tester.days(crew, days, seed))
    worst = float(share[0].max())
    return {
        "headcount_hours": sum(map(sum, plan)) * setting.step_s / 3600,
        "paid_hours": search.paid_hours(roster.covered(setting, plan, shift_rules)),
        "safe": worst <= setting.target, "worst_interval": worst,
    }  # fmt: skip


def _tightened(tester: Any, shift_rules: Any, days: int) -> float:
    """The paid hours of the cheapest rule that is safe once its own target is made stricter, step by step."""
    from simulation.staffing import textbook

    found = []
    for name in textbook.RULES:
        tried = (_rule(tester, name, shift_rules, days, factor) for factor in TIGHTER)
        found += [rule["paid_hours"] for rule in [next((rule for rule in tried if rule["safe"]), None)] if rule is not None]
    return float(min(found))


def sentence(found: dict[str, Any]) -> str:
    """One scenario in a line."""
    rules = ", ".join(f"{name} {rule['paid_hours']:.1f} h{'' if rule['safe'] else ' (misses)'}" for name, rule in found["rules"].items())
    missed = f"misses {found['intervals_missed']} intervals" if found["intervals_missed"] else "every interval holds"
    against = (
        f"the cheapest rule tightened until it is safe, {found['base_hours']:.1f} h"
        if found["base_is_tightened"]
        else "the cheapest safe rule"
    )
    saving = f"{100 * found['saving']:.1f} % fewer than {against}"
    return (f"{found['scenario']}: {found['paid_hours']:.1f} paid hours, {missed} (worst {100 * found['worst_interval']:.1f} %); {rules}; "
            f"{saving}; {found['took_s']:.0f} s")  # fmt: skip


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Medians over the scenarios; against a rule that misses the target too."""
    return {
        "median_saving": median(r["saving"] for r in rows),
        "median_saving_any": median(r["saving_any"] for r in rows),
        "median_saving_by_rule": {n: median(1 - r["paid_hours"] / r["rules"][n]["paid_hours"] for r in rows) for n in rows[0]["rules"]},
        "safe_days_by_rule": {n: sum(r["rules"][n]["safe"] for r in rows) for n in rows[0]["rules"]},
        "intervals": sum(r["intervals"] for r in rows), "intervals_missed": sum(r["intervals_missed"] for r in rows),
    }  # fmt: skip
