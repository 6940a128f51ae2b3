"""From a plan to a roster: shifts that may be worked, checked on days the search has not seen, and compared with a formula."""

from typing import Any

from simulation.changes import case_of
from simulation.crew import Crew, Member, crew_of
from simulation.distributions import Floats
from simulation.metrics import student
from simulation.shifts import Shift, ShiftRules, cover, shorter
from simulation.staffing import CHECK_SEED, Plan, Setting, Tester, formula, search, shares

SURER = (0.95, 0.99, 0.999, 0.999, 0.999)  # how sure the search must be, try by try

Roster = dict[str, list[Shift]]
"""Shifts by kind of salesperson."""


def crew_of_shifts(setting: Setting, shifts: Roster) -> Crew:
    """The people of a roster, one per shift."""
    members = []
    for kind in setting.kinds:
        for number, shift in enumerate(shifts[kind.name], start=1):
            members.append(Member(f"{kind.name}-{number:03d}", kind.skills, dict(kind.speeds), shift.spans()))
    return Crew(tuple(members), {})


def rostered(setting: Setting, plan: Plan, rules: ShiftRules) -> Roster:
    """Shifts that cover a plan, kind by kind."""
    return {kind.name: cover(list(counts), setting.step_s, rules) for kind, counts in zip(setting.kinds, plan, strict=True)}


def checked(tester: Tester, shifts: Roster) -> dict[str, Any]:
    """What fresh days say about a roster."""
    found = tester.days(crew_of_shifts(tester.setting, shifts), tester.check_days, tester.setting.seed + CHECK_SEED)
    return {"paid_hours": sum(s.paid_hours for kind in shifts.values() for s in kind), **_verdict(tester.setting, found)}


def _verdict(setting: Setting, found: Floats) -> dict[str, Any]:
    share, error = shares(found)
    whole, whole_error = shares(found.sum(axis=2, keepdims=True))
    half = student(len(found) - 1) * float(whole_error[0])
    halves = student(len(found) - 1) * error
    intervals = [
        {
            "start_min": start / 60, "arrivals": float(found[:, 0, i].mean()),
            "unanswered_share": {"mean": float(share[i]), "ci95": [float(share[i] - halves[i]), float(share[i] + halves[i])]},
        }
        for i, start in enumerate(setting.starts_s)
    ]  # fmt: skip
    return {
        "unanswered_share": {"mean": float(whole[0]), "ci95": [float(whole[0]) - half, float(whole[0]) + half]},
        "worst_interval": float(share.max()),
        "holds": bool((share <= setting.target).all()),
        "per_interval": intervals,
    }


def staff(tester: Tester, rules: ShiftRules) -> dict[str, Any]:
    """The report of ``avous staff``."""
    setting = tester.setting
    plan, roster, found = _best(tester, search(tester), rules)
    textbook = rostered(setting, formula(setting, moving=False), rules)
    given = tester.days(crew_of(setting.scenario), tester.check_days, setting.seed + CHECK_SEED)
    return {
        "scenario": setting.scenario.name, "target_unanswered": setting.target, "seed": setting.seed, "interval_min": setting.step_s / 60,
        "paid_hours": found["paid_hours"], "headcount_hours": sum(map(sum, plan)) * setting.step_s / 3600,
        "plan": [
            {"start_min": start / 60, "people": {name: _present(shifts, start + setting.step_s / 2) for name, shifts in roster.items()}}
            for start in setting.starts_s
        ],
        "shifts": [_shift(kind.name, list(kind.skills), shift) for kind in setting.kinds for shift in roster[kind.name]],
        "unanswered_share": found["unanswered_share"], "worst_interval": found["worst_interval"], "holds": found["holds"],
        "per_interval": found["per_interval"],
        "compared": {
            "erlang_a": checked(tester, textbook),
            "given": {"paid_hours": case_of(setting.scenario).paid_hours(), **_verdict(setting, given)},
        },
    }  # fmt: skip


def _best(tester: Tester, plan: Plan, rules: ShiftRules) -> tuple[Plan, Roster, dict[str, Any]]:
    """A roster for the plan, without the hours that shifts have too many; surer, or with more people, if fresh days say so."""
    for sure in SURER:
        whole = rostered(tester.setting, plan, rules)
        roster = _lean(tester, whole, rules, sure)
        found = checked(tester, roster)
        if found["holds"]:
            return plan, roster, found
        if not checked(tester, whole)["holds"]:
            plan = _repaired(tester.setting, plan, found)
    return plan, whole, checked(tester, whole)


def _lean(tester: Tester, roster: Roster, rules: ShiftRules, sure: float) -> Roster:
    """Shorten or drop shifts, those that save most first, as long as every interval holds."""
    failed: set[tuple[str, Shift, Shift | None]] = set()
    while move := _next_saving(tester.setting, roster, rules, failed):
        kind, shift, instead = move
        rest = list(roster[kind])
        rest.remove(shift)
        thinner = {**roster, kind: rest if instead is None else [*rest, instead]}
        if tester.crew_holds(crew_of_shifts(tester.setting, thinner), sure):
            roster = thinner
        else:
            failed.add(move)
    return {kind: sorted(shifts, key=lambda s: (s.start_s, s.end_s)) for kind, shifts in roster.items()}


def _next_saving(
    setting: Setting, roster: Roster, rules: ShiftRules, failed: set[tuple[str, Shift, Shift | None]]
) -> tuple[str, Shift, Shift | None] | None:
    moves = [
        (shift.paid_hours - (instead.paid_hours if instead else 0.0), kind, shift, instead)
        for kind, shifts in roster.items() for shift in dict.fromkeys(shifts) for instead in shorter(shift, setting.step_s, rules)
        if (kind, shift, instead) not in failed
    ]  # fmt: skip
    return max(moves, key=lambda m: m[0])[1:] if moves else None


def _repaired(setting: Setting, plan: Plan, found: dict[str, Any]) -> Plan:
    """One more of the widest skills wherever fresh days missed the target."""
    widest = max(range(len(plan)), key=lambda k: (len(setting.kinds[k].skills), sum(plan[k])))
    missed = [i for i, interval in enumerate(found["per_interval"]) if interval["unanswered_share"]["mean"] > setting.target]
    counts = tuple(n + (i in missed) for i, n in enumerate(plan[widest]))
    return (*plan[:widest], counts, *plan[widest + 1 :])


def _present(shifts: list[Shift], at_s: float) -> int:
    return sum(1 for shift in shifts for start, end in shift.spans() if start <= at_s < end)


def _shift(kind: str, skills: list[str], shift: Shift) -> dict[str, Any]:
    pause = [shift.pause[0] / 60, shift.pause[1] / 60] if shift.pause else None
    return {"kind": kind, "skills": skills, "start_min": shift.start_s / 60, "end_min": shift.end_s / 60, "break_min": pause,
            "paid_hours": shift.paid_hours}  # fmt: skip
