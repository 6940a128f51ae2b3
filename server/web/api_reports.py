"""Reports: a period in figures for the manager, the same as files, and a salesperson's own figures for that salesperson."""

import asyncio
import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated

from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server import log
from server.journal import doors, facts, happenings
from server.journal.accounts import Session
from server.live.live import Live
from server.live.stores import StoreConfig
from server.reports.doors import BadCounts, read_counts
from server.reports.duty import KINDS, duty, together
from server.reports.report import report, salespeople
from server.reports.visits import Balked, Doors, Period, Rated, Read
from server.rules.events import ContentSeen, ShopperBalked, VisitRated
from server.web import answers, bodies, catalogue, limits, report_shapes
from server.web.api_shopper import STORE
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import House, house

WEEK, OWN_DAYS = 7, 28


class DoorFile(bodies.Command):
    """A CSV of what a counter at the door saw: ``day,hour,came``."""

    text: Annotated[str, StringConstraints(max_length=limits.DOORS_BYTES)]


async def figures(request: Request) -> Response:
    """A period (``?from=2026-11-16&to=2026-11-22``, a week up to today where nothing is said) and the days before it."""
    rooms, config = house(request), _store(request)
    days = _days(request, config)
    before = [day - timedelta(days=len(days)) for day in days]
    now, then = await period_of(rooms.live, config, days), await period_of(rooms.live, config, before)
    now = await with_floor(rooms.live, config, now)
    people, times = await asyncio.to_thread(salespeople, now), await asyncio.to_thread(duty, now, rooms.live.clock.now())
    found = await asyncio.to_thread(lambda: {"now": report(now), "before": report(then)})
    labels = {id: dict(service.labels) for id, service in config.services.items()}
    named = {"store": config.id, "name": config.name, "zone": config.zone, "labels": labels}
    return answers.json({**named, **found, "people": people | {"each": {}, "duty": together(times)}})


async def own_figures(request: Request) -> Response:
    """The caller's own finished visits of the last four weeks; nobody else can ask for them."""
    rooms, config = house(request), _store(request)
    current: Session = request.state.session
    period = await with_floor(rooms.live, config, await period_of(rooms.live, config, _span(_today(rooms, config), OWN_DAYS)))
    people = await asyncio.to_thread(salespeople, period)
    times = await asyncio.to_thread(duty, period, rooms.live.clock.now())
    own = people["each"].get(current.person)
    mine = {current.person: times[current.person]} if current.person in times else {}
    return answers.json({"days": list(period.days), "own": own and own | {"duty": together(mine)}})


async def take_doors(request: Request) -> Response:
    """Take in what a counter at the door saw; the same hour again replaces. Says how many hours of which days."""
    body = await bodies.read(request, DoorFile, limits.DOORS_BYTES + limits.BODY_BYTES)
    rooms, config, session = house(request), _store(request), request.state.session
    try:
        counts = [doors.DoorCount(*row) for row in read_counts(body.text)]
    except BadCounts as bad:
        raise Problem("bad_field", {"field": f"line {bad.line}", "problem": str(bad)}) from None
    await doors.put(rooms.live.journal, config.id, counts)
    log.get().info("doors_imported", store=config.id, person=session.person, count=len(counts))
    days = sorted({count.day for count in counts})
    return answers.json({"hours": len(counts), "first_day": days[0] if days else None, "last_day": days[-1] if days else None})


async def visits_csv(request: Request) -> Response:
    """The period's finished steps as Visits CSV."""
    config = _store(request)
    text = io.StringIO()
    csv.writer(text).writerows([facts.VISIT_COLUMNS, *await _rows(request, config)])
    return _file(text.getvalue().encode(), "text/csv; charset=utf-8", f"{config.id}.csv")


async def visits_parquet(request: Request) -> Response:
    """The same as Parquet, with instants as such; needs the extra ``parquet``."""
    config = _store(request)
    try:
        from server.reports.parquet import table_of
    except ImportError:
        raise Problem("not_installed", {"extra": "parquet"}) from None
    body = await asyncio.to_thread(table_of, facts.VISIT_COLUMNS, await _rows(request, config))
    return _file(body, "application/vnd.apache.parquet", f"{config.id}.parquet")


async def _rows(request: Request, config: StoreConfig) -> list[tuple[str, ...]]:
    """Without who served, for a file of single visits is a file of single people's work; ``avous export`` is the operator's."""
    days = _days(request, config)
    known = await facts.read(house(request).live.journal, config.id, str(days[0]), str(days[-1]))
    return list(facts.visit_rows(((day, replace(fact, salesperson=None)) for day, fact in known), config.zone))


async def period_of(live: Live, config: StoreConfig, days: Sequence[date]) -> Period:
    """What is recorded of these business days."""
    span = (str(days[0]), str(days[-1]))
    known = await facts.read(live.journal, config.id, *span)
    other = await happenings.read(live.journal, config.id, (ShopperBalked, VisitRated, ContentSeen), *span)
    return Period(
        config.zone, tuple(map(str, days)), known,
        balked=[Balked(day, event.at, event.service) for day, event in other if isinstance(event, ShopperBalked)],
        ratings=[Rated(day, event.ticket, event.stars) for day, event in other if isinstance(event, VisitRated)],
        read=[Read(day, event.ticket, event.item) for day, event in other if isinstance(event, ContentSeen)],
        doors=[Doors(*count) for count in await doors.read(live.journal, config.id, *span)],
    )  # fmt: skip


async def with_floor(live: Live, config: StoreConfig, period: Period) -> Period:
    """The same with what happened on the floor, which is many events and asked for where time on duty is told."""
    return replace(period, floor=await happenings.read(live.journal, config.id, KINDS, period.days[0], period.days[-1]))


def _store(request: Request) -> StoreConfig:
    return house(request).live.store(request.path_params["store"])


def _days(request: Request, config: StoreConfig) -> list[date]:
    """The days asked for, oldest first. Problem for a day that is none, or too many of them."""
    last = _day(request, "to") or _today(house(request), config)
    first = _day(request, "from") or last - timedelta(days=WEEK - 1)
    if not 0 <= (last - first).days < limits.REPORT_DAYS:
        raise Problem("bad_field", {"field": "from", "problem": f"the first of 1 to {limits.REPORT_DAYS} days up to the last"})
    return _span(last, (last - first).days + 1)


def _span(last: date, count: int) -> list[date]:
    return [last - timedelta(days=back) for back in reversed(range(count))]


def _day(request: Request, field: str) -> date | None:
    text = request.query_params.get(field)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem("bad_field", {"field": field, "problem": "a day like 2026-11-22"}) from None


def _today(rooms: House, config: StoreConfig) -> date:
    return config.business_day(rooms.live.clock.now())


def _file(body: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": answers.PERSONAL}
    return Response(body, media_type=media_type, headers=headers)


def routes() -> list[BaseRoute]:
    """The doors of the reports."""
    return [
        door(f"{STORE}/report", figures, Who.VIEWER, about=About(report_shapes.Report)),
        door(f"{STORE}/report/visits.csv", visits_csv, Who.VIEWER),
        door(f"{STORE}/report/visits.parquet", visits_parquet, Who.VIEWER),
        door(f"{catalogue.MANAGER}/doors", take_doors, Who.MANAGER, "POST", about=About(report_shapes.DoorsTaken, DoorFile)),
        door(f"{STORE}/staff/report", own_figures, Who.STAFF, about=About(report_shapes.OwnReport)),
    ]
