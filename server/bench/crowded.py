"""Cases about crowds: commands over HTTP, a reconnect storm, phones that do not read, more than the server can do."""

import asyncio
from collections.abc import Callable
from random import Random
from time import perf_counter

from server.bench import people
from server.bench.figures import Figure, quantile
from server.bench.floor import knee, walk
from server.bench.town import Screen, Shop, Town
from server.rules import commands as c

CLIENTS = 50
BACK_WITHIN_S = 10.0
STUCK_S = 40.0
KNEE_STEPS = 4
STAFF_SHARE = 0.1  # of the commands at the knee; in the flood shoppers come ten times as often, salespeople do not multiply


async def over_http(town: Town, seconds: float) -> list[Figure]:
    """The people of the case ``actor``, each command a request, one server process."""
    shop, took_s, refused = town.shops[0], list[float](), 0
    until, cpu_s, began = perf_counter() + seconds, town.served.cpu_s(), perf_counter()

    async def one(who: str, life: people.Life) -> None:
        nonlocal refused
        command = next(life)
        while perf_counter() < until:
            asked = perf_counter()
            reply = await town.send(shop, command, who)
            took_s.append(perf_counter() - asked)
            refused += reply.status in (429, 503)
            if isinstance(command, c.Join) and reply.done:
                shop.doors.tokens[command.ticket] = reply.body["token"]
            command = life.send(reply.body if reply.done else None)

    await asyncio.gather(*(one(who, life) for who, life in people.crowd(Random(1), CLIENTS, len(shop.doors.cookies))))
    lasted_s, n = perf_counter() - began, len(took_s)
    return [
        Figure("http", "commands over HTTP, 50 at once", n / lasted_s, "/s", None, "", 1500, "more"),
        Figure("http", "p50", quantile(took_s, 0.5) * 1e3, "ms"),
        Figure("http", "p99", quantile(took_s, 0.99) * 1e3, "ms", None, "", 60),
        Figure("http", "refused", refused, "commands"),
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


async def overload(town: Town, rate: float, seconds: float) -> list[Figure]:
    """Ten times the commands of the floor's knee: salespeople tap as often as there, shoppers who want a ticket come all the more.

    The knee is looked for from ``rate`` on, in a few steps: begin near what the case ``knee`` found.
    """
    best, beyond = await knee(town, rate, min(seconds, 5.0), KNEE_STEPS)
    highest = best or beyond
    joins, walked = await asyncio.gather(_flood(town, 9 * highest.rate, seconds, _join), walk(town, highest.rate, seconds))
    done_per_s = joins.per_s + walked.done_per_s
    began = perf_counter()
    await _until_normal(town)
    return [
        Figure("overload", f"of {10 * highest.rate:g} commands a second on the floor, done", done_per_s, "/s", highest.done_per_s,
               "/s knee", 0.8 * highest.done_per_s, "more"),
        Figure("overload", "sent a second in the flood", joins.sent / joins.seconds + walked.rate, "/s"),
        *_told(joins, walked.staff, walked.staff_done, perf_counter() - began),
    ]  # fmt: skip


async def requests(town: Town, seconds: float) -> list[Figure]:
    """One store, nobody who looks: ten times the commands that fifty clients get done, as many as one load generator can send."""
    usual = await _flood(town, None, seconds / 3, _balk_or_tap(STAFF_SHARE))
    flood = await _flood(town, 10 * usual.per_s, seconds, _balk_or_tap(STAFF_SHARE / 10))
    began = perf_counter()
    await _until_normal(town)
    return [
        Figure("overload", "one store without screens, done at ten times what 50 clients get", flood.per_s, "/s", usual.per_s, "/s with 50",
               0.8 * usual.per_s, "more"),
        Figure("overload", "sent a second in that flood", flood.sent / flood.seconds, "/s", 10 * usual.per_s, "/s wanted"),
        *_told(flood, flood.staff, flood.staff_done, perf_counter() - began),
    ]  # fmt: skip


def _told(flood: "_Flood", staff: int, staff_done: int, calm_s: float) -> list[Figure]:
    refused_s = flood.refused_s or [0.0]
    return [
        Figure("overload", "of it, staff commands accepted", staff_done / max(1, staff) * 100, "%", None, "", 99, "more"),
        Figure("overload", "refusals told in, median", quantile(refused_s, 0.5) * 1e3, "ms", None, "", 50),
        Figure("overload", "refusals without a hint", flood.without_hint, "answers", None, "", 0),
        Figure("overload", "normal again after", calm_s, "s", None, "", 10),
    ]


class _Flood:
    """What came of a flood."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.sent = self.done = self.staff = self.staff_done = self.without_hint = 0
        self.refused_s: list[float] = []
        self.per_s = 0.0


Wish = Callable[[Town, int], tuple[Shop, c.Command, bool]]
"""(town, how many came before) -> the store, the command, and whether a salesperson sends it."""


def _join(town: Town, n: int) -> tuple[Shop, c.Command, bool]:
    """Somebody wants a ticket, anywhere."""
    return town.rng.choice(town.shops), c.Join(f"flood {n}", people.SERVICES[n % 2]), False


def _balk_or_tap(staff_share: float) -> Wish:
    """Shoppers who go away again, and a tap of staff now and then."""
    every = round(1 / staff_share)
    return lambda town, n: (town.shops[0], c.Balk("advice") if n % every else c.ClaimNext("p0"), n % every == 0)


async def _flood(town: Town, rate: float | None, seconds: float, wish: Wish) -> _Flood:
    """Fifty at once (``rate`` None), or at an open rate whatever becomes of them."""
    flood, began = _Flood(seconds), perf_counter()
    gate = asyncio.Semaphore(CLIENTS if rate is None else 2000)
    tasks: set[asyncio.Task[None]] = set()
    while (now := perf_counter() - began) < seconds:
        if rate is not None and now < flood.sent / rate:
            await asyncio.sleep(flood.sent / rate - now)
        await gate.acquire()
        task = asyncio.create_task(_one(town, flood, *wish(town, flood.sent)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(lambda _: gate.release())
        flood.sent += 1
    flood.seconds = perf_counter() - began
    flood.per_s = flood.done / flood.seconds
    if tasks:
        await asyncio.wait(tasks, timeout=40)
    return flood


async def _one(town: Town, flood: _Flood, shop: Shop, command: c.Command, of_staff: bool) -> None:
    asked = perf_counter()
    reply = await town.send(shop, command, f"client {flood.sent}")
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
