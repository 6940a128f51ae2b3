"""Everything that repeats goes through here: the same jobs in one process, in several, or on a cluster.

A job is a pure function of its arguments, so where it runs changes nothing but the time it takes. Any
``concurrent.futures`` executor will do, also Dask's (``Client.get_executor()``).
"""

import multiprocessing
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

BATCHES_PER_WORKER = 8
ANSWER_WITHIN_S = 10.0
LOOPBACK = "127.0.0.1"
ADDRESS = re.compile(r"(tcp|tls|ucx)://\S+:\d{1,5}")


class ExecutorError(ValueError):
    """Jobs cannot be run where they should; the text says why and what could be done."""


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


@contextmanager
def opened(where: str, workers: int | None = None) -> Iterator[Executor]:
    """An executor for whole jobs: "processes", "dask" (a cluster of this machine's own processes) or a cluster's address.

    ``ExecutorError`` when Dask is not installed, or nobody answers at the address.
    """
    if where == "processes":
        with ProcessPoolExecutor(workers or os.cpu_count() or 1, mp_context=multiprocessing.get_context("spawn")) as executor:
            yield executor
        return
    with _dask(where, workers) as client:
        yield client.get_executor(pure=False)


@contextmanager
def _dask(where: str, workers: int | None) -> Iterator[Any]:
    try:
        import distributed
    except ModuleNotFoundError:
        raise ExecutorError("Dask is not installed: pip install 'avous[dask]', or use processes") from None
    if where != "dask" and not ADDRESS.fullmatch(where):
        raise ExecutorError(f"--on must be processes, dask or a cluster's address like tcp://10.0.0.5:8786; it is {where}")
    cluster = None
    try:
        if where == "dask":
            workers = workers or os.cpu_count() or 1
            cluster = distributed.LocalCluster(workers, 1, host=LOOPBACK, dashboard_address=None)
        address = where if cluster is None else cluster
        with distributed.Client(address, timeout=ANSWER_WITHIN_S) as client:
            yield client
    except OSError as silent:
        raise ExecutorError(f"no Dask scheduler answers at {where}: {silent}") from None
    finally:
        if cluster is not None:
            cluster.close()


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


def run_chains(
    function: Callable[[Job, Result | None], Result], chains: Sequence[Sequence[Job]], executor: Executor | None = None,
    done: Callable[[int], None] | None = None,
) -> list[list[Result]]:  # fmt: skip
    """``function`` of every job and the result of the one before it in its chain (None: it is the first). Chains run side by side."""
    results: list[list[Result]] = [[] for _ in chains]
    running: dict[Future[Result], int] = {}

    def next_of(number: int) -> None:
        at = len(results[number])
        if at < len(chains[number]):
            before = results[number][-1] if at else None
            running[_started(executor, function, chains[number][at], before)] = number

    for number in range(len(chains)):
        next_of(number)
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            number = running.pop(future)
            results[number].append(future.result())
            if done is not None:
                done(sum(map(len, results)))
            next_of(number)
    return results


def _started(executor: Executor | None, function: Callable[..., Result], *given: object) -> Future[Result]:
    if executor is not None:
        return executor.submit(function, *given)
    here: Future[Result] = Future()
    here.set_result(function(*given))
    return here


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
