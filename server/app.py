"""The single composition root: every part of the server is made and connected here, and nowhere else."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, datetime
from functools import partial
from secrets import token_hex
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kiosk import pages as kiosk_pages
from kiosk import slips
from server import log
from server.alarms import Alarms
from server.content.feeds import Feeds
from server.content.library import items
from server.forecasts import Forecasts
from server.hooks.courier import Courier
from server.hooks.happenings import Kind
from server.hooks.tail import Tail
from server.journal.accounts import Accounts, Person
from server.live.clock import Clock, DemoClock, WallClock
from server.live.live import Live
from server.live.retention import retaining
from server.live.stores import StoreConfig
from server.metrics import Measured
from server.notify.alarms import AlarmPush
from server.notify.herald import Herald
from server.notify.offers import OfferPush
from server.notify.ways import Message, WebPush
from server.phone import pages as phone_pages
from server.settings import Settings
from server.startup import load_stores, open_journal
from server.tracing import Traced, tracer_of
from server.web import (
    api_access,
    api_alarms,
    api_alerts,
    api_booking,
    api_chain,
    api_colleagues,
    api_content,
    api_links,
    api_manager,
    api_page,
    api_phone,
    api_promises,
    api_reach,
    api_reports,
    api_settings,
    api_shopper,
    api_staff,
    files,
    health,
    i18n,
    limits,
    look,
    privacy,
    roles,
    schema,
    sockets,
    sso,
)
from server.web.alerts import Alert
from server.web.booking import Bookings
from server.web.devices import FOUND, SETUP
from server.web.errands import Errands
from server.web.pages import page
from server.web.policies import Who, all_declared, door, shells
from server.web.problems import EXPECTED, on_http_exception, on_problem
from server.web.security import SecurityHeaders
from server.web.sweep import sweeping
from server.web.trouble import CatchTrouble
from server.web.weekly import Weekly
from server.web.wiring import House, connect, house
from staff_app import pages as staff_pages
from staff_app.lab import routes as lab
from staff_app.lab import trial


def build_app(settings: Settings, stores: Sequence[StoreConfig] | None = None, clock: Clock | None = None) -> Starlette:
    """The whole application, ready for an ASGI server; its lifespan starts and stops the live part.

    ``stores`` and ``clock`` stand in for what the settings name (tests use them). Raises BadSettings or BadStore.
    """
    configs = load_stores(settings) if stores is None else list(stores)
    wall, journal = WallClock(), open_journal(settings)
    forecasts = Forecasts(settings.rollouts)

    async def adopted(config: StoreConfig) -> None:
        # settings count from now on: their people get accounts, their services estimates
        await enrol(rooms, [config])
        await forecasts.learn(journal, [config], live.clock.now())

    push, pace = push_of(settings), clock or demo_clock(settings, wall) or wall
    live = Live(
        journal, configs, pace, estimate=forecasts.estimate, observe=forecasts.observe, adopted=adopted,
        secret=settings.secret.get_secret_value().encode() if settings.secret else None,
        channels=[OfferPush(journal, pace, push, i18n.t)] if push else [],
    )  # fmt: skip
    tail = Tail(live)
    alarms = Alarms(live, forecasts.beliefs, partial(tell_alarm, tail, AlarmPush(live, push, i18n.t) if push else None), forecasts.book)
    feeds = Feeds(live.stores, settings.feed_hosts, tuple(settings.trusted_hosts))

    def shelf(store: str, language: str, service: str | None, today: date) -> list[dict[str, Any]]:
        return items(store, language, service, settings.content, today, feeds.items(store))

    rooms = connect(settings, live, wall, Accounts(journal), shelf)
    message, errands = message_of(settings), Errands()
    herald = herald_of(rooms, message, push)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            app.state.setup_codes = await awake(rooms, forecasts, configs)
            await herald.start()
            outside = (tail.run(), app.state.courier.run(tail.wanted), app.state.weekly.run())
            desk = (api_booking.sweeping(app.state.bookings), *outside)
            async with sweeping(rooms), retaining(live), alarms.looking(), lab.opened(app), feeds.followed(), errands.running(*desk):
                yield
        finally:
            await asleep(rooms, forecasts, herald)

    app = dressed(settings, lifespan, {
        "house": rooms, "herald": herald, "settings": settings, "sso": sso.Provider(settings) if settings.oidc_issuer else None,
        "forecasts": forecasts, "alarms": alarms, "message": message, "errands": errands, "bookings": Bookings(live, forecasts.beliefs),
        "tail": tail, "courier": Courier(journal, live.clock, settings.trusted_hosts),
        "weekly": Weekly(live, message, partial(api_reports.period_of, live), settings.public_url or ""),
    })  # fmt: skip
    return app


async def awake(rooms: House, forecasts: Forecasts, configs: Sequence[StoreConfig]) -> dict[str, str]:
    """Bring every store to life, with its people and what its past has taught; the codes that ``setup_codes`` says."""
    live = rooms.live
    await live.load()
    await forecasts.begin(live.journal, live.stores(), live.clock.now())
    await live.start()
    forecasts.go_on()
    await begin(rooms)
    await enrol(rooms, [*configs, *live.stores()])  # the files have the PINs of a demonstration
    return await setup_codes(rooms)


async def asleep(rooms: House, forecasts: Forecasts, herald: Herald) -> None:
    """Stop, in the order in which one needs the other."""
    await herald.stop()
    await rooms.hall.close()
    await rooms.live.stop()
    await forecasts.close()
    await rooms.live.journal.close()


def dressed(settings: Settings, lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]], parts: dict[str, Any]) -> Starlette:
    """The application around its parts: routes, what every request passes, errors in one shape."""
    app = Starlette(
        routes=all_declared(routes()),
        middleware=middleware(settings),
        exception_handlers={**dict.fromkeys(EXPECTED, on_problem), HTTPException: on_http_exception},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.router.default = sockets.or_nowhere(app.router.not_found)
    app.state = State(parts)
    return app


def middleware(settings: Settings) -> list[Middleware]:
    """What every request passes, outermost first."""
    around = [Middleware(Traced, tracer=tracer_of(settings))] if settings.otel_endpoint else []
    inner = [Middleware(Measured), Middleware(SecurityHeaders, settings=settings), Middleware(CatchTrouble), Middleware(files.Compressed)]
    return around + inner


def routes() -> list[BaseRoute]:
    """Every route and socket there is, each behind its door; those in a hurry first, for the router looks from the top."""
    return [
        *sockets.routes(),
        *api_phone.routes(),
        *api_staff.routes(),
        *api_shopper.routes(),
        *api_content.routes(),
        *look.routes(),
        *slips.routes(),
        *api_alerts.routes(),
        *api_colleagues.routes(),
        *api_reach.routes(),
        *api_manager.routes(),
        *api_promises.routes(),
        *api_settings.routes(),
        *api_alarms.routes(),
        *api_booking.routes(),
        *api_chain.routes(),
        *api_links.routes(),
        *api_reports.routes(),
        *lab.routes(),
        *trial.routes(),
        *api_access.routes(),
        *privacy.routes(),
        *files.routes(),
        *health.routes(),
        *schema.routes(),
        *api_page.routes(),
        *sso.routes(),
        door("/", home, Who.PUBLIC),
        *shells([*kiosk_pages.routes(), *phone_pages.routes(), *staff_pages.routes()]),
    ]


async def tell_alarm(tail: Tail, push: AlarmPush | None, store: str, raised: bool, alarm: dict[str, Any]) -> None:
    """An alarm for the webhooks and the managers' devices; nodes that raise the same one within a quarter of an hour say one thing."""
    quarter = int(datetime.fromisoformat(alarm["raised_at"]).timestamp() // 900)
    kind = Kind.ALARM if raised else Kind.ALARM_OVER
    await tail.say(store, kind, f"{kind} {alarm['service']} {quarter}", alarm)
    if raised and push is not None:
        await push.tell(store, alarm)


def message_of(settings: Settings) -> Message:
    """The way to telephone numbers and e-mail addresses, as far as there is one."""
    return Message(*(url.get_secret_value() if url else None for url in (settings.sms_url, settings.mail_url)))


def push_of(settings: Settings) -> WebPush | None:
    """The way to browsers whose page is closed, if this server has a key."""
    return WebPush(settings.push_key.get_secret_value(), settings.push_contact) if settings.push_key else None


def herald_of(rooms: House, message: Message, push: WebPush | None) -> Herald:
    """Who tells shoppers whose page is closed; staff see whom nobody could reach."""

    def unreached(store: str, number: str) -> None:
        rooms.alerts.tell(store, Alert(str(uuid4()), "unreached", "", rooms.live.clock.now(), number=number))

    return Herald(rooms.live, push, message, i18n.t, unreached)


async def home(request: Request) -> Response:
    """What is here."""
    return page(request, "web/home.html", stores=house(request).live.stores())


def demo_clock(settings: Settings, wall: Clock) -> Clock | None:
    """A clock that may start elsewhere and run faster, in a demonstration only."""
    if not settings.demo:
        return None
    return DemoClock(wall.now() if settings.demo_start is None else settings.demo_start, settings.demo_speed)


async def begin(rooms: House) -> None:
    """A demonstration begins, or is over: PINs that a file gave away open nothing else."""
    if rooms.settings.demo:
        await rooms.accounts.begin_demo()
    elif await rooms.accounts.end_demo():
        log.get().warning("demo_pins_removed")


async def enrol(rooms: House, configs: Sequence[StoreConfig]) -> None:
    """Make the people of these stores known; in a demonstration with the PIN that the store's file gives them.

    Equal PINs of a demonstration, which anybody may read in its files, are hashed and looked at once: each takes a good part of
    a tenth of a second.
    """
    hashed: dict[str, str] = {}
    for config in configs:
        known = {person.id: person for person in await rooms.accounts.people(config.id)}
        for id, person in config.salespeople.items():
            old = known.get(id)
            pin = person.pin if rooms.settings.demo else None
            pin_hash = await _new_hash(rooms, pin, old.pin_hash if old else None, hashed) if pin else None
            if pin_hash or old is None or (old.name, old.role) != (person.name, person.role):
                await rooms.accounts.put_person(Person(config.id, id, person.name, person.role, pin_hash))


async def _new_hash(rooms: House, pin: str, kept: str | None, hashed: dict[str, str]) -> str | None:
    """A hash of this PIN, None where the one that is kept is of it; ``hashed`` has those that were made or found right."""
    if kept and (kept == hashed.get(pin) or await rooms.pins.fits(pin, kept)):
        hashed.setdefault(pin, kept)
        return None
    if pin not in hashed:
        hashed[pin] = await rooms.pins.hash(pin)
    return hashed[pin]


async def setup_codes(rooms: House) -> dict[str, str]:
    """For each store that has managers of whom none can sign in yet: a code with which one of them chooses a PIN at /setup.

    Without any store the one under "" founds the first. Each process makes its own, so that the one that is printed is good
    whichever process printed it.
    """
    configs = rooms.live.stores()
    if not configs:
        return {"": (await rooms.devices.code("", FOUND, token_hex(4), limits.SETUP_CODE_S))[0]}
    run = [c for c in configs if any(p.role in roles.MANAGES for p in c.salespeople.values())]
    alone = [c for c in run if not await api_access.has_manager(rooms, c.id)]
    return {config.id: (await rooms.devices.code(config.id, SETUP, token_hex(4), limits.SETUP_CODE_S))[0] for config in alone}
