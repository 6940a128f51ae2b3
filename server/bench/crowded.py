"""Cases about crowds: commands over HTTP, a reconnect storm, phones that do not read, more than the server can do."""

import asyncio
from random import Random
from time import perf_counter

from server.bench import people
from server.bench.figures import Figure, quantile
from server.bench.floor import walk
from server.bench.town import Screen, Town
from server.rules import commands as c

CLIENTS = 50
BACK_WITHIN_S = 10.0
STUCK_S = 40.0
STAFF_SHARE = 0.1  # of the commands at the knee; in the flood shoppers come ten times as often, salespeople do not multiply


async def over_http(town: Town, seconds: float) -> list[Figure]:
    """The people of the case ``actor``, each command a request, one server process."""
    shop, took_s = town.shops[0], list[float]()
    until, cpu_s, began = perf_counter() + seconds, town.served.cpu_s(), perf_counter()

    async def one(who: str, life: people.Life) -> None:
        command = next(life)
        while perf_counter() < until:
            asked = perf_counter()
            reply = await town.send(shop, command, who)
            took_s.append(perf_counter() - asked)
            if isinstance(command, c.Join) and reply.done:
                shop.doors.tokens[command.ticket] = reply.body["token"]
            command = life.send(reply.body if reply.done else None)

    await asyncio.gather(*(one(who, life) for who, life in people.crowd(Random(1), CLIENTS, len(shop.doors.cookies))))
    lasted_s, n = perf_counter() - began, len(took_s)
    return [
        Figure("http", "commands over HTTP, 50 at once", n / lasted_s, "/s", None, "", 1500, "more"),
        Figure("http", "p50", quantile(took_s, 0.5) * 1e3, "ms"),
        Figure("http", "p99", quantile(took_s, 0.99) * 1e3, "ms", None, "", 60),
        Figure("http", "server", (town.served.cpu_s() - cpu_s) / n * 1e6, "µs of processor per command"),
    ]


async def storm(town: Town, rate: float, seconds: float) -> list[Figure]:
    """Every phone is cut at once and comes back after up to ten seconds, while the store goes on."""
    everybody = [(shop, screen) for shop in town.shops for screen in shop.screens.values()]
    walking = asyncio.create_task(walk(town, rate, max(seconds, 15.0)))
    await asyncio.sleep(1.0)
    for _, screen in everybody:
        screen.cut()
    cut_at, back_s = perf_counter(), list[float]()

    async def come_back(old: Screen) -> None:
        await asyncio.sleep(town.rng.uniform(0, BACK_WITHIN_S))
        while True:
            screen = await town.dial(old.store, old.token)
            screen.seq_before = old.seq
            if await screen.shown:
                break
            await asyncio.sleep(town.rng.uniform(0.1, 1.0))
        back_s.append(perf_counter() - cut_at)

    await asyncio.gather(*(come_back(screen) for shop, screen in everybody if screen.token in shop.screens))
    walked = await walking
    return [
        Figure("storm", f"{len(back_s):,} phones cut: all back with a view", max(back_s), "s", None, "", 15),
        Figure("storm", "commands meanwhile, answer p99", quantile(walked.answered_s, 0.99) * 1e3, "ms", None, "", 500),
        Figure("storm", "seq went back", sum(s.seq < s.seq_before for s in town.screens), "times", None, "", 0),
    ]


async def slow(town: Town, rate: float, seconds: float) -> list[Figure]:
    """One phone in twenty stops reading, one in twenty reads a little now and then; the others must not notice."""
    healthy = await walk(town, rate, seconds)
    screens = town.screens
    town.rng.shuffle(screens)
    share = max(1, len(screens) // 20)
    stuck, slowly = screens[:share], screens[share : 2 * share]
    memory = town.served.memory()
    for screen in [*stuck, *slowly]:
        screen.counts = False
        screen.stop_reading()
    reading = asyncio.create_task(_now_and_then(slowly))
    began = perf_counter()
    with_them = await walk(town, rate, seconds)
    held = (town.served.memory() - memory) / share
    await asyncio.wait([screen.lost for screen in stuck], timeout=max(0.0, STUCK_S - (perf_counter() - began)))
    for screen in stuck:
        screen.read_on()  # a closed socket is found only by reading
    await asyncio.wait([screen.lost for screen in stuck], timeout=2.0)
    reading.cancel()
    return [
        Figure("slow", "healthy phones, p99 more than before", with_them.p(0.99) - healthy.p(0.99), "ms", healthy.p(0.99), "ms before", 20),
        Figure("slow", "memory held for a stuck phone", held / 1024, "KB", None, "", 256),
        Figure(
            "slow", f"stuck phones closed after {STUCK_S:g} s", sum(s.lost.done() for s in stuck) / share, "of all", None, "", 1, "more"
        ),
    ]


async def _now_and_then(slowly: list[Screen]) -> None:
    """Read for a moment, twice a minute: enough to answer a ping."""
    while True:
        await asyncio.sleep(5.0)
        for screen in slowly:
            screen.read_on()
        await asyncio.sleep(0.2)
        for screen in slowly:
            screen.stop_reading()


async def overload(town: Town, seconds: float) -> list[Figure]:
    """Ten times the shoppers the server can take, with as many taps of staff as at the knee, and whether all is well again afterwards."""
    knee = await _flood(town, None, seconds / 3, STAFF_SHARE)
    flood = await _flood(town, 10 * knee.per_s, seconds, STAFF_SHARE / 10)
    began = perf_counter()
    await _until_normal(town)
    refused_s = flood.refused_s or [0.0]
    return [
        Figure("overload", "done a second at ten times the knee", flood.per_s, "/s", knee.per_s, "/s knee", 0.8 * knee.per_s, "more"),
        Figure("overload", "staff commands accepted", flood.staff_done / max(1, flood.staff) * 100, "%", None, "", 99, "more"),
        Figure("overload", "refusals told in, median", quantile(refused_s, 0.5) * 1e3, "ms", None, "", 50),
        Figure("overload", "refusals without a hint", flood.without_hint, "answers", None, "", 0),
        Figure("overload", "normal again after", perf_counter() - began, "s", None, "", 10),
    ]


class _Flood:
    """What came of a flood."""

    def __init__(self) -> None:
        self.done = self.staff = self.staff_done = self.without_hint = 0
        self.refused_s: list[float] = []
        self.per_s = 0.0


async def _flood(town: Town, rate: float | None, seconds: float, staff_share: float) -> _Flood:
    """Shoppers who balk and staff taps: fifty at once (``rate`` None), or at an open rate whatever becomes of them."""
    flood, began, n = _Flood(), perf_counter(), 0
    gate = asyncio.Semaphore(CLIENTS if rate is None else 2000)
    tasks: set[asyncio.Task[None]] = set()
    while (now := perf_counter() - began) < seconds:
        if rate is not None and now < n / rate:
            await asyncio.sleep(n / rate - now)
        await gate.acquire()
        task = asyncio.create_task(_one(town, flood, n, of_staff=n % round(1 / staff_share) == 0))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(lambda _: gate.release())
        n += 1
    flood.per_s = flood.done / (perf_counter() - began)
    if tasks:
        await asyncio.wait(tasks, timeout=40)
    return flood


async def _one(town: Town, flood: _Flood, n: int, *, of_staff: bool) -> None:
    asked = perf_counter()
    reply = await town.send(town.shops[0], c.ClaimNext("p0") if of_staff else c.Balk("advice"), f"client {n}")
    heard = reply.done or reply.status == 409
    flood.done += heard
    flood.staff += of_staff
    flood.staff_done += of_staff and heard
    if reply.status in (429, 503):
        flood.refused_s.append(perf_counter() - asked)
        flood.without_hint += "retry_after_s" not in reply.body


async def _until_normal(town: Town) -> None:
    """Until a command is answered in a tenth of a second again; a minute at most."""
    for _ in range(300):
        asked = perf_counter()
        reply = await town.send(town.shops[0], c.Balk("advice"), "after")
        if reply.done and perf_counter() - asked <= 0.1:
            return
        await asyncio.sleep(0.2)
