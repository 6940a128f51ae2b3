"""What every endpoint may use, found through the application: typed names instead of ``app.state`` lookups."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.requests import HTTPConnection

from server.journal.accounts import Accounts
from server.journal.devices import Registry
from server.live.clock import Clock
from server.live.live import Live
from server.settings import Settings
from server.web import limits
from server.web.alerts import Alerts
from server.web.devices import Devices
from server.web.guard import Guard
from server.web.hall import Hall
from server.web.keys import Keys
from server.web.limits import Rate, Toll
from server.web.pins import Pins
from server.web.sessions import Sessions

Content = Callable[[str, str, str | None, date], list[dict[str, Any]]]
"""(store, language, service, day) -> things to read and play."""


@dataclass(frozen=True, slots=True)
class House:
    """The parts of the server, connected by ``app.build_app``. ``wall`` is real time, ``live.clock`` the store's."""

    settings: Settings
    live: Live
    wall: Clock
    accounts: Accounts
    sessions: Sessions
    devices: Devices
    pins: Pins
    hall: Hall
    guard: Guard
    joins: Toll
    phone_commands: Toll
    sign_ins: Rate
    content: Content
    keys: Keys
    alerts: Alerts = field(default_factory=Alerts)


def house(connection: HTTPConnection[Any]) -> House:
    """The house a request or socket came to."""
    found = connection.app.state.house
    assert isinstance(found, House)
    return found


def connect(settings: Settings, live: Live, wall: Clock, accounts: Accounts, content: Content) -> House:
    """Make the web's own parts around a live store."""
    hall = Hall()
    sessions = Sessions(accounts, wall, settings, hall.end_sessions)
    registry = Registry(live.journal)

    devices = Devices(registry, sessions, wall, settings, hall.end_device)
    keys = Keys(live.journal, wall)
    return House(
        settings=settings, live=live, wall=wall, accounts=accounts, sessions=sessions, devices=devices, pins=Pins(wall, registry),
        hall=hall, guard=Guard(settings, live, sessions, devices, keys), keys=keys,
        joins=Toll.of(settings.joins_per_minute, settings.joins_per_minute * limits.REPEATS_PER_JOIN, limits.JOINS_WINDOW_S),
        phone_commands=Toll.of(limits.PHONE_COMMANDS, limits.PHONE_REPEATS, limits.PHONE_COMMANDS_WINDOW_S),
        sign_ins=Rate(settings.sign_ins_per_minute, limits.SIGN_INS_WINDOW_S),
        content=content,
    )  # fmt: skip
