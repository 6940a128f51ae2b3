"""One shopper or one salesperson against a scripted server: what they do when the screen shows this or that."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any

import httpx2
import pytest

from simulation.crowd import shopper as shopper_module
from simulation.crowd.character import Character
from simulation.crowd.clock import StoreClock
from simulation.crowd.demand import Demand, Habits, Need, Worker
from simulation.crowd.floor import Floor
from simulation.crowd.history import History
from simulation.crowd.salesperson import Salesperson
from simulation.crowd.screen import Screen, View
from simulation.crowd.shopper import Shopper
from simulation.crowd.world import World

SPEED = 3000.0  # a store minute in 20 ms
NOW = "2026-11-21T14:40:00.000Z"
LEA = Worker(pin="1111", from_s=0, until_s=86_400)
DEMAND = Demand(
    "volt", "Europe/Paris", 36_000, 72_000, 40, 0, {"phones": Need(1.0, 300, 900)}, {"lea": LEA}, Habits(declines=0, forgets_finish=0)
)
PATIENT = Character(
    service="phones", steps=(), way="phone", language="fr", card=False, standing=None, companions=0, patience_s=9000, walking_s=30,
    reaction_s=3, read_after_s=None, away_after_s=None, away_minutes=5, vanishes=False, misses_call=False, stars=5,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScriptedWorld(World):
    """Sockets that never speak: views come from the script."""

    screens: tuple[list[Screen], ...] = ([],)

    def screen(self, path: str, hello: View, name: str, rng: Random, headers: dict[str, str] | None = None) -> Screen:
        made = Silent("ws://store.test", hello, self.clock, self.history, rng, name, headers)
        self.screens[0].append(made)
        return made


class Silent(Screen):
    """A screen that is only shown what the test shows it."""

    async def run(self) -> None:
        await asyncio.Event().wait()


class Script:
    """The server: remembers the commands and answers each with what the test wants."""

    def __init__(self, answers: dict[str, Callable[[dict[str, Any]], Any]] | None = None) -> None:
        self.asked: list[str] = []
        self.bodies: dict[str, dict[str, Any]] = {}
        self.seq = 1
        self.view: View = {"seq": 1, "phase": "waiting", "until": None}
        clock = StoreClock()
        clock.read({"now": NOW, "speed": SPEED})
        self.answers = answers or {}
        http = httpx2.AsyncClient(base_url="http://store.test", transport=httpx2.MockTransport(self._answer))
        self.world = ScriptedWorld("http://store.test", DEMAND, http, clock, Floor(), History(), ("tip",))
        self.board = self.world.screen("/ws/board", {}, "board", Random(1))
        self.board.show({"seq": 1, "calls": []})

    def becomes(self, **change: Any) -> View:
        """The next view, shown on the newest screen."""
        self.seq += 1
        self.view = {**self.view, **change, "seq": self.seq}
        self.world.screens[0][-1].show(self.view)
        return self.view

    async def asks(self, command: str) -> None:
        """Wait until this command was sent."""
        async with asyncio.timeout(5):
            while command not in self.asked:
                await asyncio.sleep(0.002)

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(200, json={"services": [{"id": "phones", "range": {"low_s": 100, "high_s": 900}}]})
        name = request.url.path.rpartition("/")[2]
        self.bodies[name] = json.loads(request.content)
        self.asked.append(name)
        if name == "tickets":
            return httpx2.Response(201, json={"number": "T-001", "token": "t", "url": "/t/#t", "view": self.view, "seq": self.seq})
        answer = self.answers[name](self.bodies[name]) if name in self.answers else {}
        return answer if isinstance(answer, httpx2.Response) else httpx2.Response(200, json={"seq": self.seq, **answer})


def live(script: Script, character: Character) -> "asyncio.Task[str]":
    return asyncio.create_task(Shopper(script.world, "shopper:1", character, Random(3), script.board).live())


async def test_a_called_shopper_says_so_walks_and_rates() -> None:
    script = Script()
    life = live(script, PATIENT)
    await script.asks("tickets")
    await asyncio.sleep(0.02)
    script.becomes(phase="called")
    await script.asks("coming")
    async with asyncio.timeout(5):
        await script.world.floor.arrival("T-001")
    script.becomes(phase="serving")
    await asyncio.sleep(0.02)
    script.becomes(phase="ended", outcome="answered")
    assert await life == "answered"
    assert script.asked == ["tickets", "seen", "coming", "rate"]
    assert script.bodies["rate"]["stars"] == 5


async def test_patience_ends() -> None:
    script = Script({"leave": lambda body: {"view": script.becomes(phase="ended", outcome="left")}})
    assert await live(script, replace(PATIENT, patience_s=120)) == "left"
    assert script.asked == ["tickets", "leave"]


async def test_some_go_without_a_word() -> None:
    script = Script()
    assert await live(script, replace(PATIENT, patience_s=120, vanishes=True)) == "vanished"
    assert script.asked == ["tickets"]


async def test_a_wait_beyond_all_patience_puts_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shopper_module, "PUT_OFF", 1.0)
    script = Script()
    assert await live(script, replace(PATIENT, patience_s=60)) == "balked"
    assert script.asked == ["balks"]


async def test_reading_and_stepping_away() -> None:
    script = Script(
        {"away": lambda body: {"view": script.becomes(phase="away")}, "back": lambda body: {"view": script.becomes(phase="waiting")}}
    )
    life = live(script, replace(PATIENT, read_after_s=20, away_after_s=60))
    await script.asks("back")
    assert script.asked == ["tickets", "content", "away", "back"]
    script.becomes(phase="ended", outcome="closed")
    assert await life == "closed"


async def test_who_missed_the_call_comes_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shopper_module, "COMES_BACK", 1.0)
    script = Script({"back": lambda body: {"view": script.becomes(phase="waiting")}})
    life = live(script, replace(PATIENT, misses_call=True))
    await script.asks("tickets")
    await asyncio.sleep(0.02)
    script.becomes(phase="called")
    await script.asks("seen")
    await asyncio.sleep(0.02)
    script.becomes(phase="parked")
    await script.asks("back")
    script.becomes(phase="called")
    await script.asks("coming")
    script.becomes(phase="ended", outcome="answered")
    assert await life == "answered"


async def test_a_shopper_with_a_slip_watches_the_board() -> None:
    script = Script()
    life = live(script, replace(PATIENT, way="slip"))
    await script.asks("tickets")
    script.board.show({"seq": 2, "calls": [{"number": "T-001"}]})
    async with asyncio.timeout(5):
        await asyncio.sleep(0.02)
        await script.world.floor.arrival("T-001")
    script.world.floor.serve("T-001")
    script.board.show({"seq": 3, "calls": []})
    script.world.floor.go_home("T-001")
    assert await life == "answered"
    assert script.asked == ["tickets"]


ME = {"duty": "off"}
IDLE: View = {"seq": 1, "me": ME, "card": None, "offer": None, "waiting": []}


class Desk:
    """A salesperson of the crowd at a scripted desk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.script = Script({"finish": partial(self._then, "idle", card=None), "session": lambda body: httpx2.Response(201, json={})})
        self.script.view = IDLE
        monkeypatch.setattr("simulation.crowd.salesperson.http_client", lambda url, connections: self.script.world.http)
        midnight = self.script.world.clock.now() - 52_800
        self.life = asyncio.create_task(Salesperson(self.script.world, "lea", LEA, midnight, Random(5)).work())
        for act, duty in (("on", "idle"), ("start", "serving"), ("no-show", "idle")):
            self.script.answers[act] = partial(self._then, duty)

    def _then(self, duty: str, body: dict[str, Any], **change: Any) -> View:
        self.script.becomes(me={"duty": duty}, offer=None, **change)
        return {}

    async def at_the_screen(self) -> None:
        """Wait until the salesperson looks, and show the first view."""
        await self.script.asks("session")
        await asyncio.sleep(0.02)
        self.script.becomes()
        await self.script.asks("on")

    async def is_offered(self, number: str) -> None:
        """Offer a ticket; once accepted it is the card in hand."""
        card = {"ticket": f"id-{number}", "number": number, "service": "phones", "steps": [{"service": "phones", "state": "now"}],
                "coming": False, "seen": True, "doubted": False, "started_at": NOW}  # fmt: skip
        self.script.answers["accept"] = partial(self._then, "calling", card=card)
        self.script.becomes(me={"duty": "offered"}, offer=card)
        await self.script.asks("accept")

    async def goes_home(self) -> None:
        """End the life without waiting for the evening."""
        self.life.cancel()
        await asyncio.gather(self.life, return_exceptions=True)


async def test_a_salesperson_accepts_receives_serves_and_finishes(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.script.world.floor.enter("T-001")
    await desk.at_the_screen()
    await desk.is_offered("T-001")
    desk.script.world.floor.arrive("T-001")
    await desk.script.asks("finish")
    assert desk.script.asked == ["session", "on", "accept", "start", "finish"]
    assert desk.script.world.floor.is_gone("T-001")
    await desk.goes_home()


async def test_a_shopper_who_does_not_come_is_called_again_and_parked(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.script.world.floor.enter("T-002")
    await desk.at_the_screen()
    await desk.is_offered("T-002")
    await desk.script.asks("no-show")
    assert desk.script.asked[-2:] == ["recall", "no-show"]
    await desk.goes_home()


async def test_a_human_who_says_on_my_way_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    await desk.at_the_screen()
    await desk.is_offered("T-003")
    await asyncio.sleep(0.05)
    assert "start" not in desk.script.asked
    desk.script.becomes(card={**desk.script.view["card"], "coming": True})
    await desk.script.asks("start")
    await desk.goes_home()
