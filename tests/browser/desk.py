"""What the tests of the manager's pages have in common: a page of the desk, and what every page must hold at every size."""

from uuid import uuid4

import httpx2
from playwright.async_api import Locator, Page, expect

from tests.browser.axe import clean, of_a_mode
from tests.browser.faces import manager
from tests.browser.house import House
from tests.browser.keyboard import reachable
from tests.browser.windows import PHONE, TABLET, Size, Windows

DESK: Size = (1440, 900)
SIZES = (PHONE, TABLET, DESK)
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def holds(page: Page, where: str) -> None:
    """As it is now, at every size: nothing scrolls sideways; clean by day on a phone and by night at a desk; reached by keyboard."""
    for size in SIZES:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        assert await page.evaluate(TOO_WIDE) <= 0, f"{where} is wider than {size[0]} px"
        if size == PHONE:
            await clean(page, f"{where}, phone")
    await page.emulate_media(color_scheme="dark")
    await clean(page, f"{where}, desk, dark", of_a_mode("theme=dark"))
    await page.emulate_media(color_scheme="light")
    await reachable(page, where)


async def desk(house: House, windows: Windows, store: str, path: str, refusals: tuple[str, ...] = ()) -> Page:
    """A page of Sarah's desk."""
    window = await manager(windows, house.url, store)
    window.refusals = refusals
    await expect(window.page.locator("#app[data-screen=floor]")).to_be_attached()
    await window.page.goto(f"{house.url}/manager/{path}")
    return window.page


async def saved(page: Page) -> None:
    """Save the settings, and open their history once that is done."""
    await page.click("[data-action=save]")
    await expect(page.locator("#done")).to_be_visible()
    await page.click(".set-nav a[href='#history']")


async def sends(page: Page, form: str, field: str, value: str, shows: str) -> None:
    """Fill in one field of a form, send it with Enter, and wait for what it shows then."""
    await page.fill(f"[data-form={form}] [name={field}]", value)
    await page.keyboard.press("Enter")
    await expect(page.locator(shows)).to_be_visible()


async def written_at_least(page: Page, picture: Locator, px: float) -> bool:
    """Whether what is written in a picture is as tall on the screen as a person can read."""
    scale = "(svg) => parseFloat(getComputedStyle(svg).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width"
    tall: float = await picture.evaluate(scale)
    return tall >= px


def booked(house: House, store: str, name: str, which: int) -> str:
    """An appointment of today for somebody, at the first slot (0) or the last (-1); its code."""
    with httpx2.Client(base_url=f"{house.url}/api/v1/stores/{store}", trust_env=False) as http:
        slot = http.get("/slots", params={"service": "phones", "days": "1"}).json()["slots"][which]["at"]
        made = http.post("/bookings", json={"id": str(uuid4()), "service": "phones", "at": slot, "name": name})
    assert made.status_code == 201, made.text
    return str(made.json()["code"])
