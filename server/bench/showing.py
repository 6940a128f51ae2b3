"""Cases about what is shown: the floor at a steady rate, the highest rate, one message to everybody. Limits: a bare server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

from server.bench.bare import Bare
from server.bench.figures import Figure, quantile
from server.bench.floor import Walk, walk
from server.bench.floor import knee as highest
from server.bench.http import metric
from server.bench.phones import Phone, address_of, dial, seq_of
from server.bench.process import BenchFailed, Folder
from server.bench.town import Town, town
from server.rules import commands as c

DIALS_AT_ONCE = 100
BARE_TIMES = 30  # bare messages, however many of ours
SETTLED, SETTLED_S = 1.01, 40.0  # memory that grows by less in three seconds is at rest; nothing is waited for longer


@asynccontextmanager
async def small_town(seed: int, cookies: int = 1) -> AsyncIterator[Town]:
    """One store with nobody waiting and twelve salespeople, ``cookies`` of them signed in, no phones."""
    async with town(1, 0, seed=seed, staff=12, cookies=cookies) as made:
        yield made


@asynccontextmanager
async def big_town(stores: int, phones: int, rollouts: int, seed: int) -> AsyncIterator[tuple[Town, float]]:
    """A town with its phones connected, and the bytes of memory that one socket took."""
    async with town(stores, phones, rollouts=rollouts, seed=seed, connect=False) as made:
        before = await _settled(made)
        await made.connect([(shop, token) for shop in made.shops for token in shop.tokens])
        await asyncio.sleep(2.0)  # what was put off while they came
        yield made, (made.served.memory() - before) / (stores * phones)


async def _settled(made: Town) -> int:
    """The server's bytes of memory when every store has had its first estimates: what those take is no socket's."""
    before, began = 0, perf_counter()
    while (now := made.served.memory()) > before * SETTLED and perf_counter() - began < SETTLED_S:
        before = now
        await asyncio.sleep(3.0)
    return now


async def floor(made: Town, rate: float, seconds: float, memory: float) -> list[Figure]:
    """Intended instant of a command until the last phone that shows it."""
    walked = await walk(made, rate, seconds)
    limit = await _bare(made, walked, seconds)
    sockets = f"{len(made.screens):,} phones, {rate:g} commands/s"
    return [
        Figure("floor", f"{sockets}: p50", walked.p(0.5), "ms", limit.p(0.5), "ms bare server", 6),
        Figure("floor", "p99", walked.p(0.99), "ms", limit.p(0.99), "ms bare server", 20),
        Figure("floor", "worst", walked.p(1.0), "ms", limit.p(1.0), "ms bare server"),
        Figure("floor", "answer p99", quantile(walked.answered_s, 0.99) * 1e3, "ms"),
        Figure("floor", "server", walked.cpu_share * 100, "% of a core", limit.cpu_share * 100, "% bare server", 40),
        Figure("floor", "memory per socket", memory / 1024, "KB", None, "", 35),
        Figure("floor", "views per command", walked.views / max(1, len(walked.answered_s)), ""),
        Figure("floor", "refused", walked.refused, "commands"),
        Figure("floor", "load generator late", walked.late_s * 1e3, "ms at worst"),
    ]


async def _bare(made: Town, walked: Walk, seconds: float) -> Walk:
    """The same number of sockets and messages from a server that does nothing else."""
    per_shop = max(1, round(walked.views / max(1, len(walked.answered_s))))
    limit = Walk(walked.rate, seconds)
    with Folder() as folder:
        bare = Bare(folder)
        await bare.start()
        try:
            phones, arrived = await _groups(bare, [f"g{n}" for n in range(len(made.shops))], per_shop)
            cpu_s, began = bare.served.cpu_s(), perf_counter()
            intended: dict[int, float] = {}
            for n in range(int(walked.rate * seconds)):
                at = began + n / walked.rate
                await asyncio.sleep(max(0.0, at - perf_counter()))
                intended[bare.show(f"g{made.rng.randrange(len(made.shops))}", 800)] = at
            limit.cpu_share = (bare.served.cpu_s() - cpu_s) / (perf_counter() - began)
            await asyncio.sleep(1.0)
            limit.shown_s = [arrived[seq] - at for seq, at in intended.items() if seq in arrived]
            for phone in phones:
                phone.cut()
        finally:
            await bare.stop()
    return limit


async def _groups(bare: Bare, groups: list[str], each: int) -> tuple[list[Phone], dict[int, float]]:
    """``each`` phones in every group, connected; and when the last of them had each message."""
    arrived: dict[int, float] = {}
    joined = 0

    def seen(phone: Phone, message: bytes, now: float) -> None:
        nonlocal joined
        seq = seq_of(message)
        if seq == 0:
            joined += 1
        arrived[seq] = now

    phones = [Phone("/", b'{"join":"%s"}' % group.encode(), seen) for group in groups for _ in range(each)]
    gate = asyncio.Semaphore(DIALS_AT_ONCE)

    async def one(number: int, phone: Phone) -> None:
        async with gate:
            await bare.join(phone, number)

    await asyncio.gather(*(one(number, phone) for number, phone in enumerate(phones)))
    began = perf_counter()
    while joined < len(phones):
        if perf_counter() - began > 60:
            raise BenchFailed(f"only {joined} of {len(phones)} sockets joined the bare server")
        await asyncio.sleep(0.05)
    return phones, arrived


async def knee(made: Town, rate: float, seconds: float) -> list[Figure]:
    """The highest rate, in steps of a quarter, at which the last phone has the view within 100 ms 99 times in 100."""
    best, beyond = await highest(made, rate, seconds)
    done = best.done_per_s if best else 0.0
    return [
        Figure("knee", "commands/s with p99 ≤ 100 ms", done, "/s", None, "", 800, "more"),
        Figure("knee", "views sent then", best.views / seconds if best else 0.0, "/s"),
        Figure("knee", "p99 one step further", beyond.p(0.99), f"ms at {beyond.rate:g}/s"),
    ]


async def message(made: Town, sockets: int, times: int) -> list[Figure]:
    """One view for ``sockets`` boards, built once: from the command until the last has it, against bare writes."""
    shop, came = made.shops[0], perf_counter()
    gate = asyncio.Semaphore(DIALS_AT_ONCE)
    arrived: dict[int, tuple[int, float]] = {}
    ready = size = 0

    def seen(phone: Phone, message: bytes, now: float) -> None:
        nonlocal ready, size
        ready, size = ready + 1, len(message)
        seq = seq_of(message)
        arrived[seq] = (arrived.get(seq, (0, 0.0))[0] + 1, now)

    boards = [Phone("/ws/board", b'{"store":"%s","seen":null}' % shop.id.encode(), seen) for _ in range(sockets)]

    async def one(number: int, phone: Phone) -> None:
        async with gate:
            await dial(made.served.port, phone, address_of(number))

    await asyncio.gather(*(one(number, phone) for number, phone in enumerate(boards)))
    for _ in range(1200):
        if ready >= sockets:
            break
        await asyncio.sleep(0.05)
    took: list[float] = []
    for _ in range(times):
        arrived.clear()
        began = perf_counter()
        await made.send(shop, c.Join("x", "advice"), shop.id)
        await asyncio.sleep(1.0)
        full = [at for count, at in arrived.values() if count >= sockets * 0.999]
        took += [min(full) - began] if full else []
    lasted_s = perf_counter() - came
    pause_s = await metric(made.served.port, "avous_garbage_pause_seconds")
    for board in boards:
        board.cut()
    await asyncio.sleep(1.0)  # two times ten thousand sockets are more than a process may have
    bare_s = await _bare_message(sockets, size, min(times, BARE_TIMES))
    return [
        Figure("message", f"one view to {sockets:,} sockets, last has it: median", quantile(took, 0.5) * 1e3, "ms",
               quantile(bare_s, 0.5) * 1e3, "ms bare writes"),
        Figure("message", "over bare writes", quantile(took, 0.5) / quantile(bare_s, 0.5), "times", None, "", 1.3),
        Figure("message", f"longest pause for garbage in {lasted_s:.0f} s", pause_s * 1e3, "ms", None, "", 50),
    ]  # fmt: skip


async def _bare_message(sockets: int, size: int, times: int) -> list[float]:
    with Folder() as folder:
        bare = Bare(folder)
        await bare.start()
        try:
            phones, arrived = await _groups(bare, ["all"], sockets)
            took = []
            for _ in range(times):
                began = perf_counter()
                seq = bare.show("all", size, writes=True)
                await asyncio.sleep(1.0)
                took.append(arrived.get(seq, perf_counter()) - began)
            for phone in phones:
                phone.cut()
            return took
        finally:
            await bare.stop()
