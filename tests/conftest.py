"""What every test may use: one seed for all chance, a free port, the browser.

The seed is printed at the top of every run and with every failure; ``AVOUS_SEED=… pytest`` repeats it.
"""

import os
import random
import secrets
import zlib
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from server.bench import process
from tests import chromium, postgres
from tests.collector import NoCollector

LONG = ("tests/faults/", "tests/rules/test_walk.py")

settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("dev"), print_blob=True)
settings.register_profile("nightly", parent=settings.get_profile("dev"), max_examples=5000, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed before any worker starts: workers inherit the environment."""
    os.environ.setdefault("AVOUS_SEED", str(secrets.randbelow(2**32)))
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


def pytest_report_header() -> str:
    """Say how to repeat this run's chance."""
    return f"AVOUS_SEED={os.environ['AVOUS_SEED']}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first: no worker is left alone with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure carries the seed, also when it comes back from a worker."""
    report = yield
    if report.failed:
        report.sections.append(("seed", f"AVOUS_SEED={os.environ['AVOUS_SEED']}"))
    return report


@pytest.fixture(scope="session", autouse=True)
def _no_full_collections() -> Iterator[None]:
    """Servers that start in this process leave the collector of garbage alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("server.live.live.Collector", NoCollector)
        yield


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """This test's own seed: the run's seed and the test's name, so that order and selection change nothing.

    A test marked ``one_sample`` judges the statistics of one sample and always draws the same: any bound tight
    enough to see a mistake fails for some samples, and which run meets one of these says nothing.
    """
    run = "one sample" if request.node.get_closest_marker("one_sample") else os.environ["AVOUS_SEED"]
    return zlib.crc32(f"{run} {request.node.nodeid}".encode())


@pytest.fixture
def rng(seed: int) -> random.Random:
    """A generator started from this test's seed."""
    return random.Random(seed)


@pytest.fixture
def free_port() -> int:
    """A TCP port of the loopback address that was free a moment ago."""
    return process.free_port()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's executable. Without one: skipped with the reason, but failed in CI."""
    path = chromium.find()
    if path is None and os.environ.get("CI"):
        pytest.fail(chromium.MISSING)
    if path is None:
        pytest.skip(chromium.MISSING)
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    """A running PostgreSQL. Without its binaries: skipped with the reason, but failed in CI."""
    binaries = postgres.find()
    if binaries is None and os.environ.get("CI"):
        pytest.fail(postgres.MISSING)
    if binaries is None:
        pytest.skip(postgres.MISSING)
    server = postgres.Postgres(binaries)
    try:
        server.start()
        yield server
    finally:
        server.close()
