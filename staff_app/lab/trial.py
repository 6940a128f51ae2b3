"""Settings tried on the days of last week before they count: the same shoppers, twice.

The order in force and the one proposed; or nobody asked to come closer, and the early call as proposed.
"""

from concurrent.futures import Executor
from datetime import timedelta
from functools import partial
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.history import visits_of
from server.live.stores import StoreConfig
from server.rules.plan import DayPlan, Timings
from server.web import answers, bodies, limits, settling
from server.web.api_settings import SETTINGS, Change
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import house
from simulation.past import closer
from simulation.past.policy import Policy, Shopper, compared, day_under
from simulation.past.replay import usual
from simulation.past.visits import Visits
from staff_app.lab import shapes
from staff_app.lab.runs import Result, Run, Runs, TooManyRuns

TRIED_DAYS = 7
RETRY_S = 5.0


class Trial(Change):
    """Settings to be tried: the ``order`` they make, or what their ``early`` call saves."""

    what: Literal["order", "early"] = "order"


async def tried(request: Request) -> Response:
    """Play the last recorded days with these settings; the answer is asked for under the run's id, as in the lab."""
    body = await bodies.read(request, Trial, limits.SETTINGS_BYTES)
    rooms, session = house(request), request.state.session
    config = rooms.live.store(session.store)
    proposed = settling.read(rooms, session.store, body.settings)
    today = config.business_day(rooms.live.clock.now())
    first, last = today - timedelta(days=TRIED_DAYS), today - timedelta(days=1)
    visits = await visits_of(rooms.live.journal, config, first.isoformat(), last.isoformat())
    if not visits.rows:
        raise Problem("lab_impossible", {"why": "no recorded day in the last week"})
    runs: Runs = request.app.state.lab.runs
    policy = policy_of(proposed)
    if body.what == "early":
        job = partial(played_early, visits, policy, early_of(proposed, rooms.live.day(session.store).plan))
    else:
        job = partial(played, visits, policy_of(config), policy)
    try:
        run = runs.start(str(body.id), (session.store, session.person), len(visits.days()), job)
    except TooManyRuns:
        raise Problem("busy", retry_after_s=RETRY_S) from None
    told = shapes.RunView(run=run.id, state=run.state, done=run.done, total=run.total, trouble="", result=None)
    return answers.json(told.model_dump(), 202)


def played(visits: Visits, before: Policy, after: Policy, pool: Executor, run: Run) -> Result:
    """Each day under both policies, a day at a time."""
    usually, sides = usual(visits), (list[Shopper](), list[Shopper]())
    for number, (day, rows) in enumerate(visits.days().items(), 1):
        for side, shoppers in zip(sides, pool.submit(day_under, (before, after), day, rows, usually).result(), strict=True):
            side += shoppers
        run.told(number)
    return compared(*sides, days=len(visits.days()))


def played_early(visits: Visits, policy: Policy, early: closer.Early, pool: Executor, run: Run) -> Result:
    """Each day without and with the early call, a day at a time."""
    usually, days = usual(visits), {}
    for number, (day, rows) in enumerate(visits.days().items(), 1):
        days[day] = pool.submit(closer.day_both, policy, early, day, rows, usually).result()
        run.told(number)
    return closer.compared(days)


def early_of(config: StoreConfig, plan: DayPlan) -> closer.Early:
    """When these settings would invite, by what the store has learned of its services."""
    timings = Timings(**config.timings.model_dump(exclude_none=True))
    typical_s = {id: service.typical_s for id, service in plan.services.items()}
    walking_s = {id: service.walking_s for id, service in plan.services.items()}
    return closer.Early(timings.early_from_s, timings.early_s, typical_s, walking_s)


def policy_of(config: StoreConfig) -> Policy:
    """What of a store's settings decides the order."""
    return Policy(
        ranks={id: service.rank for id, service in config.services.items()},
        head_starts_s={id: service.head_start_s for id, service in config.services.items()},
        classes_s=dict(config.classes),
        skills={id: tuple(person.skills) for id, person in config.salespeople.items()},
    )


def routes() -> list[BaseRoute]:
    """One question, answered by the lab's runs."""
    return [door(f"{SETTINGS}/trial", tried, Who.MANAGER, "POST", about=About(shapes.RunView, Trial, 202))]
