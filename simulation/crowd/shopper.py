"""A shopper: sees the wait, joins or not, waits with a phone or a slip, comes when called, or runs out of patience."""

import asyncio
from random import Random
from typing import Any

from simulation.crowd.character import Character
from simulation.crowd.clock import instant
from simulation.crowd.link import Link, Reply
from simulation.crowd.screen import Screen, View
from simulation.crowd.world import World

PUT_OFF = 0.5  # share of those who are told a wait beyond their patience that do not join
COMES_BACK = 0.7  # share of the parked who say "I'm here"
AFTER_ALL_S = (60.0, 300.0)  # when a shopper who missed the call notices
RATE_AFTER_S = (5.0, 60.0)
SERVED_LOOK_S = 30.0  # how often a shopper without a phone notices what a salesperson told them
REST_S = 3600.0  # a pause between two looks at a screen that does not change


class Shopper:
    """One visit from seeing the kiosk to leaving the store."""

    def __init__(self, world: World, name: str, character: Character, rng: Random, board: Screen) -> None:
        self._world, self._character, self._rng, self._board, self.name = world, character, rng, board, name
        self._link: Link = world.link(name, rng)
        self._screen: Screen | None = None
        self._headers: dict[str, str] = {}
        self._number = ""
        self._missed = False
        self._intentions: list[tuple[float, str]] = []

    async def live(self) -> str:
        """Live the visit; returns how it ended as the shopper sees it."""
        if await self._is_put_off():
            await self._link.command("balk", f"{self._world.store_path}/balks", {"service": self._character.service})
            return "balked"
        reply = await self._join()
        if not reply.ok:
            return f"refused {reply.code or reply.status}"
        self._number = reply.body["number"]
        self._world.floor.enter(self._number)
        self._intend(self._world.clock.now())
        if self._character.way == "slip":
            return await self._watch_the_board()
        return await self._use_the_phone(reply)

    async def _is_put_off(self) -> bool:
        reply = await self._link.get(self._world.store_path)
        for service in reply.body.get("services", ()):
            told = service.get("range")
            if service["id"] == self._character.service and told:
                return bool(told["low_s"] > self._character.patience_s and self._rng.random() < PUT_OFF)
        return False

    async def _join(self) -> Reply:
        who = self._character
        body: dict[str, Any] = {"service": who.service, "language": who.language}
        if who.steps:
            body["steps"] = list(who.steps)
        if who.companions:
            body["companions"] = who.companions
        if who.card or who.standing:
            body["priority"] = "card" if who.card else who.standing
        return await self._link.command("join", f"{self._world.store_path}/tickets", body)

    def _intend(self, now: float) -> None:
        """What will be done while waiting, earliest first; patience ends last of all."""
        who = self._character
        wanted = [(who.read_after_s, "read"), (who.away_after_s, "away"), (who.patience_s, "give up")]
        self._intentions = sorted((now + after, act) for after, act in wanted if after is not None)

    # --- with a slip of paper

    async def _watch_the_board(self) -> str:
        """Come when the number is on the board; go home when patience ends, without telling anybody."""
        clock, floor, number = self._world.clock, self._world.floor, self._number
        give_up_at = clock.now() + self._character.patience_s

        def called(view: View) -> bool:
            return any(call["number"] == number for call in view["calls"])

        while not floor.is_gone(number):
            if floor.is_served(number):
                await clock.sleep(SERVED_LOOK_S)
                give_up_at = clock.now() + self._character.patience_s
            elif await self._board.until(called, min(SERVED_LOOK_S, give_up_at - clock.now())):
                await clock.sleep(self._character.reaction_s + self._character.walking_s)
                floor.arrive(number)
                await self._board.until(lambda view: not called(view), REST_S)
                floor.leave_desk(number)
                give_up_at = clock.now() + self._character.patience_s
            elif clock.now() >= give_up_at:
                return "vanished"
        return "answered"

    # --- with a phone

    async def _use_the_phone(self, reply: Reply) -> str:
        token = reply.body["token"]
        self._headers = {"Authorization": f"Bearer {token}"}
        self._screen = self._world.screen("/ws/phone", {"token": token}, self._link.name, self._rng)
        self._screen.show(reply.body.get("view"))
        socket = asyncio.create_task(self._screen.run())
        try:
            return await self._follow(self._screen)
        finally:
            socket.cancel()
            await asyncio.gather(socket, return_exceptions=True)

    async def _follow(self, screen: Screen) -> str:
        """Do what the phone shows until it shows the end, or until the shopper is gone."""
        await screen.until(lambda view: True)
        while screen.closed_code is None:
            match screen.view["phase"]:
                case "waiting":
                    if await self._wait(screen):
                        return "vanished"
                case "called":
                    await self._come(screen)
                case "away":
                    await self._stay_away(screen)
                case "parked":
                    if await self._stay_parked(screen):
                        return "vanished"
                case "serving":
                    self._world.floor.leave_desk(self._number)
                    await self._leave_phase(screen, "serving", REST_S)
                    self._intend(self._world.clock.now())
                case _:
                    return await self._thank(screen)
        return f"closed {screen.closed_code}"

    async def _leave_phase(self, screen: Screen, phase: str, within_s: float) -> bool:
        """Wait until the phone shows another phase; False if it still shows this one in the end."""
        return await screen.until(lambda view: view["phase"] != phase, within_s)

    async def _wait(self, screen: Screen) -> bool:
        """Stroll until something happens; True when patience ended and the shopper just went."""
        clock = self._world.clock
        at, act = self._intentions[0] if self._intentions else (clock.now() + REST_S, "")
        if await self._leave_phase(screen, "waiting", at - clock.now()):
            return False
        self._intentions = self._intentions[1:]
        match act:
            case "read" if self._world.content:
                await self._tell("content", {"item": self._rng.choice(self._world.content)})
            case "away":
                await self._tell("away", {"minutes": self._character.away_minutes})
            case "give up" if self._character.vanishes:
                return True
            case "give up":
                await self._tell("leave", {"reason": "wait"})
        return False

    async def _come(self, screen: Screen) -> None:
        """The phone rings: it says so by itself; most shoppers answer and walk, a few do not hear it."""
        clock, floor, who = self._world.clock, self._world.floor, self._character
        await self._tell("seen")
        if who.misses_call and not self._missed:
            self._missed = True
            await self._leave_phase(screen, "called", REST_S)
            return
        await clock.sleep(who.reaction_s)
        await self._tell("coming")
        await clock.sleep(who.walking_s)
        if screen.view["phase"] == "called":
            floor.arrive(self._number)
        await self._leave_phase(screen, "called", REST_S)
        floor.leave_desk(self._number)

    async def _stay_away(self, screen: Screen) -> None:
        """Gone for a while; back a little before or after the time said."""
        until = screen.view.get("until")
        rest_s = (instant(until) - self._world.clock.now()) if until else self._character.away_minutes * 60
        if not await self._leave_phase(screen, "away", rest_s * self._rng.uniform(0.5, 1.1)):
            await self._tell("back")

    async def _stay_parked(self, screen: Screen) -> bool:
        """The call was missed; some notice and say "I'm here", the others are gone."""
        if self._rng.random() > COMES_BACK:
            return True
        if not await self._leave_phase(screen, "parked", self._rng.uniform(*AFTER_ALL_S)):
            await self._tell("back")
        return False

    async def _thank(self, screen: Screen) -> str:
        outcome = str(screen.view.get("outcome") or "ended")
        self._world.floor.go_home(self._number)
        if self._character.stars and outcome == "answered":
            await self._world.clock.sleep(self._rng.uniform(*RATE_AFTER_S))
            await self._tell("rate", {"stars": self._character.stars})
        return outcome

    async def _tell(self, act: str, body: dict[str, Any] | None = None) -> None:
        """One tap on the phone, and the view that answers it."""
        reply = await self._link.command(act, f"/api/v1/ticket/{act}", body, self._headers)
        assert self._screen is not None
        if reply.ok:
            self._screen.show(reply.body.get("view"))
        else:
            await self._world.clock.sleep(self._rng.uniform(1, 5))  # the next view tells why; never hammer
