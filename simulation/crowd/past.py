"""A past for a store that has none: days before today, played by the twin, so that the staffing lab has what to learn from.

For the demonstration only. The same demand as the live crowd's, with busier and quieter weekdays.
"""

from datetime import date, datetime, time, timedelta
from math import gamma, isnan, log
from pathlib import Path

from simulation.crowd.demand import Demand, Need, Worker
from simulation.crowd.shape import arrival_rate
from simulation.past.visits import Row, Visits
from simulation.scenario.distributions import Exponential, Lognormal, Weibull
from simulation.scenario.model import HOUR_S, Salesperson, Scenario, Service, ShopperClass
from simulation.twin.crew import crew_of
from simulation.twin.demand import Demand as Shoppers
from simulation.twin.demand import draw
from simulation.twin.log import ANSWERED, NEXT_STEP, Log
from simulation.twin.simulate import play_day

DAYS = 28
WEEKDAYS = (0.85, 0.8, 1.0, 0.9, 1.05, 1.45, 0.95)  # Monday to Sunday
DAY_CV = 0.08
SLOT_S = 1800.0
TALK_CV = 1.0
PATIENCE_SHAPE = 0.79  # see crowd.shape


def past(demand: Demand, skills: dict[str, tuple[str, ...]], until: date, days: int = DAYS, seed: int = 1) -> Visits:
    """Visits of the ``days`` before ``until``; ``skills`` as in the store's file. The same seed gives the same past."""
    rows: list[Row] = []
    for number in range(days):
        day = until - timedelta(days=days - number)
        scenario = _scenario(demand, skills, WEEKDAYS[day.weekday()])
        crew, shoppers = crew_of(scenario), draw(scenario, seed, day.toordinal())
        rows += _rows(day, demand.opens_s, play_day(scenario, crew, shoppers), [m.id for m in crew.members], shoppers)
    return Visits(rows, [])


def written(visits: Visits, path: Path) -> None:
    """The past as a Visits CSV."""
    from simulation.past.visits import text

    path.write_text(text(visits.rows), encoding="utf-8")


def _scenario(demand: Demand, skills: dict[str, tuple[str, ...]], factor: float) -> Scenario:
    opens, closes = demand.opens_s, demand.closes_s
    people = {name: _person(name, skills[name], worker, opens, closes) for name, worker in demand.workers.items() if name in skills}
    return Scenario(
        name="past", horizon_s=closes - opens, opens_at_s=opens, day_cv=DAY_CV, close="drain", card_share=demand.habits.card,
        classes={"member": ShopperClass(demand.habits.member, 300.0)}, salespeople=people,
        services={name: _service(name, need, demand, factor) for name, need in demand.needs.items()},
    )  # fmt: skip


def _service(name: str, need: Need, demand: Demand, factor: float) -> Service:
    opens, closes = demand.opens_s, demand.closes_s
    slots = [k * SLOT_S for k in range(int((closes - opens) // SLOT_S))]
    rates = tuple((t, factor * need.share * arrival_rate(opens + t, opens, closes, demand.per_hour) / HOUR_S) for t in slots)
    scale = need.patience_s / log(2) ** (1 / PATIENCE_SHAPE)
    return Service(
        id=name, rates=rates, service_time=Lognormal(need.mean_s, TALK_CV), walking=Exponential(demand.habits.walking_s),
        patience=Weibull(scale * gamma(1 + 1 / PATIENCE_SHAPE), PATIENCE_SHAPE), next={**need.planned, **need.added},
    )  # fmt: skip


def _person(name: str, skills: tuple[str, ...], worker: Worker, opens: float, closes: float) -> Salesperson:
    """Shifts without the breaks, in seconds after opening."""
    spans, since = [], max(worker.from_s, opens)
    for at, lasts in sorted(worker.breaks):
        spans.append((since - opens, at - opens))
        since = at + lasts
    spans.append((since - opens, min(worker.until_s, closes) - opens))
    return Salesperson(name, skills, dict.fromkeys(skills, worker.speed), tuple(span for span in spans if span[1] > span[0]))


def _rows(day: date, opens_s: float, log: Log, people: list[str], shoppers: Shoppers) -> list[Row]:
    """The log of a simulated day as rows of a Visits CSV."""
    midnight = datetime.combine(day, time())

    def at(seconds: float) -> datetime | None:
        return None if isnan(seconds) else midnight + timedelta(seconds=round(opens_s + seconds, 3))

    rows = []
    for i, visitor in enumerate(log.visitor):
        served = log.outcome[i] in (ANSWERED, NEXT_STEP)
        joined = at(log.queued_at[i])
        assert joined is not None
        rows.append(Row(
            i + 1, day, str(visitor + 1), log.step[i] + 1, log.service[i],
            "card" if visitor in shoppers.cards else shoppers.standing.get(visitor, ""), joined,
            at(log.called_at[i]) if served else None, at(log.started_at[i]) if served else None,
            at(log.finished_at[i]) if served else None, None if served else at(log.ended_at[i]),
            ANSWERED if served else log.outcome[i], people[log.person[i]] if served else "",
        ))  # fmt: skip
    return rows
