"""What there is to read, watch and play while waiting, and what others have answered."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute

from server.content.front import FILE
from server.web import answers, shapes
from server.web.files import REVALIDATE
from server.web.pages import language_of
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import house

STORE: Final = "/api/v1/stores/{store}"
ANSWERS_MIN: Final = 5  # what fewer have answered could be told of one of them
KINDS: Final = {
    "mp4": "video/mp4", "webm": "video/webm", "vtt": "text/vtt", "jpg": "image/jpeg", "png": "image/png", "webp": "image/webp",
}  # fmt: skip


async def content(request: Request) -> Response:
    """Things to read and play while waiting, in a language, best for a service first."""
    rooms = house(request)
    config = rooms.live.store(request.path_params["store"])
    language = request.query_params.get("language") or language_of(request)
    today = config.business_day(rooms.live.clock.now())
    return answers.json(rooms.content(config.id, language[:8], request.query_params.get("service"), today))


async def media(request: Request) -> Response:
    """A video of the store, its captions or its poster; in parts, as players ask for them (ranges)."""
    rooms, name = house(request), request.path_params["file"]
    store = rooms.live.store(request.path_params["store"]).id
    path = rooms.settings.content / store / name if rooms.settings.content and FILE.fullmatch(name) else None
    if path is None or not await asyncio.to_thread(path.is_file):
        raise Problem("not_found")
    return FileResponse(path, media_type=KINDS[path.suffix[1:]], headers={"Cache-Control": REVALIDATE})


async def poll(request: Request) -> Response:
    """What today's shoppers have answered to a poll, option by option; none yet while fewer than five have."""
    day = house(request).live.day(request.path_params["store"])
    given = (_answer(ticket.seen, f"{request.path_params['item']}:") for ticket in (*day.tickets.values(), *day.ended))
    counts = Counter(option for option in given if option)
    total = counts.total()
    return answers.json({"answers": counts if total >= ANSWERS_MIN else {}, "total": total if total >= ANSWERS_MIN else 0})


def _answer(seen: Iterable[str], prefix: str) -> str:
    """The option this ticket chose, the first one counting; "" for none."""
    return next((item.removeprefix(prefix) for item in seen if item.startswith(prefix) and item.removeprefix(prefix).isdecimal()), "")


def routes() -> list[BaseRoute]:
    """Content, as public as the store's wall."""
    return [
        door(f"{STORE}/content", content, Who.PUBLIC),
        door(f"{STORE}/media/{{file}}", media, Who.PUBLIC),
        door(f"{STORE}/polls/{{item}}", poll, Who.PUBLIC, about=About(shapes.PollAnswers)),
    ]
