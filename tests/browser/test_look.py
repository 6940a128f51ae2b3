"""A store in its own colours and with its own logo: everything stays readable, on screen and on paper."""

import pytest
from playwright.async_api import Page, expect

from kiosk.printer.slip import picture
from tests.browser.axe import NAMES, WEAR, clean, clean_in_modes
from tests.browser.conftest import LOOKS
from tests.browser.faces import Phone, Staff
from tests.browser.house import House
from tests.browser.windows import PHONE, TABLET, TV, Windows

MODES = ("theme=light", "theme=dark", "contrast=more")


async def filled_with(page: Page, selector: str) -> str:
    """The colour an element is filled with, as #rrggbb."""
    text: str = await page.locator(selector).first.evaluate("(element) => getComputedStyle(element).backgroundColor")
    return "#" + "".join(f"{int(part):02x}" for part in text.removeprefix("rgb(").removesuffix(")").split(","))


@pytest.mark.parametrize("store", LOOKS)
async def test_every_face_wears_it_and_can_be_read(house: House, windows: Windows, store: str) -> None:
    kiosk = (await windows.open("kiosk", f"{house.url}/s/{store}/kiosk", TABLET)).page
    await kiosk.locator("[data-action=pick]").first.wait_for()
    await expect(kiosk.locator(".kiosk-head .logo")).to_be_visible()
    await expect(kiosk.locator(".kiosk-head .brand")).to_be_hidden()
    await clean_in_modes(kiosk, f"{store}, kiosk", MODES, thorough=False)
    await kiosk.click("[data-action=pick][data-service=phones]")
    await clean_in_modes(kiosk, f"{store}, kiosk, the wait", MODES, thorough=False)
    for mode in ("light", "dark"):
        await kiosk.evaluate(WEAR, [NAMES, ("theme", mode)])
        assert await filled_with(kiosk, "[data-action=take]") == LOOKS[store], mode
    await kiosk.context.close()
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    await expect(phone.page.locator(".phone-head .logo")).to_be_visible()
    await clean(phone.page, f"{store}, phone")
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    wall = (await windows.open("board", f"{house.url}/s/{store}/board", TV)).page
    await wall.locator(".board-services li").first.wait_for()
    await lea.tap("next")
    await phone.shows("called")
    await clean(phone.page, f"{store}, phone, called")
    assert await filled_with(phone.page, ".call") == LOOKS[store]
    await wall.locator(".board-call[data-number]").wait_for()
    await clean(wall, f"{store}, board")


async def test_the_logo_becomes_dots_for_the_slip(house: House, windows: Windows) -> None:
    page = (await windows.open("join", f"{house.url}/s/pale", PHONE)).page
    dots = picture(await page.evaluate("async () => (await import('/static/kiosk/js/logo.js')).dotted('/s/pale/logo')"))
    assert (dots.width, dots.height) == (64, 24)
    columns = [sum(dots.bits[n * 8 + across].bit_count() for n in range(24)) / (8 * 24) for across in range(8)]
    assert columns[0] > 0.85, "black at the left"
    assert columns[-1] < 0.15, "white at the right"
    assert 0.45 < sum(columns) / 8 < 0.55, "half of it is dark"
