"""From an empty database to the first ticket called, with nothing but the screens, as docs/how-to/open-your-store.md tells it."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Page, expect

from server.bench.process import free_port
from tests.browser.axe import clean
from tests.browser.conftest import png
from tests.browser.faces import Staff
from tests.browser.house import House
from tests.browser.windows import PHONE, TABLET, Windows

WITHIN_S = 600.0
PIN = "271828"


@pytest.fixture
def empty_house(tmp_path: Path) -> Iterator[House]:
    """A server without any store."""
    with House(tmp_path, free_port(), [], demo=False) as running:
        yield running


async def part(page: Page, name: str) -> None:
    """Open a part of the settings."""
    await page.click(f".set-nav a[href='#{name}']")
    await expect(page.locator(f"section[data-part={name}]")).to_be_visible()


async def save(page: Page) -> None:
    """Save, and see that it counts."""
    before = await page.locator("#app").get_attribute("data-version")
    await page.click("[data-action=save]")
    await expect(page.locator(f"#app:not([data-version='{before}'])[data-dirty=false]")).to_be_attached()


async def test_an_empty_server_serves_its_first_shopper(empty_house: House, windows: Windows) -> None:
    began, url = time.monotonic(), empty_house.url
    desk = await founded(empty_house, windows)
    await sell_also_at_the_till(desk)
    await open_all_week(desk)
    await look_like_us(desk)
    id = await employ_lea(desk)
    await part(desk, "start")
    await expect(desk.locator("[data-step=people][data-done=true]")).to_be_visible()
    kiosk = (await windows.open("kiosk", f"{url}/s/electro-republique/kiosk", TABLET)).page
    await kiosk.click("[data-action=pick][data-service=conseil]")
    await kiosk.click("[data-action=take]")
    await expect(kiosk.locator("[data-number='A-001']")).to_be_visible()
    board = (await windows.open("board", f"{url}/s/electro-republique/board", TABLET)).page
    lea = await lea_at_her_tablet(desk, windows, url, id)
    await lea.tap("accept" if await lea.page.locator("[data-action=accept]").count() else "next")
    await expect(board.get_by_text("A-001").first).to_be_visible()
    await expect(desk.locator("[data-step=ticket][data-done=true]")).to_be_visible()  # the list ticks itself off, nobody loads it again
    assert time.monotonic() - began < WITHIN_S


async def founded(house: House, windows: Windows) -> Page:
    """The settings of a store made with the code that the console shows."""
    shown = re.search(r"open (\S+)/setup within the hour and type (\S+)", house.log())
    assert shown is not None, "the code is on the console"
    window = await windows.open("desk", f"{house.url}/setup", TABLET)
    desk, window.refusals = window.page, ("/codes",)
    for code in ("AAAAA-AAAAA", shown[2]):
        await desk.fill("input[name=code]", code)
        await desk.click("#code-form button")
        if code != shown[2]:
            await expect(desk.locator("#problem.notice")).to_contain_text("à chaque démarrage")  # where there is another
    await expect(desk.locator("#next input[name=store_name]")).to_be_focused()
    for name, text in (("store_name", "Électro République"), ("service", "Conseil"), ("name", "Ana"), ("pin", PIN)):
        await desk.fill(f"#next input[name={name}]", text)
    await desk.click("#next button[type=submit]")
    await expect(desk.locator("#app[data-screen=settings][data-state=ready]")).to_be_attached()
    await clean(desk, "settings")
    return desk


async def sell_also_at_the_till(desk: Page) -> None:
    """A second service, typed and saved as hurried people do: what is typed is its name, and twice is once."""
    await part(desk, "services")
    await desk.click("[data-action=add-service]")
    await desk.keyboard.type("Caisse")
    await part(desk, "appointments")
    await desk.get_by_label("Caisse").check()  # spoken of before it was ever saved
    await desk.dblclick("[data-action=save]")
    await expect(desk.locator("#app[data-dirty=false] [data-path='booking.services.caisse']")).to_be_checked()
    await desk.get_by_label("Caisse").uncheck()
    await save(desk)


async def open_all_week(desk: Page) -> None:
    """Open now, whenever this test runs."""
    await part(desk, "hours")
    await desk.check("[data-path='hours.sun']")
    await desk.fill("[data-path='hours.mon.0']", "04:00")
    await desk.fill("[data-path='hours.mon.1']", "03:59")
    await desk.click("[data-action=same-hours]")
    await expect(desk.locator("[data-path='hours.sun.1']")).to_have_value("03:59")
    await clean(desk, "settings")
    await save(desk)


async def look_like_us(desk: Page) -> None:
    """A colour and a logo of one's own, the picture larger than is sent."""
    await part(desk, "look")
    await desk.get_by_text("Une couleur à nous").click()
    logo: FilePayload = {"name": "logo.png", "mimeType": "image/png", "buffer": png(1200, 500)}
    await desk.set_input_files("#logo", files=logo)
    await expect(desk.locator("img.logo[src^='data:image/png']")).to_be_visible()
    await save(desk)
    await desk.reload()
    await expect(desk.locator("img.logo")).to_be_visible()


async def employ_lea(desk: Page) -> str:
    """A salesperson with a PIN; her id."""
    await part(desk, "people")
    await desk.click("[data-action=add-person]")
    person = desk.locator("details[data-person]").last
    await desk.keyboard.type("Léa")
    await save(desk)
    id = await person.get_attribute("data-person")
    assert id == "lea", "logs and exports name her, not that she was new once"
    await desk.locator("details[data-person=ana] summary").click()
    await desk.fill("#pin-ana", "31415926")
    await desk.fill("#pin-lea", "2580")
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#done")).to_be_visible()
    await expect(desk.locator("#pin-ana")).to_have_value("31415926")  # typed, not yet given: still there
    await clean(desk, "settings")
    return id


async def lea_at_her_tablet(desk: Page, windows: Windows, url: str, id: str) -> Staff:
    """Her tablet let in by a code of the desk, she signed in and on duty, somebody waiting."""
    await desk.click("[data-action=code][data-profile=kiosk]")
    await expect(desk.locator("[data-made=kiosk] [data-code]")).to_be_visible()
    await desk.click("[data-action=code][data-profile=staff]")
    code = str(await desk.locator("[data-made=staff] [data-code]").get_attribute("data-code"))
    phone = await windows.open("lea", f"{url}/setup", PHONE)
    tablet = phone.page
    await tablet.fill("input[name=code]", code)
    await tablet.click("#code-form button")
    await tablet.click("#next a.btn-main")
    await tablet.locator("[data-action=choose-person]").first.wait_for()
    await tablet.locator(".signin p").first.evaluate("(store) => (store.textContent = 'x'.repeat(80))")
    assert await tablet.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the longest name of a store fits a phone"
    await tablet.click(f"[data-action=choose-person][data-id='{id}']")
    for digit in "2580":
        await tablet.click(f"[data-action=digit][data-digit='{digit}']")
    await tablet.click("[data-action=enter]")
    lea = Staff(phone)
    await lea.tap("on")
    await expect(tablet.locator("[data-number='A-001']").first).to_be_visible()
    return lea
