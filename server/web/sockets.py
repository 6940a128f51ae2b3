"""The sockets: hello, then views, until somebody has enough.

A client's first message says who it is and what it has seen; from then on the server sends plain views,
each the whole truth of that screen, and only the newest one that was not sent yet. What a client may
still send is ``{"type": "ping"}``, answered with the time, because a page cannot see the protocol's own
pings. An error is sent in the one shape, then the socket closes with the code that says what to do next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from functools import partial
from typing import Any

from pydantic_core import from_json, to_json
from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server import log, metrics
from server.live.hub import Subscription
from server.live.messages import Screen
from server.rules.views import iso
from server.web import limits, pushing, roles
from server.web.bodies import Hello, parse
from server.web.hall import Place
from server.web.limits import Rate
from server.web.policies import Policy, Who, socket_door
from server.web.problems import EXPECTED, Problem, problem_of, spoken
from server.web.security import check_handshake
from server.web.wiring import House, house

POLICY_VIOLATION = 1008
CLOSE_CODES: Mapping[str, int] = {
    "text_only": 1003,
    "too_large": 1009,
    "internal": 1011,
    "restarting": 1012,
    "busy": 1013,
    "storage_trouble": 1013,
    "unknown_token": 4401,
    "token_needed": 4401,
    "unknown_ticket": 4401,
    "taken_over": 4409,
}
"""How a socket closes after a problem; every other one is a policy violation. 4401: stop coming back."""


async def phone(websocket: WebSocket) -> None:
    """One ticket's views, for the holder of its link."""
    await _serve(websocket, "phone")


async def staff(websocket: WebSocket) -> None:
    """A salesperson's views, or with ``screen: floor`` a manager's."""
    await _serve(websocket, "staff")


async def board(websocket: WebSocket) -> None:
    """The public views of a store: board or kiosk."""
    await _serve(websocket, "board")


def or_nowhere(not_found: ASGIApp) -> ASGIApp:
    """What answers where no route does: handshakes in the one error shape, requests as ``not_found`` does."""

    async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _turn_away(WebSocket(scope, receive, send), Problem("not_found"))
        else:
            await not_found(scope, receive, send)

    return nowhere


def routes() -> list[WebSocketRoute]:
    """The three sockets. Who may use them shows in the hello, which is checked there."""
    return [
        socket_door("/ws/phone", phone, Who.PHONE),
        socket_door("/ws/staff", staff, Who.STAFF),
        socket_door("/ws/board", board, Who.PUBLIC),
    ]


async def _serve(websocket: WebSocket, kind: str) -> None:
    """From handshake to close, whatever happens in between."""
    rooms = house(websocket)
    try:
        check_handshake(websocket, kind == "staff", rooms.settings)
        device = await rooms.guard.device(websocket, Policy(Who.PUBLIC, way=f"SOCKET /ws/{kind}"), None)
        place = rooms.hall.enter(kind, websocket.client.host if websocket.client else "")
        if device:
            place.device, place.store = device.id, device.store
            rooms.hall.know(place)
    except EXPECTED as error:
        await _turn_away(websocket, problem_of(error) or Problem("internal"))
        return
    stays = False
    try:
        await websocket.accept()
        subscription = await _hello(websocket, rooms, place)
        give_up = partial(_give_up, rooms, place, subscription)
        rest = pushing.Rest(partial(_rest, place, give_up), give_up)
        stays = pushing.start(websocket.scope, subscription, place, rest)
        if not stays:
            with closing(subscription):
                await _until_first(_send(websocket, subscription), _listen(websocket), _asked_to_leave(place))
    except Exception as error:
        await _over(websocket, place, error)
    finally:
        if not stays:
            rooms.hall.leave(place)


async def _rest(place: Place, give_up: Callable[[], None], scope: Scope, receive: Receive, send: Send) -> None:
    """The conversation once views come by themselves: its own application, called when the layers around the first one are gone."""
    websocket = WebSocket(scope, receive, send)
    websocket.client_state = websocket.application_state = WebSocketState.CONNECTED
    try:
        await _unless_asked_to_leave(place, _listen(websocket))
    except Exception as error:
        await _over(websocket, place, error)
    finally:
        give_up()


def _give_up(rooms: House, place: Place, subscription: Subscription) -> None:
    subscription.close()
    rooms.hall.leave(place)


async def _over(websocket: WebSocket, place: Place, error: Exception) -> None:
    """Whoever is at the other end is told what went wrong, if they are still there."""
    if isinstance(error, WebSocketDisconnect):
        return
    problem = problem_of(error)
    if problem is None:
        log.get().error("socket_failed", kind=place.kind, **log.failure(error))
    await _close(websocket, place, problem or Problem("internal"))


async def _hello(websocket: WebSocket, rooms: House, place: Place) -> Subscription:
    """Wait for the first message and find the screen it asks for."""
    try:
        async with asyncio.timeout(limits.HELLO_S):
            text = await _receive(websocket)
    except TimeoutError:
        raise Problem("hello_late") from None
    try:
        hello = parse(text, Hello)
    except Problem as unclear:
        raise Problem("bad_hello", unclear.facts) from None
    store, screen = await _screen(websocket, rooms, place, hello)
    await rooms.live.fresh(store, hello.seen)
    return rooms.live.subscribe(store, screen, hello.seen)


async def _screen(websocket: WebSocket, rooms: House, place: Place, hello: Hello) -> tuple[str, Screen]:
    """(store, screen) that this hello may look at; Problem when it may not."""
    if place.kind == "phone":
        link = await rooms.guard.phone(hello.token)
        rooms.hall.seat(place, ("ticket", link.ticket), limits.SOCKETS_PER_TICKET)
        return link.store, ("phone", link.ticket)
    if place.kind == "board":
        if hello.screen not in (None, "board", "kiosk"):
            raise Problem("bad_hello", {"field": "screen"})
        if place.store not in (None, hello.store or place.store):
            raise Problem("not_allowed")
        return hello.store or place.store or _only_store(rooms), (hello.screen or "board",)
    if hello.screen not in (None, "staff", "floor"):
        raise Problem("bad_hello", {"field": "screen"})
    floor = hello.screen == "floor"
    who = Who.VIEWER if floor else Who.STAFF
    session = await rooms.guard.signed_in(websocket, who, hello.store)
    place.session = session
    place.may = partial(roles.may, rooms.live, websocket.state.home, session.person, who, session.store)
    rooms.hall.know(place)
    rooms.hall.seat(place, ("person", session.store, session.person), limits.SOCKETS_PER_PERSON)
    return session.store, ("floor",) if floor else ("staff", session.person)


def _only_store(rooms: House) -> str:
    """The store a board means that names none; Problem where there are several."""
    stores = rooms.live.stores()
    if len(stores) != 1:
        raise Problem("bad_hello", {"field": "store"})
    return stores[0].id


async def _send(websocket: WebSocket, subscription: Subscription) -> None:
    """Push views for ever; a socket that cannot take one waits here while newer ones replace the next."""
    while True:
        view = await subscription.latest()
        await websocket.send_text(view.decode())
        metrics.VIEWS.sent += 1


async def _listen(websocket: WebSocket) -> None:
    """Answer pings; anything else ends the conversation."""
    rate, rooms = Rate(limits.MESSAGES, limits.MESSAGES_WINDOW_S), house(websocket)
    while True:
        text = await _receive(websocket)
        if wait_s := rate.wait_s("", rooms.wall.now()):
            raise Problem("too_many", retry_after_s=wait_s)
        match _kind(text):
            case "ping":
                await websocket.send_text(to_json({"type": "pong", "now": iso(rooms.live.clock.now())}).decode())
            case "hello":
                raise Problem("second_hello")
            case _:
                raise Problem("bad_message")


async def _unless_asked_to_leave(place: Place, listening: Awaitable[None]) -> None:
    """Listen until this socket is asked to leave, in the one task that it has."""
    task = asyncio.current_task()
    assert task is not None
    place.asked_to_leave.add_done_callback(lambda _: task.cancel())
    try:
        await listening
    except asyncio.CancelledError:
        if not place.asked_to_leave.done():
            raise
        task.uncancel()
        raise place.asked_to_leave.result() from None


async def _asked_to_leave(place: Place) -> None:
    raise await asyncio.shield(place.asked_to_leave)


async def _until_first(*parts: Awaitable[None]) -> None:
    """Run all until one of them fails, which is how each of them ends; the others are cancelled."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
            task.add_done_callback(_look)
        await asyncio.wait(tasks)


def _look(task: "asyncio.Future[None]") -> None:
    """A part that failed beside the first one has been seen too."""
    if not task.cancelled():
        task.exception()


async def _receive(websocket: WebSocket) -> str:
    """The next message, which has to be text and short."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    text = message.get("text")
    if text is None:
        raise Problem("text_only")
    if len(text.encode()) > limits.MESSAGE_BYTES:
        raise Problem("too_large", {"max_bytes": limits.MESSAGE_BYTES})
    return str(text)


def _kind(text: str) -> Any:
    try:
        message = from_json(text)
    except ValueError:
        return None
    return message.get("type") if isinstance(message, dict) else None


async def _close(websocket: WebSocket, place: Place, problem: Problem) -> None:
    """Say why, then close; the reason of "come back later" is the number of milliseconds."""
    code = CLOSE_CODES.get(problem.code, POLICY_VIOLATION)
    reason = str(int(problem.retry_after_s * 1000)) if problem.retry_after_s else problem.code
    metrics.CLOSES.labels(place.kind, str(code)).inc()
    log.get().debug("socket_closed", kind=place.kind, code=code, reason=problem.code)
    try:
        async with asyncio.timeout(limits.CLOSE_S):
            await websocket.send_text(to_json(problem.body(spoken(websocket))).decode())
            await websocket.close(code, reason)
    except (TimeoutError, RuntimeError, WebSocketDisconnect):
        pass  # it does not read, or is gone; returning cuts it off


async def _turn_away(websocket: WebSocket, problem: Problem) -> None:
    """Refuse the handshake itself, with the same error shape over HTTP."""
    metrics.CLOSES.labels("handshake", str(int(problem.status))).inc()
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(JSONResponse(problem.body(spoken(websocket)), problem.status))
    else:
        await websocket.close(POLICY_VIOLATION, problem.code)
