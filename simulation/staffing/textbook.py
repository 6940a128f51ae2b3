"""The rules of the textbook: a formula per interval, made safe by taking the worst of the interval.

*SIPP* (stationary, independent, period by period) staffs an interval for the arrival rate in it; *lag* for the rate a mean service
time earlier, because that is when the load is felt; *MOL* (modified offered load) for the number that would be busy if nobody
ever waited. The *max* variants take the largest value inside the interval, which is why they are called always safe (Green, Kolesar and
Soares, Operations Research 49, 2001; Feldman, Mandelbaum, Massey and Whitt, Management Science 54, 2008). Every one asks
Erlang-A for the fewest people whose leaving share is within the target. They are what the search is compared with, and where it starts.
"""

from simulation.staffing.erlang import load_of, required
from simulation.staffing.problem import Plan, Setting

RULES = ("SIPP max", "lag max", "MOL max")


def plan_of(setting: Setting, rule: str, stricter: float = 1.0) -> Plan:
    """The plan of one of ``RULES`` for ``stricter`` times the target, every service given to the people with the fewest other skills."""
    homes: dict[int, list[str]] = {}
    for name in setting.scenario.services:
        able = [k for k, kind in enumerate(setting.kinds) if name in kind.skills]
        if able:
            homes.setdefault(able[0], []).append(name)
    plan = []
    for k, kind in enumerate(setting.kinds):
        load = load_of(setting.scenario, tuple(homes.get(k, ())), dict(kind.speeds), rule.split()[0])
        plan.append(tuple(required(load, setting.starts_s, setting.step_s, setting.target * stricter)))
    return tuple(plan)
