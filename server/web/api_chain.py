"""Every store one runs, at a glance: who waits how long against the promise, who serves, what is coming, who went unanswered."""

from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.live.stores import StoreConfig
from server.rules.state import Duty, Phase, StoreDay, Ticket
from server.rules.views import iso
from server.web import answers, roles
from server.web.api_alarms import Looker
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.view_shapes import DayPhase, Instant, Shape
from server.web.wiring import house

GLANCE = "/api/v1/glance"
UNANSWERED = ("left", "vanished", "closed", "balked")
WAITS = (Phase.WAITING, Phase.OFFERED)


class Longest(Shape):
    """Who waits longest; ``promise_s`` null: nothing was promised."""

    number: str
    service: str
    waited_s: float
    promise_s: float | None


class Coming(Shape):
    """An alarm that is up. ``nobody``: whoever comes then is served by nobody who is expected to be there."""

    service: str
    crosses_at: Instant
    nobody: bool


class StoreGlance(Shape):
    """One store now. ``late``: promises that have run out; ``idle``: free while somebody they could serve waits."""

    store: str
    name: str
    region: str
    zone: str
    phase: DayPhase
    waiting: int
    longest: Longest | None
    late: int
    serving: int
    on_duty: int
    idle: int
    answered: int
    unanswered: int
    unanswered_share: float | None
    alarms: list[Coming]
    labels: dict[str, dict[str, str]]


class Glance(Shape):
    """The stores one runs or may look at, one's own first, then by region and name."""

    at: Instant
    role: Literal["read_only", "manager", "region", "admin"]
    home: str
    stores: list[StoreGlance]


async def glance(request: Request) -> Response:
    """Every store one runs or may look at."""
    rooms, session = house(request), request.state.session
    me = roles.employed(rooms.live, session.store, session.person)
    if me is None:
        raise Problem("not_allowed")
    home, *others = roles.reached(rooms.live, session.store, me)
    now, looker = rooms.live.clock.now(), request.app.state.alarms
    ordered = [home, *sorted(others, key=lambda config: (config.region != home.region, config.region, config.name))]
    told = [_store(config, rooms.live.day(config.id), now, looker) for config in ordered]
    return answers.json({"at": iso(now), "role": me.role, "home": home.id, "stores": told})


def routes() -> list[BaseRoute]:
    """The one route."""
    return [door(GLANCE, glance, Who.VIEWER, about=About(Glance))]


def _store(config: StoreConfig, day: StoreDay, now: float, looker: Looker) -> dict[str, Any]:
    waiting = [ticket for ticket in day.tickets.values() if ticket.phase in WAITS]
    people = [person for person in day.salespeople.values() if person.duty is not Duty.OFF]
    counts = day.counts._asdict()
    unanswered = sum(counts[name] for name in UNANSWERED)
    ended = unanswered + counts["answered"]
    wanted = {ticket.wanted or ticket.service for ticket in waiting}
    alarms = looker.report(config.id)["alarms"]
    return {
        "store": config.id, "name": config.name, "region": config.region, "zone": config.zone, "phase": day.phase.value,
        "waiting": len(waiting), "longest": _longest(waiting, now), "late": sum(_is_late(ticket, now) for ticket in waiting),
        "serving": sum(person.duty in (Duty.SERVING, Duty.CALLING) for person in people), "on_duty": len(people),
        "idle": sum(person.duty is Duty.IDLE and bool(wanted & {person.id, *person.skills}) for person in people),
        "answered": counts["answered"], "unanswered": unanswered, "unanswered_share": unanswered / ended if ended else None,
        "alarms": [{"service": a["service"], "crosses_at": a["crosses_at"], "nobody": a["worst_s"] is None} for a in alarms],
        "labels": {id: dict(service.labels) for id, service in config.services.items() if id in {alarm["service"] for alarm in alarms}},
    }  # fmt: skip


def _longest(waiting: list[Ticket], now: float) -> dict[str, Any] | None:
    first = min(waiting, key=lambda ticket: ticket.joined_at, default=None)
    if first is None:
        return None
    waited_s = round(max(0.0, now - first.joined_at), 1)
    return {"number": first.number, "service": first.service, "waited_s": waited_s, "promise_s": first.promise_s}


def _is_late(ticket: Ticket, now: float) -> bool:
    return ticket.step == 0 and ticket.promise_s is not None and now > ticket.joined_at + ticket.promise_s
