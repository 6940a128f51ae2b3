"""The twin's runs behind the lab: away from the event loop, few at a time, told as they go.

A run is driven by a thread and computed by a pool of two processes that yield to everything else on the machine; both
are made for the first run and given back when nobody has asked for a while. A manager has one run at a time: a new one
stops the one before.
"""

import asyncio
import multiprocessing
import os
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from server import log

State = Literal["waiting", "running", "done", "failed", "stopped"]
Result = dict[str, Any]

PROCESSES = 2
RUNNING_MAX = 2  # runs at a time, all managers together
WAITING_MAX = 8  # more are refused
KEPT_MAX = 32  # finished runs that can still be asked for
NICE = 10  # the live store comes first
IDLE_S = 300.0


class Stopped(Exception):
    """Nobody wants the answer any more."""


class TooManyRuns(Exception):
    """The lab is full; ask again later."""


@dataclass(slots=True)
class Run:
    """One question to the twin. ``partial``: the best answer so far."""

    id: str
    owner: tuple[str, str]  # (store, person)
    total: int
    state: State = "waiting"
    done: int = 0
    result: Result | None = None
    partial: Result | None = None
    trouble: str = ""
    stop: bool = False
    task: "asyncio.Task[None] | None" = field(default=None, repr=False)

    def told(self, done: int) -> None:
        """Called by the work, often. Raises Stopped when it should end."""
        self.done = done
        if self.stop:
            raise Stopped

    def seen(self, result: Result) -> None:
        """Called by the work with an answer that is not the last."""
        self.partial = result
        if self.stop:
            raise Stopped

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "failed", "stopped")


Work = Callable[[Executor, Run], Result]


class Runs:
    """All runs of this server."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._room = asyncio.Semaphore(RUNNING_MAX)
        self._pool: ProcessPoolExecutor | None = None
        self._idle: asyncio.TimerHandle | None = None

    def start(self, id: str, owner: tuple[str, str], total: int, work: Work) -> Run:
        """Begin a run, or find the one that this id began. ``TooManyRuns`` when too many wait."""
        if (known := self._runs.get(id)) is not None and known.owner == owner:
            return known
        for run in self._runs.values():
            if run.owner == owner and not run.over:
                run.stop = True
        if sum(1 for run in self._runs.values() if not run.over and not run.stop) >= RUNNING_MAX + WAITING_MAX:
            raise TooManyRuns
        run = self._runs[id] = Run(id, owner, total)
        run.task = asyncio.create_task(self._play(run, work))
        for old in [key for key, run in self._runs.items() if run.over][: max(0, len(self._runs) - KEPT_MAX)]:
            del self._runs[old]
        return run

    def find(self, id: str, owner: tuple[str, str]) -> Run | None:
        """The owner's run of this id."""
        run = self._runs.get(id)
        return run if run is not None and run.owner == owner else None

    async def ask(self, work: Callable[..., Any], *values: Any) -> Any:
        """One short computation on the pool; its exceptions come through."""
        return await asyncio.wrap_future(self._executor().submit(work, *values))

    async def close(self) -> None:
        """Stop every run and end the processes."""
        for run in self._runs.values():
            run.stop = True
        tasks = [run.task for run in self._runs.values() if run.task is not None and not run.task.done()]
        self._give_back()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _play(self, run: Run, work: Work) -> None:
        async with self._room:
            if run.stop:
                run.state = "stopped"
                return
            run.state = "running"
            try:
                run.result = await asyncio.to_thread(work, self._executor(), run)
                run.state = self._end(run, "done")
            except Stopped:
                run.state = "stopped"
            except ValueError as impossible:  # one sentence for whoever asked
                run.trouble, run.state = str(impossible), "failed"
            except (BrokenExecutor, RuntimeError) as broken:
                self._give_back()
                run.state = self._end(run, "failed")
                log.get().warning("lab_pool_broken", error=type(broken).__name__)
            except Exception:
                run.state = "failed"
                log.get().exception("lab_run_failed")

    @staticmethod
    def _end(run: Run, otherwise: State) -> State:
        return "stopped" if run.stop else otherwise

    def _executor(self) -> ProcessPoolExecutor:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._when_idle)
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=partial(os.nice, NICE))
        return self._pool

    def _when_idle(self) -> None:
        if any(not run.over for run in self._runs.values()):
            self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._when_idle)
        else:
            self._give_back()

    def _give_back(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
