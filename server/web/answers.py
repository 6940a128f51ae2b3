"""From a decided command to its HTTP answer, and from a screen to its view: the same few lines for every face."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from server import metrics
from server.live.messages import Screen
from server.rules.commands import Command
from server.web.files import cached
from server.web.limits import Toll
from server.web.problems import Problem, problem_of
from server.web.wiring import House, house

PUBLIC_SCREENS = ("board", "kiosk")
PERSONAL = "private, no-store"


async def submit(
    request: Request,
    store: str,
    id: UUID,
    command: Command,
    sender: str,
    contact: dict[str, str] | None = None,
    toll: tuple[Toll, str] | None = None,
) -> dict[str, Any]:
    """The body of the answer to a command that was done, now or the first time it came; Problem when it was refused.

    ``toll``: a rate and who pays it. What was decided before, or could not be decided, is not paid for.
    """
    name, rooms = type(command).__name__, house(request)
    refund = await _pay(rooms, store, id, *toll) if toll else _nothing
    try:
        answer = await rooms.live.submit(store, str(id), command, sender, contact)
        if answer.repeated:
            refund()
    except Exception as error:
        refund()
        problem = problem_of(error)
        metrics.COMMANDS.labels(name, problem.code if problem else "internal").inc()
        raise
    if answer.refusal is not None:
        metrics.COMMANDS.labels(name, str(answer.refusal.code)).inc()
        raise Problem.refused(answer.refusal)
    metrics.COMMANDS.labels(name, "repeated" if answer.repeated else "done").inc()
    return answer.body


async def _pay(rooms: House, store: str, id: UUID, toll: Toll, payer: str) -> Callable[[], None]:
    """Problem when ``payer`` has asked too much, unless it asks for an answer that was given and got lost.

    Returns what to call when nothing new came of it. Repeats have a rate of their own: they cost a look into the journal.
    """
    now = rooms.wall.now()
    if not (wait_s := toll.commands.wait_s(payer, now)):
        return lambda: None if toll.repeats.wait_s(payer, now) else toll.commands.give_back(payer)
    if toll.repeats.wait_s(payer, now) or not await rooms.live.knows(store, str(id)):
        raise Problem("too_many", retry_after_s=wait_s)
    return _nothing


def _nothing() -> None:
    return


def view(request: Request, store: str, screen: Screen) -> Response:
    """What a screen shows now, or 304 when this very caller has seen it; a personal view is never stored on the way."""
    seq, body = house(request).live.view(store, screen)
    if screen[0] in PUBLIC_SCREENS:
        return cached(request, body, f'"{seq}"')
    seen = hashlib.sha256(b"\0".join([store.encode(), *(part.encode() for part in screen), body])).hexdigest()[:24]
    return cached(request, body, f'"{seq}-{seen}"', keep=PERSONAL)


def json(body: Any, status: int = 200) -> Response:
    """JSON that nobody keeps."""
    return Response(to_json(body), status, {"Cache-Control": "no-store"}, "application/json")
