"""``avous staff`` for one day: shifts that may be worked, checked on days the search has not seen, and compared with a formula.

The report also says what a bad day looks like, and what one more hour would bring in every slot.
"""

from typing import Any

import numpy as np

from simulation.changes import case_of
from simulation.scenario.distributions import Floats
from simulation.staffing import search, textbook
from simulation.staffing.problem import CHECK_SEED, Plan, Setting, StaffError, Tester, verdict
from simulation.staffing.search import Found, Search, Shifts, crew_of_shifts, nudges, paid_hours
from simulation.staffing.shifts import Shift, ShiftRules, cover, patterns
from simulation.twin.crew import crew_of

SEARCH_SHOPPERS = 75_000  # in all days of one look, so that a busy store takes no longer than a quiet one
BUSY = (0.85, 0.95)  # a bad day: arrivals around their 90th percentile
HOURLY_COST = 25.0
COMPARED_DAYS = 1000  # that judge the formula and the plan in the file


def staff(tester: Tester, rules: ShiftRules, hourly_cost: float = HOURLY_COST) -> dict[str, Any]:
    """The report of ``avous staff``. Raises ``StaffError`` with the nearest possible thing when no staffing holds."""
    setting = tester.setting
    found = best(tester, rules)
    book = covered(setting, textbook.plan_of(setting, "SIPP max"), rules)
    days = min(len(found.days), COMPARED_DAYS)
    given = tester.days(crew_of(setting.scenario), days, setting.seed + CHECK_SEED)
    return {
        "scenario": setting.scenario.name, "target_unanswered": setting.target, "seed": setting.seed, "interval_min": setting.step_s / 60,
        "paid_hours": found.hours, "headcount_hours": sum(map(sum, found.plan)) * setting.step_s / 3600,
        "plan": [
            {"start_min": start / 60, "people": {kind.name: found.plan[k][i] for k, kind in enumerate(setting.kinds)}}
            for i, start in enumerate(setting.starts_s)
        ],
        "shifts": [told(kind.name, kind.skills, shift) for k, kind in enumerate(setting.kinds) for shift in found.shifts[k]],
        **verdict(setting, found.days),
        "bad_day": bad_day(setting, found.days),
        **one_more(tester, found, hourly_cost),
        "compared": {
            "erlang_a": {"paid_hours": paid_hours(book), **checked(tester, book, days)},
            "given": {"paid_hours": case_of(setting.scenario).paid_hours(), **verdict(setting, given)},
        },
    }  # fmt: skip


def best(tester: Tester, rules: ShiftRules) -> Found:
    """The cheapest shifts found for one day."""
    return _search(tester, rules, hurry=False).settle()


def soon(tester: Tester, rules: ShiftRules, rounds: int, begin: Plan | None = None) -> Found:
    """Shifts for one day in a hurry (see ``Search.soon``); ``begin``: a plan that is near (see ``Found.moved``)."""
    try:
        return _search(tester, rules, hurry=True, begin=begin).soon(rounds)
    except StaffError:
        search.possible(tester)  # says it more exactly if nothing can hold
        raise


def quick(tester: Tester, rules: ShiftRules, rounds: int) -> Found:
    """Shifts for one day within a minute, whatever skills people have (see ``Search.quick``)."""
    return _search(tester, rules, hurry=True).quick(rounds)


def _search(tester: Tester, rules: ShiftRules, *, hurry: bool, begin: Plan | None = None) -> Search:
    setting = tester.setting
    if begin is None:  # else a day like this one was possible
        search.possible(tester)
    choices = [patterns(len(setting.starts_s), setting.step_s, rules) for _ in setting.kinds]
    return Search(tester, choices, setting.days_of(SEARCH_SHOPPERS, 120, 400), hurry=hurry, begin=begin)


def covered(setting: Setting, plan: Plan, rules: ShiftRules) -> Shifts:
    """The cheapest shifts that have the people of a plan in every interval."""
    return tuple(tuple(cover(list(counts), setting.step_s, rules)) for counts in plan)


def checked(tester: Tester, shifts: Shifts, days: int) -> dict[str, Any]:
    """What days the search has not seen say about shifts."""
    return verdict(tester.setting, tester.days(crew_of_shifts(tester.setting, shifts), days, tester.setting.seed + CHECK_SEED))


def bad_day(setting: Setting, days: Floats) -> dict[str, Any]:
    """The same plan on the days whose arrivals are around the 90th percentile."""
    came = days[:, 0, :].sum(axis=1)
    low, high = np.quantile(came, BUSY)
    busy = days[(came >= low) & (came <= high)]
    said = verdict(setting, busy)
    return {"arrivals": float(busy[:, 0, :].sum(axis=1).mean()), "usual_arrivals": float(came.mean()),
            "unanswered_share": said["unanswered_share"], "worst_interval": said["worst_interval"]}  # fmt: skip


def one_more(tester: Tester, found: Found, hourly_cost: float) -> dict[str, Any]:
    """``marginal``: unanswered shoppers saved by one more hour of each kind in each slot; ``next_euro``: where it saves most."""
    setting = tester.setting
    saved = -nudges(tester, found.plan, 1)[0][0]  # (interval, kind, interval of the change), in shoppers a day
    per_hour = np.maximum(saved.sum(axis=0), 0.0) * 3600 / setting.step_s
    slots = [
        {"start_min": start / 60, "saved_per_hour": {kind.name: float(per_hour[k, i]) for k, kind in enumerate(setting.kinds)}}
        for i, start in enumerate(setting.starts_s)
    ]  # fmt: skip
    k, i = np.unravel_index(int(per_hour.argmax()), per_hour.shape)
    most = float(per_hour[k, i])
    best_slot = {"start_min": setting.starts_s[i] / 60, "kind": setting.kinds[k].name, "saved_per_hour": most,
                 "cost_per_shopper_saved": hourly_cost / most if most > 0 else None}  # fmt: skip
    return {"marginal": slots, "next_euro": best_slot}


def told(kind: str, skills: tuple[str, ...], shift: Shift) -> dict[str, Any]:
    """A shift as the reports say it, in minutes of the day."""
    pause = [shift.pause[0] / 60, shift.pause[1] / 60] if shift.pause else None
    return {"kind": kind, "skills": list(skills), "start_min": shift.start_s / 60, "end_min": shift.end_s / 60, "break_min": pause,
            "paid_hours": shift.paid_hours}  # fmt: skip
