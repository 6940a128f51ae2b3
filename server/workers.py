"""``avous serve --workers N``: N processes behind one port, each with every store, on one PostgreSQL.

The kernel spreads the connections among them (SO_REUSEPORT). The first process serves nobody: it holds the port,
starts another worker when one dies, and on SIGHUP replaces them one after the other, each when its
successor answers. Workers end by themselves when it is gone.
"""

import asyncio
import multiprocessing
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType

from server import log
from server.app import build_app
from server.live.clock import WallClock
from server.live.listener import hold, listen
from server.serve import Server, address
from server.settings import Settings
from server.startup import BadSettings, load_stores, open_journal

LOOK_EVERY_S = 0.2
START_S = 60.0  # a worker that does not answer by then is not waited for
STOP_S = 15.0  # nor one that does not stop
YOUNG_S = 5.0  # a worker that dies younger than this died of starting ...
YOUNG_DEATHS_MAX = 5  # ... and after so many in a row starting another is no use
Ready = Callable[[str, dict[str, str]], None]


class WorkersFail(ValueError):
    """The workers die as they start; the text is one sentence."""


@dataclass
class Worker:
    """One process, and what it says when it answers: the codes for stores that nobody manages yet."""

    process: BaseProcess
    says: Connection
    born: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, settings: Settings) -> "Worker":
        """A new one; it answers some time later."""
        context = multiprocessing.get_context("spawn")  # nothing of this process's threads and descriptors is inherited
        says, tell = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(settings, tell), name="avous worker")
        process.start()
        tell.close()
        return cls(process, says)

    def answers(self) -> dict[str, str] | None:
        """Wait until it takes requests: the codes it tells, or None when it died or takes too long."""
        wait([self.says, self.process.sentinel], START_S)
        try:
            codes: dict[str, str] | None = self.says.recv() if self.says.poll() else None
        except EOFError:
            codes = None
        return codes

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        if self.process.is_alive():
            self.process.terminate()
        self.process.join(STOP_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.says.close()


def supervise(settings: Settings, ready: Ready) -> None:
    """Run the workers until SIGINT or SIGTERM. Raises BadSettings, BadStore, WorkersFail."""
    log.configure(settings.log_level)
    load_stores(settings)
    asyncio.run(open_journal(settings).close())  # migrated once, before anybody needs it
    try:
        held = hold(settings.host, settings.port, shared=True)
    except OSError as trouble:
        raise BadSettings(f"cannot listen on {settings.host} port {settings.port}: {trouble.strerror}") from None
    with held:
        start = settings.demo_start if settings.demo_start is not None or not settings.demo else WallClock().now()
        Crew(settings.model_copy(update={"port": held.getsockname()[1], "demo_start": start}), ready).run()


class Crew:
    """The workers, kept at their number."""

    def __init__(self, settings: Settings, ready: Ready) -> None:
        self._settings, self._ready = settings, ready
        self._workers: list[Worker] = []
        self._stopping, self._renewing, self._young_deaths = False, False, 0

    def run(self) -> None:
        """Until asked to stop."""
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._asked) for number in signals}
        try:
            self._workers = [Worker.start(self._settings) for _ in range(self._settings.workers)]
            told = [worker.answers() for worker in self._workers]
            if not self._stopping:
                if None in told:
                    raise WorkersFail("a worker died as it started; the log says why")
                self._ready(address(self._settings, self._settings.port), next(codes for codes in told if codes is not None))
            self._watch()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            for worker in self._workers:
                if worker.process.is_alive():
                    worker.process.terminate()  # all at once, then wait for each
            for worker in self._workers:
                worker.stop()

    def _asked(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._renewing = True
        else:
            self._stopping = True

    def _watch(self) -> None:
        while not self._stopping:
            wait([worker.process.sentinel for worker in self._workers], LOOK_EVERY_S)
            for place, worker in enumerate(self._workers):
                if not worker.process.is_alive() and not self._stopping:
                    self._workers[place] = self._instead_of(worker)
            if self._renewing:
                self._renewing = False
                self._renew()

    def _instead_of(self, dead: Worker) -> Worker:
        dead.stop()
        log.get().error("worker_died", code=dead.process.exitcode)
        young = time.monotonic() - dead.born < YOUNG_S
        self._young_deaths = self._young_deaths + 1 if young else 0
        if self._young_deaths >= YOUNG_DEATHS_MAX:
            raise WorkersFail(f"workers died {YOUNG_DEATHS_MAX} times as they started; the log says why")
        return Worker.start(self._settings)

    def _renew(self) -> None:
        """A rolling restart: each worker goes when the one that replaces it answers."""
        for place, old in enumerate(self._workers):
            if self._stopping:
                return
            new = Worker.start(self._settings)
            if new.answers() is None:
                new.stop()
                log.get().error("worker_not_replaced")
                return
            self._workers[place] = new
            old.stop()


def work(settings: Settings, tell: Connection) -> None:
    """One worker, in its own process: serve until told to stop, or until the first process is gone."""
    log.configure(settings.log_level)
    app = build_app(settings)

    def ready() -> None:
        parent = multiprocessing.parent_process()
        assert parent is not None
        asyncio.get_running_loop().add_reader(parent.sentinel, _orphaned, parent.sentinel)
        tell.send(app.state.setup_codes)

    Server(app, settings, ready).run([listen(settings.host, settings.port, shared=True)])


def _orphaned(sentinel: int) -> None:
    asyncio.get_running_loop().remove_reader(sentinel)
    signal.raise_signal(signal.SIGTERM)
