"""Every face passes axe (WCAG 2.2 A and AA) with zero violations: each screen of a shopper in each language and mode.

Every commit looks at all screens in French in all modes, and in Arabic as they are; `make nightly` at the whole product of six languages
with every rule.
"""

from collections import Counter as Counted
from collections.abc import Iterator

import pytest
from playwright.async_api import Page

from tests.browser import walks
from tests.browser.axe import PLAIN, clean, clean_in_modes
from tests.browser.counter import Counter
from tests.browser.faces import Phone, Staff, manager
from tests.browser.house import House
from tests.browser.walk import Walk
from tests.browser.walks import Way
from tests.browser.windows import PHONE, TABLET, Size, Windows

COMMON = (PLAIN, "theme=dark", "contrast=more", "size=large")
MODES = {"kiosk": (*COMMON, "reach=low"), "join": COMMON, "phone": COMMON, "privacy": COMMON, "book": COMMON, "board": COMMON[:3]}
LANGUAGES = ("fr", "ar", "en", "es", "de", "it")
IN_ALL_MODES, AS_IT_IS = "fr", "ar"
ways = pytest.mark.parametrize("way", walks.ALL, ids=lambda way: way.__name__)
languages = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="session")
def walked(house: House, store_ids: Iterator[str]) -> Iterator[Counter]:
    """Léa, in the store that is walked through."""
    with Counter.of(house.url, next(store_ids), "lea", "1111") as lea:
        yield lea


async def look_at_everything(windows: Windows, walk: Way, counter: Counter, language: str, *, thorough: bool) -> None:
    """Walk past every screen of a way, in a language."""
    windows.network_was_cut = True  # the kiosk and the phone without their server are screens too
    runs = Counted[str]()

    async def opened(url: str, size: Size) -> Page:
        window = await windows.open(f"{language}, {size}", url, size, locale=language, reduced_motion="reduce")
        window.refusals = ("/tickets", "/bookings/check-in", "/api/v1/ticket")
        return window.page

    async def look(page: Page, name: str) -> None:
        modes = next(modes for face, modes in MODES.items() if name.startswith(face))
        asked = modes if thorough or language == IN_ALL_MODES else (PLAIN,)
        runs[name] += await clean_in_modes(page, f"{name}, {language}", asked, thorough=thorough)

    await walk(Walk(counter, language, opened, look))
    print(f"{language}: {len(runs)} screens, {runs.total()} times")


@pytest.mark.parametrize("language", [IN_ALL_MODES, AS_IT_IS])
@ways
async def test_every_screen_of_a_shopper(windows: Windows, counter: Counter, way: Way, language: str) -> None:
    """Each in a store of its own: who was left in the line by another way would come before."""
    await look_at_everything(windows, way, counter, language, thorough=False)


@pytest.mark.nightly
@languages
@ways
async def test_every_screen_of_a_shopper_in_every_mode_by_every_rule(windows: Windows, walked: Counter, way: Way, language: str) -> None:
    await look_at_everything(windows, way, walked, language, thorough=True)


async def test_home(house: House, windows: Windows) -> None:
    home = await windows.open("home", f"{house.url}/", PHONE)
    await clean_in_modes(home.page, "home", COMMON, thorough=True)


async def test_staff_and_manager(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111", on=False)
    floor = await manager(windows, house.url, store)

    async def are_clean(what: str, *pages: Page) -> None:
        for page in pages:
            await clean_in_modes(page, what, COMMON, thorough=False)

    await are_clean("staff, off duty", lea.page)
    await lea.tap("on")
    await lea.is_now("idle")
    await are_clean("staff, free", lea.page)
    await lea.tap("next")
    await phone.shows("called")
    await are_clean("staff, called", lea.page)
    await lea.tap("start")
    await phone.shows("serving")
    await are_clean("staff, serving", lea.page)
    await lea.tap("finish")
    await floor.page.locator("[data-account=answered]").wait_for()
    await are_clean("manager", floor.page)
    await are_reports_clean(floor.page)


async def are_reports_clean(page: Page) -> None:
    """The reports of the day, light and dark."""
    await page.click("[data-action=menu]")
    await page.click("a[href^='/manager/reports']")
    await page.locator("#app[data-screen=reports][data-state=ready]").wait_for()
    assert await page.locator("[data-figure=came] .figure-value").inner_text() == "1"
    await clean_in_modes(page, "reports", COMMON[:2], thorough=True)
    await page.click("[data-action=period][data-days='1']")
    await page.locator("[data-action=period][data-days='1'][aria-pressed=true]").wait_for()
    assert await page.locator("[data-figure=unanswered] .figure-value").inner_text() in ("0 %", "0\u202f%", "0\u00a0%")


async def test_sign_in(house: House, windows: Windows, common: str) -> None:
    window = await windows.open("sign-in", f"{house.url}/staff?store={common}", TABLET)
    await window.page.locator("[data-action=choose-person]").first.wait_for()
    await clean(window.page, "sign-in, who")
    await window.page.locator("[data-action=choose-person]").first.click()
    await clean(window.page, "sign-in, PIN")
