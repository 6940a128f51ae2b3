"""Appointments: slots, booking, the appointment behind its link, check-in, and the day's list for staff and managers."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server import log
from server.journal import bookings
from server.journal.bookings import BOOKED, Booking
from server.live.live import Live
from server.live.stores import StoreConfig
from server.notify.ladder import How, Note
from server.notify.ways import Message
from server.rules import commands as rules
from server.rules.refusals import Code
from server.rules.views import iso
from server.web import answers, bodies, catalogue, i18n, look, shapes
from server.web import booking_shapes as told
from server.web.api_shopper import STORE, base, is_here, joined, qr, toll
from server.web.booking import Bookings, label, when
from server.web.pages import page
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import house

MINE = "/api/v1/booking"
DAYS_MAX = 14


async def book_page(request: Request) -> Response:
    """Choose a service and a time."""
    config = _store(request)
    return page(request, "web/book.html", written="booking", store=config.id, name=config.name, look=look.about(config.look))


async def booking_page(request: Request) -> Response:
    """One's appointment; which one, only the browser knows."""
    return page(request, "web/booking.html", written="booking")


async def slots(request: Request) -> Response:
    """What can still be had for a service (``?service=S&from=2026-11-23&days=7``), soonest first; ``from`` may be an instant."""
    config, service = _store(request), request.query_params.get("service", "")
    _pay(request)
    days = request.query_params.get("days", "7")
    if not days.isdecimal() or not 1 <= int(days) <= DAYS_MAX:
        raise Problem("bad_field", {"field": "days", "problem": f"1 to {DAYS_MAX}"})
    found = await _bookings(request).slots(config, service, _first(request, config), int(days))
    minutes = _bookings(request).length_s(config, service) / 60
    listed = [{"at": iso(at), "left": left} for at, left in found]
    return answers.json({"service": service, "minutes": minutes, "zone": config.zone, "slots": listed})


async def book(request: Request) -> Response:
    """An appointment: its code, and its secret link."""
    config = _store(request)
    _pay(request)
    body = await bodies.read(request, told.Book)
    desk = _bookings(request)
    given = await desk.book(config, body)
    url = _url(request, given)
    extra: dict[str, Any] = {"qr_svg": qr(url)} if body.qr else {}
    answer = {
        "code": given.code, "token": desk.token(given.id), "url": url, "service": given.service,
        "at": iso(given.at), "until": iso(given.until), "told": _confirm(request, config, given, "booked"),
    }  # fmt: skip
    return answers.json({**answer, **extra}, 201)


async def mine(request: Request) -> Response:
    """My appointment now."""
    return answers.json(_shown(request, request.state.booking))


async def cancel(request: Request) -> Response:
    """Give the slot back."""
    await bodies.read(request, bodies.Command)
    found: Booking = request.state.booking
    done = await _bookings(request).cancel(found)
    if found.state == BOOKED:
        _confirm(request, house(request).live.store(found.store), found, "cancelled")
    return answers.json(_shown(request, done))


async def forget(request: Request) -> Response:
    """Forget what I told about myself; the appointment stays, and I am called by number."""
    await bodies.read(request, bodies.Command)
    return answers.json(_shown(request, await _bookings(request).forget(request.state.booking)))


async def move(request: Request) -> Response:
    """Another slot instead; the code and the link stay."""
    body = await bodies.read(request, told.Move)
    _pay(request)
    found: Booking = request.state.booking
    done = await _bookings(request).move(found, body.at.timestamp())
    if done.at != found.at:
        _confirm(request, house(request).live.store(found.store), done, "moved")
    return answers.json(_shown(request, done))


async def check_in(request: Request) -> Response:
    """I am here: a ticket with the appointment's place in line."""
    body = await bodies.read(request, told.CheckIn)
    found: Booking = request.state.booking
    is_here(request, found.store, body.presence or "")
    return await _arrive(request, found, body.id, with_qr=body.qr)


async def check_in_by_code(request: Request) -> Response:
    """The same with the appointment's code, at a kiosk."""
    body = await bodies.read(request, told.CheckInByCode)
    config = _store(request)
    is_here(request, config.id, body.presence or "")
    return await _arrive(request, await _of_code(request, config, body.code), body.id, with_qr=body.qr)


async def calendar(request: Request) -> Response:
    """My appointment for my calendar (iCalendar)."""
    found: Booking = request.state.booking
    body = _bookings(request).calendar(found, _url(request, found))
    headers = {"Content-Disposition": 'attachment; filename="rendez-vous.ics"', "Cache-Control": answers.PERSONAL}
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)


async def of_day(request: Request) -> Response:
    """The appointments of a day (``?day=2026-11-23``, today where nothing is said), in order."""
    config = _store(request)
    today = config.business_day(house(request).live.clock.now())
    try:
        day = date.fromisoformat(request.query_params.get("day") or today.isoformat())
    except ValueError:
        raise Problem("bad_field", {"field": "day", "problem": "a day like 2026-11-22"}) from None
    found = await bookings.of_day(house(request).live.journal, config.id, day.isoformat())
    return answers.json(await _entries(request, config.id, found))


async def staff_check_in(request: Request) -> Response:
    """This shopper is here."""
    body = await bodies.read(request, bodies.Command)
    return await _arrive(request, await _one(request), body.id, with_qr=False)


async def staff_no_show(request: Request) -> Response:
    """Nobody came."""
    await bodies.read(request, bodies.Command)
    done = await _bookings(request).missed(await _one(request))
    return answers.json((await _entries(request, done.store, [done]))[0])


async def manager_cancel(request: Request) -> Response:
    """The store cancels an appointment; who left an address is told."""
    await bodies.read(request, bodies.Command)
    found = await _one(request)
    done = await _bookings(request).cancel(found)
    if found.state == BOOKED:
        _confirm(request, _store(request), found, "cancelled")
    return answers.json((await _entries(request, done.store, [done]))[0])


def routes() -> list[BaseRoute]:
    """The doors of the appointments."""
    staff, one = f"{STORE}/staff/appointments", f"{STORE}/staff/appointments/{{appointment}}"
    manager = f"{catalogue.MANAGER}/appointments/{{appointment}}/cancel"
    return [
        door("/s/{store}/book", book_page, Who.PUBLIC),
        door("/b/", booking_page, Who.PUBLIC),
        door(f"{STORE}/slots", slots, Who.PUBLIC, about=About(told.Slots)),
        door(f"{STORE}/bookings", book, Who.PUBLIC, "POST", about=About(told.Booked, told.Book, 201)),
        door(f"{STORE}/bookings/check-in", check_in_by_code, Who.PUBLIC, "POST", about=About(shapes.Joined, told.CheckInByCode, 201)),
        door(MINE, mine, Who.BOOKER, about=About(told.Appointment)),
        door(f"{MINE}/cancel", cancel, Who.BOOKER, "POST", about=About(told.Appointment, bodies.Command)),
        door(f"{MINE}/forget", forget, Who.BOOKER, "POST", about=About(told.Appointment, bodies.Command)),
        door(f"{MINE}/move", move, Who.BOOKER, "POST", about=About(told.Appointment, told.Move)),
        door(f"{MINE}/check-in", check_in, Who.BOOKER, "POST", about=About(shapes.Joined, told.CheckIn, 201)),
        door(f"{MINE}/calendar.ics", calendar, Who.BOOKER),
        door(staff, of_day, Who.STAFF, about=About(told.DayEntry, many=True)),
        door(f"{STORE}/appointments", of_day, Who.VIEWER, about=About(told.DayEntry, many=True)),
        door(f"{one}/check-in", staff_check_in, Who.STAFF, "POST", about=About(shapes.Joined, bodies.Command, 201)),
        door(f"{one}/no-show", staff_no_show, Who.STAFF, "POST", about=About(told.DayEntry, bodies.Command)),
        door(manager, manager_cancel, Who.MANAGER, "POST", about=About(told.DayEntry, bodies.Command)),
    ]


async def _arrive(request: Request, booking: Booking, id: UUID, *, with_qr: bool) -> Response:
    """Join with the slot's place. The ticket's id follows from the appointment, so that two taps, or two screens, make one ticket."""
    if booking.state == "cancelled":
        raise Problem("booking_over", {"state": booking.state})
    ticket = catalogue.ticket_of(f"booking {booking.id} {booking.moves}")
    command = rules.Join(ticket, booking.service, language=booking.language, appointment_at=booking.at, companions=booking.companions)
    contact = {key: value for key, value in (("name", booking.name), ("phone", booking.address)) if value and "@" not in value}
    try:
        said = await answers.submit(request, booking.store, id, command, f"booking:{booking.id}", contact or None)
    except Problem as refused:
        if refused.code != Code.DUPLICATE_TICKET:
            raise
        said = _already(house(request).live, booking.store, ticket)
    await _bookings(request).here(booking, ticket)
    return joined(request, ticket, said, with_qr=with_qr)


def _already(live: Live, store: str, ticket: str) -> dict[str, Any]:
    """What is answered to whoever is in the line already."""
    seq, body = live.view(store, ("phone", ticket))
    view = from_json(body)
    return {"number": view["number"], "seq": seq, "view": view}


def _confirm(request: Request, config: StoreConfig, booking: Booking, what: str) -> bool:
    """Tell the address, if there is one and a way to it; whether a message is on its way. It may take its time, or fail."""
    message: Message = request.app.state.message
    if not booking.address or not message.can(booking.address):
        return False
    at, url = when(config, booking.at), _url(request, booking)
    values = {
        "store": config.name, "service": label(config, booking.service, booking.language), "code": booking.code,
        "date": f"{at:%d/%m/%Y}", "time": f"{at:%H:%M}", "url": url,
    }  # fmt: skip
    title, text = (i18n.t(booking.language, f"booking.mail_{what}{part}", **values) for part in ("_title", ""))
    note = Note(f"booking/{what}", title, text, url, _bookings(request).calendar(booking, url))
    request.app.state.errands.begin(_send(message, booking.address, note))
    return True


async def _send(message: Message, address: str, note: Note) -> None:
    how = await message.send(address, note)
    if how is not How.SENT:
        log.get().warning("confirmation_failed", kind=note.rung)


async def _one(request: Request) -> Booking:
    config = _store(request)
    found = await bookings.of_id(house(request).live.journal, config.id, request.path_params["appointment"])
    if found is None:
        raise Problem("unknown_booking")
    return found


def _shown(request: Request, booking: Booking) -> dict[str, Any]:
    live = house(request).live
    config = live.store(booking.store)
    timings = live.day(booking.store).plan.timings
    return {
        "store": config.id, "store_name": config.name, "zone": config.zone, "service": booking.service,
        "labels": dict(config.services[booking.service].labels) if booking.service in config.services else {},
        "at": iso(booking.at), "until": iso(booking.until), "language": booking.language, "state": booking.state,
        "code": booking.code, "companions": booking.companions, "moves_left": max(0, config.booking.moves_max - booking.moves),
        "check_in_from": iso(booking.at - timings.appointment_early_s), "late_at": iso(booking.at + timings.appointment_late_s),
        "ticket_token": live.token(booking.ticket) if booking.ticket else None,
    }  # fmt: skip


async def _entries(request: Request, store: str, found: Sequence[Booking]) -> list[dict[str, Any]]:
    """As staff see them; who is here has left the name with the ticket."""
    names = await house(request).accounts.contact_names(store, [booking.ticket for booking in found if booking.ticket])
    return [_entry(house(request).live, booking, booking.name or names.get(booking.ticket or "", "")) for booking in found]


def _entry(live: Live, booking: Booking, name: str) -> dict[str, Any]:
    ticket = live.day(booking.store).ticket(booking.ticket) if booking.ticket else None
    late = booking.state == BOOKED and live.clock.now() > booking.at
    return {
        "id": booking.id, "at": iso(booking.at), "until": iso(booking.until), "service": booking.service, "language": booking.language,
        "name": name, "code": booking.code, "companions": booking.companions,
        "state": "late" if late else "expected" if booking.state == BOOKED else booking.state,
        "ticket": booking.ticket, "number": ticket.number if ticket else None,
    }  # fmt: skip


def _first(request: Request, config: StoreConfig) -> float:
    """From when on: an instant, a day, or now."""
    text = request.query_params.get("from", "")
    if not text or text == "now":
        return house(request).live.clock.now()
    try:
        asked = datetime.fromisoformat(text)
    except ValueError:
        raise Problem("bad_field", {"field": "from", "problem": "an instant, or a day like 2026-11-23"}) from None
    return (asked if asked.tzinfo else asked.replace(tzinfo=config.zoneinfo)).timestamp()


def _pay(request: Request) -> None:
    """Looking and booking cost what joining costs."""
    rate, payer = toll(request)
    if wait_s := rate.repeats.wait_s(payer, house(request).wall.now()):
        raise Problem("too_many", retry_after_s=wait_s)


async def _of_code(request: Request, config: StoreConfig, code: str) -> Booking:
    """Today's appointment with this code. A wrong one costs a join, so that codes cannot be tried by the thousand; a right one nothing."""
    rate, payer = toll(request)
    if wait_s := rate.commands.wait_s(payer, house(request).wall.now()):
        raise Problem("too_many", retry_after_s=wait_s)
    found = await _bookings(request).today(config, code)
    rate.commands.give_back(payer)
    return found


def _url(request: Request, booking: Booking) -> str:
    return f"{base(request)}/b/#{_bookings(request).token(booking.id)}"


def _bookings(request: Request) -> Bookings:
    found: Bookings = request.app.state.bookings
    return found


def _store(request: Request) -> StoreConfig:
    return house(request).live.store(request.path_params["store"])


async def sweeping(desk: Bookings, every_s: float = 60.0) -> None:
    """Mark no-shows and erase what is over, for ever."""
    while True:
        try:
            await desk.sweep()
        except Exception as trouble:
            log.get().warning("bookings_not_swept", **log.failure(trouble))
        await asyncio.sleep(every_s)
