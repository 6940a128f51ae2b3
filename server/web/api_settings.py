"""A store's settings on the screen: looked at, changed, and their history; and the very first store of an empty server."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server import log
from server.journal import settled
from server.journal.accounts import Person, Session
from server.journal.settled import ChangedMeanwhile
from server.live.stores import StoreConfig
from server.rules.plan import Timings
from server.rules.views import iso
from server.web import answers, bodies, catalogue, i18n, limits, settling
from server.web.api_access import at_a_measured_pace, check_pin
from server.web.api_staff import signed_in
from server.web.devices import FOUND, Kind
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.roles import Role
from server.web.view_shapes import Shape
from server.web.wiring import house

SETTINGS = f"{catalogue.MANAGER}/settings"
OPEN = ("10:00", "19:30")
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class Change(bodies.Command):
    """The settings as they should be, whole, and the version that was looked at."""

    after: int = Field(ge=0)
    settings: dict[str, Any]


class Founding(bodies.Code):
    """The first store: what it and whoever runs it are called, and the PIN to sign in with."""

    store_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    name: Text
    pin: bodies.Pin
    service: Text
    zone: Annotated[str, StringConstraints(max_length=60)] = "Europe/Paris"
    language: Annotated[str, StringConstraints(pattern="^[a-z]{2}$")] = "fr"


class Settings(Shape):
    """What counts now, since when and by whom.

    ``usual`` says what an absent duration of ``timings`` is, ``class_names`` what a class without a label of its own is called.
    """

    version: int
    settings: dict[str, Any]
    usual: dict[str, float]
    measured: dict[str, dict[str, float]]
    class_names: dict[str, dict[str, str]]


class SettingsVersion(Shape):
    """One decision: what was changed by whom. ``by`` empty: the store's file was edited."""

    version: int
    at: str
    by: str
    changes: list[dict[str, Any]]


async def look(request: Request) -> Response:
    """The settings in force; what the store's own past says of each service is in ``measured``."""
    live, store = house(request).live, _store(request)
    config = live.store(store)
    plan = live.day(store).plan
    fields = ("typical_s", "doubt_after_s", "walking_s")
    measured = {id: {name: getattr(plan.services[id], name) for name in fields} for id in config.services if id in plan.services}
    told = Settings(
        version=live.settings(store), settings=settling.shown(config), usual=_usual(), measured=measured, class_names=_class_names(config)
    )
    return answers.json(told.model_dump())


async def change(request: Request) -> Response:
    """Have these settings count from now on."""
    body = await bodies.read(request, Change, limits.SETTINGS_BYTES)
    rooms, session, store = house(request), request.state.session, _store(request)
    config = settling.read(rooms, store, body.settings)
    version = await settling.change(rooms, request.state.home, session.person, config, body.after)
    log.get().info("settings_changed", store=store, person=session.person, version=version)
    return await look(request)


async def history(request: Request) -> Response:
    """Who changed what and when, newest first."""
    found = await settled.history(house(request).live.journal, _store(request))
    people = {person.id: person.name for person in await house(request).accounts.people(_store(request))}
    return answers.json([
        {"version": v.version, "at": iso(v.at), "by": people.get(v.by, v.by), "changes": settling.history(v.changes)} for v in found
    ])  # fmt: skip


async def found(request: Request) -> Response:
    """Begin the first store with a code that this server's start has shown; this browser is then a staff device, and signed in."""
    body = await bodies.read(request, Founding)
    rooms = at_a_measured_pace(request)
    if (await rooms.devices.look(body.code)).profile != FOUND or rooms.live.stores():
        raise Problem("wrong_code")
    check_pin(body.pin, Role.ADMIN)
    config, person = first_store(body)
    try:
        await rooms.live.found(config, person.id)
    except ChangedMeanwhile:
        raise Problem("wrong_code") from None
    token, device = await rooms.devices.enrol(body.code, Kind.STAFF, config.id)
    await rooms.accounts.set_pin_hash(config.id, person.id, await rooms.pins.hash(body.pin))
    log.get().info("store_founded", store=config.id, person=person.id)
    response = await signed_in(request, person, device.id)
    rooms.devices.set_cookie(response, token)
    return response


def first_store(body: Founding) -> tuple[StoreConfig, Person]:
    """A store as small as one can be, open on six days, with one service and the person who runs it. Problem ``bad_field``."""
    id = settling.identifier(body.store_name)
    person = Person(id, settling.identifier(body.name), body.name, Role.ADMIN)
    days = ("mon", "tue", "wed", "thu", "fri", "sat")
    languages = tuple(dict.fromkeys([body.language, "fr", "en"]))
    table = {
        "id": id, "name": body.store_name, "zone": body.zone, "hours": dict.fromkeys(days, OPEN), "languages": languages,
        "services": {settling.identifier(body.service): {"letter": "A", "labels": {body.language: body.service}}},
        "salespeople": {person.id: {"name": person.name, "role": str(person.role)}},
    }  # fmt: skip
    try:
        datetime.now(ZoneInfo(body.zone))
    except (KeyError, ValueError, OSError):
        raise Problem("bad_field", {"field": "zone", "problem": "there is no such time zone"}) from None
    return StoreConfig.model_validate_json(to_json(table)), person


def routes() -> list[BaseRoute]:
    """The settings' API."""
    return [
        door(SETTINGS, look, Who.VIEWER, about=About(Settings)),
        door(SETTINGS, change, Who.MANAGER, "POST", about=About(Settings, Change)),
        door(f"{SETTINGS}/history", history, Who.VIEWER, about=About(SettingsVersion, many=True)),
        door("/api/v1/found", found, Who.PUBLIC, "POST", cookie=True, about=About(None, Founding, 201)),
    ]


def _store(request: Request) -> str:
    session: Session = request.state.session
    return session.store


def _class_names(config: StoreConfig) -> dict[str, dict[str, str]]:
    """Names that À Vous itself has for classes of this store, as the store's languages show them."""
    ours = {id: f"staff.class_{id}" for id in config.classes if f"staff.class_{id}" in i18n.catalogue(i18n.DEFAULT)}
    return {id: {language: i18n.t(language, key) for language in config.languages} for id, key in ours.items()}


def _usual() -> dict[str, float]:
    usual = Timings()
    return {name: float(getattr(usual, name)) for name in Timings.__slots__}
