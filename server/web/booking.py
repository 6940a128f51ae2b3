"""Appointments as the web gives them: slots out of what is known of a store, and one appointment's life until check-in."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Final
from uuid import UUID

import numpy as np

from server.booking.calendar import Entry, ics
from server.booking.capacity import Desk, Taken, Worker, slots
from server.journal import bookings
from server.journal.bookings import BOOKED, HERE, NO_SHOW, Booking
from server.live.links import token_hash
from server.live.live import Live
from server.live.stores import StoreConfig, plan_for
from server.rules.plan import DayPlan
from server.rules.state import DayPhase, Duty
from server.rules.views import iso
from server.waits.parameters import Parameters
from server.web import i18n
from server.web.booking_shapes import Book
from server.web.devices import LETTERS
from server.web.problems import Problem

CODE_LETTERS: Final = 6
SOON_S: Final = 7200.0  # within this, who should be there and is not does not count
LATE_TO_WORK_S: Final = 900.0
LEARNED_S: Final = 600.0  # how long a service's usual length is remembered
AGES_S: Final = np.arange(0.0, 4 * 3600.0 + 1.0, 15.0)
Beliefs = Callable[[str, float], Parameters]


class Bookings:
    """The appointments of every store. Methods raise Problem, UnknownStore and StorageTrouble."""

    def __init__(self, live: Live, beliefs: Beliefs) -> None:
        self._live, self._beliefs = live, beliefs
        self._lengths: dict[tuple[str, str], tuple[float, float]] = {}

    def length_s(self, config: StoreConfig, service: str) -> float:
        """How long a visit usually takes, as learned, in whole steps of the grid. Problem for a service without appointments."""
        if service not in config.booking.services:
            raise Problem("not_bookable", {"service": service})
        grid_s = config.booking.grid_min * 60.0
        return max(1, ceil(self._usual_s(config, service) / grid_s - 0.1)) * grid_s  # a tenth of a step over is no reason for a whole one

    def _usual_s(self, config: StoreConfig, service: str) -> float:
        now, known = self._live.clock.now(), self._lengths.get((config.id, service))
        if known is not None and 0 <= now - known[1] < LEARNED_S:
            return known[0]
        try:
            curve = self._beliefs(config.id, now).service_of(service)
        except KeyError:  # not learned, or not yet: asked again the next time
            return config.services[service].typical_s
        usual_s = float(np.trapezoid(curve.survival(AGES_S), AGES_S))
        self._lengths[config.id, service] = usual_s, now
        return usual_s

    async def slots(self, config: StoreConfig, service: str, first: float, days: int) -> list[tuple[float, int]]:
        """(instant, how many) that can still be had, soonest first, on the business days from ``first`` on."""
        length_s, now = self.length_s(config, service), self._live.clock.now()
        after = max(first, now + config.booking.notice_min * 60.0)
        today = config.business_day(now)
        last = today + timedelta(days=config.booking.days)
        begin = max(config.business_day(after), today)
        wanted = [day for day in (begin + timedelta(days=n) for n in range(days)) if day <= last]
        known = await bookings.taken(self._live.journal, config.id, [day.isoformat() for day in wanted])
        desks = [self._desk(config, day, known[day.isoformat()]) for day in wanted]
        grid_s = config.booking.grid_min * 60.0
        return await asyncio.to_thread(lambda: [slot for desk in desks for slot in slots(desk, service, length_s, grid_s, after)])

    async def book(self, config: StoreConfig, wanted: Book) -> Booking:
        """The appointment; the same for the same id. Problem ``slot_taken``, with the next that are free, when it is."""
        service, at = wanted.service, wanted.at.timestamp()
        length_s = self.length_s(config, service)
        day = self._day(config, at)
        key = booking_of(str(wanted.id))
        fresh = Booking(
            id=key, store=config.id, day=day.isoformat(), service=service, at=at, until=at + length_s,
            code=await self._code(config.id, day.isoformat()), token_hash=token_hash(self.token(key)), made_at=self._live.clock.now(),
            erase_at=at + length_s + config.keep.contact_after_visit_min * 60.0,
            language=wanted.language, companions=wanted.companions, name=wanted.name, address=wanted.address,
        )  # fmt: skip
        known = await bookings.of_id(self._live.journal, config.id, key)
        if known is not None:
            return known
        given = await bookings.give(self._live.journal, fresh, self._fits(config, service, at, length_s))
        if given is None:
            raise await self._taken(config, service, at)
        return given

    async def move(self, booking: Booking, at: float) -> Booking:
        """The same appointment at another time. Problem when that is taken, or it was moved too often, or is over."""
        config = self._live.store(booking.store)
        if booking.at == at and booking.state == BOOKED:
            return booking
        if booking.state not in (BOOKED, NO_SHOW):
            raise Problem("booking_over", {"state": booking.state})
        if booking.moves >= config.booking.moves_max:
            raise Problem("moves_limit", {"most": config.booking.moves_max})
        day, length_s = self._day(config, at), booking.until - booking.at
        erase_at = at + length_s + config.keep.contact_after_visit_min * 60.0
        to = replace(bookings.moved(booking, at, day.isoformat(), erase_at), state=BOOKED)
        done = await bookings.move(self._live.journal, booking, to, self._fits(config, booking.service, at, length_s))
        if done is None:
            raise await self._taken(config, booking.service, at)
        return done

    async def cancel(self, booking: Booking) -> Booking:
        """Given back: somebody else can have the slot."""
        done = await bookings.change(self._live.journal, booking.id, (BOOKED, NO_SHOW), state="cancelled", name="", address="")
        if done is None and booking.state != "cancelled":
            raise Problem("booking_over", {"state": booking.state})
        return done or booking

    async def forget(self, booking: Booking) -> Booking:
        """The same appointment of nobody in particular."""
        done = await bookings.change(self._live.journal, booking.id, (booking.state,), name="", address="")
        await self._live.journal.scrub(("booking",))
        return done or booking

    async def here(self, booking: Booking, ticket: str) -> Booking | None:
        """The shopper is in the line now; what they told went there with them."""
        return await bookings.change(self._live.journal, booking.id, (BOOKED, NO_SHOW), state=HERE, ticket=ticket, name="", address="")

    async def missed(self, booking: Booking) -> Booking:
        """Nobody came. Problem when somebody did, or it was cancelled."""
        done = await bookings.change(self._live.journal, booking.id, (BOOKED, NO_SHOW), state=NO_SHOW)
        if done is None:
            raise Problem("booking_over", {"state": booking.state})
        return done

    async def today(self, config: StoreConfig, code: str) -> Booking:
        """Today's appointment with this code. Problem ``unknown_booking``."""
        letters = "".join(letter for letter in code.upper() if letter in LETTERS)
        day = config.business_day(self._live.clock.now()).isoformat()
        found = await bookings.of_code(self._live.journal, config.id, day, letters)
        if found is None or found.state == "cancelled":
            raise Problem("unknown_booking")
        return found

    async def sweep(self) -> None:
        """Who did not come in time is a no-show, and what people told goes when its time is over."""
        now = self._live.clock.now()
        for config in self._live.stores():
            late_s = self._live.day(config.id).plan.timings.appointment_late_s
            await bookings.sweep(self._live.journal, config.id, now - late_s, now)

    def token(self, id: str) -> str:
        """The secret of an appointment's link."""
        return self._live.token(f"booking {id}")

    def calendar(self, booking: Booking, url: str) -> bytes:
        """The appointment as a calendar file, in the shopper's language."""
        config = self._live.store(booking.store)
        values = {"store": config.name, "service": label(config, booking.service, booking.language), "code": booking.code}
        words = {part: i18n.t(booking.language, f"booking.calendar_{part}", **values) for part in ("title", "about")}
        return ics(
            Entry(booking.id, booking.at, booking.until, words["title"], config.name, words["about"], url,
                  booking.moves + (booking.state == "cancelled"), booking.state == "cancelled"),
            self._live.clock.now(),
        )  # fmt: skip

    def _day(self, config: StoreConfig, at: float) -> date:
        """The business day of a slot. Problem unless it lies on the grid, not too soon and not too far."""
        now, booking = self._live.clock.now(), config.booking
        day, last = config.business_day(at), config.business_day(now) + timedelta(days=config.booking.days)
        plan = plan_for(config, day)
        if at < now + booking.notice_min * 60.0 or day > last or (at - plan.opens_at) % (booking.grid_min * 60.0):
            raise Problem("bad_field", {"field": "at", "problem": "not one of the slots"})
        return day

    def _fits(self, config: StoreConfig, service: str, at: float, length_s: float) -> bookings.Fits:
        day = config.business_day(at)
        return lambda taken: self._desk(config, day, taken).left(service, at, length_s) > 0

    def _desk(self, config: StoreConfig, day: date, taken: Sequence[Booking]) -> Desk:
        plan = plan_for(config, day)
        workers = [Worker(frozenset(p.skills), self._spells(plan, id)) for id, p in plan.salespeople.items()]
        given = [Taken(booking.service, booking.at, booking.until) for booking in taken]
        return Desk(plan.opens_at, plan.closes_at, workers, given, config.booking.walk_in_share)

    def _spells(self, plan: DayPlan, person: str) -> tuple[tuple[float, float], ...]:
        """When somebody is there: their shifts, else the opening hours; not for the next while if they should be there and are not."""
        spells = plan.salespeople[person].shifts or ((plan.opens_at, plan.closes_at),)
        now, live = self._live.clock.now(), self._live.day(plan.store)
        if live.plan.day != plan.day or live.phase is not DayPhase.OPEN:
            return spells
        known = live.salespeople.get(person)
        if known is not None and known.duty is not Duty.OFF:
            return spells
        expected = any(begins <= now - LATE_TO_WORK_S and now < ends for begins, ends in spells)
        return tuple((max(begins, now + SOON_S), ends) for begins, ends in spells) if expected else spells

    async def _code(self, store: str, day: str) -> str:
        used = await bookings.codes(self._live.journal, store, day)
        while True:
            code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))
            if code not in used:
                return code

    async def _taken(self, config: StoreConfig, service: str, at: float) -> Problem:
        free = await self.slots(config, service, at, 3)
        return Problem("slot_taken", {"next": [iso(slot) for slot, _ in free[:3]]})


def booking_of(command_id: str) -> str:
    """The appointment that a command with this id makes: the same for every repeat, and no way back."""
    return str(UUID(bytes=sha256(f"booking {command_id}".encode()).digest()[:16]))


def label(config: StoreConfig, service: str, language: str) -> str:
    """What a service is called in a language, else in English, else in any."""
    labels = config.services[service].labels
    return labels.get(language) or labels.get("en") or next(iter(labels.values()))


def when(config: StoreConfig, at: float) -> datetime:
    """An instant in the store's own time."""
    return datetime.fromtimestamp(at, config.zoneinfo)
