"""A server with many stores and a phone for everybody who waits: the floor that the live benches walk on.

The line is there before the server starts (tickets and sessions are written to its database by the same code
that serves), so that a bench begins with ten thousand shoppers and not with ten thousand sign-ins.
"""

import asyncio
import gc
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from server.bench import people
from server.bench.history import History, set_check, went_back
from server.bench.http import Doors, Reply, Wires
from server.bench.phones import Phone, address_of, dial, seq_of
from server.bench.process import BenchFailed, Folder, Served, avous
from server.journal.accounts import Accounts, Person
from server.journal.migrate import migrate
from server.journal.sqlite import SqliteJournal
from server.live.clock import WallClock
from server.live.live import Live
from server.live.stores import parse_store
from server.rules import commands as c
from server.settings import Settings
from server.web.sessions import Sessions

DIALS_AT_ONCE = 100
FIRST_VIEW_S = 60.0


class Screen(Phone):
    """A phone that belongs to a store; it remembers the newest seq, and all of them when asked to."""

    def __init__(self, store: "Shop", token: str) -> None:
        super().__init__("/ws/phone", b'{"token":"%s","seen":null}' % token.encode(), _seen)
        self.store, self.token, self.seq, self.back, self.views = store, token, -1, 0, 0
        self.counts = True  # whether the last phone may be this one
        self.seq_before = -1  # of the socket that this one replaces
        self.shown = asyncio.get_running_loop().create_future()  # done with the first view, or when there will be none

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        super().connection_lost(exc)
        if not self.shown.done():
            self.shown.set_result(False)


def _seen(phone: Phone, message: bytes, now: float) -> None:
    assert isinstance(phone, Screen)
    seq = seq_of(message)
    if seq < 0:
        return
    phone.views += 1
    if phone.seq < 0 and not phone.shown.done():
        phone.shown.set_result(True)
    if seq < phone.seq:
        phone.back += 1
    phone.seq = seq
    if phone.counts:
        phone.store.arrivals[seq] = now


def _look(phone: Phone, message: bytes, now: float) -> None:
    """A salesperson sees the view."""


@dataclass
class Shop:
    """One store as the load sees it: its waiting phones, its salespeople, what was shown when."""

    id: str
    doors: Doors
    tokens: deque[str]  # of those who wait, first come first
    desk: Phone | None = None  # p0's own screen
    screens: dict[str, Screen] = field(default_factory=dict)
    arrivals: dict[int, float] = field(default_factory=dict)  # seq -> when the last phone had it
    serving: str = ""  # the ticket in hand of p0
    step: int = 0
    busy: bool = False

    def next_command(self) -> c.Command:
        """The next step of p0's round: take the first, start, finish; then somebody new joins."""
        match self.step % 4:
            case 0:
                return c.ClaimNext("p0")
            case 1:
                return c.Start("p0", self.serving)
            case 2:
                return c.Finish("p0", self.serving)
        return c.Join(f"new {self.step}", people.SERVICES[self.step // 4 % 2])


@dataclass
class Town:
    """The server, its stores and the phones connected to it."""

    served: Served
    shops: list[Shop]
    rng: Random
    history: History = field(default_factory=History)
    gone: list[Screen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wires = Wires(self.served.port)
        self._dialled = 0

    @property
    def screens(self) -> list[Screen]:
        """Every phone that is connected or was meant to be."""
        return [screen for shop in self.shops for screen in shop.screens.values()]

    async def connect(self, pairs: Iterable[tuple[Shop, str]]) -> None:
        """Connect these phones, a hundred at a time, and wait until each has a view."""
        gate = asyncio.Semaphore(DIALS_AT_ONCE)

        async def one(shop: Shop, token: str) -> None:
            async with gate:
                screen = await self.dial(shop, token)
                if not await asyncio.wait_for(screen.shown, FIRST_VIEW_S):
                    raise BenchFailed(f"a phone was turned away with {screen.close_code}")

        await asyncio.gather(*(one(shop, token) for shop, token in pairs))

    async def open_desks(self) -> None:
        """Every store's p0 looks at the staff app."""
        for shop in self.shops:
            cookie = f"Cookie: session={shop.doors.cookies['p0']}\r\n"
            self._dialled += 1
            shop.desk = await dial(self.served.port, Phone("/ws/staff", b"{}", _look, cookie), address_of(self._dialled))

    async def dial(self, shop: Shop, token: str) -> Screen:
        """Connect one phone, without waiting for its view."""
        screen = Screen(shop, token)
        if (old := shop.screens.get(token)) is not None:
            self.gone.append(old)
        shop.screens[token] = screen
        self._dialled += 1
        await dial(self.served.port, screen, address_of(self._dialled))
        return screen

    async def send(self, shop: Shop, command: c.Command, client: str) -> Reply:
        """One command over HTTP, written down."""
        id, op = people.new_id(self.rng), type(command).__name__
        path, body, headers = shop.doors.request(id, command)
        self.history.add(client, op, id, "invoke")
        reply = await self.wires.post(path, body, headers)
        if reply.done:
            self.history.add(client, op, id, "ok", reply.body.get("seq"))
        elif reply.status and reply.status < 500 and reply.status != 429:
            self.history.add(client, op, id, "fail", reply.body.get("code"))
        else:
            self.history.add(client, op, id, "info", reply.status)
        return reply

    async def faults(self) -> list[str]:
        """Stop the server and look into its journal: every promise that was broken."""
        await self.served.stop()
        journal = SqliteJournal(self.served.folder / "journal.db")
        try:
            recovered: list[str] = []
            for shop in self.shops:
                for head in await journal.days(shop.id, 2):
                    recovered += [r.id for r in await journal.recorded(shop.id, head.day) if not r.refused]
        finally:
            await journal.close()
        mine = {entry.id for entry in self.history}
        faults = set_check(self.history, [id for id in recovered if id in mine]).faults
        return faults + [fault for screen in [*self.screens, *self.gone] for fault in went_back([1, 0] if screen.back else [])]

    def close(self) -> None:
        """Hang up."""
        for screen in [*self.screens, *(shop.desk for shop in self.shops if shop.desk)]:
            screen.cut()
        self.wires.close()


@asynccontextmanager
async def town(
    stores: int, phones: int, *, seed: int = 1, staff: int = 3, cookies: int = 1, rollouts: int = 200, connect: bool = True
) -> AsyncIterator[Town]:
    """``stores`` stores with ``phones`` waiting shoppers each and ``staff`` salespeople on duty, served by ``avous serve``."""
    with Folder() as folder:
        tables = [people.store_table(f"s{n}", staff, time.time()) for n in range(stores)]
        shops = await _fill(folder / "journal.db", tables, phones, staff, cookies, Random(seed))
        served = avous(folder, tables, rollouts)
        made = Town(served, shops, Random(seed + 1))
        await served.start()
        gc.collect()
        gc.freeze()  # the load generator's own pauses must not count as the server's
        try:
            await made.open_desks()
            if connect:
                await made.connect([(shop, token) for shop in shops for token in shop.tokens])
            yield made
        finally:
            made.close()
            await served.stop()
            gc.unfreeze()


async def _fill(database: Any, tables: list[dict[str, Any]], phones: int, staff: int, cookies: int, rng: Random) -> list[Shop]:
    """Write the lines and the sessions; the stores as the load sees them."""
    migrate(f"sqlite:///{database}")
    journal, clock = SqliteJournal(database), WallClock()
    live = Live(journal, [parse_store(table) for table in tables], clock)
    accounts = Accounts(journal)
    sessions = Sessions(accounts, clock, Settings(), lambda _: None)
    await live.start()
    try:
        shops = [Shop(table["id"], Doors(table["id"]), deque()) for table in tables]
        known = [Person(shop.id, f"p{n}", f"P{n}", "salesperson") for shop in shops for n in range(staff)]
        await asyncio.gather(*(accounts.put_person(person) for person in known))
        for shop, person in ((shop, f"p{n}") for shop in shops for n in range(cookies)):
            shop.doors.cookies[person], _ = await sessions.begin(shop.id, person, "salesperson")
        lines = await asyncio.gather(*(_line(live, shop.id, phones, staff, rng) for shop in shops))
        for shop, line in zip(shops, lines, strict=True):
            shop.tokens = line
        return shops
    finally:
        await live.stop()
        await journal.close()


async def _line(live: Live, store: str, phones: int, staff: int, rng: Random) -> deque[str]:
    await asyncio.gather(*(live.submit(store, people.new_id(rng), c.SignOn(f"p{n}"), f"person:p{n}") for n in range(staff)))
    tickets = [people.new_ticket(rng) for _ in range(phones)]
    joins = (c.Join(ticket, people.SERVICES[n % 2]) for n, ticket in enumerate(tickets))
    await asyncio.gather(*(live.submit(store, people.new_id(rng), join, f"join:{store}") for join in joins))
    return deque(live.token(ticket) for ticket in tickets)
