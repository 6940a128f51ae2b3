"""Several nodes on one PostgreSQL: killed, paused, cut off; workers that die and are replaced. No promise is broken."""

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin

from server.bench.history import History
from server.journal.postgres import PostgresJournal
from tests.faults import checkers
from tests.faults.crowd import Body, Client, salesperson, shoppers, sign_in
from tests.faults.process import ServerProcess
from tests.faults.proxy import Proxy
from tests.faults.test_kill import DAY, _check, _finish, _sleep_or_fail
from tests.postgres import Postgres

pytestmark = pytest.mark.faults
KIOSKS, PEOPLE = 10, 6
RATE_S = 0.25
CHAOS_S = float(os.environ.get("AVOUS_CHAOS_S", "12"))
PAUSE_S = float(os.environ.get("AVOUS_PAUSE_S", "3"))  # longer than the server lets a transaction of a silent node stand


class Roamer(Client):
    """A client that reaches some node or other, as behind a load balancer; each try may go to another one."""

    urls: tuple[str, ...] = ()

    async def _post(self, path: str, body: Body, headers: dict[str, str]) -> tuple[int, Body] | None:
        return await super()._post(self.rng.choice(self.urls) + path, body, headers)


@asynccontextmanager
async def three(folder: Path, postgres: Postgres) -> AsyncIterator[tuple[list[ServerProcess], Proxy, str]]:
    """Three nodes, the last of which reaches the database through the proxy."""
    address = postgres.fresh()
    async with Proxy(postgres.port) as proxy:
        databases = [address, address, address.replace(f":{postgres.port}/", f":{proxy.port}/")]
        nodes = []
        for n, database in enumerate(databases):
            (folder / str(n)).mkdir()
            nodes.append(ServerProcess(folder / str(n), PEOPLE, {"AVOUS_DATABASE": database}))
        try:
            for node in nodes:
                node.began = nodes[0].began  # one clock for all
                node.spawn()
            await asyncio.gather(*(node.ready() for node in nodes))
            yield nodes, proxy, address
        finally:
            for node in nodes:
                node.kill()


@pytest.mark.timeout(600)
async def test_three_nodes_with_kill_pause_and_partition(tmp_path: Path, rng: random.Random, postgres_server: Postgres) -> None:
    history = History()
    async with three(tmp_path, postgres_server) as (nodes, proxy, address):
        clients = [Roamer(f"client {n}", nodes[0].url, random.Random(rng.getrandbits(64)), history) for n in range(KIOSKS + PEOPLE)]
        for client in clients:
            client.urls = tuple(node.url for node in nodes)
        tasks = [
            asyncio.create_task(shoppers(client, RATE_S) if n < KIOSKS else salesperson(client, f"p{n - KIOSKS}", RATE_S))
            for n, client in enumerate(clients)
        ]
        began = time.monotonic()
        while time.monotonic() - began < CHAOS_S:
            for fault in (_killed(nodes[0]), _paused(nodes[1]), _cut_off(proxy)):
                await _sleep_or_fail(rng.uniform(0.2, 0.8), tasks)
                await fault
        await asyncio.gather(*(node.ready() for node in nodes))
        await _sleep_or_fail(1.0, tasks)
        await _finish(tasks, history)
        await asyncio.gather(*(client.close() for client in clients))
        await asyncio.sleep(1.2)  # every node has looked once more
        shown = [await _board(node) for node in nodes]
        assert all(view == shown[0] for view in shown), [view["seq"] for view in shown]
        assert [node.stop() for node in nodes] == [0, 0, 0]
        await _check(PostgresJournal(address), nodes[0], history, joins_min=30)
        assert "Traceback" not in nodes[1].log() + nodes[2].log()


async def _killed(node: ServerProcess) -> None:
    node.kill()
    node.spawn()
    await node.ready()


async def _paused(node: ServerProcess) -> None:
    """The machine stands still, in the middle of whatever it did, and then goes on as if nothing had happened."""
    assert node.process is not None
    node.process.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(PAUSE_S)
    finally:
        node.process.send_signal(signal.SIGCONT)


async def _cut_off(proxy: Proxy) -> None:
    proxy.swallow()
    await asyncio.sleep(PAUSE_S)
    proxy.heal()


async def _board(node: ServerProcess) -> Any:
    client = Client("board", node.url, random.Random(0), History())
    try:
        return (await client.http.get("/api/v1/stores/volt/views/board")).json()
    finally:
        await client.close()


@pytest.mark.timeout(300)
async def test_a_screen_on_one_node_shows_what_another_decided(tmp_path: Path, rng: random.Random, postgres_server: Postgres) -> None:
    """Join on A, look on B at once; thirty calls on A, each on B's screen within a second. Sessions hold on every node."""
    async with three(tmp_path, postgres_server) as (nodes, _, address):
        client = Client("c", nodes[0].url, rng, History())
        await sign_in(client, "p0")
        tap, lags = "/api/v1/stores/volt/staff/", list[float]()
        await client.command("on", nodes[1].url + tap + "on", {})  # the session of A, on B
        for _ in range(30):
            joined = await client.command("join", "/api/v1/stores/volt/tickets", {"service": "advice"}, ("number", "token"))
            assert joined
            async with connect(nodes[1].url.replace("http", "ws") + "/ws/phone", origin=Origin(nodes[1].url)) as phone:
                await phone.send(json.dumps({"type": "hello", "token": joined["token"], "seen": joined["view"]["seq"] - 1}))
                view = json.loads(await asyncio.wait_for(phone.recv(), 5))
                assert (view["number"], view["seq"] >= joined["view"]["seq"]) == (joined["number"], True)
                began = time.monotonic()
                claimed = await client.command("next", tap + "next", {}, ("ticket",))
                assert claimed
                while view["phase"] != "called":
                    view = json.loads(await asyncio.wait_for(phone.recv(), 5))
                lags.append(time.monotonic() - began)
            for op in ("start", "finish"):
                assert await client.command(op, nodes[2].url + tap + op, {"ticket": claimed["ticket"]})
        await client.close()
    lags.sort()
    print(f"tap on A → screen on B: {lags[15] * 1000:.0f} ms (median), {lags[-1] * 1000:.0f} ms (worst)")
    assert lags[-1] < 1.0
    journal = PostgresJournal(address)
    events = await journal.events("volt", DAY)
    assert checkers.one_claim(events) == []
    await journal.close()


@pytest.mark.timeout(300)
async def test_workers_behind_one_port_come_and_go(tmp_path: Path, rng: random.Random, postgres_server: Postgres) -> None:
    """Two workers under load: one is killed and replaced, both are replaced by a rolling restart, all stop when asked."""
    history = History()
    server = ServerProcess(tmp_path, PEOPLE, {"AVOUS_DATABASE": postgres_server.fresh(), "AVOUS_WORKERS": "2"})
    clients = [Client(f"client {n}", server.url, random.Random(rng.getrandbits(64)), history) for n in range(8)]
    try:
        server.spawn()
        await server.ready()
        assert server.process is not None
        tasks = [
            asyncio.create_task(shoppers(client, RATE_S) if n < 5 else salesperson(client, f"p{n}", RATE_S))
            for n, client in enumerate(clients)
        ]
        await _sleep_or_fail(2.0, tasks)
        before = await _workers_of(server, 2)
        os.kill(before[0], signal.SIGKILL)
        replaced = await _workers_of(server, 2, without={before[0]})
        await _sleep_or_fail(1.0, tasks)
        server.process.send_signal(signal.SIGHUP)
        await _workers_of(server, 2, without={*before, *replaced})
        await _sleep_or_fail(1.0, tasks)
        await _finish(tasks, history)
        assert server.stop() == 0
    finally:
        server.kill()
        await asyncio.gather(*(client.close() for client in clients))
    await _check(PostgresJournal(server.extra["AVOUS_DATABASE"]), server, history, joins_min=10)


async def _workers_of(server: ServerProcess, count: int, without: set[int] | None = None) -> list[int]:
    """The process ids of its workers, when there are so many, none of them in ``without``."""
    assert server.process is not None
    for _ in range(1800):
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        workers = [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        if len(workers) == count and not set(workers) & (without or set()):
            return workers
        await asyncio.sleep(0.1)
    raise AssertionError(f"no {count} workers within three minutes: {server.log()}")
