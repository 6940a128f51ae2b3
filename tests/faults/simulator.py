"""A store's day against everything that can go wrong, from one seed: ``python -m tests.faults.simulator --seed 7``.

One to three nodes on one journal; kiosks, staff and phones over a network that loses, doubles and reorders; disks
whose statements and commits fail or leave it open what became of them; crashes at any await, clocks that jump,
phones that sleep, a printer that jams. At the end everything works again, everybody who waits for an
answer gets one, the day is over, and the promises are checked over one history.
"""

import argparse
import asyncio
import atexit
import random
import shutil
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch
from zoneinfo import ZoneInfo

from server.bench.history import History
from server.live import actor, limits
from server.live.messages import Answer, Busy, StorageTrouble, SubscriptionClosed, UnknownScreen
from server.live.stores import parse_store
from server.rules import commands as c
from server.rules.decide import Refusal, decide
from server.rules.state import StoreDay
from tests.faults import simulated_checks, virtual
from tests.faults.simulated import Node, Printer, Wakes, Weather
from tests.journal.databases import fresh
from tests.live.support import table
from tests.rules.walk import random_command

START = datetime(2026, 11, 21, 10, tzinfo=ZoneInfo("Europe/Paris")).timestamp()
OPEN_S, NIGHT_S = 600.0, 1000.0  # the store closes after ten minutes; its day ends at a quarter past, and the next begins
COMMANDS, CLIENTS, PHONES = 60, 6, 6
PATIENCE_S = 5.0  # how long a client waits before it asks again
OUR_OWN = (c.OpenDay, c.ChangePlan, c.EndDay, c.Tick, c.ShowWaits)
LOOK_EVERY_S, OUTBOX_POLL_S = 30.0, 60.0  # instead of 1 and 5: these looks find what got lost, and would cost most of the time


@dataclass
class World:
    """A simulated day, and what was seen of it."""

    seed: int
    path: Path
    history: History = field(default_factory=History)
    seqs: dict[str, list[int]] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    calm: bool = False

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.weather = Weather.random(self.rng)
        self.config = parse_store(table(
            mode=self.rng.choice(("offer", "claim", "both")), day_ends="10:15",
            hours={day: ["10:00", "10:10"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        ))  # fmt: skip
        self.printer = Printer(self._own_rng("printer"), self.weather)
        wakes = Wakes(self._own_rng("wakes"), self.weather)
        count = self.rng.choice((1, 2, 2, 3))
        self.nodes = [
            Node(f"node {n}", self.path, self.config, self._own_rng(f"node {n}"), self.weather, wakes, self.printer, START)
            for n in range(count)
        ]

    def _own_rng(self, name: str) -> random.Random:
        """Chance of one part alone: what others draw changes nothing."""
        return random.Random(f"{self.seed} {name}")

    async def day(self) -> list[str]:
        """Play it; the broken promises."""
        loop = asyncio.get_running_loop()
        self.history.clock = loop.time
        await asyncio.gather(*(node.start() for node in self.nodes))
        phones: list[asyncio.Task[None]] = []
        troubles = [asyncio.create_task(self._trouble(node)) for node in self.nodes]
        clients = [asyncio.create_task(self._client(f"client {n}", phones)) for n in range(CLIENTS)]
        await asyncio.sleep(OPEN_S)
        for trouble in troubles:
            trouble.cancel()
        await asyncio.gather(*troubles, return_exceptions=True)
        self._clear_up()
        await asyncio.gather(*(node.start() for node in self.nodes if node.live is None))
        await asyncio.gather(*clients)
        await asyncio.sleep(max(LOOK_EVERY_S, NIGHT_S - loop.time()))  # the last answer's news has reached every node
        for phone in phones:
            phone.cancel()
        for phone, end in zip(phones, await asyncio.gather(*phones, return_exceptions=True), strict=True):
            if isinstance(end, Exception):
                raise AssertionError(f"{phone.get_name()} broke") from end
        return await simulated_checks.broken(self)

    def _clear_up(self) -> None:
        self.calm = True
        self.weather.clear_up()
        for node in self.nodes:
            node.wrong_s = 0.0

    async def _trouble(self, node: Node) -> None:
        """Crashes and clock jumps of one node."""
        rng = self._own_rng(f"trouble of {node.name}")
        jumps, crashes_s = rng.random() < 0.5, rng.choice((60.0, 200.0, 1e9))
        while True:
            await asyncio.sleep(rng.expovariate(1 / min(crashes_s, 60.0)))
            if jumps and rng.random() < 0.5:
                node.wrong_s = rng.choice((-86_400.0, -3600.0, -1.0, 0.0, 1.0, 3600.0))
                self.happened["clock jumps"] += 1
            if rng.random() < 60.0 / max(60.0, crashes_s):
                self.happened["crashes"] += 1
                node.crash()
                await asyncio.sleep(rng.expovariate(1 / 5.0))
                node.wrong_s = rng.uniform(-2.0, 2.0)  # a machine's clock at boot
                await self._start_and_maybe_not(node, rng)

    async def _start_and_maybe_not(self, node: Node, rng: random.Random) -> None:
        """Some starts are cut short too."""
        while rng.random() < 0.2:
            starting = asyncio.create_task(node.start())
            await asyncio.sleep(rng.uniform(0.0, 0.2))
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            node.crash()
            self.happened["crashes"] += 1
        await node.start()

    # --- who uses it --------------------------------------------------------------------------------------

    async def _client(self, name: str, phones: list["asyncio.Task[None]"]) -> None:
        """A kiosk, a salesperson's tablet, a phone's buttons: a random command after the other, each until it is answered."""
        rng = self._own_rng(name)
        for serial in range(COMMANDS // CLIENTS):
            await asyncio.sleep(rng.expovariate(COMMANDS / CLIENTS / OPEN_S / 0.8))
            wish = self._wish(rng, f"{name}-{serial}")
            if wish is None:
                continue
            answer = await self._until_answered(rng, name, wish)
            if isinstance(wish, c.Join) and answer.status == "ok" and len(phones) < PHONES:
                phones.append(asyncio.create_task(self._phone(wish.ticket), name=f"phone of {wish.ticket}"))

    def _wish(self, rng: random.Random, serial: str) -> c.Command | None:
        """Something that makes sense in the day that some node knows, mostly."""
        node = rng.choice(self.nodes)
        if node.live is None:
            return None
        day = node.live.day("volt")
        wishes = [self._random_wish(rng, day, serial) for _ in range(4)]
        return next((wish for wish in wishes if not isinstance(decide(day, wish, day.at), Refusal)), wishes[0])

    def _random_wish(self, rng: random.Random, day: StoreDay, serial: str) -> c.Command:
        if rng.random() < 0.1 and len(day.salespeople) < 3:
            return c.SignOn(rng.choice(list(day.plan.salespeople)))
        command = random_command(rng, day, 0)
        if isinstance(command, OUR_OWN) or (isinstance(command, c.CloseDay) and rng.random() < 0.9):
            return c.ClaimNext(rng.choice(list(day.plan.salespeople)))
        return c.Join(f"t {serial}", command.service, command.steps, card=command.card) if isinstance(command, c.Join) else command

    async def _until_answered(self, rng: random.Random, name: str, command: c.Command) -> Answer:
        id, op = str(uuid.UUID(int=rng.getrandbits(128))), type(command).__name__
        self.history.add(name, op, id, "invoke")
        while True:
            answer = await self._ask(rng, name, id, command)
            if answer is not None:
                self.history.add(name, op, id, "ok" if answer.status == "ok" else "fail", answer.body)
                return answer
            self.history.add(name, op, id, "info")
            await asyncio.sleep(rng.uniform(0.1, 2.0))

    async def _ask(self, rng: random.Random, name: str, id: str, command: c.Command) -> Answer | None:
        """Over the network, to some node; None when nobody knows what became of it."""
        copies = 2 if rng.random() < self.weather.message_doubled else 1
        asked = [asyncio.create_task(self._travel(random.Random(rng.random()), name, id, command)) for _ in range(copies)]
        done, _ = await asyncio.wait(asked, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        answers = [task.result() for task in done]
        return answers[0] if answers else None

    async def _travel(self, rng: random.Random, name: str, id: str, command: c.Command) -> Answer | None:
        await asyncio.sleep(rng.expovariate(1 / 0.05))
        node = rng.choice(self.nodes)
        if node.live is None or rng.random() < self.weather.message_lost:
            return await asyncio.sleep(PATIENCE_S * 2, None)
        try:
            answer = await node.live.submit("volt", id, command, name)
        except (Busy, StorageTrouble):
            self.happened["retryable refusals"] += 1
            return None
        if rng.random() < self.weather.message_lost:
            return await asyncio.sleep(PATIENCE_S * 2, None)
        await asyncio.sleep(rng.expovariate(1 / 0.05))
        return answer

    async def _phone(self, ticket: str) -> None:
        """Looks at its screen through some node, sleeps now and then, comes back through another, and knows what it saw last."""
        rng, pushed = self._own_rng(f"phone {ticket}"), self.seqs.setdefault(ticket, [])
        while True:
            await asyncio.sleep(rng.uniform(0.0, 1.0))
            node = rng.choice(self.nodes)
            if node.live is None:
                continue
            with suppress(Busy, StorageTrouble, SubscriptionClosed, UnknownScreen, TimeoutError):
                async with asyncio.timeout(rng.expovariate(1 / 200.0)):
                    await self._look(node, ticket, rng, pushed)

    async def _look(self, node: Node, ticket: str, rng: random.Random, pushed: list[int]) -> None:
        live, screen, seen = node.live, ("phone", ticket), pushed[-1] if pushed else None
        assert live is not None
        await live.fresh("volt", seen)
        subscription = live.subscribe("volt", screen, seen)
        try:
            while node.live is live:
                async with asyncio.timeout(200.0):
                    view = await subscription.latest()
                seq, fetched = live.view("volt", screen)
                told = simulated_checks.seq_of(view)
                if told == seq and fetched != view:
                    self.differing.append(f"{ticket} at {seq}: pushed and fetched differ")
                pushed.append(told)
                await asyncio.sleep(rng.choice((0.0, 0.0, 0.0, rng.uniform(0.0, 30.0))))
        except TimeoutError:
            pass
        finally:
            subscription.close()


def play(seed: int) -> tuple[list[str], World]:
    """One store's day; (the broken promises, what happened)."""
    for leftover in _folder().iterdir():
        leftover.unlink()
    with _virtual_time():
        world = World(seed, fresh(_folder() / "journal.db"))
        try:
            return virtual.run(world.day()), world
        finally:
            for node in world.nodes:
                node.journal.crash()


@cache
def _folder() -> Path:
    """Where this process's simulated disk is: in memory where there is such a file system."""
    folder = tempfile.mkdtemp(prefix="avous-simulator-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@contextmanager
def _virtual_time() -> Iterator[None]:
    """The few places that look at real time see the loop's."""
    clock = SimpleNamespace(monotonic=lambda: asyncio.get_running_loop().time())
    with (
        patch.object(actor, "time", clock),
        patch.object(limits, "LOOK_EVERY_S", LOOK_EVERY_S),
        patch.object(limits, "OUTBOX_POLL_S", OUTBOX_POLL_S),
    ):
        yield


def main() -> None:
    """Play days from a seed on; exit code 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=1)
    args = parser.parse_args()
    failed, happened = 0, Counter[str]()
    for seed in range(args.seed, args.seed + args.days):
        broken, world = play(seed)
        happened += world.happened
        for line in broken:
            print(f"seed {seed}: {line}")
        failed += bool(broken)
    print(f"{args.days} days from seed {args.seed}: {failed} with a broken promise; {dict(happened)}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
