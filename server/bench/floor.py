"""From the tap to the last phone: commands at a steady rate over a town full of waiting phones.

The load is open: every command has the instant it was meant for, and is counted from there even if the load
generator or the server was late (no coordinated omission). A command's view is the first that was shown at its
seq or later, and it is there when the last phone has it.
"""

import asyncio
from dataclasses import dataclass, field
from time import perf_counter

from server.bench.figures import quantile
from server.bench.town import Shop, Town
from server.rules import commands as c

LATE_S = 2.0  # how long after the last command views are still waited for
KNEE_P99_MS, KNEE_STEP = 100.0, 1.25


@dataclass
class Walk:
    """What one walk over the floor measured; seconds."""

    rate: float
    seconds: float
    shown_s: list[float] = field(default_factory=list)  # intended instant -> last phone
    answered_s: list[float] = field(default_factory=list)  # intended instant -> answer
    staff: int = 0  # commands of salespeople
    staff_done: int = 0  # and those that were decided
    refused: int = 0
    views: int = 0
    cpu_share: float = 0.0
    late_s: float = 0.0  # the load generator's own worst lateness

    @property
    def done_per_s(self) -> float:
        """Commands done a second."""
        return len(self.answered_s) / self.seconds

    def p(self, share: float) -> float:
        """A quantile of intended instant -> last phone, in ms."""
        return quantile(self.shown_s, share) * 1e3


async def walk(town: Town, rate: float, seconds: float) -> Walk:
    """Send ``rate`` commands a second for ``seconds``, then wait for the last views."""
    made = Walk(rate, seconds)
    views, cpu_s, began = sum(s.views for s in town.screens), town.served.cpu_s(), perf_counter()
    sent: list[tuple[Shop, float, int]] = []
    tasks: set[asyncio.Task[None]] = set()
    for n in range(int(rate * seconds)):
        intended = began + n / rate
        delay_s = intended - perf_counter()
        if delay_s > 0:
            await asyncio.sleep(delay_s)
        made.late_s = max(made.late_s, perf_counter() - intended)
        shop = await _free(town)
        task = asyncio.create_task(_one(town, shop, intended, made, sent))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    made.cpu_share = (town.served.cpu_s() - cpu_s) / (perf_counter() - began)
    if tasks:
        await asyncio.wait(tasks, timeout=30)
    await asyncio.sleep(LATE_S)
    made.views = sum(s.views for s in town.screens) - views
    for shop, intended, seq in sent:
        shown = min((s for s in shop.arrivals if s >= seq), default=None)
        if shown is not None:
            made.shown_s.append(shop.arrivals[shown] - intended)
    for shop in town.shops:
        shop.arrivals.clear()
    return made


async def knee(town: Town, rate: float, seconds: float, most: int = 40) -> tuple[Walk | None, Walk]:
    """(the last walk whose views are there within 100 ms 99 times in 100, the one after it), each a quarter faster; ``most`` walks."""
    best: Walk | None = None
    while True:
        walked, most = await walk(town, rate, seconds), most - 1
        if walked.p(0.99) > KNEE_P99_MS or walked.refused > 0.01 * rate * seconds:
            return best, walked
        best, rate = walked, rate * KNEE_STEP
        if not most:
            return best, walked


async def _free(town: Town) -> Shop:
    """A store that waits for nothing; the intended instant stands, however long that takes."""
    while True:
        for _ in range(20):
            shop = town.rng.choice(town.shops)
            if not shop.busy:
                shop.busy = True
                return shop
        await asyncio.sleep(0.001)


async def _one(town: Town, shop: Shop, intended: float, made: Walk, sent: list[tuple[Shop, float, int]]) -> None:
    command = shop.next_command()
    try:
        reply = await town.send(shop, command, shop.id)
        of_staff = not isinstance(command, c.Join)
        made.staff, made.staff_done = made.staff + of_staff, made.staff_done + (of_staff and (reply.done or reply.status == 409))
        if not reply.done:
            made.refused += 1
            if isinstance(command, c.Join) or (reply.status and reply.status not in (429, 503)):  # a shopper who was refused has gone
                shop.step = 0 if isinstance(command, c.Start | c.Finish) else shop.step + 1
            return
        made.answered_s.append(perf_counter() - intended)
        sent.append((shop, intended, int(reply.body["seq"])))
        shop.step += 1
        if isinstance(command, c.ClaimNext):
            shop.serving = reply.body["ticket"]
        elif isinstance(command, c.Finish) and shop.tokens:
            screen = shop.screens.pop(shop.tokens.popleft(), None)
            if screen is not None:
                screen.cut()
                town.gone.append(screen)
        elif isinstance(command, c.Join):
            shop.tokens.append(reply.body["token"])
            await town.dial(shop, reply.body["token"])
    finally:
        shop.busy = False
