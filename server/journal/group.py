"""One thread that writes what waits: the heart of group commit, whatever is written.

While a transaction is being made durable, others queue up; when it is done they all go together. Answers
go back to the event loop once per group, not once per batch.
"""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.journal.port import StorageTrouble
from server.journal.rows import Ready

GROUP_MAX = 64  # batches in one transaction
Job = Callable[[], Any]


class Outcome:
    """What became of one request; set in the writer's thread, told in the loop."""

    __slots__ = ("future", "result", "trouble")

    def __init__(self, future: "asyncio.Future[Any]") -> None:
        self.future = future
        self.result: Any = None
        self.trouble: BaseException | None = None

    def set(self, trouble: BaseException | None) -> None:
        """Say how it went: None when all is well."""
        self.trouble = trouble

    def tell(self) -> None:
        """Wake whoever waits (in the loop)."""
        if self.future.done():
            return
        if self.trouble is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.trouble)


@dataclass(slots=True)
class Group:
    """What goes into one transaction."""

    appends: list[tuple[Ready, Outcome]] = field(default_factory=list)


class GroupWriter:
    """Takes batches and jobs from the loop, runs them in its own thread in order, tells the outcomes."""

    def __init__(self, commit: Callable[[Group], None]) -> None:
        self._commit = commit
        self._queue: queue.SimpleQueue[tuple[Ready | Job, Outcome] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopped = False

    async def put(self, request: Ready | Job) -> Any:
        """Have it written or run; returns or raises what came of it."""
        if self._stopped:
            raise StorageTrouble("the journal is closed")
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="journal-write", daemon=True)
            self._thread.start()
        future = asyncio.get_running_loop().create_future()
        self._queue.put((request, Outcome(future)))
        return await future

    def stop(self) -> None:
        """Finish what is queued and end the thread."""
        self._stopped = True
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        """Appends go first and together; after each group one of the jobs that wait: nobody's command stands behind ten of them."""
        jobs: deque[tuple[Ready | Job, Outcome]] = deque()
        open_ = True
        while open_ or jobs:
            group: list[tuple[Ready | Job, Outcome]] = []
            while open_ and len(group) < GROUP_MAX and not (self._queue.empty() and (group or jobs)):
                request = self._queue.get()
                if request is None:
                    open_ = False
                elif isinstance(request[0], Ready):
                    group.append(request)
                else:
                    jobs.append(request)
            self._serve(group)
            if jobs:
                self._serve([jobs.popleft()])

    def _serve(self, waiting: list[tuple[Ready | Job, Outcome]]) -> None:
        """Write the appends together, then run the jobs; each learns its own outcome."""
        group = Group([(request, outcome) for request, outcome in waiting if isinstance(request, Ready)])
        if group.appends:
            try:
                self._commit(group)
            except BaseException as trouble:
                for _, outcome in group.appends:
                    outcome.set(trouble)
            _tell([outcome for _, outcome in group.appends])
        for request, outcome in waiting:
            if not isinstance(request, Ready):
                _run_job(request, outcome)
                _tell([outcome])


def _run_job(job: Job, outcome: Outcome) -> None:
    try:
        outcome.result = job()
    except BaseException as trouble:
        outcome.set(trouble)


def _tell_now(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        outcome.tell()


def _tell(outcomes: list[Outcome]) -> None:
    loop = outcomes[0].future.get_loop()
    try:
        loop.call_soon_threadsafe(_tell_now, outcomes)
    except RuntimeError:  # the loop is gone and so is everybody who waited
        return
