"""Everything that repeats goes through here: the same jobs in one process, in several, or on a cluster.

A job is a pure function of its arguments, so where it runs changes nothing but the time it takes. Any
``concurrent.futures`` executor will do, also Dask's (``Client.get_executor()``).
"""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

BATCHES_PER_WORKER = 8
PROGRESS_AFTER_S = 2.0


@contextmanager
def processes(workers: int | None = None) -> Iterator[Executor | None]:
    """An executor over this many processes (default: one per core); None for one, which means here."""
    workers = workers or os.cpu_count() or 1
    if workers == 1:
        yield None
        return
    # a fork starts at once, but only a process without other threads may be forked
    way = "fork" if threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods() else "spawn"
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context(way)) as executor:
        yield executor


def run_all(
    function: Callable[[Job], Result], jobs: Sequence[Job], executor: Executor | None = None, done: Callable[[int], None] | None = None
) -> list[Result]:
    """``function`` of every job, in the order of the jobs. ``done`` is told how many have been finished so far."""
    results: list[Result] = []
    for batch in _batches(function, jobs, executor):
        results += batch
        if done is not None:
            done(len(results))
    return results


def _batches(function: Callable[[Job], Result], jobs: Sequence[Job], executor: Executor | None) -> Iterator[list[Result]]:
    if executor is None:
        for job in jobs:
            yield [function(job)]
        return
    size = max(1, len(jobs) // ((os.cpu_count() or 1) * BATCHES_PER_WORKER))
    chunks = [jobs[i : i + size] for i in range(0, len(jobs), size)]
    yield from executor.map(_run, [function] * len(chunks), chunks)


def _run(function: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]:
    return [function(job) for job in jobs]
