"""Every face passes axe (WCAG 2.2 A and AA) with zero violations, in the states people meet."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.faces import Kiosk, Phone, Staff, board, manager
from tests.browser.house import House
from tests.browser.windows import PHONE, TABLET, TV, Windows

RULES: dict[str, Any] = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


async def clean(page: Page, where: str) -> None:
    """No violation on the page as it is."""
    await page.wait_for_timeout(400)  # colours in transition are no colours yet
    results = await Axe().run(page, options=RULES)
    found = [f"{where}: {v['id']}: {v['help']}: {[node['html'][:120] for node in v['nodes'][:3]]}" for v in results.response["violations"]]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_home_and_join(house: House, windows: Windows, store: str, scheme: Any) -> None:
    home = await windows.open("home", f"{house.url}/", PHONE, color_scheme=scheme)
    await clean(home.page, "home")
    join = await windows.open("join", f"{house.url}/s/{store}", PHONE, color_scheme=scheme)
    await join.page.locator("[data-action=pick]").first.wait_for()
    await clean(join.page, "join")
    await join.page.click("[data-action=pick][data-service=phones]")
    await clean(join.page, "join, the wait")


async def test_kiosk(house: House, windows: Windows, store: str) -> None:
    kiosk = await Kiosk.open(windows, house.url, store)
    await kiosk.page.locator("[data-action=pick]").first.wait_for()
    await clean(kiosk.page, "kiosk")
    await kiosk.page.click("[data-action=pick][data-service=phones]")
    await clean(kiosk.page, "kiosk, the wait")
    await kiosk.page.click("[data-action=take]")
    await kiosk.page.locator("[data-number]").wait_for()
    await clean(kiosk.page, "kiosk, the ticket")


LANGUAGES = ("fr", "en", "es", "de", "it", "ar")


@pytest.mark.parametrize("mode", ["plain", "contrast=more", "size=large", "reach=low", "theme=dark"])
async def test_kiosk_in_every_language_and_mode(house: House, windows: Windows, store: str, mode: str) -> None:
    window = await windows.open("kiosk", f"{house.url}/s/{store}/kiosk?{mode}", TABLET)
    page = window.page
    for language in LANGUAGES if mode in ("plain", "contrast=more") else ("fr", "ar"):
        await page.click(f"[data-language={language}]")
        await clean(page, f"kiosk, {language}, {mode}")
        await page.click("[data-action=pick][data-service=phones]")
        await clean(page, f"kiosk, the wait, {language}, {mode}")
        await page.click("[data-action=back]")


async def test_kiosk_help_and_idle(house: House, windows: Windows, store: str) -> None:
    kiosk = await Kiosk.open(windows, house.url, store)
    await kiosk.page.click("[data-action=help]")
    await clean(kiosk.page, "kiosk, help")


@pytest.mark.parametrize("language", LANGUAGES[1:])
async def test_join_and_phone_in_every_language(house: House, windows: Windows, store: str, language: str) -> None:
    window = await windows.open("join", f"{house.url}/s/{store}?lang={language}", PHONE)
    page = window.page
    await page.click("[data-action=pick][data-service=phones]")
    await clean(page, f"join, {language}")
    await page.click("[data-action=take]")
    await page.wait_for_url("**/t/**")
    phone = Phone(window)
    await phone.shows("waiting")
    await page.locator(".reading-list .item").first.wait_for()
    await clean(page, f"phone, waiting, {language}")
    await phone.tap("more")
    await page.locator("dialog[open]").wait_for()
    await clean(page, f"phone, more, {language}")
    await page.click("[data-action=more-close]")
    await page.locator(".reading-list .item").first.click()
    await clean(page, f"phone, needs, {language}")


async def test_board_in_arabic_and_dark(house: House, windows: Windows, store: str) -> None:
    window = await windows.open("board", f"{house.url}/s/{store}/board?lang=ar&theme=dark", TV)
    await window.page.locator(".board-services li").first.wait_for()
    await clean(window.page, "board, ar")


async def test_phone_and_staff(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    await clean(phone.page, "phone, waiting")
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111", on=False)
    await clean(lea.page, "staff, off duty")
    await lea.tap("on")
    await lea.is_now("idle")
    await clean(lea.page, "staff, free")
    await lea.tap("next")
    await phone.shows("called")
    await clean(phone.page, "phone, called")
    await clean(lea.page, "staff, called")
    await lea.tap("no-show")
    await phone.shows("parked")
    await clean(phone.page, "phone, parked")
    await phone.tap("back")
    await phone.shows("waiting")
    await lea.tap("next")
    await lea.tap("start")
    await phone.shows("serving")
    await clean(phone.page, "phone, serving")
    await clean(lea.page, "staff, serving")
    await lea.tap("finish")
    await phone.shows("ended")
    await clean(phone.page, "phone, ended")


async def test_board_and_manager(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    wall = await board(windows, house.url, store)
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await lea.tap("next")
    await wall.page.locator(".board-call[data-number]").wait_for()
    await clean(wall.page, "board")
    floor = await manager(windows, house.url, store)
    await floor.page.wait_for_timeout(800)
    await clean(floor.page, "manager")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_reports(house: House, windows: Windows, store: str, scheme: Any) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    for verb in ("next", "start", "finish"):
        await lea.tap(verb)
    await phone.shows("ended")
    floor = await manager(windows, house.url, store)
    await floor.page.emulate_media(color_scheme=scheme)
    await floor.page.click("[data-action=menu]")
    await floor.page.click("a[href='/manager/reports']")
    await floor.page.locator("#app[data-screen=reports][data-state=ready]").wait_for()
    assert await floor.page.locator("[data-figure=came] .figure-value").inner_text() == "1"
    await clean(floor.page, "reports")
    await floor.page.click("[data-action=period][data-days='1']")
    await floor.page.locator("[data-action=period][data-days='1'][aria-pressed=true]").wait_for()
    assert await floor.page.locator("[data-figure=unanswered] .figure-value").inner_text() in ("0 %", "0 %")


async def test_sign_in(house: House, windows: Windows, store: str) -> None:
    window = await windows.open("sign-in", f"{house.url}/staff?store={store}", TABLET)
    await window.page.locator("[data-action=choose-person]").first.wait_for()
    await clean(window.page, "sign-in, who")
    await window.page.locator("[data-action=choose-person]").first.click()
    await clean(window.page, "sign-in, PIN")
