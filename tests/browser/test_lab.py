"""The staffing lab in a real browser: bars by keyboard and mouse, pictures under the strict policy, axe."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from server.bench.process import free_port
from server.cli_demo.history import remember
from tests.browser.axe import clean
from tests.browser.faces import sign_in
from tests.browser.house import House, this_afternoon
from tests.browser.windows import PHONE, TABLET, Size, Windows

STORES = Path(__file__).parents[2] / "simulation" / "stores"
LONG_MS = 120_000


@pytest.fixture(scope="module")
def lab_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server of its own with the demonstration's store and two weeks behind it."""
    folder = tmp_path_factory.mktemp("lab")
    store = Path(shutil.copy(STORES / "volt.toml", folder))
    remember(f"sqlite:///{folder / 'avous.db'}", store, STORES / "volt.crowd.toml", this_afternoon(), 15, folder, 1)
    with House(folder, free_port(), [store]) as running:
        yield running
    running.must_be_sound()


async def lab(windows: Windows, url: str, size: Size, **options: object) -> Page:
    """Sarah in the lab, the first answer there."""
    window = await windows.open("lab", f"{url}/manager/lab?store=volt", size, **options)
    await sign_in(window.page, "sarah", "3001")
    await window.page.locator("#app[data-state=ready]").wait_for(timeout=LONG_MS)
    await answered(window.page)
    return window.page


async def answered(page: Page) -> None:
    """Wait until the twin has said everything."""
    await page.locator("#app[data-run=done]").wait_for(timeout=LONG_MS)


async def asked(page: Page) -> None:
    """Wait until the twin has heard the question, then until it has answered."""
    await page.locator("#app:not([data-run=done])").wait_for(timeout=LONG_MS)
    await answered(page)


@pytest.mark.timeout(400)
async def test_a_manager_tries_plans(lab_house: House, windows: Windows, tmp_path: Path) -> None:
    page = await lab(windows, lab_house.url, TABLET)
    for name in ("waits", "unanswered", "demand", "roster", "week"):
        await page.locator(f"[data-picture={name}][data-drawn]").wait_for(timeout=LONG_MS)
    await clean(page, "the lab")
    await expect(page.locator(".lab-sentence")).to_contain_text("(0,0")  # nothing moved, nothing changed
    first = page.locator("[role=slider][tabindex='0']")
    await expect(first).to_have_count(1)
    await first.focus()
    await page.keyboard.press("End")
    here = page.locator("[role=slider]:focus")
    before = int(await here.get_attribute("aria-valuenow") or "")
    await page.keyboard.press("ArrowUp")
    assert int(await here.get_attribute("aria-valuenow") or "") == before + 1
    assert "19:45" in (await here.get_attribute("aria-valuetext") or "")
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator("[role=slider]:focus")).to_have_attribute("aria-label", "19:30")
    await asked(page)
    await page.click("[data-action=save]")
    await page.locator("[data-quarter='12']").scroll_into_view_if_needed()
    box = await page.locator("[data-quarter='12'] .bar-track").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 5, box["y"] + 3)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 3 * box["width"], box["y"] + 3, steps=6)
    await page.mouse.up()
    assert int(await page.locator("[data-quarter='13']").get_attribute("aria-valuenow") or "") >= 2
    await asked(page)
    await expect(page.locator("[data-figure=hours] .figure-sub")).to_contain_text("+")
    await page.click("[data-action=save]")
    await expect(page.locator("[data-plan]")).to_have_count(2)
    await page.locator("[data-picture=cost][data-drawn]").wait_for(timeout=LONG_MS)
    async with page.expect_download() as downloading:
        await page.click("[data-action=csv]")
    target = tmp_path / "roster.csv"
    await (await downloading.value).save_as(target)
    assert target.read_text("utf-8").startswith("day,name,skills,start")
    await page.locator("summary").first.click()
    await clean(page, "the lab, two plans kept")


@pytest.mark.timeout(400)
async def test_a_roster_is_suggested(lab_house: House, windows: Windows) -> None:
    """Of the demonstration store's eight sets of skills: progress on the way, an end, shifts that may be taken away; Stop ends a search."""
    page = await lab(windows, lab_house.url, PHONE, color_scheme="dark")
    await page.click("[data-action=suggest]")
    await page.locator("[data-action=stop]").wait_for(timeout=LONG_MS)
    await page.click("[data-action=stop]")
    await page.locator("#app:not([data-run=running])").wait_for(timeout=LONG_MS)
    await page.click("[data-action=suggest]")
    await page.locator("#app[data-run=running]").wait_for(timeout=LONG_MS)
    await page.locator("#app[data-run=done]").wait_for(timeout=2 * LONG_MS)
    await page.locator("[data-picture=roster][data-drawn]").wait_for(timeout=LONG_MS)
    await expect(page.locator("[data-action=ics]")).to_be_enabled()
    beyond = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
    wide = await page.evaluate(f"{beyond}.map(e => e.tagName + '.' + e.className)")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], wide
    await clean(page, "the lab after a suggestion, dark, on a phone")
