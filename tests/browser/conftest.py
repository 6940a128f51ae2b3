"""One server and one Chromium for the browser tests; a store of its own and fresh windows for each test."""

import itertools
import struct
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from server.bench.process import free_port
from tests.browser.counter import Counter
from tests.browser.house import House
from tests.browser.windows import Windows
from tests.chromium import FLAGS

BESIDE = 3  # stores of no test's own: to look at only, to be walked through
wanted = {"stores": BESIDE}  # each takes the server a tenth of a second to open: as many as there are tests that change something
HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")
expect.set_options(timeout=15_000)  # a machine with much else to do is slow, not wrong; what must be quick is timed by its test


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests are marked, and share one worker: they share a server and two cores."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)  # one loop, so that one browser serves all
            item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Count the tests that need a store of their own."""
    wanted["stores"] = BESIDE + sum("store" in getattr(item, "fixturenames", ()) for item in session.items)


def write_stores(folder: Path, count: int) -> list[Path]:
    """Copies of the test store under the ids s1, s2, …"""
    text = (HERE / "store.toml").read_text(encoding="utf-8")
    paths = [folder / f"s{n}.toml" for n in range(1, count + 1)]
    for path in paths:
        path.write_text(text.replace('"STORE"', f'"{path.stem}"').replace("d’essai", f"d’essai {path.stem}"), encoding="utf-8")
    return paths


def write_offering_store(folder: Path) -> Path:
    """A store that offers each ticket to somebody, under the id "offers"; Inès runs all the stores from there, Rémi looks."""
    (path,) = write_stores(folder, 1)
    text = (
        path.read_text(encoding="utf-8").replace('"claim"', '"offer"').replace('id = "s1"', 'id = "offers"').replace("essai s1", "offres")
    )
    path.write_text(f'{text}\n[salespeople.ines]\nname = "Inès"\nrole = "admin"\npin = "4444"\n{LOOKS_ON}', encoding="utf-8")
    return path.rename(folder / "offers.toml")


LOOKS_ON = '[salespeople.remi]\nname = "Rémi"\nrole = "read_only"\npin = "5555"\n'
LOOKS = {"pale": "#ffd500", "dark": "#0a2540", "middle": "#7d8a3c"}


def write_stores_with_looks(folder: Path) -> list[Path]:
    """Stores with a colour and a logo of their own: one that black is written on, one that white is, and one between."""
    (folder / "logo.png").write_bytes(png(64, 24))
    written = []
    for name, colour in LOOKS.items():
        (path,) = write_stores(folder, 1)
        text = path.read_text(encoding="utf-8").replace('id = "s1"', f'id = "{name}"').replace("essai s1", name)
        path.write_text(f'{text}\n[look]\ncolour = "{colour}"\nlogo = "logo.png"\n', encoding="utf-8")
        written.append(path.rename(folder / f"{name}.toml"))
    return written


def png(width: int, height: int) -> bytes:
    """A picture, black at the left and white at the right."""
    row = b"\0" + bytes(255 * x // (width - 1) for x in range(width))
    head = struct.pack("!IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(row * height)), (b"IEND", b""))
    chunks = (struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body)) for kind, body in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """The server all browser tests share; its log must stay free of errors.

    Its tables are in memory where the machine has such a folder: these tests look at screens, and a busy disk makes every
    tap of every test wait. What must survive a cut or a kill, and what is timed, has a house of its own on the disk.
    """
    with TemporaryDirectory(prefix="avous-house-", dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        stores = [write_offering_store(folder), *write_stores_with_looks(folder), *write_stores(folder, wanted["stores"])]
        with House(folder, free_port(), stores) as running:
            yield running
        running.must_be_sound()


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[House]:
    """A server of this test's own, to be stopped and started."""
    with House(tmp_path, free_port(), write_stores(tmp_path, 1)) as running:
        yield running


@pytest.fixture(scope="session")
def store_ids() -> Iterator[str]:
    """Ids of stores nobody has used yet."""
    return (f"s{n}" for n in itertools.count(1))


@pytest.fixture
def store(store_ids: Iterator[str]) -> str:
    """A store of this test's own."""
    return next(store_ids)


@pytest.fixture
def counter(house: House, store: str) -> Iterator[Counter]:
    """Léa, on duty at the counter of this test's own store."""
    with Counter.of(house.url, store, "lea", "1111") as lea:
        yield lea


@pytest.fixture(scope="session")
def common(store_ids: Iterator[str]) -> str:
    """A store for tests that only look."""
    return next(store_ids)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    """A real Chromium."""
    async with async_playwright() as driver:
        running = await driver.chromium.launch(executable_path=chromium_path, args=list(FLAGS), headless=True)
        try:
            yield running
        finally:
            await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser) -> AsyncIterator[Windows]:
    """Windows for this test; whatever went wrong in them fails it."""
    opened = Windows(browser)
    yield opened
    try:
        troubles = await opened.troubles()
    finally:
        await opened.close()
    assert not troubles, "\n".join(troubles)
