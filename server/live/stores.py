"""What a store's owner writes down once: a TOML file, checked strictly, turned into one plan per business day.

```toml
id = "republique"
name = "Électro République"
zone = "Europe/Paris"
languages = ["fr", "en"]

[hours]                      # a weekday that is missing is a day off
mon = ["10:00", "19:30"]
sat = ["10:00", "20:00"]

[services.advice]
letter = "C"
labels = {fr = "Conseil", en = "Advice"}

[salespeople.lea]
name = "Léa"
skills = ["advice"]
desk = "4"
pin = "1234"                 # the demo only; a real store enrols PINs in the staff app
```
"""

import tomllib
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError, to_json

from server.live import calendar
from server.live.look import LookConfig, with_picture
from server.rules.plan import DayPlan, Mode, SalespersonPlan, ServicePlan, Timings

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
RoleName = Literal["salesperson", "read_only", "manager", "region", "admin"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Seconds = Annotated[float, Field(ge=0, le=86_400)]


class BadStore(ValueError):
    """A store file that cannot be used: one sentence per fault, each naming the file and the field."""


def _time(value: Any) -> Any:
    """ "09:30", or a TOML local time; "24:00" is midnight."""
    return time.fromisoformat("00:00" if value == "24:00" else value) if isinstance(value, str) else value


Hour = Annotated[time, BeforeValidator(_time)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class ServiceConfig(_Strict):
    """One thing a shopper can want."""

    labels: dict[str, str] = Field(min_length=1)
    letter: str = Field(default="A", pattern=r"^[A-Z]{1,2}$")
    icon: str = ""
    rank: int = Field(default=1, ge=1, le=9)
    head_start_s: Seconds = 0.0
    typical_s: Seconds = 600.0
    doubt_after_s: Seconds = 3600.0
    walking_s: Seconds = 0.0
    learn: bool = True  # the three above follow what is measured, once there is enough of it
    alarm_s: Seconds = 600.0


def _pairs(value: Any) -> Any:
    """TOML has lists only: a pair of hours may come as one."""
    return tuple(value) if isinstance(value, list) else value


Hours = Annotated[tuple[Hour, Hour], BeforeValidator(_pairs)]


class PersonConfig(_Strict):
    """Somebody who works here. A manager may have no skills, and then serves nobody."""

    name: str = Field(min_length=1, max_length=40)
    skills: list[str] = []
    desk: str = ""
    shifts: list[Hours] = []  # planned, for closing time and estimates; they sign on and off themselves
    role: RoleName = "salesperson"
    stores: list[Identifier] = []  # besides this one, for roles with a desk; region and admin reach further by themselves
    sso: str | None = Field(default=None, max_length=200)  # a manager's account at the company's provider
    pin: str | None = Field(default=None, pattern=r"^\d{4,8}$")


class TimingsConfig(_Strict):
    """The durations the rules wait for; see ``server.rules.plan.Timings``, which has the defaults."""

    offer_s: Seconds | None = None
    offers_ignored_max: int | None = Field(default=None, ge=1, le=20)
    escalate_s: Seconds | None = None
    recall_after_s: Seconds | None = None
    hold_s: Seconds | None = None
    park_s: Seconds | None = None
    recalls_max: int | None = Field(default=None, ge=0, le=20)
    away_max_s: Seconds | None = None
    aways_max: int | None = Field(default=None, ge=0, le=20)
    undo_s: Seconds | None = None
    breather_s: Seconds | None = None
    return_s: Seconds | None = None
    early_from_s: Seconds | None = None
    early_s: Seconds | None = None
    last_ticket_s: Seconds | None = None
    overtime_s: Seconds | None = None
    appointment_late_s: Seconds | None = None
    appointment_early_s: Seconds | None = None


class BookingConfig(_Strict):
    """Appointments: for which services, and how they are given. No services: there are none."""

    services: list[str] = Field(default=[], max_length=8)
    walk_in_share: float = Field(default=0.5, ge=0, le=0.9)  # of people's time that appointments leave to everybody else
    days: int = Field(default=14, ge=1, le=60)  # how far ahead
    notice_min: float = Field(default=60.0, ge=0, le=2880)  # how soon at the earliest
    grid_min: int = Field(default=15, ge=5, le=60)  # slots begin this far apart
    moves_max: int = Field(default=3, ge=0, le=20)


class WeeklyConfig(_Strict):
    """Who gets the week's summary by e-mail on Monday mornings."""

    mail: list[Annotated[str, Field(max_length=120, pattern=r"^[^@\s<>\"]+@[^@\s<>\"]+\.[a-z]{2,}$")]] = Field(default=[], max_length=10)


class KeepConfig(_Strict):
    """For how long data is kept: what a shopper told about themselves after the visit, and the journal's days."""

    contact_after_visit_min: float = Field(default=120.0, ge=0, le=1440)
    days: int = Field(default=90, ge=2, le=1100)


class FeedConfig(_Strict):
    """An RSS or Atom feed whose entries shoppers may read while they wait."""

    url: str = Field(max_length=300, pattern=r"^https?://[!-~]+$")
    language: str = Field(pattern=r"^[a-z]{2,3}$")
    service: str | None = None  # of interest to those who wait for it; absent: to everybody
    items_max: int = Field(default=4, ge=1, le=10)


TextPlace = Literal["welcome", "closed", "thanks", "slip"]
"""Where a text of the store's own stands: at the kiosk and where one joins; there while it is closed; on the phone after the
visit; at the foot of the printed slip."""
OwnText = Annotated[str, Field(max_length=200)]


def _fault(reason: str, field: str, problem: str) -> PydanticCustomError:
    """What is wrong between two fields of a store, said of one of them."""
    return PydanticCustomError(reason, "{field}: {problem}", {"field": field, "problem": problem})


class StoreConfig(_Strict):
    """One store: who works there, what it offers, when it is open."""

    id: Identifier
    name: str = Field(min_length=1, max_length=80)
    region: str = Field(default="", max_length=40)  # what a region manager runs: the stores with the same one
    zone: str = "Europe/Paris"
    day_ends: Hour = time(4)
    hours: dict[Weekday, Hours]
    closed_on: list[date] = []
    special: dict[date, Hours] = {}  # other hours on this one day
    languages: Annotated[tuple[str, ...], BeforeValidator(_pairs)] = ("fr", "en")
    notices: dict[str, str] = {}
    apology: dict[str, str] = {}  # by language, with {code}: what a shopper gets whose promise was not kept
    texts: dict[TextPlace, dict[str, OwnText]] = {}  # by place and language
    presence: bool = False  # joining by phone needs the code that the kiosk and the board show
    mode: Mode = "both"
    pick_allowed: bool = True
    open_max: int = Field(default=500, ge=1, le=5000)
    classes: dict[Identifier, Seconds] = {}
    class_labels: dict[Identifier, dict[str, Annotated[str, Field(min_length=1, max_length=40)]]] = {}  # what people read, by language
    services: dict[Identifier, ServiceConfig] = Field(min_length=1)
    salespeople: dict[Identifier, PersonConfig] = {}
    timings: TimingsConfig = TimingsConfig()
    keep: KeepConfig = KeepConfig()
    booking: BookingConfig = BookingConfig()
    weekly: WeeklyConfig = WeeklyConfig()
    look: LookConfig = LookConfig()
    feeds: list[FeedConfig] = Field(default=[], max_length=5)

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise PydanticCustomError("no_zone", "there is no time zone {zone}", {"zone": repr(zone)}) from None
        return zone

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for person_id, person in self.salespeople.items():
            if unknown := sorted(set(person.skills) - set(self.services)):
                raise _fault("no_service", f"salespeople.{person_id}.skills", f"there is no service {unknown[0]!r}")
        if unknown := sorted(set(self.booking.services) - set(self.services)):
            raise _fault("no_service", "booking.services", f"there is no service {unknown[0]!r}")
        if unknown := sorted(set(self.class_labels) - set(self.classes)):
            raise _fault("no_class", f"class_labels.{unknown[0]}", f"there is no class {unknown[0]!r}")
        spans = [(f"hours.{day}", *span) for day, span in self.hours.items()]
        spans += [(f"special.{day}", *span) for day, span in self.special.items()]
        for name, opens, closes in spans:
            opens_at, closes_at = calendar.opening(date(2026, 6, 1), opens, closes, self.day_ends, ZoneInfo("UTC"))
            if closes_at <= opens_at:
                raise _fault("closes_early", name, "closes before it opens")
        return self

    @cached_property
    def zoneinfo(self) -> ZoneInfo:
        """The store's time zone."""
        return ZoneInfo(self.zone)

    def business_day(self, now: float) -> date:
        """The business day at an instant (seconds since the epoch)."""
        return calendar.business_day(now, self.day_ends, self.zoneinfo)


def plan_for(config: StoreConfig, day: date) -> DayPlan:
    """The plan of one business day; on a day off the store closes the moment it opens."""
    zone = config.zoneinfo
    starts_at = calendar.starts_at(day, config.day_ends, zone)
    hours = None if day in config.closed_on else config.special.get(day) or config.hours.get(WEEKDAYS[day.weekday()])
    opens_at, closes_at = calendar.opening(day, *hours, config.day_ends, zone) if hours else (starts_at, starts_at)
    return DayPlan(
        store=config.id, day=day.isoformat(), zone=config.zone, opens_at=opens_at, closes_at=closes_at,
        ends_at=calendar.starts_at(day + timedelta(days=1), config.day_ends, zone),
        services={key: ServicePlan(id=key, **service.model_dump(exclude={"alarm_s", "learn"})) for key, service in config.services.items()},
        salespeople={key: _person(key, p, day, config) for key, p in config.salespeople.items() if p.skills},
        classes=dict(config.classes), timings=Timings(**config.timings.model_dump(exclude_none=True)),
        mode=config.mode, pick_allowed=config.pick_allowed, open_max=config.open_max, languages=config.languages,
    )  # fmt: skip


def _person(key: str, person: PersonConfig, day: date, config: StoreConfig) -> SalespersonPlan:
    shifts = tuple(calendar.opening(day, begins, ends, config.day_ends, config.zoneinfo) for begins, ends in person.shifts)
    return SalespersonPlan(key, person.name, tuple(person.skills), person.desk, shifts)


def load_store(path: Path | str) -> StoreConfig:
    """Read one store's TOML file; raises BadStore naming file and field."""
    path = Path(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as trouble:
        raise BadStore(f"{path}: {trouble.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise BadStore(f"{path}: not TOML: {trouble}") from None
    try:
        look = {"look": with_picture(table["look"], path.parent)} if "look" in table else {}
    except OSError as trouble:
        raise BadStore(f"{path}: look.logo: {trouble.strerror}") from None
    return parse_store(table | look, str(path))


def parse_store(table: dict[str, Any], source: str = "store", *, json: bool = False) -> StoreConfig:
    """Check a store's table (as JSON has it: dates are texts); raises BadStore naming ``source`` and the field of every fault."""
    try:
        return StoreConfig.model_validate_json(to_json(table)) if json else StoreConfig.model_validate(table)
    except ValidationError as faults:
        raise BadStore("\n".join(f"{source}: {_sentence(fault)}" for fault in faults.errors())) from None


def _sentence(fault: Any) -> str:
    field = ".".join(str(part) for part in fault["loc"])
    message = fault["msg"].removeprefix("Value error, ")
    return f"{field}: {message}" if field else message


def local(at: float, zone: ZoneInfo) -> datetime:
    """An instant in the store's own time, for display and export."""
    return datetime.fromtimestamp(at, zone)
