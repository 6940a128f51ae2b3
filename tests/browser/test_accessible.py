"""Every face passes axe (WCAG 2.2 A and AA) with zero violations, in the states people meet."""

from typing import Any

import pytest

from tests.browser.axe import clean
from tests.browser.faces import Phone, Staff, board, manager
from tests.browser.house import House
from tests.browser.windows import PHONE, TABLET, TV, Windows


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_home_and_join(house: House, windows: Windows, common: str, scheme: Any) -> None:
    home = await windows.open("home", f"{house.url}/", PHONE, color_scheme=scheme)
    await clean(home.page, "home")
    join = await windows.open("join", f"{house.url}/s/{common}", PHONE, color_scheme=scheme)
    await join.page.locator("[data-action=pick]").first.wait_for()
    await clean(join.page, "join")
    await join.page.click("[data-action=pick][data-service=phones]")
    await clean(join.page, "join, the wait")


LANGUAGES = ("fr", "en", "es", "de", "it", "ar")
MODES = ("plain", "contrast=more", "size=large", "reach=low", "theme=dark")


@pytest.mark.parametrize("mode", MODES)
async def test_every_screen_of_the_kiosk_in_every_language(house: House, windows: Windows, common: str, mode: str) -> None:
    window = await windows.open("kiosk", f"{house.url}/s/{common}/kiosk?{mode}", TABLET)
    page = window.page
    for language in LANGUAGES:
        await page.click(f"[data-language={language}]")
        await page.locator(f"html[lang={language}]").wait_for()
        await clean(page, f"kiosk, {language}, {mode}")
        await page.click("[data-action=pick][data-service=phones]")
        await clean(page, f"kiosk, the wait, {language}, {mode}")
        await page.click("[data-action=take]")
        await page.locator("[data-number]").wait_for()
        await clean(page, f"kiosk, the ticket, {language}, {mode}")
        await page.click("[data-action=done]")
        await page.locator("#app[data-screen=choose]").wait_for()  # the next person begins with the mode of the address
        assert mode == "plain" or await page.evaluate(
            "([name, value]) => document.documentElement.dataset[name] === value", mode.split("=")
        )


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_kiosk_asks_and_tells_in_every_language(house: House, windows: Windows, common: str, language: str) -> None:
    window = await windows.open("kiosk", "about:blank", TABLET)
    page = window.page
    await page.clock.install()
    await page.goto(f"{house.url}/s/{common}/kiosk")
    await page.click(f"[data-language={language}]")
    await page.locator(f"html[lang={language}]").wait_for()
    await page.click("[data-action=help]")
    await page.locator("[data-action=help-over]").wait_for()
    await page.clock.resume()
    await clean(page, f"kiosk, help, {language}")
    await page.click("[data-action=help-over]")
    await page.click(f"[data-language={language}]")
    await page.click("[data-action=pick][data-service=phones]")
    await page.clock.fast_forward(61_000)
    await page.locator("dialog.kiosk-idle[open]").wait_for()
    await clean(page, f"kiosk, nobody there?, {language}")


@pytest.mark.parametrize("language", LANGUAGES[1:])
async def test_join_and_phone_in_every_language(house: House, windows: Windows, common: str, language: str) -> None:
    window = await windows.open("join", f"{house.url}/s/{common}?lang={language}", PHONE)
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


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_board_in_every_language(house: House, windows: Windows, common: str, theme: str) -> None:
    window = await windows.open("board", f"{house.url}/s/{common}/board?lang=fr&theme={theme}", TV)
    for language in LANGUAGES:
        await window.page.goto(f"{house.url}/s/{common}/board?lang={language}&theme={theme}")
        await window.page.locator(".board-services li").first.wait_for()
        await clean(window.page, f"board, {language}, {theme}")


@pytest.mark.parametrize(
    "language, mode", [("fr", "theme=light"), ("ar", "theme=dark"), ("en", "contrast=more"), ("de", "size=large")], ids=lambda value: value
)
async def test_phone_and_staff(house: House, windows: Windows, store: str, language: str, mode: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    token = await phone.page.evaluate("location.hash")
    await phone.page.goto(f"{house.url}/t/?lang={language}&{mode}{token}")

    async def is_clean(phase: str) -> None:
        await phone.shows(phase)
        await clean(phone.page, f"phone, {phase}, {language}, {mode}")

    await is_clean("waiting")
    await phone.tap("leave")
    await phone.page.locator("dialog[open]").wait_for()
    await clean(phone.page, f"phone, leave?, {language}, {mode}")
    await phone.page.locator("dialog[open] button.btn-main").click()
    await phone.tap("away")
    await is_clean("away")
    await phone.tap("back")
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111", on=False)
    await clean(lea.page, "staff, off duty")
    await lea.tap("on")
    await lea.is_now("idle")
    await clean(lea.page, "staff, free")
    await lea.tap("next")
    await is_clean("called")
    await clean(lea.page, "staff, called")
    await lea.tap("no-show")
    await is_clean("parked")
    await phone.tap("back")
    await phone.shows("waiting")
    await lea.tap("next")
    await lea.tap("start")
    await is_clean("serving")
    await clean(lea.page, "staff, serving")
    await lea.tap("finish")
    await is_clean("ended")


async def test_board_and_manager(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    wall = await board(windows, house.url, store)
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await lea.tap("next")
    await wall.page.locator(".board-call[data-number]").wait_for()
    await clean(wall.page, "board")
    floor = await manager(windows, house.url, store)
    await floor.page.locator("[data-account=answered]").wait_for()
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


async def test_sign_in(house: House, windows: Windows, common: str) -> None:
    window = await windows.open("sign-in", f"{house.url}/staff?store={common}", TABLET)
    await window.page.locator("[data-action=choose-person]").first.wait_for()
    await clean(window.page, "sign-in, who")
    await window.page.locator("[data-action=choose-person]").first.click()
    await clean(window.page, "sign-in, PIN")
