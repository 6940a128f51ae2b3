"""A ticket issued and called, here and by Free Queue Manager, in turn on the same machine: ``python -m tests.load.fqm URL TOKEN 1 1``.

FQM (Flask and SQLAlchemy on gevent's server) is started beside, from its own public source with its own
pins; nothing of it is here. TOKEN is one of its API tokens, OFFICE and TASK the numbers of one of each; its touch screen has to be set to
registered tickets, as it has no printer. Both run on SQLite as they come: ours durable with each answer, FQM's journal as SQLite's default.
"""

import argparse
import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx2
from uvicorn.loops.auto import auto_loop_factory

from server.bench import showing
from server.bench.cases import checked
from server.bench.figures import quantile
from server.bench.peers import DESKS, visit_of, visits


async def ours(seconds: float, seed: int) -> tuple[list[float], float]:
    """(how long a visit's four requests took, visits a second): issued, called, started and finished."""
    async with showing.small_town(seed, cookies=DESKS) as town:
        measured = await visits(visit_of(town), seconds)
        await checked(town)
        return measured


async def theirs(seconds: float, url: str, token: str, place: dict[str, int]) -> tuple[list[float], float]:
    """The same of FQM, two requests a visit: issued and pulled."""
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:

        async def visit(desk: int) -> bool:
            issued = await client.post("/api/v1/tickets/", json={**place, "n": True, "name": f"shopper of {desk}"})
            pulled = await client.get("/api/v1/tickets/pull", params={"office_id": place["office_id"]})
            return issued.is_success and pulled.is_success

        return await visits(visit, seconds)


def told(name: str, requests: int, measuring: Coroutine[Any, Any, tuple[list[float], float]]) -> float:
    """Measure one of the two and print it; visits a second."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        took_s, per_s = runner.run(measuring)
    p50_ms, p99_ms = (quantile(took_s, level) * 1e3 for level in (0.5, 0.99))
    print(f"{name}: {per_s:,.1f} visits/s ({requests * per_s:,.0f} requests/s), p50 {p50_ms:.0f}, p99 {p99_ms:.0f} ms a visit", flush=True)
    return per_s


def main() -> None:
    """Measure both, in turn, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("office", type=int)
    parser.add_argument("task", type=int)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    place, mine, peer = {"office_id": args.office, "task_id": args.task}, 0.0, 0.0
    for seed in range(args.rounds):
        mine += told("À Vous", 4, ours(args.seconds, seed))
        peer += told("FQM", 2, theirs(args.seconds, args.url, args.token, place))
    print(f"{mine / peer:.1f} times the visits, {2 * mine / peer:.1f} times the requests")


if __name__ == "__main__":
    main()
