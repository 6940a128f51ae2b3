"""Every socket that is open in this process: who sits where, how many may, and how they are asked to leave."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from server.journal.accounts import Session
from server.web import limits
from server.web.problems import Problem

Viewer = tuple[str, ...]
"""Who looks, for the limit per viewer: ("ticket", id) or ("person", store, id)."""


@dataclass(eq=False, slots=True)
class Place:
    """One open socket. ``asked_to_leave`` gets the problem to close with, when somebody else decides that."""

    kind: str
    address: str
    viewer: Viewer | None = None
    session: Session | None = None
    device: str | None = None
    store: str | None = None  # the device's, if it is one
    may: Callable[[], bool] | None = None  # whether the session still has the right to look, where there is one
    asked_to_leave: "asyncio.Future[Problem]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def ask_to_leave(self, problem: Problem) -> None:
        """Close this socket with ``problem``; the first asking counts."""
        if not self.asked_to_leave.done():
            self.asked_to_leave.set_result(problem)


class Hall:
    """The open sockets, bounded in all, per address and per viewer."""

    def __init__(self) -> None:
        self._places: dict[Place, None] = {}  # in the order they came
        self._known: dict[Place, None] = {}  # of them those that somebody signed in or a device of the house holds
        self._addresses: Counter[str] = Counter()
        self._viewers: dict[Viewer, list[Place]] = {}
        self._stopping = False

    def __len__(self) -> int:
        return len(self._places)

    def count(self, kind: str) -> int:
        """How many sockets of this kind are open."""
        return sum(1 for place in self._places if place.kind == kind)

    def enter(self, kind: str, address: str) -> Place:
        """A place for a new socket, or Problem when the house is full or closing."""
        if self._stopping:
            raise restarting()
        if len(self._places) >= limits.SOCKETS:
            raise Problem("busy", retry_after_s=5.0)
        if self._addresses[address] >= limits.SOCKETS_PER_ADDRESS:
            raise Problem("too_many", retry_after_s=5.0)
        place = Place(kind, address)
        self._places[place] = None
        self._addresses[address] += 1
        return place

    def leave(self, place: Place) -> None:
        """The socket is closed."""
        if place in self._places:
            del self._places[place]
            self._known.pop(place, None)
            self._addresses[place.address] -= 1
            if not self._addresses[place.address]:
                del self._addresses[place.address]
            if place.viewer is not None:
                self._viewers[place.viewer].remove(place)
                if not self._viewers[place.viewer]:
                    del self._viewers[place.viewer]

    def know(self, place: Place) -> None:
        """The place has a session or a device now, which may end: among ten thousand phones few have."""
        self._known[place] = None

    def seat(self, place: Place, viewer: Viewer, most: int) -> None:
        """Now it is known who looks; beyond ``most`` sockets of the same viewer the oldest one has to go."""
        place.viewer = viewer
        same = self._viewers.setdefault(viewer, [])
        same.append(place)
        for oldest in same[: max(0, len(same) - most)]:
            oldest.ask_to_leave(Problem("taken_over"))

    def end_sessions(self, which: Callable[[Session], bool]) -> None:
        """Close the sockets of these sessions."""
        for place in list(self._known):
            if place.session and which(place.session):
                place.ask_to_leave(Problem("session_ended"))

    def end_device(self, device: str) -> None:
        """Close the sockets of this device."""
        for place in list(self._known):
            if place.device == device:
                place.ask_to_leave(Problem("device_revoked"))

    def end_rights(self) -> None:
        """Close the sockets of those whose role does not let them look any more."""
        for place in list(self._known):
            if place.may and not place.may():
                place.ask_to_leave(Problem("not_allowed"))

    def sessions(self) -> list[Session]:
        """The sessions with an open socket, each once."""
        return list({place.session.token_hash: place.session for place in self._known if place.session}.values())

    def devices(self) -> list[str]:
        """The devices with an open socket, each once."""
        return list({place.device for place in self._known if place.device})

    async def close(self) -> None:
        """The server stops: let nobody in, send everybody away with the time to come back, wait for the doors."""
        self._stopping = True
        for place in list(self._places):
            place.ask_to_leave(restarting())
        for _ in range(20):
            if not self._places:
                return
            await asyncio.sleep(0.05)


def restarting() -> Problem:
    """Come back after a random time, so that not all come at once."""
    return Problem("restarting", retry_after_s=(500 + secrets.randbelow(limits.RESTART_RETRY_MS - 500)) / 1000)
