"""Connections that never come to the point end; everybody else is served meanwhile."""

import asyncio
import json

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from server.web import admission, limits
from tests.web.conftest import API, STORE, uid

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HEAD = f"POST {API}/tickets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n".encode()
BUSY_S = 100.0  # within which any machine does anything
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEADERS_S", 0.3)
    monkeypatch.setattr(limits, "BODY_S", 0.3)


async def dial(port: int, said: bytes = b"") -> Pair:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    return reader, writer


async def rest(pair: Pair) -> bytes:
    """What comes until the server closes."""
    reader, writer = pair
    try:
        return await asyncio.wait_for(reader.read(), BUSY_S)
    finally:
        writer.close()


@pytest.mark.parametrize(
    "said", [b"", b"\r\n", b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: "], ids=["nothing", "an empty line", "half a header"]
)
async def test_who_does_not_say_what_they_want_is_cut_off(port: int, said: bytes) -> None:
    assert await rest(await dial(port, said)) == b""


async def test_trickling_headers_do_not_help(port: int) -> None:
    reader, writer = await dial(port, b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: ")
    async with asyncio.timeout(BUSY_S):  # it is sent away although something comes all the time
        while not (reader.at_eof() or reader.exception()):  # a byte that crosses the goodbye turns it into a reset
            writer.write(b"a")
            await asyncio.sleep(0.05)
    writer.close()


async def test_half_a_body_is_refused_in_the_one_shape(port: int) -> None:
    head, _, body = (await rest(await dial(port, HEAD + b"{"))).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in head.lower()
    assert (json.loads(body)["code"], json.loads(body)["status"]) == ("request_late", 408)


async def test_a_second_request_has_the_same_time_and_a_pause_is_allowed(port: int) -> None:
    reader, writer = await dial(port, HEALTH)
    assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
    await asyncio.sleep(0.6)  # longer than headers may take, shorter than uvicorn keeps a connection
    writer.write(HEALTH)
    assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
    writer.write(HEALTH[:20])
    assert await rest((reader, writer)) == b""


async def test_an_open_socket_is_not_a_late_request(port: int) -> None:
    async with connect(f"ws://127.0.0.1:{port}/ws/board") as board:
        await board.send(json.dumps({"store": STORE}))
        assert json.loads(await board.recv())["seq"]
        await asyncio.sleep(0.6)
        await board.send(json.dumps({"type": "ping"}))
        assert json.loads(await board.recv())["type"] == "pong"


async def test_everybody_else_is_served_meanwhile(port: int) -> None:
    most = limits.SHOPPERS_WHEN_LATE - 1  # bodies that never end: one place is free also while a busy machine makes the loop late
    stuck = [await dial(port, said) for said in (b"", HEALTH[:20], HEAD + b"{") for _ in range(most)]
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        assert (await http.post(f"{API}/tickets", json={"id": uid(), "service": "advice"})).status_code == 201
    for _, writer in stuck:
        writer.close()


async def test_connections_are_bounded(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS", 0)
    head, _, body = (await rest(await dial(port, HEALTH))).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert json.loads(body)["code"] == "busy"
    assert limits.BUSY_RETRY_S <= json.loads(body)["retry_after_s"] <= 2 * limits.BUSY_RETRY_S


async def test_a_full_lane_refuses_at_once_in_the_callers_language(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times over one connection, which may be used again; other lanes and health are open."""
    monkeypatch.setitem(admission.MOST, admission.Lane.SHOPPER, (0, 0.0, 0))
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"X-Avous": "1", "Accept-Language": "fr"}) as http:
        for _ in range(10):
            refused = await http.post(f"{API}/tickets", json={"id": uid(), "service": "advice"})
            body = refused.json()
            assert (refused.status_code, body["code"], body["status"]) == (503, "busy", 503)
            assert "moment" in body["message"] or "instant" in body["message"] or "secondes" in body["message"], body["message"]
            assert limits.BUSY_RETRY_S <= body["retry_after_s"] <= int(refused.headers["Retry-After"]) + 1
            assert "connection" not in refused.headers
        assert (await http.get(f"{API}/views/board")).status_code == 200
        assert (await http.get("/health")).status_code == 200


async def test_a_place_is_given_back_and_a_late_loop_has_fewer() -> None:
    door = admission.Admission()
    assert all(door.enter(admission.Lane.SHOPPER) for _ in range(limits.SHOPPERS_AT_ONCE))
    assert not door.enter(admission.Lane.SHOPPER)
    assert door.enter(admission.Lane.STAFF)
    door.leave(admission.Lane.SHOPPER)
    assert door.enter(admission.Lane.SHOPPER)
    for _ in range(limits.SHOPPERS_AT_ONCE - limits.SHOPPERS_WHEN_LATE):
        door.leave(admission.Lane.SHOPPER)
    door.late_s = 2 * limits.VIEWS_LATE_S
    assert not door.enter(admission.Lane.SHOPPER)
    assert 0.0 < door.pause_s() <= limits.BUSY_RETRY_S
    assert door.socket_may_open()
    door.late_s = 2 * limits.VERY_LATE_S
    assert not door.socket_may_open()


async def test_a_handshake_at_a_very_late_loop_is_told_to_come_back(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission.Admission, "socket_may_open", lambda self: False)
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{port}/ws/board").__aenter__()
    assert refused.value.response.status_code == 503
    assert int(refused.value.response.headers["Retry-After"]) >= 1
