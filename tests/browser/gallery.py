"""Every screen of a shopper in French, English and Arabic: a kiosk, a phone and a board walked through one visit.

``python -m tests.browser.screens`` takes these too. The store is the demonstration's, without its crowd: a short line of
our own, so that the pictures are the same every time but for the minute they were taken in.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx2
from playwright.async_api import Browser, BrowserContext, Page

from server.live.stores import load_store
from tests.browser.conftest import MEMORY, some_port
from tests.browser.house import House
from tests.browser.windows import PHONE, TABLET, TV, Size

STORE = Path(__file__).parents[2] / "simulation" / "stores" / "volt.toml"
LANGUAGES = {"fr": "fr-FR", "en": "en-GB", "ar": "ar"}
SCALE = {PHONE: 0.8, TABLET: 0.6, TV: 0.45}
QUALITY = 78
SERVICE, PERSON = "phones", "lea"
LINE = 5  # people who wait before ours comes


class Store:
    """What happens in the store while pictures are taken: joins, and one salesperson's taps."""

    def __init__(self, url: str) -> None:
        config = load_store(STORE)
        self.url, self.id, self._pin = url, config.id, config.salespeople[PERSON].pin
        self._http = httpx2.Client(base_url=url, headers={"X-Avous": "1"}, trust_env=False)

    def open(self) -> None:
        """Our salesperson is there, and a line."""
        self._post("/api/v1/session", store=self.id, salesperson=PERSON, pin=self._pin)
        self.tap("on")
        for _ in range(LINE):
            self.join("fr")

    def join(self, language: str) -> dict[str, Any]:
        """A ticket for our service."""
        return self._post(f"/api/v1/stores/{self.id}/tickets", id=str(uuid4()), service=SERVICE, language=language)

    def tap(self, act: str, **body: str) -> None:
        """A command of the salesperson."""
        self._post(f"/api/v1/stores/{self.id}/staff/{act}", id=str(uuid4()), **body)

    def ticket(self, number: str) -> str:
        """The id that staff know a number by."""
        view = self._http.get(f"/api/v1/stores/{self.id}/views/staff").raise_for_status().json()
        return str(next(row["ticket"] for row in [*view["waiting"], *view["parked"]] if row["number"] == number))

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._http.post(path, json=body).raise_for_status().json()
        return answer


class Album:
    """Pictures of one language into a folder."""

    def __init__(self, browser: Browser, folder: Path, language: str) -> None:
        self._browser, self._folder, self.language = browser, folder, language

    async def open(self, url: str, size: Size) -> tuple[Page, BrowserContext]:
        """A window of this size in this language."""
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]}, device_scale_factor=SCALE[size], locale=LANGUAGES[self.language],
            timezone_id="Europe/Paris", reduced_motion="reduce",
        )  # fmt: skip
        page = await context.new_page()
        page.set_default_timeout(60_000)
        await page.goto(url)
        return page, context

    async def take(self, page: Page, name: str) -> None:
        """The window as it is now."""
        await page.evaluate("document.fonts.ready")
        path = self._folder / f"{name}-{self.language}.jpg"
        await page.screenshot(path=path, animations="disabled", scale="device", type="jpeg", quality=QUALITY)


async def kiosk(album: Album, store: Store) -> None:
    """From the departments to the ticket, and the screens beside that way."""
    page, context = await album.open(f"{store.url}/s/{store.id}/kiosk", TABLET)

    async def tap(selector: str, name: str, shown: str) -> None:
        await page.click(selector)
        await page.locator(shown).first.wait_for()
        await album.take(page, f"kiosk-{name}")

    await tap(f"[data-language={album.language}]", "choose", f"html[lang={album.language}] [data-action=pick]")
    await tap("[data-action=help]", "help", "[data-action=help-over]")
    await page.click("[data-action=help-over]")
    await page.click(f"[data-language={album.language}]")
    await page.locator(f"html[lang={album.language}]").wait_for()
    await tap(f"[data-action=pick][data-service={SERVICE}]", "wait", "[data-action=later]:visible")
    await tap("[data-action=take]", "ticket", "[data-number]")
    await context.close()


async def phone(album: Album, store: Store) -> None:
    """Joining by phone, and every state of a ticket."""
    page, context = await album.open(f"{store.url}/s/{store.id}?lang={album.language}", PHONE)
    await page.locator("[data-action=pick]").first.wait_for()
    await album.take(page, "join-choose")
    await page.click(f"[data-action=pick][data-service={SERVICE}]")
    await album.take(page, "join-wait")
    joined = store.join(album.language)
    await page.goto(f"{store.url}/t/?lang={album.language}#{joined['token']}")
    await page.reload()
    await page.locator(".reading-list .item").first.wait_for()
    await album.take(page, "phone-waiting")
    for action, name in (("leave", "leave"), ("more", "more")):
        await page.locator(f"main [data-action={action}]").click()
        await page.locator("dialog.sheet[open]").wait_for()
        await album.take(page, f"phone-{name}")
        await page.keyboard.press("Escape")
    for n, name in ((0, "needs"), (1, "reading")):
        await page.locator(".reading-list .item").nth(n).click()
        await page.locator("dialog.reader[open]").wait_for()
        await album.take(page, f"phone-{name}")
        await page.click(".reader-close")
    await states(album, store, page, joined["number"])
    await context.close()


async def states(album: Album, store: Store, page: Page, number: str) -> None:
    """Away, called, parked, served, thanked; and what the board shows meanwhile."""
    board, context = await album.open(f"{store.url}/s/{store.id}/board?lang={album.language}", TV)
    await board.locator(".board-services li").first.wait_for()
    await album.take(board, "board-calm")

    async def after(act: Callable[[], Awaitable[None] | None], phase: str) -> None:
        done = act()
        if done is not None:
            await done
        await page.locator(f"body[data-phase={phase}]").wait_for()
        await album.take(page, f"phone-{phase}")

    ticket = store.ticket(number)
    await after(page.locator("main [data-action=away]").click, "away")
    await page.locator("main [data-action=back]").click()
    await page.locator("body[data-phase=waiting]").wait_for()
    await after(lambda: store.tap("claim", ticket=ticket), "called")
    await board.locator(f".board-call[data-number='{number}']").wait_for()
    await album.take(board, "board-call")
    await context.close()
    await after(lambda: store.tap("no-show", ticket=ticket), "parked")
    await page.locator("main [data-action=back]").click()
    await page.locator("body[data-phase=waiting]").wait_for()
    store.tap("claim", ticket=ticket)
    await after(lambda: store.tap("start", ticket=ticket), "serving")
    await after(lambda: store.tap("finish", ticket=ticket), "ended")


async def gallery(browser: Browser, folder: Path) -> None:
    """All of it in each language."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        file = Path(name) / STORE.name
        file.write_text(
            STORE.read_text("utf-8").replace('mode = "both"', 'mode = "claim"'), "utf-8"
        )  # nobody is offered to our one salesperson
        house = House(Path(name), some_port(), [file])
        house.start()
        try:
            store = Store(house.url)
            store.open()
            for language in LANGUAGES:
                album = Album(browser, folder, language)
                await kiosk(album, store)
                await phone(album, store)
        finally:
            house.stop()
