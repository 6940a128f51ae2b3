"""Settings tried on the days of last week before they count: the same shoppers, the order in force and the one proposed."""

from concurrent.futures import Executor
from datetime import timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.history import visits_of
from server.live.stores import StoreConfig
from server.web import answers, bodies, limits, settling
from server.web.api_settings import SETTINGS, Change
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import house
from simulation.past.policy import Policy, Shopper, compared, day_under
from simulation.past.replay import usual
from simulation.past.visits import Visits
from staff_app.lab import shapes
from staff_app.lab.runs import Result, Run, Runs, TooManyRuns

TRIED_DAYS = 7
RETRY_S = 5.0


async def tried(request: Request) -> Response:
    """Play the last recorded days with these settings; the answer is asked for under the run's id, as in the lab."""
    body = await bodies.read(request, Change, limits.SETTINGS_BYTES)
    rooms, session = house(request), request.state.session
    config = rooms.live.store(session.store)
    proposed = settling.read(rooms, session.store, body.settings)
    today = config.business_day(rooms.live.clock.now())
    first, last = today - timedelta(days=TRIED_DAYS), today - timedelta(days=1)
    visits = await visits_of(rooms.live.journal, config, first.isoformat(), last.isoformat())
    if not visits.rows:
        raise Problem("lab_impossible", {"why": "no recorded day in the last week"})
    runs: Runs = request.app.state.lab.runs
    job = partial(played, visits, policy_of(config), policy_of(proposed))
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
    return [door(f"{SETTINGS}/trial", tried, Who.MANAGER, "POST", about=About(shapes.RunView, Change, 202))]
