"""The lab over HTTP: days on the table, runs of the twin, rosters to take away. For managers of the store only."""

import asyncio
import hashlib
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

from babel.dates import get_day_names
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.history import country_of, known_of, visits_of
from server.journal.accounts import Session
from server.live.stores import StoreConfig
from server.web import answers, bodies, i18n
from server.web.files import cached
from server.web.pages import language_of
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import house
from simulation import lab
from simulation.charts.words import ENGLISH, Words
from simulation.past.visits import Visits
from staff_app.lab import exports, shapes, work
from staff_app.lab.runs import Run, Runs, TooManyRuns

LAB = "/api/v1/stores/{store}/lab"
HISTORY_DAYS, RECORDED_DAYS, COMING_DAYS = 84, 14, 7
DESKS_MAX = 12
BUSY_RETRY_S = 5.0
VEGA_WITHIN_S = 120.0


class Lab:
    """What the lab keeps while the server runs: its runs, the days on the table, the drawing script."""

    def __init__(self) -> None:
        self.runs = Runs()
        self._desks: OrderedDict[tuple[str, str, str], asyncio.Task[lab.Desk]] = OrderedDict()
        self._script: tuple[str, bytes] | None = None
        self._making = asyncio.Lock()

    async def desk(self, request: Request, config: StoreConfig, choice: str) -> lab.Desk:
        """The day on the table, learned once a business day. Problem when it cannot be."""
        today = config.business_day(house(request).live.clock.now())
        key = (config.id, choice, today.isoformat())
        if key not in self._desks or (self._desks[key].done() and self._desks[key].exception() is not None):
            self._desks[key] = asyncio.create_task(self._learned(request, config, choice))
        self._desks.move_to_end(key)
        while len(self._desks) > DESKS_MAX:
            self._desks.popitem(last=False)
        return await asyncio.shield(self._desks[key])  # who asked may be gone before it is learned; the next one finds it

    async def _learned(self, request: Request, config: StoreConfig, choice: str) -> lab.Desk:
        recorded, day = choice.startswith("past-"), _date(choice[5:])
        visits = await _history(request, config)
        known = None if recorded else known_of(config, day)
        try:
            found: lab.Desk = await self.runs.ask(work.desk, visits, day, recorded, known, country_of(config))
        except ValueError as impossible:
            raise Problem("lab_impossible", {"why": str(impossible)}) from None
        return found

    async def script(self) -> tuple[str, bytes]:
        """(etag, Vega with its embedding), made once by a process of its own. Problem when the extra is not installed."""
        async with self._making:
            if self._script is None:
                code = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle().encode())"
                made = await asyncio.create_subprocess_exec(
                    sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
                )
                body, _ = await asyncio.wait_for(made.communicate(), VEGA_WITHIN_S)
                if made.returncode:
                    raise Problem("not_installed", {"extra": "charts"})
                self._script = (f'"{hashlib.sha256(body).hexdigest()[:16]}"', body)
            return self._script


@asynccontextmanager
async def opened(app: Starlette) -> AsyncIterator[None]:
    """The lab of an application, for as long as it serves."""
    app.state.lab = Lab()
    try:
        yield
    finally:
        await app.state.lab.runs.close()


def _lab(request: Request) -> Lab:
    found = request.app.state.lab
    assert isinstance(found, Lab)
    return found


async def overview(request: Request) -> Response:
    """What can be tried: the days to come, and the days recorded."""
    config = _store(request)
    visits = await _history(request, config)
    if not visits.rows:
        return answers.json(shapes.LabView(days=[], missing="no_history", pictures=work.pictures()).model_dump())
    today = config.business_day(house(request).live.clock.now())
    coming = [day for k in range(1, COMING_DAYS + 1) if known_of(config, day := today + timedelta(days=k)).opens_at_s is not None]
    days = [shapes.DayChoice(id=f"plan-{day}", day=day.isoformat(), recorded=False) for day in coming]
    days += [
        shapes.DayChoice(id=f"past-{day}", day=day.isoformat(), recorded=True) for day in reversed(list(visits.days())[-RECORDED_DAYS:])
    ]
    return answers.json(shapes.LabView(days=days, pictures=work.pictures()).model_dump())


async def week(request: Request) -> Response:
    """Unanswered shoppers of the last weeks by weekday and hour, as a picture."""
    language = language_of(request)
    names = get_day_names("abbreviated", locale=language)
    visits = await _history(request, _store(request))
    spec = await _lab(request).runs.ask(work.week, visits, [names[k] for k in range(7)], _words(language))
    return answers.json(shapes.Picture(spec=spec).model_dump())


async def desk(request: Request) -> Response:
    """A day on the table."""
    choice = _choice(request.path_params["choice"])
    found = await _lab(request).desk(request, _store(request), choice)
    return answers.json(shapes.DeskView(choice=choice, desk=lab.shown(found)).model_dump())


async def ask(request: Request) -> Response:
    """Try a plan, or have one suggested; the answer is asked for under the run's id."""
    body = await bodies.read(request, shapes.Ask)
    config = _store(request)
    table = await _lab(request).desk(request, config, body.choice)
    try:
        counts = lab.checked(table, body.counts)
    except lab.LabError as wrong:
        raise Problem("lab_impossible", {"why": str(wrong)}) from None
    total = work.REPLICATIONS if body.what == "try" else work.SUGGEST_TOTAL
    job = work.job(body.what, table, counts, body.target, body.hourly_cost, _words(body.language), _names(config, body.language))
    try:
        run = _lab(request).runs.start(str(body.id), _owner(request), total, job)
    except TooManyRuns:
        raise Problem("busy", retry_after_s=BUSY_RETRY_S) from None
    return answers.json(_told(run), 202)


async def look(request: Request) -> Response:
    """How far a run is, and what is known so far."""
    return answers.json(_told(_run(request)))


async def stop(request: Request) -> Response:
    """End a run; asking again for one that is over changes nothing."""
    await bodies.read(request, bodies.Command)
    run = _run(request)
    run.stop = True
    return answers.json(_told(run))


async def roster(request: Request) -> Response:
    """Shifts as a file: CSV, or iCalendar."""
    config, body = _store(request), await bodies.read(request, shapes.Roster)
    table = await _lab(request).desk(request, config, body.choice)
    day, shifts = _date(body.choice[5:]), [shift.model_dump() for shift in body.shifts]
    if body.format == "csv":
        text, kind = exports.as_csv(day, table.case.opens_at_s, shifts), "text/csv; charset=utf-8"
    else:
        made_at = house(request).wall.now()
        text, kind = (
            exports.as_calendar(day, table.case.opens_at_s, shifts, config.zone, config.id, made_at),
            "text/calendar; charset=utf-8",
        )
    return Response(text, 200, {"Content-Disposition": f'attachment; filename="{config.id}-{day}.{body.format}"'}, kind)


async def compare(request: Request) -> Response:
    """Saved plans as one picture: cost against unanswered."""
    body = await bodies.read(request, shapes.Compare)
    points = [point.model_dump() for point in body.points]
    spec = await _lab(request).runs.ask(work.compared, points, _words(body.language))
    return answers.json(shapes.Picture(spec=spec).model_dump())


async def vega(request: Request) -> Response:
    """The script that draws the pictures, with its own interpreter: the page's policy allows no evaluated text."""
    if not work.pictures():
        raise Problem("not_installed", {"extra": "charts"})
    etag, body = await _lab(request).script()
    return cached(request, body, etag, "text/javascript")


def routes() -> list[BaseRoute]:
    """The lab's API, and the drawing script."""
    return [
        door(LAB, overview, Who.VIEWER, about=About(shapes.LabView)),
        door(f"{LAB}/week", week, Who.VIEWER, about=About(shapes.Picture)),
        door(f"{LAB}/desks/{{choice}}", desk, Who.VIEWER, about=About(shapes.DeskView)),
        door(f"{LAB}/runs", ask, Who.MANAGER, "POST", about=About(shapes.RunView, shapes.Ask, 202)),
        door(f"{LAB}/runs/{{run}}", look, Who.VIEWER, about=About(shapes.RunView)),
        door(f"{LAB}/runs/{{run}}/stop", stop, Who.MANAGER, "POST", about=About(shapes.RunView, bodies.Command)),
        door(f"{LAB}/roster", roster, Who.MANAGER, "POST"),
        door(f"{LAB}/compare", compare, Who.MANAGER, "POST", about=About(shapes.Picture, shapes.Compare)),
        door("/lab/vega.js", vega, Who.PUBLIC),
    ]


async def _history(request: Request, config: StoreConfig) -> Visits:
    """Finished days of the last weeks, without today's, which is not over."""
    today = config.business_day(house(request).live.clock.now())
    first, last = today - timedelta(days=HISTORY_DAYS), today - timedelta(days=1)
    return await visits_of(house(request).live.journal, config, first.isoformat(), last.isoformat())


def _store(request: Request) -> StoreConfig:
    current: Session = request.state.session
    return house(request).live.store(current.store)


def _owner(request: Request) -> tuple[str, str]:
    current: Session = request.state.session
    return current.store, current.person


def _run(request: Request) -> Run:
    run = _lab(request).runs.find(request.path_params["run"], _owner(request))
    if run is None:
        raise Problem("not_found")
    return run


def _told(run: Run) -> dict[str, Any]:
    result = run.result if run.result is not None else run.partial
    return shapes.RunView(run=run.id, state=run.state, done=run.done, total=run.total, trouble=run.trouble, result=result).model_dump()


def _choice(text: str) -> str:
    if text[:5] not in ("plan-", "past-"):
        raise Problem("not_found")
    _date(text[5:])
    return text


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem("not_found") from None


def _names(config: StoreConfig, language: str) -> dict[str, str]:
    people = {id: person.name for id, person in config.salespeople.items()}
    services = {f"service:{id}": s.labels.get(language) or next(iter(s.labels.values())) for id, s in config.services.items()}
    return {**people, **services}


def _words(language: str) -> Words:
    """The pictures' words in a language."""
    return {key: i18n.t(language, f"lab.chart_{key}") for key in ENGLISH}
