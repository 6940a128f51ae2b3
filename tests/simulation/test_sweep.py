"""Many stores: kept results, a failed store, a process that dies, and a real Dask cluster on this machine."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from simulation import executors
from simulation import sweep as sweeps
from simulation.sweep import Job, SweepError, jobs_of, sweep

STORE = """
name = "small"
horizon_min = 120
seed = {seed}

[services.advice]
arrivals_per_hour = 12
service_time = {{kind = "exponential", mean_min = 8}}
patience = {{kind = "exponential", mean_min = 10}}

[pools.staff]
count = 2
skills = ["advice"]
"""


def stores(folder: Path, count: int) -> list[Path]:
    files = []
    for k in range(count):
        files.append(folder / f"store{k}.toml")
        files[-1].write_text(STORE.format(seed=k))
    return files


@contextmanager
def here() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_finished_stores_are_kept_and_a_rerun_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs, into = jobs_of(stores(tmp_path, 3), "simulate", replications=5), tmp_path / "kept"
    first = sweep(jobs[:2], into, here)
    ran: list[str] = []

    def counted(job: Job, real: Callable[[Job], sweeps.Report | str] = sweeps.attempt) -> sweeps.Report | str:
        ran.append(job.name)
        return real(job)

    monkeypatch.setattr(sweeps, "attempt", counted)
    told: list[int] = []
    again = sweep(jobs, into, here, told.append)
    assert ran == ["store2"]
    assert (again.kept, told) == (["store0", "store1"], [2, 3])
    assert {name: again.reports[name] for name in first.reports} == first.reports
    changed = jobs_of(stores(tmp_path, 1), "simulate", replications=6)
    assert sweep(changed, into, here).kept == []  # another question
    (into / "store1.simulate.json").write_text('{"key": "cut off')
    assert sweep(jobs[1:2], into, here).reports == {"store1": first.reports["store1"]}


def test_one_store_that_cannot_be_sinks_nobody(tmp_path: Path) -> None:
    files = stores(tmp_path, 2)
    files[0].write_text("horizon_min = -1")
    swept = sweep(jobs_of(files, "simulate", replications=5), tmp_path / "kept", partial(executors.opened, "processes", 1))
    assert list(swept.reports) == ["store1"]
    assert swept.failed["store0"].startswith("store0.toml, line 1: horizon_min must be a number above 0")
    assert json.loads((tmp_path / "kept" / "store1.simulate.json").read_text())["report"] == swept.reports["store1"]


def dies_for_store0(job: Job) -> sweeps.Report | str:
    if job.name == "store0":
        os.kill(os.getpid(), signal.SIGKILL)
    return {"name": job.name}


def test_a_process_that_dies_takes_only_its_own_store_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "attempt", dies_for_store0)
    swept = sweep(jobs_of(stores(tmp_path, 3), "simulate"), None, partial(executors.opened, "processes", 1))
    assert swept.failed == {"store0": "its process died (out of memory, or killed)"}
    assert set(swept.reports) == {"store1", "store2"}


def test_every_verb_gives_its_own_report(tmp_path: Path) -> None:
    files = stores(tmp_path, 1)
    changes = (("arrivals", "all=-50%"), ("add", "10:30-11:30 advice"))
    what_if = sweep(jobs_of(files, "whatif", replications=40, changes=changes), None, here)
    assert what_if.reports["store0"]["difference"]["unanswered"]["mean"] < 0
    staffed = sweep(jobs_of(files, "staff", target=0.3), None, here)
    assert not staffed.failed
    assert staffed.reports["store0"]["paid_hours"] > 0
    impossible = sweep(jobs_of(files, "whatif", replications=40, changes=(("remove", "nobody"),)), None, here)
    assert impossible.failed["store0"] == '--remove: there is nobody called "nobody"; there are staff'


def test_a_real_dask_cluster_gives_the_same(tmp_path: Path) -> None:
    jobs = jobs_of(stores(tmp_path, 3), "simulate", replications=5)
    expected = sweep(jobs, None, here)
    swept = sweep(jobs, tmp_path / "kept", partial(executors.opened, "dask", 2))
    assert swept.failed == {}
    assert swept.reports == expected.reports
    assert len(list((tmp_path / "kept").iterdir())) == 3


def test_where_jobs_cannot_run_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "ANSWER_WITHIN_S", 1)
    for where, words in (
        ("cloud", "--on must be processes, dask or"),
        ("tcp://127.0.0.1:1", "no Dask scheduler answers at tcp://127.0.0.1:1"),
    ):
        with pytest.raises(executors.ExecutorError, match=words), executors.opened(where):
            pass
    double = tmp_path / "other"
    double.mkdir()
    with pytest.raises(SweepError, match="another scenario is called store0 too"):
        jobs_of([*stores(tmp_path, 1), *stores(double, 1)], "simulate")
