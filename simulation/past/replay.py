"""``avous replay``: a recorded day through the same rules, with simulated time.

The shoppers of the log come when they came, want what they wanted and stay as long as they stayed: a shopper
who left has the patience recorded; one who was served waits as long as it takes (that they would have left
later is not in the log). Service times are the recorded ones; a shopper who left in the log and is reached in
time by the rules gets one drawn from the same service and day. Who never came when called does not come here
either. Salespeople are those ``duty`` infers. What the rules decide is reported beside what really happened.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import log as ln
from typing import Any

import numpy as np

from server.rules.shopper_rules import STEPS_MAX
from simulation.past.day_clock import Clock, Waits, clock_of
from simulation.past.duty import Inferred, Served, infer
from simulation.past.visits import Problem, Row, Visits, visits_of
from simulation.scenario.distributions import Deterministic, Floats
from simulation.scenario.model import Scenario, Service, ShopperClass
from simulation.twin.crew import Crew, plan_of
from simulation.twin.demand import NEVER_S, Demand, Need
from simulation.twin.dispatchers import RulesDispatcher
from simulation.twin.log import ANSWERED, NEXT_STEP, VOID, Log
from simulation.twin.metrics import QUARTER_S
from simulation.twin.reference import Twin

OUTCOMES = ("answered", "left", "vanished", "closed", "void")
DOUBT_S, DOUBT_FACTOR = 1800.0, 4.0
SAME_MOMENT_S = 5.0  # a leg that goes on within this with the same salesperson is the same step
CARD = "card"
NO_PRIORITY = ("", "0")


@dataclass(frozen=True, slots=True)
class Leg:
    """One step of a visit in seconds of the day; several rows that were one service are one leg.

    ``guessed``: the log does not say when its wait ended.
    """

    line: int
    served: Served
    priority: str
    walking_s: float
    outcome: str
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """One day as it was: visits of legs, who was on duty, and what could not be taken as it stands."""

    day: date
    visits: tuple[tuple[Leg, ...], ...]
    crew: Inferred
    problems: tuple[Problem, ...]


Usual = Mapping[str, tuple[float, float]]
"""Per service, the median service time and the longest that is believed, in seconds."""


def usual(visits: Visits) -> Usual:
    """What services usually take in this log; longer than four times the 95th percentile and half an hour is doubted."""
    lasted: dict[str, list[float]] = {}
    for row in visits.rows:
        if row.started_at is not None and row.finished_at is not None:
            lasted.setdefault(row.service, []).append((row.finished_at - row.started_at).total_seconds())
    return {s: (float(np.median(x)), max(DOUBT_S, DOUBT_FACTOR * float(np.quantile(x, 0.95)))) for s, x in lasted.items()}


def recorded(day: date, rows: list[Row], usually: Usual) -> Recorded:
    """A day of the log, ready to be replayed."""
    problems: list[Problem] = []
    clock = clock_of(day, rows)
    waits = Waits.of(rows, clock)
    visits = [part for visit in visits_of(rows) for part in _parts(_legs(visit, clock, waits, usually, problems), problems)]
    visits.sort(key=lambda legs: legs[0].served.joined)
    legs = [leg for visit in visits for leg in visit]
    steps = [replace(leg.served, goes_on=leg is not visit[-1]) for visit in visits for leg in visit]
    crew = infer(steps, [leg.served for leg in legs if leg.outcome == "vanished"])
    for position, end in crew.forgotten.items():
        leg = legs[position]
        problems.append(Problem(leg.line, f"{leg.served.salesperson} began with somebody else before finishing this visit; "
                                          f"taken as finished then, {leg.served.ended - end:.0f} s earlier", kept=True))  # fmt: skip
    return Recorded(day, tuple(visits), crew, tuple(sorted(problems)))


def _legs(rows: list[Row], clock: Clock, waits: Waits, usually: Usual, problems: list[Problem]) -> list[Leg]:
    """The steps of a visit. Only the last can end it: one before, with whatever outcome, was served or is left out."""
    legs: list[Leg] = []
    for row in rows:
        last = row is rows[-1]
        if not (last or row.served):
            problems.append(Problem(row.line, f"was {row.outcome}, but the visit went on; the step is left out"))
            continue
        leg = _finished(_leg(row, clock, waits, problems), usually, problems)
        if leg.outcome == VOID and not last:
            problems.append(Problem(row.line, "was served and then void, but the visit went on; taken as answered", kept=True))
            leg = replace(leg, outcome=ANSWERED)
        if legs and _continues(legs[-1], leg):
            before = legs.pop()
            began, ended = _around(before.served, leg.served)
            leg = replace(before, served=replace(before.served, began=began, ended=ended))
        legs.append(leg)
    return legs


def _around(a: Served, b: Served) -> tuple[float, float]:
    """From the first start to the last end of two that were served."""
    assert a.began is not None
    assert b.began is not None
    return min(a.began, b.began), max(a.ended, b.ended)


def _continues(before: Leg, leg: Leg) -> bool:
    """Whether a leg is the same service going on: at once, for the same thing, by the same person, to the same end."""
    a, b = before.served, leg.served
    same = before.outcome == leg.outcome and a.service == b.service and a.salesperson == b.salesperson and a.began is not None
    return same and b.began is not None and b.began - a.ended <= SAME_MOMENT_S


def _leg(row: Row, clock: Clock, waits: Waits, problems: list[Problem]) -> Leg:
    joined = clock(row.joined_at)
    if row.started_at is not None and row.finished_at is not None:
        began, ended = clock(row.started_at), clock(row.finished_at)
        walking_s = 0.0 if row.called_at is None else began - clock(row.called_at)
        outcome = row.outcome if row.outcome == VOID else ANSWERED
        return Leg(row.line, Served(row.service, joined, began, ended, row.salesperson), row.priority, walking_s, outcome)
    ended = waits.ended(row, clock, problems) if row.left_at is None else clock(row.left_at)
    return Leg(row.line, Served(row.service, joined, None, ended, ""), row.priority, 0.0, row.outcome, guessed=row.left_at is None)


def _finished(leg: Leg, usually: Usual, problems: list[Problem]) -> Leg:
    """The leg with the usual length where nobody can have pressed Finish in time."""
    served = leg.served
    if served.began is None or served.ended - served.began <= usually[served.service][1]:
        return leg
    typical_s = usually[served.service][0]
    problems.append(Problem(leg.line, f"lasted {(served.ended - served.began) / 60:.0f} min, far beyond the usual {typical_s / 60:.0f}: "
                                      "nobody pressed Finish; taken as of the usual length", kept=True))  # fmt: skip
    return replace(leg, served=replace(served, ended=served.began + typical_s))


def _parts(legs: list[Leg], problems: list[Problem]) -> list[tuple[Leg, ...]]:
    """A visit of more steps than the rules allow goes on as another ticket."""
    for leg in legs[STEPS_MAX::STEPS_MAX]:
        problems.append(Problem(leg.line, f"is step {STEPS_MAX + 1} or more of one visit; goes on as another ticket", kept=True))
    return [tuple(legs[i : i + STEPS_MAX]) for i in range(0, len(legs), STEPS_MAX)]


# -- through the rules -------------------------------------------------------------------------------------


def demand_of(past: Recorded, seed: int = 1, replication: int = 0, *, censored: bool = False) -> Demand:
    """The day's shoppers as the twin takes them; another replication draws what the log does not say anew.

    With ``censored`` a shopper who was served would have left some time after: their patience is the recorded wait
    and an exponential of the mean patience of that service and day (leavers over seconds waited). Else it is endless.
    """
    rng, drawn = np.random.default_rng([seed, past.day.toordinal(), replication]), _recorded_work(past)
    leaving = _leaving_rate(past) if censored else {}
    demand, position = Demand([], []), 0
    for visitor, legs in enumerate(past.visits):
        needs = []
        for step, leg in enumerate(legs):
            served, lasts_s = leg.served, past.crew.work_s.get(position)
            chance = rng.random(2)
            if lasts_s is None:
                values = drawn.get(served.service) or drawn[""]
                lasts_s = values[int(chance[0] * len(values))]
            needs.append(Need(served.service, lasts_s, _patience(leg, leaving.get(served.service, 0.0), float(chance[1])), leg.walking_s))
            if leg.outcome in ("vanished", "void"):
                demand.absent[visitor] = step
                if leg.outcome == VOID:
                    demand.void_at[visitor] = served.ended
            position += 1
        demand.at.append(legs[0].served.joined)
        demand.needs.append(needs[0])
        demand.later[visitor] = tuple(needs[1:])
        if legs[0].priority not in (*NO_PRIORITY, CARD):
            demand.standing[visitor] = legs[0].priority
    demand.cards = frozenset(i for i, legs in enumerate(past.visits) if legs[0].priority == CARD)
    return demand


def _patience(leg: Leg, leaving_rate: float, chance: float) -> float:
    if leg.outcome == "left":
        return leg.served.ended - leg.served.joined
    if leg.served.began is None or leaving_rate <= 0:
        return NEVER_S
    return leg.served.began - leg.served.joined - ln(1 - chance) / leaving_rate


def _leaving_rate(past: Recorded) -> dict[str, float]:
    """Per service, leavers over seconds waited by all: the estimate of an exponential from censored data."""
    left, waited = dict[str, int](), dict[str, float]()
    for leg in (leg for visit in past.visits for leg in visit if leg.outcome in ("left", ANSWERED)):
        name, until = leg.served.service, leg.served.ended if leg.served.began is None else leg.served.began
        left[name] = left.get(name, 0) + (leg.outcome == "left")
        waited[name] = waited.get(name, 0.0) + until - leg.served.joined
    return {name: left[name] / waited[name] for name in left if waited[name] > 0}


def _recorded_work(past: Recorded) -> dict[str, list[float]]:
    """Service times of the day per service, and of all under ""; something even on a day when nobody was served."""
    work: dict[str, list[float]] = {"": []}
    legs = [leg for visit in past.visits for leg in visit]
    for position, lasts_s in past.crew.work_s.items():
        work.setdefault(legs[position].served.service, []).append(lasts_s)
        work[""].append(lasts_s)
    return work if work[""] else {"": [300.0]}


def scenario_of(past: Recorded, head_starts: Mapping[str, float] | None = None) -> Scenario:
    """The recorded day as a scenario, from midnight to the quarter hour after its last event; priorities become classes."""
    legs = [leg for visit in past.visits for leg in visit]
    classes = {leg.priority: 0.0 for leg in legs if leg.priority not in (*NO_PRIORITY, CARD)} | dict(head_starts or {})
    ends = [max(leg.served.joined, leg.served.ended) for leg in legs]
    return Scenario(
        name=past.day.isoformat(), horizon_s=QUARTER_S * (max(ends, default=0.0) // QUARTER_S + 1),
        services={name: Service(name, ((0.0, 0.0),), Deterministic(0.0)) for name in dict.fromkeys(leg.served.service for leg in legs)},
        classes={name: ShopperClass(0.0, seconds) for name, seconds in classes.items()},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the rules did with a recorded day: the twin's log and the accounts of the rules themselves."""

    log: Log
    accounts: dict[str, int]
    dispatcher: RulesDispatcher


def replay_day(past: Recorded, head_starts: Mapping[str, float] | None = None, seed: int = 1, *, keep: bool = False) -> Replayed:
    """Play a recorded day through the rules. With ``keep`` the dispatcher has every command and event."""
    demand, crew, scenario = demand_of(past, seed), Crew(past.crew.members, {}), scenario_of(past, head_starts)
    dispatcher = RulesDispatcher(plan_of(scenario, crew), crew.members, demand, keep=keep)
    log = Twin(crew, demand, dispatcher, scenario.horizon_s).run()
    return Replayed(log, dispatcher.day.accounts, dispatcher)


# -- the report ---------------------------------------------------------------------------------------------


def replay(
    visits: Visits, days: list[date] | None = None, head_starts: Mapping[str, float] | None = None, seed: int = 1,
    done: Callable[[int], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The report of ``avous replay``: per day and in all, what really happened and what the rules decided."""
    problems, reports, pairs, usually = list(visits.problems), [], [], usual(visits)
    for number, (day, rows) in enumerate((d, r) for d, r in visits.days().items() if days is None or d in days):
        past = recorded(day, rows, usually)
        problems += past.problems
        replayed = replay_day(past, head_starts, seed)
        pairs.append((_really(past), _decided(replayed)))
        reports.append({
            "day": day.isoformat(), "visits": len(past.visits), "steps": len(rows),
            "salespeople": len(past.crew.members) - past.crew.unknown, "unknown_salespeople_visits": past.crew.unknown,
            "recorded": _account(*pairs[-1][0]), "decided": _account(*pairs[-1][1]),
        })  # fmt: skip
        if done is not None:
            done(number + 1)
    return {
        "days": reports,
        "total": {
            "recorded": _account(*_joined([a for a, _ in pairs])),
            "decided": _account(*_joined([b for _, b in pairs])),
        },
        "problems": [{"line": p.line, "reason": p.reason, "kept": p.kept} for p in sorted(problems)],
        "extra_columns": list(visits.extra_columns),
    }


Outcomes = tuple[dict[str, int], Floats, Floats]
"""How many of each outcome, waits of all who joined, waits of the answered."""


def _really(past: Recorded) -> Outcomes:
    counts = dict.fromkeys(OUTCOMES, 0)
    waits, answered = [], []
    for visit in past.visits:
        outcome = visit[-1].outcome
        counts[outcome] += 1
        wait_s = sum((s.ended if s.began is None else s.began) - s.joined for s in (leg.served for leg in visit))
        if outcome != VOID and not any(leg.guessed for leg in visit):
            waits.append(wait_s)
            if outcome == ANSWERED:
                answered.append(wait_s)
    return counts, np.array(waits), np.array(answered)


def _decided(replayed: Replayed) -> Outcomes:
    log = replayed.log
    waits: dict[int, float] = {}
    last: dict[int, str] = {}
    for visitor, queued_at, ended_at, outcome in zip(log.visitor, log.queued_at, log.ended_at, log.outcome, strict=True):
        waits[visitor] = waits.get(visitor, 0.0) + ended_at - queued_at
        last[visitor] = ANSWERED if outcome == NEXT_STEP else outcome
    counts = {name: replayed.accounts[name] for name in OUTCOMES}
    joined = np.array([w for v, w in waits.items() if last[v] != VOID])
    return counts, joined, np.array([w for v, w in waits.items() if last[v] == ANSWERED])


def _joined(days: list[Outcomes]) -> Outcomes:
    empty = np.empty(0)
    counts = {name: sum(day[0][name] for day in days) for name in OUTCOMES}
    return counts, np.concatenate([empty, *(d[1] for d in days)]), np.concatenate([empty, *(d[2] for d in days)])


def _account(counts: dict[str, int], waits: Floats, answered: Floats) -> dict[str, Any]:
    """Counts, shares that add up to 1, and waits in seconds."""
    joined = sum(counts.values())
    unanswered = counts["left"] + counts["vanished"] + counts["closed"]
    quantiles = np.quantile(answered, [0.5, 0.9]).tolist() if len(answered) else [None, None]
    return {
        "joined": joined, **counts, "shares": {name: n / joined if joined else 0.0 for name, n in counts.items()},
        "unanswered_share": unanswered / joined if joined else 0.0, "wait_mean_s": float(waits.mean()) if len(waits) else None,
        "wait_answered_mean_s": float(answered.mean()) if len(answered) else None, "wait_p50_s": quantiles[0], "wait_p90_s": quantiles[1],
    }  # fmt: skip
