"""Pictures of every screen of a shopper in French, English and Arabic, one way past them (see ``walks``) in each language.

``python -m tests.browser.screens`` takes these too. The store is the demonstration's, without its crowd: a short line of
our own, so that the pictures are the same every time but for the minute they were taken in.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, Page

from server.bench.process import free_port
from server.live.stores import load_store
from tests.browser import walks
from tests.browser.conftest import MEMORY
from tests.browser.counter import Counter
from tests.browser.house import House
from tests.browser.walk import SERVICE, Walk
from tests.browser.windows import PHONE, TABLET, TV, Size

STORE = Path(__file__).parents[2] / "simulation" / "stores" / "volt.toml"
LANGUAGES = {"fr": "fr-FR", "en": "en-GB", "ar": "ar"}
SCALE = {PHONE: 0.65, TABLET: 0.45, TV: 0.35}
QUALITY = 55
PERSON = "lea"
AS_IT_IS = {'mode = "both"': 'mode = "claim"', 'services = ["repair", "household"]': f'services = ["{SERVICE}"]'}


class Album:
    """Pictures of one language into a folder."""

    def __init__(self, browser: Browser, folder: Path, language: str) -> None:
        self._browser, self._folder, self.language = browser, folder, language

    async def open(self, url: str, size: Size) -> Page:
        """A window of this size in this language."""
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]}, device_scale_factor=SCALE[size], locale=LANGUAGES[self.language],
            timezone_id="Europe/Paris", reduced_motion="reduce",
        )  # fmt: skip
        page = await context.new_page()
        page.set_default_timeout(60_000)
        await page.goto(url)
        return page

    async def take(self, page: Page, name: str) -> None:
        """The window as it is now."""
        await page.evaluate("document.fonts.ready")
        path = self._folder / f"{name}-{self.language}.jpg"
        await page.screenshot(path=path, animations="disabled", scale="device", type="jpeg", quality=QUALITY)


def quiet_store(folder: Path) -> Path:
    """The demonstration's store in which nobody is offered to our one salesperson, and phones can be booked."""
    text = STORE.read_text("utf-8")
    for before, after in AS_IT_IS.items():
        assert before in text, before
        text = text.replace(before, after)
    file = folder / STORE.name
    file.write_text(text, "utf-8")
    return file


async def gallery(browser: Browser, folder: Path) -> None:
    """All of it in each language."""
    config = load_store(STORE)
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        house = House(Path(name), free_port(), [quiet_store(Path(name))])
        house.start()
        try:
            with Counter.of(house.url, config.id, PERSON, str(config.salespeople[PERSON].pin)) as counter:
                for language in LANGUAGES:
                    album = Album(browser, folder, language)
                    for way in walks.ALL:
                        await way(Walk(counter, language, album.open, album.take))
        finally:
            house.stop()
