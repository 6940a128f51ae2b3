"""The journal by itself: batches of one command each, from many stores at once, against the disk alone."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import perf_counter, process_time, thread_time

from server.bench import people
from server.bench.figures import Figure, quantile
from server.bench.inside import fsyncs_per_s
from server.bench.process import BenchFailed, Folder
from server.journal.migrate import migrate
from server.journal.port import Append, PhoneLink, Receipt
from server.journal.sqlite import SqliteJournal
from server.rules import commands as c
from server.rules import events as ev
from server.rules.plan import DayPlan, ServicePlan

DAY = "2026-11-21"


async def durable(seconds: float, requesters: Sequence[int]) -> list[Figure]:
    """Every count of requesters in turn, on a new database each; raises BenchFailed when something is not there afterwards."""
    figures: list[Figure] = []
    for count in requesters:
        with Folder() as folder:
            figures += await _appends(folder, seconds, count)
    return figures


async def _appends(folder: Path, seconds: float, count: int) -> list[Figure]:
    database, took_s = folder / "journal.db", list[float]()
    migrate(f"sqlite:///{database}")
    journal = SqliteJournal(database)
    for n in range(count):
        await journal.append(_opened(f"s{n}"))
    before = fsyncs_per_s(folder, seconds / 8)
    began, cpu_s, loop_s = perf_counter(), process_time(), thread_time()
    written = await asyncio.gather(*(_joins(journal, f"s{n}", Random(n), began + seconds, took_s) for n in range(count)))
    lasted_s, cpu_s, loop_s = perf_counter() - began, process_time() - cpu_s, thread_time() - loop_s
    limit, done = (before + fsyncs_per_s(folder, seconds / 8)) / 2, len(took_s)
    began = perf_counter()
    found = sum([len(await journal.events(f"s{n}", DAY)) - 1 for n in range(count)])
    read_s = perf_counter() - began
    await journal.close()
    if found != sum(written):
        raise BenchFailed(f"{sum(written)} events were acknowledged, {found} are in the journal")
    case = f"journal, {count} at once"
    return [
        Figure(case, "commands", done / lasted_s, "/s", limit, "appends with fsync /s", None, "more"),
        Figure(case, "p50", quantile(took_s, 0.5) * 1e3, "ms"),
        Figure(case, "p99", quantile(took_s, 0.99) * 1e3, "ms"),
        Figure(case, "writing thread", (cpu_s - loop_s) / done * 1e6, "µs of processor per command"),
        Figure(case, "database", (database.stat().st_size + _size(folder / "journal.db-wal")) / done, "bytes per command"),
        Figure(case, "read back", found / read_s, "events/s"),
    ]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _opened(store: str) -> Append:
    plan = DayPlan(store, DAY, services={"advice": ServicePlan("advice")})
    receipt = Receipt(f"open:{store}", "calendar", c.OpenDay(plan), 1.0, 1, 1, {})
    return Append(store, DAY, 0, 0, [ev.DayOpened(1.0, plan)], [receipt])


async def _joins(journal: SqliteJournal, store: str, rng: Random, until: float, took_s: list[float]) -> int:
    """One join after the other, each waited for; how many events were acknowledged."""
    version = 1
    while perf_counter() < until:
        id, ticket, began = people.new_id(rng), people.new_ticket(rng), perf_counter()
        joined = ev.TicketJoined(
            at=float(version), ticket=ticket, number="C-001", serial=version, steps=("advice",), language="fr", card=False, standing=None,
            appointment_at=None, companions=0, tier=2, ranked_at=float(version), promise_s=None,
        )  # fmt: skip
        receipt = Receipt(id, "kiosk", c.Join(ticket, "advice"), float(version), version + 1, version + 1, {"seq": version + 1})
        link = PhoneLink(f"{rng.getrandbits(256):064x}", ticket)
        await journal.append(Append(store, DAY, version, 0, [joined], [receipt], links=[link]))
        took_s.append(perf_counter() - began)
        version += 1
    return version - 1
