"""No estimate knows the future: change what comes later and every forecast made before is the same number."""

from dataclasses import replace

from server.waits.models import Fact
from simulation.bench.offered import OfferedDay, Shopper
from simulation.bench.waits_days import Job, _Watcher
from simulation.bench.waits_log import DayJob, forecast_day, refine
from simulation.past.recorded import Visit
from simulation.scenario.reading import loads
from simulation.twin.crew import crew_of, plan_of
from simulation.twin.demand import Demand, draw

TEXT = """
name = "future"
horizon_min = 300
[services.advice]
arrivals_per_hour = 26
service_time = {kind = "lognormal", mean_min = 10, cv = 0.8}
patience = {kind = "exponential", mean_min = 20}
[services.card]
arrivals_per_hour = 4
service_time = {kind = "lognormal", mean_min = 6, cv = 0.8}
rank = 1
[services.advice.appointments]
every_min = 30
from_min = 30
to_min = 280
early_sd_min = 5
[pools.staff]
count = 5
skills = ["advice", "card"]
"""
CUT_S = 2.5 * 3600.0


def _forecasts(demand: Demand) -> list[tuple[float, tuple[float, ...], tuple[float, ...]]]:
    """Every forecast of a day, in order: when, ours, and a baseline's."""
    scenario = loads(TEXT)
    watcher = _Watcher(Job(scenario, 3, 0, 60, oracle=True))
    crew, models = crew_of(scenario), watcher.beliefs.models
    plan = replace(plan_of(scenario, crew), closes_at=1e12)
    day = OfferedDay(
        scenario, plan, crew, demand, 14 * 86400.0, watcher.watch, watcher.observe, models.joined, models.slot, watcher.tell
    )  # fmt: skip
    day.run()
    return [(at, said["avous"], said["qla"]) for at, said in watcher.said.values()]


def test_a_simulated_day() -> None:
    usual = draw(loads(TEXT), 3, 1000)
    keep = sum(at < CUT_S for at in usual.at)
    other = draw(loads(TEXT), 99, 1000)
    later = [i for i, at in enumerate(other.at) if at >= CUT_S]
    changed = Demand(
        usual.at[:keep] + [other.at[i] for i in later], usual.needs[:keep] + [other.needs[i] for i in later],
        slots={i: s for i, s in usual.slots.items() if i < keep},
    )  # fmt: skip
    before = [one for one in _forecasts(replace(usual, slots={i: s for i, s in usual.slots.items() if i < keep})) if one[0] < CUT_S]
    after = [one for one in _forecasts(changed) if one[0] < CUT_S]
    assert len(before) > 20
    assert before == after


def test_what_those_waiting_and_served_will_do_is_not_known() -> None:
    """Work and patience still to come of shoppers who are already here may change as well."""
    usual = draw(loads(TEXT), 3, 1000)
    sims: list[tuple[OfferedDay, list[str]]] = []
    for factor in (1.0, 1.7):
        scenario = loads(TEXT)
        crew = crew_of(scenario)
        told: list[str] = []
        plan = replace(plan_of(scenario, crew), closes_at=1e12)
        needs = [n._replace(work_s=n.work_s * factor, patience_s=n.patience_s * factor) if at >= CUT_S else n
                 for at, n in zip(usual.at, usual.needs, strict=True)]  # fmt: skip

        def watch(sim: OfferedDay, shopper: Shopper, told: list[str] = told) -> None:
            if sim.now <= CUT_S:
                told.append(repr((sim.situation(), sim.waiter(shopper))))

        sims.append((OfferedDay(scenario, plan, crew, replace(usual, needs=needs), watch=watch), told))
        sims[-1][0].run()
    assert sims[0][1] == sims[1][1]


def _log(seed: int, change_after: float | None) -> tuple[Visit, ...]:
    """A day of calls told by a simulated store; everything after an instant can be another day's."""
    scenario = loads(TEXT.replace("[services.advice.appointments]\nevery_min = 30\nfrom_min = 30\nto_min = 280\nearly_sd_min = 5\n", ""))
    crew = crew_of(scenario)
    facts: list[Fact] = []
    OfferedDay(scenario, plan_of(scenario, crew), crew, draw(scenario, seed, 0), learn=facts.append).run()
    visits = [Visit(f.service, "", f.joined_at, f.started_at, f.finished_at, f.left_at, f.outcome, f.salesperson or "") for f in facts]
    if change_after is None:
        return tuple(sorted(visits, key=lambda v: v.joined))
    kept = [_changed(v, change_after) for v in visits if v.joined < change_after]
    return tuple(sorted(kept, key=lambda v: v.joined))


def _changed(v: Visit, after: float) -> Visit:
    """What happened after the instant happens 400 seconds later, and nobody leaves."""
    began = v.began + 400.0 if v.began is not None and v.began > after else v.began
    finished = v.finished + 800.0 if v.finished is not None and v.finished > after else v.finished
    left = v.left + 900.0 if v.left is not None and v.left > after else v.left
    return replace(v, began=began, finished=finished, left=left)


def test_a_recorded_day() -> None:
    history = tuple(tuple(_shift(v, d * 86400.0) for v in _log(50 + d, None)) for d in range(3))
    told = []
    for change in (None, CUT_S):
        day = tuple(_shift(v, 3 * 86400.0) for v in _log(60, change))
        said = forecast_day(DayJob((*history, day), 3, 60, 1))
        refined = refine(said)
        told.append([(t.at, f.mean_s, f.points.tolist(), t.said) for t, f in zip(said, refined, strict=True) if t.at < 3 * 86400.0 + CUT_S])
    assert len(told[0]) > 20
    assert told[0] == told[1]


def _shift(v: Visit, by: float) -> Visit:
    return replace(
        v, joined=v.joined + by, began=None if v.began is None else v.began + by,
        finished=None if v.finished is None else v.finished + by, left=None if v.left is None else v.left + by,
    )  # fmt: skip
