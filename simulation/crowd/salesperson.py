"""A salesperson: signs in with a PIN, takes what is offered or presses Next, serves, takes breaks, goes home."""

import asyncio
from collections.abc import Awaitable
from random import Random
from typing import Any

import httpx2

from simulation.crowd import shape
from simulation.crowd.clock import instant
from simulation.crowd.demand import Worker
from simulation.crowd.link import Link, Reply, http_client
from simulation.crowd.screen import Screen, View
from simulation.crowd.world import World

LOOK_S = 20.0  # an idle salesperson who sees somebody waiting that long presses Next
RECALL_S, NO_SHOW_S = 75.0, 70.0  # waits for a shopper this long before calling again, and then before parking
HUMAN_WALL_S = 15.0  # but for a human at least this long on the wall: their thumb is not as fast as the demo's clock
HUMAN_WALK_S = 25.0  # a human who said "on my way" is taken to be there after this
SLIP_WALK_S = 60.0  # and one whose phone never rang (a paper slip) after this
FORGOTTEN_S = (180.0, 900.0)  # how late a forgotten Finish is tapped
SIGN_IN_PAUSE_S = 5.0  # wall time between two tries to sign in


class Salesperson:
    """One worker's day at one desk."""

    def __init__(self, world: World, id: str, worker: Worker, midnight: float, rng: Random) -> None:
        self._world, self._id, self._worker, self._midnight, self._rng = world, id, worker, midnight, rng
        self._http: httpx2.AsyncClient = http_client(world.url, connections=4)
        self._link = Link(self._http, f"staff:{id}", world.history, rng)
        self._screen: Screen | None = None
        self._breaks = [at for at in worker.breaks if midnight + at[0] > world.clock.now() - at[1]]
        self._lengths: dict[tuple[str, int], float] = {}

    async def work(self) -> None:
        """The whole shift; returns after signing off."""
        clock, until = self._world.clock, self._midnight + self._worker.until_s
        await clock.sleep_until(self._midnight + self._worker.from_s + self._rng.uniform(-120, 60))
        try:
            while clock.now() < until:
                await self._sign_in()
                await self._at_the_screen(until)
            await self._tap("off")
        finally:
            await self._http.aclose()

    async def _sign_in(self) -> None:
        body = {"store": self._world.demand.store, "salesperson": self._id, "pin": self._worker.pin}
        while not (await self._link.command("sign_in", "/api/v1/session", body, with_id=False)).ok:
            await self._world.clock.sleep(SIGN_IN_PAUSE_S * self._world.clock.speed)

    async def _at_the_screen(self, until: float) -> None:
        """Work until the shift ends, or until the session does (then sign in again)."""
        cookie = "; ".join(f"{c.name}={c.value}" for c in self._http.cookies.jar)
        hello = {"store": self._world.demand.store, "screen": "staff"}
        self._screen = self._world.screen("/ws/staff", hello, self._link.name, self._rng, {"Cookie": cookie, "X-Avous": "1"})
        socket = asyncio.create_task(self._screen.run())
        try:
            await self._screen.until(lambda view: True)
            while self._screen.closed_code is None and not self._may_go(until):
                await self._act(self._screen.view)
        finally:
            socket.cancel()
            await asyncio.gather(socket, return_exceptions=True)

    def _may_go(self, until: float) -> bool:
        """The shift is over and nobody is being served or called."""
        assert self._screen is not None
        return self._world.clock.now() >= until and self._screen.view["me"]["duty"] in ("off", "idle", "paused")

    async def _act(self, view: View) -> None:
        match view["me"]["duty"]:
            case "off":
                await self._tap("on")
            case "paused":
                await self._rest(view)
            case "offered":
                await self._answer_offer(view)
            case "calling" if view["card"]:
                await self._receive(view["card"])
            case "serving" if view["card"]:
                await self._serve(view["card"])
            case _:
                await self._stand_by(view)

    # --- between two shoppers

    async def _stand_by(self, view: View) -> None:
        """Idle: a break that is due, somebody who waits and is offered to nobody, or nothing."""
        if self._break_due():
            return await self._take_break()
        if any(row["mine"] for row in view["waiting"]):
            if not await self._changed(view, LOOK_S * self._rng.uniform(0.5, 1.5)):
                await self._tap("next")
        else:
            await self._changed(view, 60.0)

    def _break_due(self) -> bool:
        return bool(self._breaks) and self._world.clock.now() >= self._midnight + self._breaks[0][0]

    async def _take_break(self) -> None:
        _, length_s = self._breaks.pop(0)
        if (await self._tap("pause", {"reason": "break", "minutes": length_s / 60})).ok:
            await self._world.clock.sleep(length_s)

    async def _rest(self, view: View) -> None:
        """Paused: by a break whose time is up, or because an offer was missed."""
        await self._world.clock.sleep(self._rng.uniform(5, 20))
        if self._screen is not None and self._screen.view["me"]["duty"] == "paused":
            await self._tap("resume")

    async def _answer_offer(self, view: View) -> None:
        habits = self._world.demand.habits
        if await self._changed(view, habits.reaction_s * self._rng.uniform(0.5, 1.5)) or not view["offer"]:
            return
        if self._break_due():
            await self._tap("decline", {"ticket": view["offer"]["ticket"], "reason": "break"})
            await self._take_break()
        elif self._rng.random() < habits.declines:
            await self._tap("decline", {"ticket": view["offer"]["ticket"], "reason": "busy"})
        else:
            await self._tap("accept", {"ticket": view["offer"]["ticket"]})

    # --- with a shopper

    async def _receive(self, card: View) -> None:
        """The shopper was called: start when they are here, call again, and at last park the ticket."""
        number, ticket = card["number"], {"ticket": card["ticket"]}
        for patience_s, tap in ((RECALL_S, "recall"), (NO_SHOW_S, "no-show")):
            if not self._holds(card):
                return
            if await self._is_here(number, card, self._waits_s(number, patience_s)):
                if (await self._tap("start", ticket)).ok:
                    self._world.floor.serve(number)
                return
            if self._holds(card):
                await self._tap(tap, ticket)

    def _waits_s(self, number: str, usual_s: float) -> float:
        """How long to wait for this shopper, store seconds."""
        return usual_s if self._world.floor.knows(number) else max(usual_s, HUMAN_WALL_S * self._world.clock.speed)

    async def _is_here(self, number: str, card: View, within_s: float) -> bool:
        """Whether the shopper stands at the desk within this time; False at once when the ticket is gone."""
        here = self._world.floor.arrival(number) if self._world.floor.knows(number) else self._human_arrival()
        assert self._screen is not None
        lost = self._screen.until(lambda view: not _is_calling(view, card))
        return await _first(here, lost, within_s / self._world.clock.speed)

    async def _human_arrival(self) -> None:
        """A human says "on my way" (then they are nearly there), or came with a slip and no phone rang."""
        assert self._screen is not None
        clock = self._world.clock
        if not await self._screen.until(lambda view: bool(view["card"] and (view["card"]["coming"] or view["card"]["seen"])), SLIP_WALK_S):
            return
        await self._screen.until(lambda view: bool(view["card"] and view["card"]["coming"]))
        await clock.sleep(HUMAN_WALK_S)

    def _holds(self, card: View) -> bool:
        assert self._screen is not None
        return self._screen.closed_code is None and _is_calling(self._screen.view, card)

    async def _serve(self, card: View) -> None:
        """Serve for as long as this visit takes, answer the question about a long one, then finish."""
        clock = self._world.clock
        ends_at = instant(card["started_at"]) + self._length_s(card)
        while (rest_s := ends_at - clock.now()) > 0:
            assert self._screen is not None
            if self._screen.view["card"] and self._screen.view["card"]["doubted"]:
                await self._tap("still", {"ticket": card["ticket"]})
            if not await self._screen.until(lambda view: not _is_serving(view, card) or view["card"]["doubted"], rest_s):
                break
            if not _is_serving(self._screen.view, card):
                return
        await self._finish(card)

    async def _finish(self, card: View) -> None:
        body: dict[str, Any] = {"ticket": card["ticket"]}
        added = self._added_step(card)
        if added:
            body["steps"] = [added]
        if (await self._tap("finish", body)).ok:
            leave = self._world.floor.wait_again if added or _rest_of(card) else self._world.floor.go_home
            leave(card["number"])

    def _added_step(self, card: View) -> str | None:
        """What the shopper turned out to need as well, when nothing more was planned."""
        need = self._world.demand.needs.get(card["service"])
        if need is None or _rest_of(card):
            return None
        return next((step for step, share in need.added.items() if self._rng.random() < share), None)

    def _length_s(self, card: View) -> float:
        """How long this step takes, drawn once."""
        key = (card["ticket"], len(_rest_of(card)))
        if key not in self._lengths:
            need = self._world.demand.needs.get(card["service"])
            length_s = shape.service_s(self._rng, need.mean_s if need else 300.0) / self._worker.speed
            late = self._rng.random() < self._world.demand.habits.forgets_finish
            self._lengths[key] = length_s + (self._rng.uniform(*FORGOTTEN_S) if late else 0.0)
        return self._lengths[key]

    # --- the screen

    async def _changed(self, view: View, within_s: float) -> bool:
        """Wait until what I should do changes; False if it is the same after ``within_s``."""
        assert self._screen is not None
        before = _situation(view)
        return await self._screen.until(lambda now: _situation(now) != before, within_s)

    async def _tap(self, act: str, body: dict[str, Any] | None = None) -> Reply:
        """One tap, and the view that shows it. A refusal is looked at for a moment, never hammered."""
        reply = await self._link.command(act, f"{self._world.store_path}/staff/{act}", body)
        assert self._screen is not None
        if reply.ok and "seq" in reply.body:
            await self._screen.caught_up(int(reply.body["seq"]))
        elif reply.status == 401:
            self._screen.closed_code = self._screen.closed_code or 1008
        else:
            await self._world.clock.sleep(self._rng.uniform(2, 10))
        return reply


def _situation(view: View) -> tuple[Any, ...]:
    """What decides the next act of a salesperson who is not with a shopper."""
    offer = view["offer"]["ticket"] if view["offer"] else None
    return (view["me"]["duty"], offer, any(row["mine"] for row in view["waiting"]))


def _is_calling(view: View, card: View) -> bool:
    return bool(view["card"]) and view["card"]["ticket"] == card["ticket"] and view["me"]["duty"] == "calling"


def _is_serving(view: View, card: View) -> bool:
    return bool(view["card"]) and view["card"]["ticket"] == card["ticket"] and view["me"]["duty"] == "serving"


def _rest_of(card: View) -> list[Any]:
    """Steps still to come after the present one."""
    steps = card["steps"]
    return [step for step in steps if step["state"] == "next"] if steps and isinstance(steps[0], dict) else list(steps)[1:]


async def _first(here: Awaitable[Any], lost: Awaitable[Any], limit_s: float) -> bool:
    """Whether ``here`` came before ``lost`` and before the limit; whatever is left is cancelled."""
    tasks = [asyncio.ensure_future(here), asyncio.ensure_future(lost)]
    try:
        done, _ = await asyncio.wait(tasks, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        return tasks[0] in done
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
