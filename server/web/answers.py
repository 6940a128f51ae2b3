"""From a decided command to its HTTP answer, and from a screen to its view: the same few lines for every face."""

from typing import Any
from uuid import UUID

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from server import metrics
from server.live.messages import Screen
from server.rules.commands import Command
from server.web.files import cached
from server.web.problems import Problem, problem_of
from server.web.wiring import house


async def submit(
    request: Request, store: str, id: UUID, command: Command, sender: str, contact: dict[str, str] | None = None
) -> dict[str, Any]:
    """The body of the answer to a command that was done, now or the first time it came; Problem when it was refused."""
    name = type(command).__name__
    try:
        answer = await house(request).live.submit(store, str(id), command, sender, contact)
    except Exception as error:
        problem = problem_of(error)
        metrics.COMMANDS.labels(name, problem.code if problem else "internal").inc()
        raise
    if answer.refusal is not None:
        metrics.COMMANDS.labels(name, str(answer.refusal.code)).inc()
        raise Problem.refused(answer.refusal)
    metrics.COMMANDS.labels(name, "repeated" if answer.repeated else "done").inc()
    return answer.body


def view(request: Request, store: str, screen: Screen) -> Response:
    """What a screen shows now, or 304 when the caller has seen it; a personal view is never stored on the way."""
    seq, body = house(request).live.view(store, screen)
    return cached(request, body, f'"{seq}"')


def json(body: Any, status: int = 200) -> Response:
    """JSON that nobody keeps."""
    return Response(to_json(body), status, {"Cache-Control": "no-store"}, "application/json")
