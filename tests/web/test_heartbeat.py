"""Every socket is asked once a round, and given up when it does not answer; what is read without the parser counts as with it."""

import asyncio
import json

import pytest
from starlette.applications import Starlette
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from server.heartbeat import PATIENCE, ROUND, Heartbeat, ping, word_of
from tests.web.conftest import STORE
from tests.web.test_pushing import HELLO


class Socket:
    """Answers at once, unless it is deaf."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.deaf, self.asked, self.waits, self.given_up = deaf, list[int](), False, 0

    def ask(self, word: int) -> None:
        self.asked.append(word)
        self.waits = self.deaf

    def expect(self) -> None:
        self.given_up += self.waits


def test_everybody_is_asked_once_a_round_and_who_is_deaf_is_given_up() -> None:
    heart, sockets = Heartbeat(), []
    for n in range(3 * ROUND):
        sockets.append(Socket(deaf=n % 7 == 0))
        heart.join(sockets[-1])
        if n % 3 == 0:
            heart.beat()
    for _ in range(ROUND):
        heart.beat()
    asked = [len(socket.asked) for socket in sockets]
    for _ in range(ROUND):
        heart.beat()
    assert [len(socket.asked) for socket in sockets] == [n + 1 for n in asked]
    assert all((socket.given_up > 0) == socket.deaf for socket in sockets)
    for socket in sockets:
        heart.leave(socket)
        heart.leave(socket)
    for _ in range(ROUND):
        heart.beat()
    assert len(heart) == 0
    assert [len(socket.asked) for socket in sockets] == [n + 1 for n in asked]


def test_who_was_just_asked_has_its_time_to_answer() -> None:
    heart, deaf = Heartbeat(), Socket(deaf=True)
    heart.join(deaf)
    for _ in range(ROUND + PATIENCE - 1):
        heart.beat()
    assert (len(deaf.asked), deaf.given_up) == (1, 0)
    heart.beat()
    assert deaf.given_up == 1


@pytest.mark.parametrize("word", [0, 1, 0x80000000, 0xFFFFFFFF])
def test_frames_are_as_the_library_makes_and_reads_them(word: int) -> None:
    said = word.to_bytes(4)
    assert ping(word) == Frame(Opcode.PING, said).serialize(mask=False)
    pong = Frame(Opcode.PONG, said).serialize(mask=True)
    assert word_of(pong) == word
    for other in (
        pong[:-1], pong + b"\0", Frame(Opcode.PONG, b"").serialize(mask=True), Frame(Opcode.TEXT, said).serialize(mask=True),
        Frame(Opcode.PONG, said).serialize(mask=False), b"",
    ):  # fmt: skip
        assert word_of(other) is None


@pytest.mark.parametrize("parts", ["whole", "with a message", "byte by byte", "behind half a message"])
async def test_an_answer_counts_however_it_comes(port: int, app: Starlette, parts: str) -> None:
    async with connect(f"ws://127.0.0.1:{port}/ws/board", proxy=None, compression=None) as board:
        await board.send(HELLO)
        await board.recv()
        (subscription,) = app.state.house.live._actors[STORE].hub._watches[("board",)].screens
        socket = subscription._sink._pusher
        board.transport.pause_reading()  # what the library answers by itself comes behind
        socket.ask(7)
        assert socket._word == 7
        pong = Frame(Opcode.PONG, (7).to_bytes(4)).serialize(mask=True)
        message = Frame(Opcode.TEXT, b'{"type":"ping"}').serialize(mask=True)
        sent = {
            "whole": [pong], "with a message": [pong + message], "byte by byte": [pong[n : n + 1] for n in range(len(pong))],
            "behind half a message": [message[:5], message[5:] + pong],
        }[parts]  # fmt: skip
        for part in sent:
            board.transport.write(part)
            await asyncio.sleep(0.01)
        async with asyncio.timeout(10):
            while socket._word is not None:
                await asyncio.sleep(0.01)
        board.transport.resume_reading()
        await board.send('{"type":"ping"}')
        assert json.loads(await asyncio.wait_for(board.recv(), 10))["type"] == "pong"
        assert socket._partial == 0
