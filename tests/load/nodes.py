"""Commands a second from one node and from two on one PostgreSQL, in turn in one run: ``python -m tests.load.nodes``.

Shoppers of twenty stores, each store's at one of the nodes; every figure counts only if the set checker finds nothing lost,
invented or doubled in the database. The processor time of everybody is told beside it: with two cores for the nodes,
PostgreSQL and the load generator, a second node can at most use what one left over.
"""

import argparse
import asyncio
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from uvicorn.loops.auto import auto_loop_factory

from server.bench import people
from server.bench.figures import quantile
from server.bench.history import History, Kind, set_check
from server.bench.http import Doors, Reply, Wires
from server.bench.process import Folder, Served, avous
from server.journal.postgres import PostgresJournal
from server.rules import commands as c
from tests.postgres import MISSING, Postgres, find

STORES, CLIENTS = 20, 60


@dataclass
class Run:
    """One measurement."""

    done: int
    took_s: list[float]
    nodes_cpu_s: float
    own_cpu_s: float
    seconds: float

    @property
    def per_s(self) -> float:
        """Commands done a second."""
        return self.done / self.seconds

    def line(self) -> str:
        """As it is told."""
        share = f"nodes {self.nodes_cpu_s / self.seconds:.2f} cores, load generator {self.own_cpu_s / self.seconds:.2f}"
        p50_ms, p99_ms = (quantile(self.took_s, level) * 1e3 for level in (0.5, 0.99))
        return f"{self.per_s:,.0f} commands/s, p50 {p50_ms:.0f} ms, p99 {p99_ms:.0f} ms; {share}"


async def measure(database: str, count: int, seconds: float, seed: int) -> Run:
    """``count`` nodes under sixty shoppers who never pause."""
    tables = [people.store_table(f"s{n}", 1, time.time()) for n in range(STORES)]
    history, took_s = History(), list[float]()
    with Folder() as folder:
        nodes = [_node(folder / f"node{n}", tables, database) for n in range(count)]
        try:
            for node in nodes:
                await node.start()
            wires = [Wires(node.port) for node in nodes]
            began, cpu_s, own_s = time.perf_counter(), sum(node.cpu_s() for node in nodes), time.process_time()
            until = began + seconds
            await asyncio.gather(
                *(_shop(n, wires[n % STORES % count], until, Random(f"{seed} {n}"), history, took_s) for n in range(CLIENTS))
            )
            lasted_s = time.perf_counter() - began
            run = Run(history.count("ok"), took_s, sum(node.cpu_s() for node in nodes) - cpu_s, time.process_time() - own_s, lasted_s)
        finally:
            for node in nodes:
                await node.stop()
    await _nothing_lost(database, history)
    return run


def _node(folder: Path, tables: list[dict[str, object]], database: str) -> Served:
    folder.mkdir()
    node = avous(folder, tables, rollouts=20)
    return replace(node, environment={**node.environment, "AVOUS_DATABASE": database})


async def _shop(number: int, wires: Wires, until: float, rng: Random, history: History, took_s: list[float]) -> None:
    """One shopper after the other."""
    doors, life = Doors(f"s{number % STORES}"), people.shopper(rng)
    command = next(life)
    while time.perf_counter() < until:
        id, asked = people.new_id(rng), time.perf_counter()
        history.add(str(number), type(command).__name__, id, "invoke")
        reply: Reply = await wires.post(*doors.request(id, command))
        took_s.append(time.perf_counter() - asked)
        kind: Kind = "ok" if reply.done else "fail" if 400 <= reply.status < 500 and reply.status != 429 else "info"
        history.add(str(number), type(command).__name__, id, kind)
        if isinstance(command, c.Join) and reply.done:
            doors.tokens[command.ticket] = reply.body["token"]
        command = life.send(reply.body if reply.done else None)


async def _nothing_lost(database: str, history: History) -> None:
    journal = PostgresJournal(database)
    recorded = [
        r.id
        for n in range(STORES)
        for head in await journal.days(f"s{n}")
        for r in await journal.recorded(f"s{n}", head.day)
        if not r.refused
    ]
    await journal.close()
    mine = {entry.id for entry in history}
    if faults := set_check(history, [id for id in recorded if id in mine]).faults:
        raise AssertionError(f"a promise was broken while it was measured: {faults[0]} ({len(faults)} in all)")


def main() -> None:
    """Measure both, twice in turn, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    binaries = find()
    if binaries is None:
        raise SystemExit(MISSING)
    server, runs = Postgres(binaries), {1: list[Run](), 2: list[Run]()}
    try:
        server.start()
        for seed in range(args.rounds):
            for count, kept in runs.items():
                with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
                    kept.append(runner.run(measure(server.fresh(), count, args.seconds, seed)))
                print(f"{count} node{'s' * (count > 1)}: {kept[-1].line()}", flush=True)
    finally:
        server.close()
    ratio = sum(run.per_s for run in runs[2]) / sum(run.per_s for run in runs[1])
    print(f"two nodes do {ratio:.2f} times what one does, on {os.cpu_count()} cores with PostgreSQL and the load generator")


if __name__ == "__main__":
    main()
