"""What everybody of the crowd shares: the way to the server, the clock, the floor, the history."""

from dataclasses import dataclass
from random import Random
from typing import Any

import httpx2

from simulation.crowd.clock import StoreClock
from simulation.crowd.demand import Demand
from simulation.crowd.floor import Floor
from simulation.crowd.history import History
from simulation.crowd.link import Link
from simulation.crowd.screen import Screen


@dataclass(frozen=True, slots=True)
class World:
    """One store as the crowd reaches it. ``http`` is shared by shoppers; salespeople have their own cookies."""

    url: str
    demand: Demand
    http: httpx2.AsyncClient
    clock: StoreClock
    floor: Floor
    history: History
    content: tuple[str, ...] = ()

    @property
    def store_path(self) -> str:
        """The store's part of the API."""
        return f"/api/v1/stores/{self.demand.store}"

    def link(self, name: str, rng: Random) -> Link:
        """A shopper's or kiosk's way to the server."""
        return Link(self.http, name, self.history, rng)

    def screen(self, path: str, hello: dict[str, Any], name: str, rng: Random, headers: dict[str, str] | None = None) -> Screen:
        """A screen on the socket ``/ws/...``."""
        url = "ws" + self.url.removeprefix("http") + path
        return Screen(url, hello, self.clock, self.history, rng, name, headers)
