"""The power goes at any moment, the last write torn; the n-th access to the disk fails. What was answered is there."""

import os
import random
import sqlite3
from pathlib import Path

import apsw
import pytest

from server.journal.port import StorageTrouble, VersionConflict
from server.journal.sqlite import SqliteJournal
from tests.journal.databases import fresh
from tests.journal.disk import Disk, JournalOnDisk, after_cut
from tests.journal.samples import DAY, everything, opened, signed_on

CUTS = int(os.environ.get("AVOUS_CUTS", "50"))
BATCHES = 60
CHECKPOINTS = "wal_autocheckpoint=30"  # so rare in a store that no test would meet one


async def _written(path: Path, disk: Disk, *pragmas: str) -> list[int]:
    """A day of batches, one after the other; the version after each, in the order they were acknowledged."""
    journal = JournalOnDisk(path, disk, CHECKPOINTS, *pragmas)
    await journal.append(opened())
    journal.acknowledged()
    versions = [1]
    for n in range(BATCHES):
        after = versions[-1]
        batch = everything(after, f"t{n}") if n % 3 else signed_on(after, f"id {n}", count=n % 7 + 1)
        await journal.append(batch)
        journal.acknowledged()
        versions.append(after + len(batch.events))
    return versions


async def _recovered(folder: Path, files: dict[str, bytes]) -> tuple[int, list[str]]:
    """(the version found, what the integrity check says) after the next start."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    journal = SqliteJournal(folder / "journal.db")
    events, recorded = await journal.events("volt", DAY), await journal.recorded("volt", DAY)
    assert len(events) == (recorded[-1].last if recorded else 0)
    await journal.close()
    with sqlite3.connect(folder / "journal.db") as connection:
        verdict = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    connection.close()
    return len(events), verdict


async def _lost(tmp_path: Path, rng: random.Random, cuts: int, *pragmas: str) -> list[str]:
    """What was acknowledged and is not there, over many cuts of one run."""
    path, disk = fresh(tmp_path / "journal.db"), Disk()
    before = {"journal.db": path.read_bytes()}
    versions = await _written(path, disk, *pragmas)
    lost = list[str]()
    for n in range(cuts):
        at = rng.randrange(1, len(disk.log) + 1)
        answered = sum(access.kind == "ack" for access in disk.log[:at])
        folder = tmp_path / f"cut{n}"
        folder.mkdir()
        found, verdict = await _recovered(folder, after_cut(disk.log, at, before, rng))
        assert verdict == ["ok"] or pragmas, verdict
        assert found in (0, *versions), "a batch is whole or absent"
        if answered and found < versions[answered - 1]:
            lost.append(f"cut at access {at}: version {versions[answered - 1]} was acknowledged, {found} found")
    return lost


async def test_a_power_cut_takes_nothing_that_was_acknowledged(tmp_path: Path, rng: random.Random) -> None:
    assert await _lost(tmp_path, rng, CUTS) == []


@pytest.mark.nightly
async def test_five_thousand_power_cuts(tmp_path: Path, rng: random.Random) -> None:
    assert await _lost(tmp_path, rng, 5000) == []


async def test_a_disk_that_syncs_nothing_is_found_out(tmp_path: Path, rng: random.Random) -> None:
    """What the test is worth: with synchronous=OFF it must find losses."""
    try:
        assert await _lost(tmp_path, rng, CUTS, "synchronous=OFF") != []
    except (StorageTrouble, AssertionError, sqlite3.DatabaseError) as broken:
        print(f"not only lost but broken: {broken}")


@pytest.mark.parametrize("every", [11, pytest.param(1, marks=pytest.mark.nightly)])
async def test_whichever_access_fails_nothing_acknowledged_is_lost(tmp_path: Path, rng: random.Random, every: int) -> None:
    """One access after the other of a script fails; who is refused asks again, and in the end everything is there once."""
    n, tried = rng.randint(1, every), 0
    while True:
        left, error = [n], (apsw.IOError, apsw.FullError, apsw.BusyError)[n % 3]

        def fault(_: str, left: list[int] = left, error: type[apsw.Error] = error) -> type[apsw.Error] | None:
            left[0] -= 1
            return error if left[0] == 0 else None

        folder = tmp_path / str(n)
        folder.mkdir()
        refused = await _script(fresh(folder / "journal.db"), Disk(fault))
        if left[0] > 0:
            break
        found, verdict = await _recovered(folder, {})
        assert (found, verdict) == (27, ["ok"]), f"access {n}: {error}, refused {refused} times"
        n, tried = n + every, tried + 1
    print(f"{tried} of the {n} accesses of a script failed, one in each run")
    assert tried > 20


async def _script(path: Path, disk: Disk) -> int:
    """Ten batches, each tried until it is there; how many tries were refused."""
    journal, refused = JournalOnDisk(path, disk, "wal_autocheckpoint=5"), 0
    batches = [
        opened(),
        *(everything(n, f"t{n}") if n % 2 else signed_on(n, f"id {n}") for n in range(1, 8)),
        signed_on(8, "last", count=19),
    ]
    for batch in batches:
        for _ in range(4):
            try:
                await journal.append(batch)
                break
            except StorageTrouble:
                refused += 1
            except VersionConflict:  # a commit that failed late: it is there
                break
    disk.fault = lambda kind: None
    await journal.close()
    return refused
