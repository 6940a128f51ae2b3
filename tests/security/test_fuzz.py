"""Malformed bodies and socket messages by the thousand: the server lives, its memory is flat, nothing fails inside.

``AVOUS_FUZZ_CASES`` sets how many go through the whole application (20,000; half of them bodies, half messages).
The nightly run also puts five million through the parsers, which are the first thing a message meets.
"""

import asyncio
import io
import json
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.applications import Starlette

from server.app import build_app
from server.live.stores import parse_store
from server.settings import Settings
from server.web import bodies, limits
from server.web.policies import BY_SESSION, Who, describe_of
from server.web.problems import Problem
from tests.logs import logged
from tests.security.asgi import request, talk
from tests.security.mutants import mutant
from tests.web.conftest import PINS, STORE, TABLE, HandClock, uid
from tests.web.walk import Way, sockets, ways

CASES = int(os.environ.get("AVOUS_FUZZ_CASES", "20000"))
PARSED = 5_000_000
GROWTH_MAX_KIB = 40 * 1024
CODES = {None, 1003, 1007, 1008, 1009, 4401, 4409}
VALUES: dict[str, Any] = {
    "service": "advice",
    "ticket": uid(),
    "store": STORE,
    "salesperson": "lea",
    "pin": "4711",
    "minutes": 10.0,
    "stars": 3,
    "steps": ["payment"],
    "reason": "busy",
    "item": "cables",
    "desk": "4",
    "code": "ABCDE-FGHJK",
    "to": "karim",
    "name": "Zoé",
    "phone": "0612345678",
}


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    with logged("warning") as out:
        yield out


@pytest.fixture
async def app(tmp_path: Path, empty_database: Path) -> AsyncIterator[Starlette]:
    shutil.copy(empty_database, tmp_path / "avous.db")
    many = 10**9
    settings = Settings(database=f"sqlite:///{tmp_path}/avous.db", demo=True, rollouts=1, joins_per_minute=many, sign_ins_per_minute=many)
    app = build_app(settings, [parse_store(TABLE)], HandClock())
    async with app.router.lifespan_context(app):
        yield app


def seed_of(model: type[BaseModel] | None) -> dict[str, Any]:
    """A body that would do, as far as the names of the fields tell."""
    fields = model.model_fields if model else {}
    return {"id": uid(), **{name: VALUES[name] for name in fields if name in VALUES}}


def targets() -> list[Way]:
    """Every route that takes a body, but for those that end the day: then nothing would be left to try."""
    return [way for way in ways() if way.method == "POST" and not way.path.endswith(("/manager/close", "/manager/end"))]


async def keys(app: Starlette) -> dict[Who, dict[bytes, bytes]]:
    """What opens each kind of door."""
    json_type = {b"content-type": b"application/json", b"x-avous": b"1"}
    body = {"id": uid(), "service": "advice"}
    told = json.loads((await request(app, "POST", f"/api/v1/stores/{STORE}/tickets", json_type, json.dumps(body).encode())).body)
    session, _ = await app.state.house.sessions.begin(STORE, "sarah", "manager")
    cookie = {b"cookie": f"session={session}".encode(), **json_type}
    phone = {b"authorization": f"Bearer {told['token']}".encode(), **json_type}
    return {Who.PUBLIC: json_type, Who.PHONE: phone, **dict.fromkeys(BY_SESSION, cookie)}


def resident_kib() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


async def send_bodies(app: Starlette, rng: Random, cases: int, seen: Counter[Any]) -> None:
    opened, doors = await keys(app), targets()
    for _ in range(cases):
        way = rng.choice(doors)
        about = describe_of(way.route)
        headers = dict(opened.get(way.policy.who, opened[Who.PUBLIC]))
        if rng.random() < 0.05:
            headers[b"content-type"] = rng.randbytes(rng.randrange(12)).hex().encode()
        body = mutant(rng, seed_of(about.body if about else None))
        answer = await request(app, "POST", way.path, headers, body)
        seen[answer.status] += 1
        assert answer.status < 500, (way, body, answer)
        if answer.status >= 400:
            assert {"code", "message", "status"} <= set(json.loads(answer.body)), (way, body, answer)


async def say_messages(app: Starlette, rng: Random, cases: int, seen: Counter[Any]) -> None:
    opened, doors = await keys(app), [route.path for route in sockets()]
    token = opened[Who.PHONE][b"authorization"].decode().removeprefix("Bearer ")
    hellos = {"/ws/phone": {"type": "hello", "token": token}, "/ws/staff": {"type": "hello"}}
    said = 0
    while said < cases:
        path = rng.choice(doors)
        hello = hellos.get(path, {"type": "hello", "store": STORE, "screen": "board", "seen": 1})
        messages = [text_or_bytes(rng, mutant(rng, rng.choice([hello, {"type": "ping"}]))) for _ in range(rng.randrange(1, 4))]
        if rng.random() < 0.5:
            messages.insert(0, {"type": "websocket.receive", "text": json.dumps(hello)})
        async with asyncio.timeout(10):
            code = await talk(app, path, opened[Who.STAFF], messages)
        said += len(messages)
        seen[f"close {code}"] += 1
        assert code in CODES, (path, messages, code)


def text_or_bytes(rng: Random, raw: bytes) -> dict[str, Any]:
    """Mostly text; the protocol below has refused what is no UTF-8 with 1007."""
    if rng.random() < 0.1:
        return {"type": "websocket.receive", "bytes": raw}
    return {"type": "websocket.receive", "text": raw.decode("utf-8", "replace")}


@pytest.mark.timeout(3600 if CASES > 20_000 else 240)
async def test_malformed_bodies_and_messages(app: Starlette, rng: Random, lines: io.StringIO) -> None:
    seen: Counter[Any] = Counter()
    slices, resident = 10, []
    for _ in range(slices):
        await send_bodies(app, rng, CASES // 2 // slices, seen)
        await say_messages(app, rng, CASES // 2 // slices, seen)
        resident.append(resident_kib())
    print(f"{CASES} cases: {dict(seen)}; resident KiB {resident}")
    assert resident[-1] - resident[slices // 2] < GROWTH_MAX_KIB
    assert '"level": "error"' not in lines.getvalue(), lines.getvalue()[:2000]
    assert len(app.state.house.hall) == 0
    opened = await keys(app)
    assert (await request(app, "GET", "/ready", {}, b"")).status == 200
    assert (await request(app, "GET", "/api/v1/ticket", opened[Who.PHONE], b"")).status == 200
    assert PINS["lea"] not in lines.getvalue()


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_five_million_through_the_parsers(rng: Random) -> None:
    models = [
        model for model in vars(bodies).values() if isinstance(model, type) and issubclass(model, bodies.Body) and model is not bodies.Body
    ]
    seeds = {model: {name: VALUES.get(name, uid()) for name in model.model_fields} for model in models}
    seen: Counter[str] = Counter()
    begin = resident_kib()
    for n in range(PARSED):
        model = models[n % len(models)]
        raw = mutant(rng, seeds[model])
        try:
            bodies.parse(raw[: limits.BODY_BYTES], model)
            seen["taken"] += 1
        except Problem as refused:
            seen[refused.code] += 1
    print(f"{PARSED} cases: {dict(seen)}; resident KiB {begin} -> {resident_kib()}")
    assert set(seen) == {"taken", "bad_json", "bad_field"}
    assert resident_kib() - begin < GROWTH_MAX_KIB
