"""What is real in a store and no computer knows: who is standing at a desk, and who has gone home.

Shoppers and salespeople of the crowd meet here. A number the crowd does not know belongs to a human who
plays along; the salesperson then goes by what the screen says.
"""

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Presence:
    """One shopper of the crowd, bodily."""

    here: asyncio.Event = field(default_factory=asyncio.Event)
    served: bool = False
    gone: bool = False


class Floor:
    """The crowd's own shoppers by number."""

    def __init__(self) -> None:
        self._presence: dict[str, Presence] = {}

    def enter(self, number: str) -> None:
        """This number is one of the crowd."""
        self._presence.setdefault(number, Presence())

    def knows(self, number: str) -> bool:
        """Whether this number is one of the crowd."""
        return number in self._presence

    def arrive(self, number: str) -> None:
        """The shopper stands at the desk they were called to."""
        self._presence[number].here.set()

    def serve(self, number: str) -> None:
        """A salesperson has begun: the shopper waits no longer."""
        if number in self._presence:
            self._presence[number].here.clear()
            self._presence[number].served = True

    def is_served(self, number: str) -> bool:
        """Whether a salesperson is with this shopper."""
        return self._presence[number].served

    def wait_again(self, number: str) -> None:
        """The step is over, another follows."""
        if number in self._presence:
            self._presence[number].served = False

    def leave_desk(self, number: str) -> None:
        """The shopper no longer stands waiting at a desk."""
        if number in self._presence:
            self._presence[number].here.clear()

    def go_home(self, number: str) -> None:
        """The visit is over for this shopper, and they know it."""
        if number in self._presence:
            self._presence[number].gone = True

    def is_gone(self, number: str) -> bool:
        """Whether the shopper has left the store."""
        return self._presence[number].gone

    async def arrival(self, number: str) -> None:
        """Wait until the shopper stands at the desk."""
        await self._presence[number].here.wait()
